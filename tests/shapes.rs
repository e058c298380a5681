//! The shapes of a body: expression, future, callable, function item.

#[path = "support/runtime.rs"]
mod runtime;

use std::future::Future;
use std::num::ParseIntError;
use std::time::Duration;

use opero::time::ManualClock;
use opero::{Error, opero};
use runtime::block_on;

fn fetch(model: &str, prompt: &str) -> Result<String, String> {
    if model == "b" { Ok(format!("{model}:{prompt}")) } else { Err(format!("{model} is down")) }
}

async fn fetch_later(model: &str, prompt: &str) -> Result<String, String> {
    futures_lite::future::yield_now().await;
    fetch(model, prompt)
}

#[test]
fn any_delimiter_order_and_comma() {
    assert_eq!(opero! { retries: 1, fallback: m in ["a", "b"] => fetch(m, "x") }, Ok("b:x".into()));
    assert_eq!(opero!(fallback: m in ["a", "b"], retries: 1, => fetch(m, "x")), Ok("b:x".into()));
    assert_eq!(opero![retries, fallback: m in ["a", "b"] => fetch(m, "x")], Ok("b:x".into()));
    let braces = opero! { name: "n" => { let x = "x"; fetch("b", x) } };
    assert_eq!(braces, Ok("b:x".into()));
    let matched = opero! { retries: 0 => match 1 { 1 => fetch("b", "1"), _ => fetch("a", "0") } };
    assert_eq!(matched, Ok("b:1".into()));
}

#[test]
fn a_nested_use_is_a_body_like_any_other() {
    let outcome = opero! { retries: 1, min_delay: 0s => opero! { retries: 2, min_delay: 0s => fetch("a", "x") } };
    let error = outcome.unwrap_err();
    assert_eq!((error.attempts().len(), error.last().unwrap().attempts().len()), (2, 3));
}

#[test]
fn an_async_block_borrows() {
    let mut calls = 0;
    let prompt = String::from("x");
    let clock = ManualClock::new();
    let outcome = block_on(opero! { retries: 2, clock: &clock, fallback: m in ["a", "b"], attempt: n => async {
        calls += 1;
        if n < 3 { fetch_later("a", &prompt).await } else { fetch_later(if m == "a" { "b" } else { m }, &prompt).await }
    } });
    assert_eq!((outcome, calls, clock.elapsed()), (Ok("b:x".into()), 3, Duration::from_millis(100)));
    assert_eq!(prompt, "x");
}

fn owned(
    retries: u32,
    models: Vec<String>,
    prompt: String,
) -> impl Future<Output = Result<String, Error<String>>> + Send + 'static {
    opero! { retries: retries, min_delay: 0s, fallback: m in models => async move { fetch_later(m, &prompt).await } }
}

#[test]
fn an_async_move_block_owns_and_runs_again() {
    assert_eq!(block_on(owned(1, vec!["a".into(), "b".into()], "x".into())), Ok("b:x".into()));
    let error = block_on(owned(1, vec!["a".into(), "c".into()], "x".into())).unwrap_err();
    assert_eq!(error.attempts().len(), 4);
    assert!(block_on(owned(1, vec![], "x".into())).unwrap_err().is_configuration());
}

#[test]
fn a_value_of_an_async_move_body_may_be_read_from_what_the_body_owns() {
    struct Client {
        retries: u32,
    }
    let client = std::sync::Arc::new(Client { retries: 1 });
    let future = opero! { retries: client.retries, min_delay: 0s => async move { Err::<(), u32>(client.retries) } };
    assert_eq!(block_on(future).unwrap_err().attempts().len(), 2);
}

#[test]
fn a_question_mark_in_an_async_body_is_a_failed_attempt() {
    let mut texts = ["x", "y", "7"].into_iter();
    let outcome = block_on(opero! { retries: 3, min_delay: 1ns => async {
        let number: i32 = texts.next().unwrap().parse()?;
        Ok::<_, ParseIntError>(number)
    } });
    assert_eq!(outcome, Ok(7));
}

#[test]
fn a_callable_can_be_called_any_number_of_times() {
    let clock = ManualClock::new();
    let greeting = String::from("hello");
    let ask = opero! { retries: 1, clock: &clock => |model: &str, n: u32| fetch(model, &greeting).map(|s| (s, n)) };
    assert_eq!(ask("b", 1), Ok(("b:hello".into(), 1)));
    assert_eq!(ask("a", 2).unwrap_err().attempts().len(), 2);

    let none = opero! { retries: 0 => || fetch("b", "") };
    assert_eq!((none(), none()), (Ok("b:".into()), Ok("b:".into())));

    let owning = opero! { fallback: m in ["a", "b"] => move |n: usize| fetch(m, &greeting[..n]) };
    assert_eq!(owning(2), Ok("b:he".into()));

    let mut count = 0;
    let mut counting = opero! { retries: 2, min_delay: 0s => |step: i32| { count += step; if count < 3 { Err("few") } else { Ok(count) } } };
    assert_eq!(counting(1), Ok(3));

    let typed = opero! { retries: 1 => |(a, b): (u32, u32), mut c: u32| -> Result<u32, Error<String>> { c += 1; Ok(a + b + c) } };
    assert_eq!(typed((1, 2), 3), Ok(7));
}

#[test]
fn an_async_callable_returns_a_future_each_time() {
    let prompt = String::from("x");
    let clock = ManualClock::new();
    let ask = opero! { retries: 1, clock: &clock => async |model: &str| fetch_later(model, &prompt).await };
    assert_eq!(block_on(ask("b")), Ok("b:x".into()));
    assert_eq!(block_on(ask("a")).unwrap_err().attempts().len(), 2);
    let none = opero! { fallback: m in ["a", "b"] => async move || fetch_later(m, &prompt).await };
    assert_eq!(block_on(none()), Ok("b:x".into()));
}

opero! { retries: 2, min_delay: 0s =>
    /// Its documentation is kept.
    #[must_use = "it is a result"]
    pub fn plain(text: &str, mut base: i32) -> Result<i32, opero::Error<ParseIntError>> {
        base += 1;
        Ok(text.parse::<i32>()? + base)
    }
}

opero! { retries: 1, min_delay: 0s, retry_if: |e| !e.is_empty() =>
    pub(crate) fn generic<'a, T: Into<String> + Clone + PartialEq, const N: usize>(list: &'a [T; N], pick: Option<usize>) -> Result<&'a T, Error<String>>
    where
        Option<Vec<T>>: Default,
        [T; N]: PartialEq,
    {
        list.get(pick.unwrap_or(N)).ok_or_else(|| list.first().map_or_else(String::new, |t| t.clone().into()))
    }
}

opero! { retries: 1, min_delay: 0s => async fn later<F>(job: F, fail: bool) -> Result<u32, Error<&'static str>>
    where F: Fn() -> u32
    {
        futures_lite::future::yield_now().await;
        if fail { Err("told to") } else { Ok(job()) }
    }
}

opero! { fallback: m in ["a", "b"] => fn bounded<F: Fn(&str) -> Result<String, String>>(ask: F) -> Result<String, Error<String>> { ask(m) } }

opero! { => fn nested_brackets<I: Copy + Into<Option<u32>>>(n: I) -> Result<u32, Error<()>> where u32: Copy { n.into().ok_or(()) } }

struct Service {
    fails: u32,
}

impl Service {
    opero! { retries: 1, min_delay: 0s =>
        /// A method is a function too.
        fn ask(&self, n: u32) -> Result<u32, Error<String>> {
            if self.fails > n { Err("down".into()) } else { Ok(n) }
        }
    }
}

#[test]
fn function_items_keep_their_signatures() {
    assert_eq!(plain("40", 1), Ok(42));
    let error = plain("x", 1).unwrap_err();
    assert_eq!((error.attempts().len(), error.name()), (3, "plain"));
    assert_eq!(generic(&["a", "b"], Some(1)), Ok(&"b"));
    assert_eq!(generic(&["a", "b"], None).unwrap_err().attempts().len(), 2);
    assert_eq!(generic(&[""], None).unwrap_err().attempts().len(), 1);
    assert_eq!(block_on(later(|| 7, false)), Ok(7));
    assert_eq!(
        block_on(later(|| 7, true)).unwrap_err().to_string().lines().next(),
        Some("All 2 attempts failed for later")
    );
    assert_eq!(bounded(|m| fetch(m, "x")), Ok("b:x".into()));
    assert_eq!(nested_brackets(3), Ok(3));
    assert_eq!(Service { fails: 1 }.ask(2), Ok(2));
    assert_eq!(Service { fails: 3 }.ask(2).unwrap_err().attempts().len(), 2);
}

#[test]
fn the_name_is_the_option_the_function_or_the_line() {
    let named = opero! { name: format!("n{}", 1) => Err::<(), _>("e") }.unwrap_err();
    assert_eq!(named.name(), "n1");
    let line = line!() + 1;
    let unnamed = opero! { => Err::<(), _>("e") }.unwrap_err();
    assert_eq!(unnamed.name(), format!("{}:{line}", module_path!()));
}

fn send<F: Future + Send>(future: F) -> F {
    future
}

#[test]
fn futures_are_send_if_the_body_is() {
    let prompt = String::from("x");
    let clock = ManualClock::new();
    let list = vec!["a".to_owned(), "b".to_owned()];
    let mut calls = 0;
    let future = send(opero! { retries: 1, clock: &clock, retry_if: |e| e.len() > 1, fallback: m in &list => async {
        calls += 1;
        fetch_later(m, &prompt).await
    } });
    assert_eq!(block_on(future), Ok("b:x".into()));
    assert_eq!(calls, 2);
    let boxed: std::pin::Pin<Box<dyn Future<Output = _> + Send>> =
        Box::pin(async move { opero! { retries: 1 => async { fetch_later("b", &prompt).await } }.await });
    assert_eq!(block_on(boxed), Ok("b:x".into()));
    assert_eq!(block_on(send(later(|| 1, false))), Ok(1));
}

#[test]
fn a_body_need_not_be_send() {
    let shared = std::rc::Rc::new(std::cell::Cell::new(0));
    let outcome = block_on(opero! { retries: 2, min_delay: 0s => async {
        shared.set(shared.get() + 1);
        futures_lite::future::yield_now().await;
        if shared.get() < 3 { Err("few") } else { Ok(shared.get()) }
    } });
    assert_eq!(outcome, Ok(3));
}

/// A type that is not `Clone`.
#[derive(Debug, PartialEq)]
struct Parcel(u32);

fn deliver(parcel: Parcel) -> Result<Parcel, String> {
    if parcel.0 == 0 { Err("empty".into()) } else { Ok(parcel) }
}

async fn deliver_later(parcel: Parcel) -> Result<Parcel, String> {
    futures_lite::future::yield_now().await;
    deliver(parcel)
}

opero! { timeout: 1m =>
    fn delivered(parcel: Parcel) -> Result<Parcel, Error<String>> { deliver(parcel) }
}

opero! { rate: 1000/s =>
    async fn delivered_later(parcel: Parcel) -> Result<Parcel, Error<String>> { deliver_later(parcel).await }
}

#[test]
fn a_body_that_runs_once_may_consume_what_it_captures() {
    let parcel = Parcel(1);
    assert_eq!(opero! { => deliver(parcel) }, Ok(Parcel(1)));
    let (parcel, clock) = (Parcel(2), ManualClock::new());
    assert_eq!(opero! { timeout: 1m, deadline: 1h, rate: 1/s, clock: &clock => deliver(parcel) }, Ok(Parcel(2)));
    assert_eq!(delivered(Parcel(3)), Ok(Parcel(3)));
    let callable = opero! { name: "deliver" => |parcel: Parcel| deliver(parcel) };
    assert_eq!([callable(Parcel(4)), callable(Parcel(5))], [Ok(Parcel(4)), Ok(Parcel(5))]);
    let error = opero! { name: "deliver", attempt: n => deliver(Parcel(n - 1)) }.unwrap_err();
    assert_eq!((error.to_string().lines().next(), error.attempts().len()), (Some("1 attempt failed for deliver"), 1));
}

#[test]
fn a_future_that_runs_once_may_consume_what_it_captures() {
    let parcel = Parcel(1);
    assert_eq!(block_on(send(opero! { => async { deliver_later(parcel).await } })), Ok(Parcel(1)));
    let (parcel, clock) = (Parcel(2), ManualClock::new());
    let limited = opero! { timeout: 1m, rate: 1/s, clock: &clock => async move { deliver_later(parcel).await } };
    assert_eq!(block_on(send(limited)), Ok(Parcel(2)));
    assert_eq!(block_on(send(delivered_later(Parcel(3)))), Ok(Parcel(3)));
    let late = opero! { clock: &clock, timeout: 1s => async {
        clock.advance(Duration::from_secs(2));
        deliver(Parcel(4))
    } };
    let error = block_on(late).unwrap_err();
    assert!(matches!(error.attempts()[0].failure(), opero::Failure::Timeout(_)));
}

struct Journal {
    text: String,
    clock: ManualClock,
}

impl Journal {
    opero! { rate: 1000/s, clock: &self.clock =>
        fn noted<'a>(&'a mut self, line: &str) -> Result<&'a mut String, Error<String>> {
            self.text.push_str(line);
            Ok(&mut self.text)
        }
    }
    opero! { name: "journal" =>
        async fn noted_later<'a>(&'a mut self, line: &str) -> Result<&'a mut String, Error<String>> {
            self.text.push_str(line);
            Ok(&mut self.text)
        }
    }
    opero! { timeout: 1m, rate: 1000/s, clock: &self.clock =>
        async fn noted_in_time(&mut self) -> Result<&mut String, Error<String>> { Ok(&mut self.text) }
    }
}

#[test]
fn a_body_that_runs_once_may_borrow_captured_values_mutably() {
    let mut journal = Journal { text: String::new(), clock: ManualClock::new() };
    journal.noted("a").unwrap().push('b');
    block_on(send(journal.noted_later("c"))).unwrap().push('d');
    block_on(send(journal.noted_in_time())).unwrap().push('e');
    assert_eq!(journal.text, "abcde");
    let mut list = vec![1];
    let lent = block_on(opero! { => async { list.push(2); Ok::<_, String>(&mut list) } });
    lent.unwrap().push(3);
    assert_eq!(list, [1, 2, 3]);
}

#[cfg(feature = "cache")]
#[test]
fn a_cached_body_may_borrow_captured_values_mutably() {
    let numbers = || vec![1, 2];
    let (first, second) = (numbers(), numbers());
    assert_eq!(opero! { cache, key: () => Ok::<_, String>(first.into_iter().sum::<u32>()) }, Ok(3));
    let sum = opero! { cache, rate: 1000/s, key: () => async { Ok::<_, String>(second.into_iter().sum::<u32>()) } };
    assert_eq!(block_on(send(sum)), Ok(3));
}
