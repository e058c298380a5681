//! Attempts to get an answer from the entry of another call when both use one store.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/runtime.rs"]
mod runtime;

use std::any::type_name;
use std::sync::LazyLock;

use opero::cache::{Entry, Key, Memory, Store};
use opero::{Error, opero};
use runtime::block_on;

static SHARED: LazyLock<Memory<String>> = LazyLock::new(Memory::new);

fn said(text: &str) -> Result<String, Error<String>> {
    Ok(text.to_owned())
}

/// A decorated function `load` that returns where it is.
macro_rules! load {
    ($said:expr) => {
        opero! { cache, store: &*SHARED =>
            pub(crate) fn load(id: u32) -> Result<String, Error<String>> { Ok(format!("{} {id}", $said)) }
        }
    };
}

mod users {
    use super::*;
    load!("users");

    pub(super) struct Users;
    impl Users {
        load!("Users");
    }
    pub(super) struct Admins;
    impl Admins {
        load!("Admins");
    }
    pub(super) struct Pages<T>(pub(super) T);
    impl Pages<u8> {
        load!("Pages<u8>");
    }
    impl Pages<i8> {
        load!("Pages<i8>");
    }
}

mod orders {
    use super::*;
    load!("orders");

    pub(super) mod old {
        use super::*;
        load!("old orders");
    }
}

fn inside_one() -> Result<String, Error<String>> {
    load!("inside one");
    load(1)
}

fn inside_another() -> Result<String, Error<String>> {
    load!("inside another");
    load(1)
}

#[test]
fn functions_with_one_name_share_nothing() {
    use users::{Admins, Pages, Users};
    for _ in 0..2 {
        assert_eq!((users::load(1), orders::load(1)), (said("users 1"), said("orders 1")));
        assert_eq!(orders::old::load(1), said("old orders 1"));
        assert_eq!((Users::load(1), Admins::load(1)), (said("Users 1"), said("Admins 1")));
        assert_eq!((Pages::<u8>::load(1), Pages::<i8>::load(1)), (said("Pages<u8> 1"), said("Pages<i8> 1")));
        assert_eq!((inside_one(), inside_another()), (said("inside one 1"), said("inside another 1")));
    }
}

#[test]
fn the_name_of_a_function_in_a_store_is_its_path() {
    opero! { cache, store: &*SHARED => fn by_hand(id: u32, text: &str) -> Result<String, Error<String>> {
        if id == 0 { Err("down".to_owned()) } else { Ok(text.repeat(2)) }
    } }
    let path = concat!(module_path!(), "::the_name_of_a_function_in_a_store_is_its_path::by_hand");
    assert_eq!(by_hand(1, "x"), said("xx"));
    let found = SHARED.get(&Key::new("opero", path, &(1_u32, "x"))).unwrap();
    assert_eq!(found.map(Entry::into_value), Some("xx".into()));
    assert_eq!(by_hand(0, "x").unwrap_err().name(), path);
    assert_eq!(opero::cache::stats(path).misses, 2);

    opero! { cache, store: &*SHARED => async fn later(id: u32) -> Result<String, Error<String>> { Ok(id.to_string()) } }
    let path = concat!(module_path!(), "::the_name_of_a_function_in_a_store_is_its_path::later");
    assert_eq!(block_on(later(3)), said("3"));
    assert!(SHARED.contains(&Key::new("opero", path, &(3_u32,))).unwrap());

    opero! { name: "given", cache, store: &*SHARED => fn named(id: u32) -> Result<String, Error<String>> { Ok(id.to_string()) } }
    assert_eq!(named(4), said("4"));
    let text = String::from("written");
    opero! { cache, store: &*SHARED, name: text.clone() => fn written(text: String) -> Result<String, Error<String>> { Ok("5".into()) } }
    assert_eq!(written(text), said("5"));
    for key in [Key::new("opero", "given", &(4_u32,)), Key::new("opero", "written", &("written",))] {
        assert!(SHARED.contains(&key).unwrap(), "{key}");
    }
}

trait Named {
    fn said() -> String;

    opero! { cache, store: &*SHARED, name: "a default method" =>
        fn by_default(id: u32) -> Result<String, Error<String>> { Ok(format!("{} {id}", Self::said())) }
    }
}

struct Left;
struct Right;
impl Named for Left {
    fn said() -> String {
        "left".into()
    }
}
impl Named for Right {
    fn said() -> String {
        "right".into()
    }
}

opero! { cache, store: &*SHARED => fn item<T: Named>(id: u32) -> Result<String, Error<String>> { Ok(format!("{} {id}", T::said())) } }

opero! { cache, store: &*SHARED, name: "given to all instances" =>
    fn named<T: Named>(id: u32) -> Result<String, Error<String>> { Ok(format!("{} {id}", T::said())) }
}

opero! { cache, store: &*SHARED => async fn later<T: Named>(id: u32) -> Result<String, Error<String>> { Ok(format!("{} {id}", T::said())) } }

fn expression<T: Named>(id: u32) -> Result<String, Error<String>> {
    opero! { cache, store: &*SHARED, name: "an expression", key: id => Ok(format!("{} {id}", T::said())) }
}

fn plain_call<T: Named>(id: u32) -> Result<String, Error<String>> {
    fn call<T: Named>(id: u32) -> Result<String, String> {
        Ok(format!("{} {id}", T::said()))
    }
    opero! { cache, store: &*SHARED, name: "a plain call" => call::<T>(id) }
}

fn again<T: Named>(id: u32) -> Result<String, Error<String>> {
    opero! { cache, retries: 2, store: &*SHARED, name: "again", key: id => Ok(format!("{} {id}", T::said())) }
}

fn awaited<T: Named>(id: u32) -> Result<String, Error<String>> {
    block_on(
        opero! { cache, store: &*SHARED, name: "awaited", key: id => async move { Ok(format!("{} {id}", T::said())) } },
    )
}

fn callable<T: Named>() -> impl Fn(u32) -> Result<String, Error<String>> {
    opero! { cache, store: &*SHARED, name: "a callable" => |id: u32| Ok(format!("{} {id}", T::said())) }
}

fn with_list<T: Named>(id: u32) -> Result<String, Error<String>> {
    opero! { cache, store: &*SHARED, name: "a list", key: id, fallback: end in ["!", "?"] => Ok(format!("{} {id}{end}", T::said())) }
}

struct Fixed<const N: usize>;

impl<const N: usize> Fixed<N> {
    opero! { cache, store: &*SHARED => fn size(id: u32) -> Result<String, Error<String>> { Ok(format!("{N} {id}")) } }
}

#[test]
fn instances_of_a_generic_function_share_nothing() {
    for _ in 0..2 {
        assert_eq!((item::<Left>(1), item::<Right>(1)), (said("left 1"), said("right 1")));
        assert_eq!((named::<Left>(1), named::<Right>(1)), (said("left 1"), said("right 1")));
        assert_eq!((block_on(later::<Left>(1)), block_on(later::<Right>(1))), (said("left 1"), said("right 1")));
        assert_eq!((expression::<Left>(1), expression::<Right>(1)), (said("left 1"), said("right 1")));
        assert_eq!((plain_call::<Left>(1), plain_call::<Right>(1)), (said("left 1"), said("right 1")));
        assert_eq!((again::<Left>(1), again::<Right>(1)), (said("left 1"), said("right 1")));
        assert_eq!((awaited::<Left>(1), awaited::<Right>(1)), (said("left 1"), said("right 1")));
        assert_eq!((callable::<Left>()(1), callable::<Right>()(1)), (said("left 1"), said("right 1")));
        assert_eq!((with_list::<Left>(1), with_list::<Right>(1)), (said("left 1!"), said("right 1!")));
        assert_eq!((Left::by_default(1), Right::by_default(1)), (said("left 1"), said("right 1")));
        assert_eq!((Fixed::<1>::size(1), Fixed::<2>::size(1)), (said("1 1"), said("2 1")));
    }
}

#[test]
fn the_items_of_a_map_in_a_generic_function_share_nothing_with_other_instances() {
    fn all<T: Named>() -> Vec<Result<String, Error<String>>> {
        opero::opmap! { id in [1_u32, 2], cache, store: &*SHARED, name: "a map", key: id => Ok(format!("{} {id}", T::said())) }
    }
    for _ in 0..2 {
        assert_eq!(all::<Left>(), [said("left 1"), said("left 2")]);
        assert_eq!(all::<Right>(), [said("right 1"), said("right 2")]);
    }
}

fn applied(op: impl Fn(u32) -> u32) -> Result<String, Error<String>> {
    opero! { cache, store: &*SHARED, name: "applied", key: 7 => Ok(op(7).to_string()) }
}

#[test]
fn closures_of_one_function_are_different_instances_with_equal_type_names() {
    fn name_of<T>(_: &T) -> &'static str {
        type_name::<T>()
    }
    let (next, double) = (|n| n + 1, |n| 2 * n);
    assert_eq!(name_of(&next), name_of(&double));
    for _ in 0..2 {
        assert_eq!((applied(next), applied(double)), (said("8"), said("14")));
    }
}

#[test]
fn in_an_instance_its_types_precede_the_key() {
    #[allow(clippy::extra_unused_type_parameters, reason = "it is generic")]
    fn generic<A, B>(id: u32) -> Result<String, Error<String>> {
        opero! { cache, store: &*SHARED, name: "generic by hand", key: id => Ok(format!("{id}")) }
    }
    generic::<Vec<u8>, fn(u8) -> u8>(1).unwrap();
    Fixed::<7>::size(1).unwrap();
    let key = Key::new("opero", "generic by hand", &("alloc::vec::Vec<u8>, fn(u8) -> u8", 1_u32));
    assert!(SHARED.contains(&key).unwrap(), "{key}");
    let path = concat!(module_path!(), "::Fixed<N>::size");
    assert!(SHARED.contains(&Key::new("opero", path, &("7", 1_u32))).unwrap());
}

trait Refreshed {
    fn refresh(id: u32) -> Result<String, Error<String>>;
}

impl Refreshed for Left {
    fn refresh(id: u32) -> Result<String, Error<String>> {
        opero! { cache: 1h, store: &*SHARED, name: "on purpose", key: id => Ok("refreshed".into()) }
    }
}

impl users::Pages<u16> {
    fn page(id: u32) -> Result<String, Error<String>> {
        opero! { cache: 1h, store: &*SHARED, name: "on purpose", key: id => Ok("page".into()) }
    }
}

#[test]
fn uses_with_one_store_name_and_key_share_wherever_they_are() {
    fn first<T>(id: T) -> Result<String, Error<String>>
    where
        T: std::hash::Hash,
    {
        opero! { cache, store: &*SHARED, name: "generic on purpose", key: id => Ok("first".into()) }
    }
    fn second<T: std::hash::Hash>(id: T) -> Result<String, Error<String>> {
        opero! { cache, store: &*SHARED, name: "generic on purpose", key: id => Ok("second".into()) }
    }
    assert_eq!((Left::refresh(1), users::Pages::<u16>::page(1)), (said("refreshed"), said("refreshed")));
    let here = || opero! { cache, store: &*SHARED, name: "on purpose", key: 1_u32 => Ok::<_, String>("here".into()) };
    assert_eq!((here(), users::Pages::<u16>::page(2)), (said("refreshed"), said("page")));
    assert_eq!((first(1_u8), second(1_u8), second(1_i8)), (said("first"), said("first"), said("second")));
}

#[rustfmt::skip]
mod one_line {
    macro_rules! two { ($($name:ident)*) => { $(mod $name { opero::opero! { cache, store: &*super::super::SHARED => pub(super) fn here(n: u32) -> Result<String, opero::Error<String>> { Ok(format!("{} {n}", stringify!($name))) } } })* } }
    two! { one two }

    pub(super) fn both() -> [Result<String, opero::Error<String>>; 2] { [one::here(1), two::here(1)] }
}

#[test]
fn uses_on_one_line_share_nothing() {
    #[rustfmt::skip]
    let both = || (opero! { cache, store: &*SHARED, name: "one", key: 0 => Ok::<_, String>("1".into()) }, opero! { cache, store: &*SHARED, name: "two", key: 0 => Ok::<_, String>("2".into()) });
    assert_eq!((both(), both()), ((said("1"), said("2")), (said("1"), said("2"))));
    assert_eq!(one_line::both(), [said("one 1"), said("two 1")]);
}
