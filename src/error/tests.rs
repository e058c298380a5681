use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem::size_of;
use core::time::Duration;

use super::*;
use crate::Call;
use crate::time::ManualClock;

/// The error of a call whose attempts failed with these errors.
fn failed<E>(errors: impl IntoIterator<Item = E, IntoIter: ExactSizeIterator>) -> Error<E> {
    let mut errors = errors.into_iter();
    let call = Call::new("ask").clock(ManualClock::new()).fallback("model", errors.len());
    call.run(|_| Err::<(), _>(errors.next().expect("an error for each"))).unwrap_err()
}

#[cfg(feature = "alloc")]
#[test]
fn the_text_lists_three_attempts_and_counts_the_rest() {
    let four = failed(["a", "b", "c", "d"].map(String::from));
    assert_eq!(
        four.to_string(),
        "All 4 attempts failed for ask\nAttempt details:\n  1. a\n  2. b\n  3. c\n  ... and 1 more error"
    );
    let three = failed(["a", "b", "c"].map(String::from));
    assert!(three.to_string().ends_with("  3. c"));
}

#[cfg(not(feature = "alloc"))]
#[test]
fn without_an_allocator_the_text_lists_the_last_attempt_and_counts_the_rest() {
    let four = failed(["a", "b", "c", "d"]);
    assert_eq!(four.to_string(), "All 4 attempts failed for ask\nAttempt details:\n  4. d\n  ... and 3 more errors");
    assert_eq!((four.attempts().len(), four.attempts()[0].number(), four.last()), (1, 4, Some(&"d")));
    assert_eq!(four.into_last(), Some("d"));
}

#[test]
fn the_text_of_one_attempt_is_the_same_with_and_without_an_allocator() {
    assert_eq!(failed(["a"]).to_string(), "1 attempt failed for ask\nAttempt details:\n  1. a");
}

#[test]
fn the_type_is_the_last_segment_of_its_name() {
    let line = |text: String| text.lines().nth(2).map(String::from);
    let boxed: Box<dyn core::error::Error + Send + Sync> = "x".into();
    assert_eq!(line(failed([boxed]).to_string()).as_deref(), Some("  1. Box<dyn Error + Send + Sync>: x"));
    let parse = "x".parse::<u8>().unwrap_err();
    assert!(line(failed([parse]).to_string()).unwrap().starts_with("  1. ParseIntError: "));
}

#[test]
fn a_timeout_keeps_its_attempts_and_says_its_limit() {
    let (clock, sec) = (ManualClock::new(), Duration::from_secs);
    let call = Call::new("ask").clock(&clock).fallback("model", 3).timeout(sec(2)).deadline(sec(5));
    let error = call
        .run(|attempt| {
            if attempt.number() == 1 {
                return Err("down");
            }
            clock.advance(sec(5));
            Ok(())
        })
        .unwrap_err();
    let lines: Vec<_> = error.to_string().lines().map(String::from).collect();
    assert_eq!(lines[..2], ["No answer within 5 s for ask after 2 failed attempts", "Attempt details:"]);
    assert_eq!(error.attempts().last().map(Attempt::candidate), Some(Some(1)));
    if cfg!(feature = "alloc") {
        assert_eq!(lines[2..], ["  1. down", "  2. Timeout: no answer within 2 s"]);
        assert_eq!((error.attempts().len(), error.last(), error.clone().into_last()), (2, Some(&"down"), Some("down")));
    } else {
        assert_eq!(lines[2..], ["  2. Timeout: no answer within 2 s", "  ... and 1 more error"]);
        assert_eq!((error.attempts().len(), error.last(), error.clone().into_last()), (1, None, None));
    }
}

#[test]
fn a_timeout_says_which_wait_was_too_long() {
    use TimeoutReason::{Delay, Elapsed, FallbackDelay, Memory, Permit, RetryAfter};
    let wait = Duration::from_millis(1500);
    let table = [
        (Elapsed, ""),
        (Delay(wait), ": the next retry was due in 1.5 s"),
        (RetryAfter(wait), ": `retry_after` put off the next retry for 1.5 s"),
        (FallbackDelay(wait), ": the next candidate was due in 1.5 s"),
        (Permit(wait), ": the next permit was due in 1.5 s"),
        (Memory(wait), ": memory is short, and the next attempt was due in 1.5 s"),
    ];
    for (reason, words) in table {
        let timeout = Timeout::<&str>::after("ask".into(), 1_000_000_000, reason, Attempts::default());
        assert_eq!(timeout.reason(), reason);
        for text in [format!("{timeout}"), format!("{timeout:#}"), format!("{timeout:?}")] {
            assert_eq!(text, format!("No answer within 1 s for ask{words}"));
        }
    }
}

#[test]
fn every_variant_has_its_name_and_says_what_happened() {
    let all: [(Error<String>, &str); 6] = [
        (Error::Configuration(Configuration::new("ask", "`rate` is 0")), "Invalid configuration of ask: `rate` is 0"),
        (Error::Cache(Cache::new("ask", "it asks itself")), "No answer from the cache for ask: it asks itself"),
        (
            Error::RateLimit(RateLimit::new(crate::call::NameRef::Static("ask"), Duration::from_millis(30))),
            "Rate limit reached for ask: try again in 30 ms",
        ),
        (Error::Timeout(Timeout::new("ask", Duration::from_secs(1))), "No answer within 1 s for ask"),
        (Error::Panicked(Panicked::new("ask", "boom")), "Panic in ask: boom"),
        (Error::Skipped(Skipped::new("ask", "2 items had failed")), "Skipped by ask: 2 items had failed"),
    ];
    for (error, text) in all {
        assert_eq!((error.name(), error.to_string().as_str()), ("ask", text));
        assert_eq!((format!("{error:#}"), format!("{error:?}")), (text.into(), text.into()));
        assert!(error.attempts().is_empty() && error.last().is_none() && error.clone().into_last().is_none());
        let answers = [
            error.is_configuration(),
            error.is_cache(),
            error.is_rate_limit(),
            error.is_timeout(),
            error.is_panicked(),
            error.is_skipped(),
        ];
        assert_eq!(answers.iter().filter(|yes| **yes).count(), 1);
        assert!(!error.is_all_failed());
    }
}

#[test]
fn an_error_is_small_and_crosses_threads_as_its_body_error_does() {
    fn is_error<T: core::error::Error + Send + Sync + 'static>() {}
    is_error::<Error<String>>();
    is_error::<Error<Box<dyn core::error::Error + Send + Sync>>>();
    if cfg!(feature = "alloc") {
        assert!(size_of::<Error<[u64; 32]>>() <= 2 * size_of::<usize>());
    }
}

#[cfg(feature = "observe")]
#[test]
fn the_two_parts_of_a_failure_are_those_of_its_line() {
    let line = |failure: &Failure<fmt::Error>| {
        let (name, text) = failure.type_and_text(|error| (type_text::<fmt::Error>(), text(error)));
        assert_eq!(format!("{name}: {text}"), failure.to_string());
    };
    line(&Failure::Error(fmt::Error));
    line(&Failure::Refused);
    line(&Failure::Timeout(Duration::from_millis(1500)));
    #[cfg(all(feature = "process", unix))]
    {
        line(&Failure::Crashed(Crash::unknown()));
        line(&Failure::Serialization(Serialization::new("it cannot be sent", "deep")));
    }
}

#[cfg(feature = "observe")]
#[test]
fn errors_are_equal_wherever_they_were_created() {
    use crate::observe::correlation::with_id;
    let all = || -> [Error<&str>; 4] {
        [
            failed(["a", "b"]),
            Error::Timeout(Timeout::new("ask", Duration::from_secs(1))),
            Error::RateLimit(RateLimit::new(crate::call::NameRef::of_use(&"ask"), Duration::from_millis(30))),
            Error::Skipped(Skipped::new("ask", "2 items had failed")),
        ]
    };
    for (one, two) in with_id("one", all).into_iter().zip(with_id("two", all)) {
        assert_eq!((one.origin().id().as_ref(), two.origin().id().as_ref()), ("one", "two"));
        assert_eq!(one.clone().origin().id(), one.origin().id());
        assert_eq!(one, two);
        assert_eq!(format!("{one:?}{one:#?}{one}"), format!("{two:?}{two:#?}{two}"));
    }
}

#[cfg(feature = "observe")]
#[test]
fn the_own_id_of_an_error_is_the_same_each_time_and_in_a_clone() {
    let [one, other] = [failed(["a"]), failed(["a"])];
    assert_eq!(one.origin().id(), one.origin().id());
    assert_eq!(one.origin().id(), one.clone().origin().id());
    assert_ne!(one.origin().id(), other.origin().id());
}
