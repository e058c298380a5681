use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use core::fmt::Debug;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Unit,
    New(Option<u64>),
    Tuple(u8, u8),
    Struct { a: i32, b: Vec<u8> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Bytes(Vec<u8>),
    Text(String),
    Shape(Shape),
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![];
    write(&mut bytes, value).unwrap();
    bytes
}

#[allow(clippy::needless_pass_by_value, reason = "the calls are shorter")]
fn arrives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    let bytes = bytes(&value);
    assert_eq!(Reader::new(&bytes).only::<T>().unwrap(), value);
    // No prefix is a valid value, and neither is the value with more bytes.
    for end in 0..bytes.len() {
        assert!(Reader::new(&bytes[..end]).only::<T>().is_err(), "{end} of {bytes:?}");
    }
}

#[test]
fn values_of_every_shape_arrive() {
    arrives(());
    arrives((true, false, 'x', "text".to_owned(), 1.5_f32, -0.1_f64));
    arrives((u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX));
    arrives((i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
    arrives([Shape::Unit, Shape::New(None), Shape::New(Some(31)), Shape::Tuple(1, 2)].to_vec());
    arrives(Shape::Struct { a: -1, b: vec![1, 2, 3] });
    arrives([Untagged::Bytes(vec![0, 32, 255]), Untagged::Text("x".into())].to_vec());
    arrives(BTreeMap::from([("a".to_owned(), vec![Some(1_u8)]), ("b".to_owned(), vec![])]));
    arrives((Some(Some(())), None::<()>, Ok::<u8, String>(1), Err::<u8, String>("no".into())));
    arrives((vec![1_u8, 2], (1_u8, 300_u16), (1_u8, "x".to_owned()), [0_u8; 4]));
    arrives((Box::<[u8]>::from([]), Vec::<u64>::new()));
}

#[test]
fn bytes_are_kept_together() {
    assert_eq!(bytes(&vec![7_u8; 1000]).len(), 1009);
    assert_eq!(bytes(&[7_u8; 16]).len(), 25);
    assert!(bytes(&vec![1_u64; 1000]).len() < 1010);
}

/// A list of bytes whose visitor must see each element.
#[derive(Debug, PartialEq)]
struct Halves(Vec<u8>);

impl Serialize for Halves {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.iter().map(|half| half * 2).collect::<Vec<_>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Halves {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VecVisitor;

        impl<'de> serde::de::Visitor<'de> for VecVisitor {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("halves")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut parts: A) -> Result<Vec<u8>, A::Error> {
                let mut halves = vec![];
                while let Some(double) = parts.next_element::<u8>()? {
                    halves.push(double / 2);
                }
                Ok(halves)
            }
        }

        deserializer.deserialize_seq(VecVisitor).map(Halves)
    }
}

#[test]
fn a_visitor_that_takes_bytes_one_by_one_sees_each() {
    arrives(Halves(vec![1, 2, 100]));
    arrives((vec![1_u8, 2, 3], vec![vec![4_u8]], Some(vec![5_u8; 1000])));
    // The result is the same as bytes and as elements.
    assert_eq!(Reader::new(&bytes(&[7_u8; 3])).only::<Vec<u8>>().unwrap(), [7; 3]);
    assert_eq!(Reader::new(&bytes(&[7_u16; 3])).only::<Vec<u8>>().unwrap(), [7; 3]);
    assert_eq!(Reader::new(&bytes(&[7_u8; 3])).only::<Vec<u16>>().unwrap(), [7; 3]);
    assert_eq!(Reader::new(&bytes(&[7_u8; 3])).only::<(u8, u8, u8)>().unwrap(), (7, 7, 7));
}

/// Reports whether it is asked for a list of bytes.
struct Asked;

impl<'de> serde::Deserializer<'de> for Asked {
    type Error = Problem;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Problem> {
        let is_list = super::read::is_list_of_octets::<V>(core::any::type_name::<V>());
        Err(serde::de::Error::custom(if is_list { "a list of bytes" } else { "another" }))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[test]
fn only_the_byte_list_visitor_of_serde_is_recognised() {
    fn asked<T: DeserializeOwned + Debug>() -> String {
        T::deserialize(Asked).unwrap_err().to_string()
    }
    assert_eq!(asked::<Vec<u8>>(), "a list of bytes");
    assert_eq!(asked::<Vec<i8>>(), "another");
    assert_eq!(asked::<Halves>(), "another");
    assert_eq!(asked::<alloc::collections::VecDeque<u8>>(), "another");
}

#[test]
fn a_value_that_is_nested_too_deep_is_an_error() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Nest(Option<Box<Nest>>);
    let nest = |depth| (0..depth).fold(Nest(None), |nest, _| Nest(Some(Box::new(nest))));
    let mut written = vec![];
    assert!(write(&mut written, &nest(2000)).is_err());
    let deep = vec![tag::SOME; 100_000];
    assert!(Reader::new(&deep).only::<Nest>().is_err());
    assert!(Reader::new(&bytes(&nest(100))).only::<Nest>().is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = Reader::new(&bytes).only::<Vec<Untagged>>();
        let _ = Reader::new(&bytes).only::<Shape>();
        let _ = Reader::new(&bytes).only::<BTreeMap<String, Vec<u8>>>();
    }

    #[test]
    fn any_value_arrives(value in any::<(Vec<u8>, Vec<(u8, u32)>, BTreeMap<String, Option<i64>>, Option<String>, Vec<bool>)>()) {
        let bytes = bytes(&value);
        prop_assert_eq!(Reader::new(&bytes).only::<(Vec<u8>, Vec<(u8, u32)>, BTreeMap<String, Option<i64>>, Option<String>, Vec<bool>)>().unwrap(), value);
    }
}
