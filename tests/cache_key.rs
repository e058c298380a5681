//! Attempts to get the entry of another call.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/runtime.rs"]
mod runtime;

use std::hash::{Hash, Hasher};
use std::time::Duration;

use opero::cache::{Entry, Key, Memory, Store};
use opero::{Error, opero};
use runtime::block_on;

fn show<T: std::fmt::Debug>(value: T) -> Result<String, String> {
    Ok(format!("{value:?}"))
}

fn both<A: std::fmt::Debug, B: std::fmt::Debug>(a: A, b: B) -> Result<String, String> {
    Ok(format!("{a:?}{b:?}"))
}

fn said(text: &str) -> Result<String, Error<String>> {
    Ok(text.to_owned())
}

#[test]
fn arguments_with_the_same_concatenation_have_different_keys() {
    let ask = |a: &str, b: &str| opero! { cache => both(a, b) };
    assert_eq!((ask("a", "bc"), ask("ab", "c")), (said("\"a\"\"bc\""), said("\"ab\"\"c\"")));
    let bytes = |a: &[u8], b: &[u8]| opero! { cache => both(a, b) };
    assert_eq!((bytes(&[1], &[2, 3]), bytes(&[1, 2], &[3])), (said("[1][2, 3]"), said("[1, 2][3]")));
}

fn cached_show<T: Copy + Hash + std::fmt::Debug>(value: T) -> Result<String, Error<String>> {
    opero! { cache => show(value) }
}

/// Hashes nothing: only its type distinguishes it.
#[derive(Debug)]
struct Silent<const N: usize>;

impl<const N: usize> Hash for Silent<N> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[test]
fn equal_values_of_different_types_have_different_entries() {
    assert_eq!((cached_show(1_u32), cached_show(1_i32), cached_show(true)), (said("1"), said("1"), said("true")));
    assert_eq!((cached_show(1_u8), cached_show('\u{1}')), (said("1"), said("'\\u{1}'")));
    assert_eq!((cached_show("a"), cached_show(Some("a"))), (said("\"a\""), said("Some(\"a\")")));
}

trait Named {
    const NAME: &'static str;
}
struct Left;
struct Right;
impl Named for Left {
    const NAME: &'static str = "left";
}
impl Named for Right {
    const NAME: &'static str = "right";
}

fn name_of<T: Named>(_: u32) -> Result<&'static str, String> {
    Ok(T::NAME)
}

fn inside<T: Named>(n: u32) -> Result<&'static str, Error<String>> {
    opero! { cache => name_of::<T>(n) }
}

opero! { cache => fn item<T: Named>(n: u32) -> Result<&'static str, Error<String>> { let _ = n; Ok(T::NAME) } }

opero! { cache => async fn item_later<T: Named>(n: u32) -> Result<&'static str, Error<String>> { let _ = n; Ok(T::NAME) } }

impl<const N: usize> Silent<N> {
    opero! { cache => fn size(self) -> Result<usize, Error<String>> { Ok(N) } }
}

#[test]
fn instances_of_a_generic_function_share_nothing_even_with_equal_arguments() {
    assert_eq!((inside::<Left>(1), inside::<Right>(1), inside::<Left>(1)), (Ok("left"), Ok("right"), Ok("left")));
    assert_eq!((item::<Left>(1), item::<Right>(1)), (Ok("left"), Ok("right")));
    assert_eq!((block_on(item_later::<Left>(1)), block_on(item_later::<Right>(1))), (Ok("left"), Ok("right")));
    assert_eq!((Silent::<1>.size(), Silent::<2>.size()), (Ok(1), Ok(2)));
}

#[test]
fn two_uses_on_one_line_share_nothing() {
    #[rustfmt::skip]
    let (one, two) = (opero! { cache, key: 0 => Ok::<_, String>(1) }, opero! { cache, key: 0 => Ok::<_, String>(2) });
    assert_eq!((one, two), (Ok(1), Ok(2)));
}

fn adder(base: u32) -> impl Fn(u32) -> Result<u32, Error<String>> {
    opero! { cache => move |n: u32| Ok::<_, String>(base + n) }
}

#[test]
fn callables_of_one_line_that_capture_different_values_share_nothing() {
    let (one, ten) = (adder(1), adder(10));
    assert_eq!((one(1), ten(1), one(1)), (Ok(2), Ok(11), Ok(2)));
    let texts = ["a", "b"].map(|text| opero! { cache: 60s => move |n: usize| Ok::<_, String>(text.repeat(n)) });
    assert_eq!((texts[0](2), texts[1](2)), (Ok("aa".into()), Ok("bb".into())));
    let later = ["a", "b"].map(|text| opero! { cache: 60s => async move |n: usize| Ok::<_, String>(text.repeat(n)) });
    assert_eq!((block_on(later[0](2)), block_on(later[1](2))), (Ok("aa".into()), Ok("bb".into())));
}

#[test]
fn callables_of_one_line_with_a_key_share_their_entries() {
    let make = |run: u32| opero! { cache, key: n => move |n: u32| Ok::<_, String>((run, n)) };
    assert_eq!((make(1)(5), make(2)(5), make(2)(6)), (Ok((1, 5)), Ok((1, 5)), Ok((2, 6))));
}

mod paths {
    pub(super) mod deep {
        pub(crate) fn first<T>(pair: (T, u32)) -> Result<T, String> {
            Ok(pair.0)
        }
    }
    pub(super) struct Tools;
    impl Tools {
        pub(super) fn add(a: u32, b: u32) -> Result<u32, String> {
            Ok(a + b)
        }
        pub(super) fn cached(a: u32) -> Result<u32, opero::Error<String>> {
            opero::opero! { cache: 1h => Self::add(a, 1) }
        }
    }
    pub(super) struct Pair<T>(pub(super) T);
    impl<T: Copy> Pair<T> {
        pub(super) fn make(value: T, more: Option<Vec<T>>) -> Result<(T, usize), String> {
            Ok((Pair(value).0, more.map_or(0, |more| more.len())))
        }
    }
}

#[test]
fn any_path_is_a_plain_call() {
    fn local() -> Result<u32, String> {
        Ok(9)
    }
    let n = 3;
    assert_eq!(opero! { cache => paths::deep::first((n, 4)) }, Ok(3));
    assert_eq!(opero! { cache => self::paths::deep::first::<u8>((7, 4)) }, Ok(7));
    assert_eq!(opero! { cache => crate::paths::Tools::add(n, 4,) }, Ok(7));
    assert_eq!(opero! { cache => paths::Pair::<u32>::make(n, Some(vec![1, 2])) }, Ok((3, 2)));
    assert_eq!(opero! { cache => paths::Pair::<Option<u32>>::make(None, None) }, Ok((None, 0)));
    assert_eq!((paths::Tools::cached(1), paths::Tools::cached(2)), (Ok(2), Ok(3)));
    assert_eq!(opero! { cache => local() }, Ok(9));
    assert_eq!(block_on(opero! { cache => async { std::future::ready::<Result<u32, String>>(Ok(n)).await } }), Ok(3));
}

#[test]
fn an_argument_may_have_any_form() {
    let (n, text) = (&3, "x");
    assert_eq!(opero! { cache => both(-1, !0_u8) }, said("-1255"));
    assert_eq!(opero! { cache => both(*n, &text,) }, said("3\"x\""));
    assert_eq!(opero! { cache => both(1..4, &[*n],) }, said("1..4[3]"));
    assert_eq!(opero! { cache => both((*n, 2), [1, 2]) }, said("(3, 2)[1, 2]"));
    assert_eq!(opero! { cache => both(Some(n), { *n + 1 },) }, said("Some(3)4"));
    assert_eq!(opero! { cache => both(&&text[..0], if *n > 2 { 'y' } else { 'n' }) }, said("\"\"'y'"));
}

#[test]
fn arguments_may_be_borrowed_and_need_no_clone() {
    #[derive(Debug, Hash)]
    struct Unclonable<'a>(&'a str);
    let owner = String::from("x");
    let value = Unclonable(&owner);
    let slice: &[u16] = &[1, 2];
    let ask = || opero! { cache => both(&value, slice) };
    assert_eq!((ask(), ask()), (said("Unclonable(\"x\")[1, 2]"), said("Unclonable(\"x\")[1, 2]")));
    let dynamic = |text: &str| opero! { cache => both(text.trim(), format!("{text}!")) };
    assert_eq!((dynamic("a"), dynamic("b")), (said("\"a\"\"a!\""), said("\"b\"\"b!\"")));
}

fn pick(model: &str, prompt: &str) -> Result<String, String> {
    if model.starts_with("bad") { Err(format!("{model} is down")) } else { Ok(format!("{model}:{prompt}")) }
}

fn sized(length: usize, first: &str) -> Result<String, String> {
    if first.starts_with("bad") { Err("down".into()) } else { Ok(format!("{first}{length}")) }
}

#[test]
fn in_the_key_the_fallback_binding_stands_for_its_whole_list() {
    let ask = |models: &[&str], prompt: &str| opero! { cache, fallback: m in models => pick(m, prompt) };
    assert_eq!((ask(&["bad", "b"], "x"), ask(&["bad", "c"], "x")), (said("b:x"), said("c:x")));
    assert_eq!((ask(&["b"], "x"), ask(&["b"], "y")), (said("b:x"), said("b:y")));
    let derived = |models: &[&str]| opero! { cache, fallback: m in models => sized(2, &m[..1]) };
    assert_eq!((derived(&["ab", "cd"]), derived(&["cd", "ab"])), (said("a2"), said("c2")));
    let owned =
        |models: Vec<String>| block_on(opero! { cache, fallback: m in models => async move { later(m, "p").await } });
    assert_eq!((owned(vec!["bad".into(), "b".into()]), owned(vec!["c".into()])), (said("b:p"), said("c:p")));
}

async fn later(model: &str, prompt: &str) -> Result<String, String> {
    pick(model, prompt)
}

#[test]
fn a_name_or_namespace_that_changes_separates_entries() {
    let mut run = 0;
    let mut ask = |name: &str, space: &str| {
        opero! { cache, key: (), name: name, namespace: space => { run += 1; Ok::<_, String>(run) } }
    };
    assert_eq!((ask("a", "s"), ask("b", "s"), ask("a", "t"), ask("b", "t")), (Ok(1), Ok(2), Ok(3), Ok(4)));
    assert_eq!((ask("a", "s"), ask("b", "s"), ask("a", "t"), ask("b", "t")), (Ok(1), Ok(2), Ok(3), Ok(4)));
}

/// Returns the value in a store, without its times.
fn value(memory: &Memory<String>, key: &Key<'_>) -> Option<String> {
    memory.get(key).unwrap().map(Entry::into_value)
}

#[test]
fn an_entry_is_found_by_hand_under_the_tuple_of_the_arguments() {
    let shared = Memory::new();
    let models = ["bad", "b"];
    let prompt = String::from("hi");
    opero! { cache, store: &shared, name: "pick", fallback: m in models => pick(m, &prompt) }.unwrap();
    assert_eq!(value(&shared, &Key::new("opero", "pick", &(["bad", "b"], "hi"))), Some("b:hi".into()));
    let ask = opero! { cache, store: &shared, name: "ask", namespace: "mine" => |model: &str, n: u32| Ok::<_, String>(format!("{model}{n}")) };
    ask("a", 1).unwrap();
    assert_eq!(value(&shared, &Key::new("mine", "ask", &("a", 1_u32))), Some("a1".into()));
    opero! { cache, store: &shared, name: "keyed", key: (1_u8, "k") => Ok::<_, String>("v".to_owned()) }.unwrap();
    assert_eq!(value(&shared, &Key::new("opero", "keyed", &(1_u8, "k"))), Some("v".into()));
}

#[test]
fn a_fingerprint_is_the_same_in_every_process_release_and_platform() {
    // The expected values are those of `hashlib.blake2s(…, digest_size=16)` in Python, over what `Hash` writes:
    // integers in little-endian order, `usize` as 64 bits.
    let keys = [
        (Key::new("n", "f", &()), "64550d6ffe2c0a01a14aba1eade0200c"),
        (Key::new("n", "f", &(7_usize, -1_isize, "é", 'x')), "65b94b94df963f5285364baf590d9ebc"),
        (Key::new("n", "f", &(7_u64, -1_i64, "é", 'x')), "65b94b94df963f5285364baf590d9ebc"),
        (Key::new("n", "f", &("a", 1)), "37683202e9e2f33485ae91b341047be6"),
        (Key::new("n", "f", &true), "c8814ea06a53a108a02015477d9ea347"),
        (Key::new("n", "f", &u128::MAX), "bd3a65bed22e8eeea99c65b710dcc36c"),
        (Key::new("n", "f", &-2_i16), "2ff777d27a747c98533f427e5ecb8547"),
        (Key::new("n", "f", &[1_u8, 2, 3][..]), "62d5ed56e1b59a2fa7f8c0b4c0858bda"),
        (Key::new("n", "f", &Some(5_u32)), "ad28b8ec0f0b43464fade6176ed1873c"),
        (Key::new("n", "f", &["ab", "c"][..]), "f12c36b26c526eaa21af3e0032d8a8f0"),
        (Key::new("n", "f", &(Duration::from_millis(1500), "x".repeat(200))), "1a5fb1e2ff7775ce2086c23e93e95b80"),
    ];
    for (at, (key, fingerprint)) in keys.iter().enumerate() {
        assert_eq!(key.to_string(), format!("n:f:{fingerprint}"), "number {at}");
    }
}

#[test]
#[allow(clippy::needless_pass_by_value, reason = "it is consumed")]
fn the_arguments_of_a_body_that_runs_once_are_evaluated_once_and_may_be_consumed() {
    fn echo(number: u32) -> Result<u32, String> {
        Ok(number)
    }
    fn length(text: String) -> Result<usize, String> {
        Ok(text.len())
    }
    async fn length_later(text: String) -> Result<usize, String> {
        Ok(text.len())
    }
    let mut numbers = 0..;
    let answers = std::array::from_fn(|_| opero! { cache => echo(numbers.next().unwrap()) });
    assert_eq!(answers, [0, 1, 2].map(Ok), "no value is lost, and none has another's key");
    let owned = String::from("four");
    assert_eq!(opero! { cache: 1h, rate: 1000/s => length(owned) }, Ok(4));
    let owned = String::from("seven");
    let later = opero! { cache => async move { length_later(owned).await } };
    assert_eq!(futures_lite::future::block_on(later), Ok(5));
}

#[test]
fn the_arguments_of_a_call_with_a_store_are_evaluated_once_and_may_be_consumed() {
    #[allow(clippy::needless_pass_by_value, reason = "it is consumed")]
    fn length(text: String, number: usize) -> Result<usize, String> {
        Ok(text.len() + number)
    }
    let memory = Memory::new();
    let mut numbers = 0..;
    let mut ask = |text: &str| {
        let owned = text.to_owned();
        opero! { cache, store: &memory, name: "length" => length(owned, numbers.next().unwrap()) }
    };
    assert_eq!((ask("a"), ask("a"), ask("a")), (Ok(1), Ok(2), Ok(3)), "no value is lost, and none has another's key");
    for number in 0..3_usize {
        assert!(memory.contains(&Key::new("opero", "length", &("a", number))).unwrap());
    }
    let mut calls = 0;
    let mut count = || {
        calls += 1;
        calls
    };
    let first = opero! { rate: 1000/s, scope: per_args, burst: 9 => length("abc".to_owned(), count()) };
    assert_eq!((first, calls), (Ok(4), 1));
}
