//! Writes values to bytes.

use alloc::vec::Vec;
use core::any::type_name;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::{Problem, tag};

/// Writes one value.
pub(super) struct Encoder<'b> {
    pub(super) bytes: &'b mut Vec<u8>,
    pub(super) depth: usize,
}

#[allow(clippy::unnecessary_wraps, reason = "serde's methods return a result")]
impl<'b> Encoder<'b> {
    fn tagged<const N: usize>(self, tag: u8, value: [u8; N]) -> Result<(), Problem> {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&value);
        Ok(())
    }

    fn slice(self, tag: u8, value: &[u8]) -> Result<(), Problem> {
        self.bytes.reserve(9 + value.len());
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    fn name(&mut self, tag: u8, name: &str) {
        self.bytes.push(tag);
        // No name of a variant is longer.
        self.bytes.extend_from_slice(&(name.len() as u64).to_le_bytes());
        self.bytes.extend_from_slice(name.as_bytes());
    }

    fn below(self) -> Result<Self, Problem> {
        Ok(Encoder { bytes: self.bytes, depth: self.depth.checked_sub(1).ok_or(Problem::DEEP)? })
    }

    fn parts(self, tag: u8) -> Result<Parts<'b>, Problem> {
        let below = self.below()?;
        let begin = below.bytes.len();
        below.bytes.push(tag);
        Ok(Parts { bytes: below.bytes, depth: below.depth, begin, octets: tag == tag::SEQUENCE })
    }
}

/// The parts of a sequence, a map or a struct.
pub(super) struct Parts<'b> {
    bytes: &'b mut Vec<u8>,
    depth: usize,
    begin: usize,
    /// Whether all parts so far are `u8`. They are then stored without tags, after room for their number.
    octets: bool,
}

/// The length of the header of a byte sequence.
const HEAD: usize = 9;

#[allow(clippy::unnecessary_wraps, reason = "serde's methods return a result")]
impl Parts<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        if self.octets {
            if let Ok(octet) = value.serialize(Octet) {
                if self.bytes.len() == self.begin + 1 {
                    self.bytes.resize(self.begin + HEAD, 0);
                }
                self.bytes.push(octet);
                return Ok(());
            }
            self.spread();
        }
        value.serialize(Encoder { bytes: self.bytes, depth: self.depth })
    }

    /// Rewrites the bytes as single values, because a part of another type follows.
    #[cold]
    fn spread(&mut self) {
        self.octets = false;
        let octets = self.bytes.split_off((self.begin + HEAD).min(self.bytes.len()));
        self.bytes.truncate(self.begin + 1);
        for octet in octets {
            let _ = Encoder { bytes: self.bytes, depth: self.depth }.serialize_u8(octet);
        }
    }

    fn finish(self) -> Result<(), Problem> {
        if self.octets && self.bytes.len() > self.begin + HEAD {
            let count = (self.bytes.len() - self.begin - HEAD) as u64;
            if let Some([first, rest @ ..]) = self.bytes.get_mut(self.begin..self.begin + HEAD) {
                *first = tag::BYTES;
                rest.copy_from_slice(&count.to_le_bytes());
            }
        } else {
            self.bytes.push(tag::END);
        }
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident $type:ty, $wide:ty, $tag:ident;)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Problem> {
            self.tagged(tag::$tag, <$wide>::from(value).to_le_bytes())
        }
    )*};
}

impl<'b> Serializer for Encoder<'b> {
    type Ok = ();
    type Error = Problem;
    type SerializeSeq = Parts<'b>;
    type SerializeTuple = Parts<'b>;
    type SerializeTupleStruct = Parts<'b>;
    type SerializeTupleVariant = Parts<'b>;
    type SerializeMap = Parts<'b>;
    type SerializeStruct = Parts<'b>;
    type SerializeStructVariant = Parts<'b>;

    numbers! {
        serialize_i8 i8, i64, I64;
        serialize_i16 i16, i64, I64;
        serialize_i32 i32, i64, I64;
        serialize_i64 i64, i64, I64;
        serialize_i128 i128, i128, I128;
        serialize_u128 u128, u128, U128;
        serialize_f32 f32, f32, F32;
        serialize_f64 f64, f64, F64;
        serialize_char char, u32, CHAR;
    }

    #[inline]
    fn serialize_u8(self, value: u8) -> Result<(), Problem> {
        self.serialize_u64(value.into())
    }

    #[inline]
    fn serialize_u16(self, value: u16) -> Result<(), Problem> {
        self.serialize_u64(value.into())
    }

    #[inline]
    fn serialize_u32(self, value: u32) -> Result<(), Problem> {
        self.serialize_u64(value.into())
    }

    #[inline]
    fn serialize_u64(self, value: u64) -> Result<(), Problem> {
        match u8::try_from(value) {
            Ok(small @ 0..=31) => {
                self.bytes.push(tag::SMALL | small);
                Ok(())
            }
            _ => self.tagged(tag::U64, value.to_le_bytes()),
        }
    }

    fn serialize_bool(self, value: bool) -> Result<(), Problem> {
        self.tagged(if value { tag::TRUE } else { tag::FALSE }, [])
    }

    fn serialize_str(self, value: &str) -> Result<(), Problem> {
        self.slice(tag::TEXT, value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Problem> {
        self.slice(tag::BYTES, value)
    }

    fn serialize_none(self) -> Result<(), Problem> {
        self.tagged(tag::NONE, [])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Problem> {
        self.bytes.push(tag::SOME);
        value.serialize(self.below()?)
    }

    fn serialize_unit(self) -> Result<(), Problem> {
        self.tagged(tag::UNIT, [])
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Problem> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(mut self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Problem> {
        self.name(tag::VARIANT, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Problem> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Problem> {
        self.name(tag::VARIANT_OF, variant);
        value.serialize(self.below()?)
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Parts<'b>, Problem> {
        self.bytes.reserve(count.unwrap_or(0).min(1 << 20));
        self.parts(tag::SEQUENCE)
    }

    /// Serializes a list. serde passes the elements of a list one by one, so a list of `u8` is recognised by the type
    /// name of its elements.
    fn collect_seq<I>(self, elements: I) -> Result<(), Problem>
    where
        I: IntoIterator<Item: Serialize>,
    {
        let elements = elements.into_iter();
        if !matches!(type_name::<I::Item>(), "&u8" | "u8") {
            let mut parts = self.serialize_seq(elements.size_hint().1)?;
            elements.into_iter().try_for_each(|element| parts.part(&element))?;
            return parts.finish();
        }
        let begin = self.bytes.len();
        self.bytes.resize(begin + HEAD, tag::BYTES);
        let mut is_other = false;
        self.bytes.extend(elements.map(|element| {
            element.serialize(Octet).unwrap_or_else(|_| {
                is_other = true;
                0
            })
        }));
        let count = (self.bytes.len() - begin - HEAD) as u64;
        if let Some(place) = self.bytes.get_mut(begin + 1..begin + HEAD) {
            place.copy_from_slice(&count.to_le_bytes());
        }
        if is_other { Err(Problem::STRANGE) } else { Ok(()) }
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'b>, Problem> {
        self.parts(tag::SEQUENCE)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'b>, Problem> {
        self.parts(tag::SEQUENCE)
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'b>, Problem> {
        self.name(tag::VARIANT_OF, variant);
        self.parts(tag::SEQUENCE)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'b>, Problem> {
        self.parts(tag::MAP)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'b>, Problem> {
        self.parts(tag::MAP)
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'b>, Problem> {
        self.name(tag::VARIANT_OF, variant);
        self.parts(tag::MAP)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! parts {
    ($($trait:ident $method:ident;)*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Problem;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
                self.part(value)
            }

            fn end(self) -> Result<(), Problem> {
                self.finish()
            }
        }
    )*};
}

parts! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Problem;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Problem> {
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Problem> {
        self.part(value)
    }

    fn end(self) -> Result<(), Problem> {
        self.finish()
    }
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Problem;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Problem> {
                self.part(name)?;
                self.part(value)
            }

            fn end(self) -> Result<(), Problem> {
                self.finish()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }

/// A serializer that accepts only a `u8`.
struct Octet;

/// The value is not a `u8`.
#[derive(Debug)]
struct Other;

impl core::fmt::Display for Other {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not a `u8`")
    }
}

impl core::error::Error for Other {}

impl serde::ser::Error for Other {
    fn custom<T: core::fmt::Display>(_: T) -> Self {
        Other
    }
}

type No<T> = serde::ser::Impossible<T, Other>;

macro_rules! others {
    ($($method:ident($($type:ty),*) $(-> $parts:ty)?;)*) => {$(
        #[inline]
        fn $method(self, $(_: $type),*) -> Result<others!(@ $($parts)?), Other> {
            Err(Other)
        }
    )*};
    (@) => { u8 };
    (@ $parts:ty) => { $parts };
}

impl Serializer for Octet {
    type Ok = u8;
    type Error = Other;
    type SerializeSeq = No<u8>;
    type SerializeTuple = No<u8>;
    type SerializeTupleStruct = No<u8>;
    type SerializeTupleVariant = No<u8>;
    type SerializeMap = No<u8>;
    type SerializeStruct = No<u8>;
    type SerializeStructVariant = No<u8>;

    #[inline]
    fn serialize_u8(self, value: u8) -> Result<u8, Other> {
        Ok(value)
    }

    others! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_seq(Option<usize>) -> No<u8>;
        serialize_tuple(usize) -> No<u8>;
        serialize_tuple_struct(&'static str, usize) -> No<u8>;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No<u8>;
        serialize_map(Option<usize>) -> No<u8>;
        serialize_struct(&'static str, usize) -> No<u8>;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No<u8>;
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<u8, Other> {
        Err(Other)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<u8, Other> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<u8, Other> {
        Err(Other)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
