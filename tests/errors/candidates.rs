//! Which candidate an attempt was made with.

use std::cell::Cell;
use std::fmt;
#[cfg(feature = "async")]
use std::future::{Future, ready};
use std::time::Duration;

use opero::time::ManualClock;
use opero::{Call, Error, opero};

use crate::texts::Overloaded;

fn texts<E>(error: &Error<E>) -> Vec<Option<&str>> {
    error.attempts().iter().map(|attempt| attempt.candidate_text()).collect()
}

fn fails<T>(_: T) -> Result<(), Overloaded> {
    Err(Overloaded("too many requests"))
}

#[test]
fn the_full_text_says_what_the_candidate_prints_as() {
    let error =
        opero! { fallback: model in ["opus", "sonnet"], clock: ManualClock::new(), name: "ask" => fails(model) };
    let error = error.unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "All 2 attempts failed for ask\n\
         Attempt details:\n\
         \x20 1. Overloaded (opus): too many requests\n\
         \x20 2. Overloaded (sonnet): too many requests"
    );
    assert!(error.to_string().ends_with("\n  2. Overloaded: too many requests"));
    let strings = opero! { fallback: m in ["opus"], clock: ManualClock::new() => Err::<(), _>(format!("no {m}")) };
    assert!(format!("{:?}", strings.unwrap_err()).ends_with("\n  1. (opus) no opus"));
}

/// Prints nothing.
#[derive(Debug, Hash)]
struct Secret(#[allow(dead_code, reason = "it must not be printed")] &'static str);

#[test]
fn a_candidate_that_does_not_print_is_known_by_its_place() {
    fn generic<T>(list: &[T]) -> Result<(), Error<Overloaded>> {
        opero! { fallback: item in list, clock: ManualClock::new() => fails(item) }
    }
    fn displayed<T: fmt::Display>(list: &[T]) -> Result<(), Error<Overloaded>> {
        opero! { fallback: item in list, clock: ManualClock::new() => fails(item) }
    }

    let secrets = [Secret("pass"), Secret("word")];
    let error = opero! { fallback: secret in &secrets, clock: ManualClock::new() => fails(secret) }.unwrap_err();
    assert_eq!((texts(&error), error.attempts()[1].candidate()), (vec![None, None], Some(1)));
    let text = format!("{error:?}{error:#}");
    assert!(text.contains("\n  2. Overloaded (candidate 2)") && !text.contains("pass"), "{text}");

    // What prints with `Debug` alone is never asked to.
    let error = opero! { fallback: pair in [("opus", 1), ("opus", 2)], clock: ManualClock::new() => fails(pair) };
    assert!(format!("{:#}", error.unwrap_err()).ends_with("\n  2. Overloaded (candidate 2): too many requests"));

    // What a generic function knows of its list counts, and not what its caller knows.
    assert_eq!(texts(&generic(&["opus"]).unwrap_err()), [None]);
    assert_eq!(texts(&displayed(&[7, 8]).unwrap_err()), [Some("7"), Some("8")]);
}

opero! { retries: 1, min_delay: 0s, fallback: model in ["opus", "sonnet"] => fn item(n: u32) -> Result<u32, Error<Overloaded>> {
    fails((model, n)).map(|()| n)
} }

#[test]
fn every_form_tells_its_candidates() {
    let named = [Some("opus"), Some("sonnet")];
    let list = vec![String::from("opus"), String::from("sonnet")];
    let clock = ManualClock::new();

    let by_list = opero! { fallback: model in &list => fails(model) };
    assert_eq!(texts(&by_list.unwrap_err()), named);
    let by_iterator = opero! { fallback: model in list.iter().map(|model| model.to_uppercase()) => fails(model) };
    assert_eq!(texts(&by_iterator.unwrap_err()), [Some("OPUS"), Some("SONNET")]);
    let with_values = opero! { fallback: model in ["opus", "sonnet"], clock: &clock, attempt: n => fails((model, n)) };
    assert_eq!(texts(&with_values.unwrap_err()), named);
    let judged = opero! { fallback: model in ["opus", "sonnet"], retry_if: |_| false, clock: &clock => fails(model) };
    assert_eq!(texts(&judged.unwrap_err()), named);
    let callable = opero! { fallback: model in ["opus", "sonnet"] => |n: u32| fails((model, n)) };
    assert_eq!(texts(&callable(1).unwrap_err()), named);
    assert_eq!(texts(&item(1).unwrap_err()), [named, named].concat());
    let timed = opero! {
        fallback: model in ["opus", "sonnet"], deadline: 1h, fallback_delay: 2h, clock: &clock => fails(model)
    };
    assert_eq!(texts(&timed.unwrap_err()), [Some("opus")]);
}

#[cfg(feature = "cache")]
#[test]
fn a_call_with_layers_tells_its_candidates() {
    let cached = opero! { cache: 60s, rate: 1000/s, fallback: model in ["opus", "sonnet"] => fails(model) };
    assert_eq!(texts(&cached.unwrap_err()), [Some("opus"), Some("sonnet")]);
}

#[cfg(feature = "async")]
#[test]
fn every_async_form_tells_its_candidates() {
    fn fails<T>(_: T) -> impl Future<Output = Result<(), Overloaded>> {
        ready(Err(Overloaded("too many requests")))
    }

    let named = [Some("opus"), Some("sonnet")];
    let clock = ManualClock::new();
    opero! { fallback: model in ["opus", "sonnet"] => async fn item(n: u32) -> Result<(), Error<Overloaded>> {
        fails((model, n)).await
    } }
    smol::block_on(async {
        let block = opero! { fallback: model in ["opus", "sonnet"] => async { fails(model).await } };
        assert_eq!(texts(&block.await.unwrap_err()), named);
        let owned = opero! { fallback: model in ["opus", "sonnet"], retries: 0 => async move { fails(model).await } };
        assert_eq!(texts(&owned.await.unwrap_err()), named);
        let judged = opero! {
            fallback: model in ["opus", "sonnet"], retry_if: |_| false, clock: &clock => async { fails(model).await }
        };
        assert_eq!(texts(&judged.await.unwrap_err()), named);
        let callable = opero! { fallback: model in ["opus", "sonnet"] => async |n: u32| fails((model, n)).await };
        assert_eq!(texts(&callable(1).await.unwrap_err()), named);
        assert_eq!(texts(&item(1).await.unwrap_err()), named);
    });
}

#[cfg(feature = "map")]
#[test]
fn the_items_of_a_map_tell_their_candidates() {
    let results = opero::opmap! { n in [1, 2], fallback: model in ["opus", "sonnet"] => fails((n, model)) };
    for result in results {
        assert_eq!(texts(&result.unwrap_err()), [Some("opus"), Some("sonnet")]);
    }
}

/// Counts how often it is printed.
struct Counted<'c>(&'c Cell<u32>);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        f.write_str("counted")
    }
}

#[test]
fn a_candidate_is_printed_once_and_only_by_a_call_that_fails() {
    let printed = Cell::new(0);
    let list = [Counted(&printed), Counted(&printed)];
    let late = opero! { retries: 3, min_delay: 0s, fallback: item in &list, attempt: n => {
        let _ = item;
        if n < 6 { Err("down") } else { Ok(n) }
    } };
    assert_eq!((late, printed.get()), (Ok(6), 0));
    let error = opero! { retries: 3, min_delay: 0s, fallback: item in &list => fails(item) }.unwrap_err();
    assert_eq!((texts(&error), printed.get()), (vec![Some("counted"); 8], 2));
}

/// Panics, or fails, when it is printed.
struct Broken(bool);

impl fmt::Display for Broken {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 { panic!("boom of a candidate") } else { Err(fmt::Error) }
    }
}

#[test]
fn a_candidate_that_cannot_be_printed_loses_no_error() {
    let error = opero! { fallback: item in [Broken(true), Broken(false)], clock: ManualClock::new() => fails(item) };
    let error = error.unwrap_err();
    assert_eq!((texts(&error), error.last()), (vec![None, None], Some(&Overloaded("too many requests"))));
}

#[test]
fn a_candidate_takes_no_more_room_than_a_name() {
    let long = "x".repeat(100);
    let error = opero! { fallback: item in [&long[..], "two\nlines", " "], clock: ManualClock::new() => fails(item) };
    let error = error.unwrap_err();
    assert_eq!(texts(&error), [Some(&long[..]), Some("two\nlines"), Some(" ")]);
    let lines: Vec<_> = format!("{error:#}").lines().skip(2).map(String::from).collect();
    assert_eq!(
        lines,
        [
            format!("  1. Overloaded ({}…): too many requests", "x".repeat(40)),
            "  2. Overloaded (two): too many requests".into(),
            "  3. Overloaded (candidate 3): too many requests".into()
        ]
    );
}

#[test]
fn the_error_of_a_built_call_is_told_the_candidates() {
    let clock = ManualClock::new();
    let models = ["opus", "sonnet"];
    let call = Call::new("ask").clock(&clock).retries(1).min_delay(Duration::ZERO).fallback("model", models.len());
    let error = call.run(|attempt| fails(models[attempt.candidate()])).unwrap_err();
    assert_eq!(texts(&error), [None; 4]);
    let error = error.with_candidates(models);
    assert_eq!(texts(&error), [Some("opus"), Some("sonnet"), Some("opus"), Some("sonnet")]);
    // A list that is too short, or has no end, names what it can.
    assert_eq!(texts(&error.clone().with_candidates(["one"]))[..2], [Some("one"), Some("sonnet")]);
    assert_eq!(texts(&error.with_candidates(1..))[..2], [Some("1"), Some("2")]);
}
