use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::mem::size_of;

use super::*;
use crate::policy::Execution;

fn failed<E>(errors: impl IntoIterator<Item = E>) -> Error<E> {
    let attempt = |error| {
        let (offset, duration) = (Duration::from_millis(7), Duration::from_millis(2));
        Attempt::new(Execution::FIRST, false, offset, duration, Failure::Error(error))
    };
    Error::AllFailed(AllFailed::new("ask", errors.into_iter().map(attempt).collect()))
}

#[test]
fn the_text_tells_of_three_and_counts_the_rest() {
    let four = failed(["a", "b", "c", "d"].map(String::from));
    assert_eq!(
        four.to_string(),
        "All 4 attempts failed for ask\nAttempt details:\n  1. String: a\n  2. String: b\n  3. String: c\n  ... and 1 more errors"
    );
    let three = failed(["a", "b", "c"].map(String::from));
    assert!(three.to_string().ends_with("  3. String: c"));
    assert_eq!(
        failed([String::from("a")]).to_string(),
        "All 1 attempts failed for ask\nAttempt details:\n  1. String: a"
    );
}

#[test]
fn the_type_is_the_last_segment_of_its_name() {
    let line = |text: String| text.lines().nth(2).map(String::from);
    let boxed: Box<dyn core::error::Error + Send + Sync> = "x".into();
    assert_eq!(line(failed([boxed]).to_string()).as_deref(), Some("  1. Box<dyn Error + Send + Sync>: x"));
    assert_eq!(line(failed(["x"]).to_string()).as_deref(), Some("  1. &str: x"));
    let parse = "x".parse::<u8>().unwrap_err();
    assert!(line(failed([parse]).to_string()).unwrap().starts_with("  1. ParseIntError: "));
}

#[test]
fn a_timeout_keeps_its_attempts_and_says_its_limit() {
    let slow = Failure::Timeout(Duration::from_secs(2));
    let attempt = |failure| Attempt::new(Execution::FIRST, true, Duration::ZERO, Duration::ZERO, failure);
    let attempts = vec![attempt(Failure::Error("down")), attempt(slow)];
    let error = Error::Timeout(Timeout::new("ask", Duration::from_secs(5), attempts));
    assert_eq!(
        error.to_string(),
        "No answer within 5s for ask\nAttempt details:\n  1. &str: down\n  2. Timeout: no answer within 2s"
    );
    assert_eq!((error.attempts().len(), error.attempts()[0].candidate()), (2, Some(0)));
    assert_eq!(error.last(), Some(&"down"));
    assert_eq!(error.into_last(), Some("down"));
}

#[test]
fn every_variant_has_its_name_and_says_what_happened() {
    let all: Vec<(Error<String>, &str)> = vec![
        (
            Error::Configuration(Configuration::new("ask", "`rate` is 0".into())),
            "Invalid configuration of ask: `rate` is 0",
        ),
        (Error::Cache(Cache::new("ask", "it asks itself".into())), "No answer from the cache for ask: it asks itself"),
        (
            Error::RateLimit(RateLimit::new("ask", Duration::from_millis(30))),
            "Rate limit reached for ask: a permit is free in 30ms",
        ),
        (Error::Timeout(Timeout::new("ask", Duration::from_secs(1), vec![])), "No answer within 1s for ask"),
        (Error::Panicked(Panicked::new("ask", "boom".into())), "Panic in ask: boom"),
        (Error::Skipped(Skipped::new("ask", "2 items had failed".into())), "Skipped by ask: 2 items had failed"),
    ];
    for (error, text) in all {
        assert_eq!((error.name(), error.to_string().as_str()), ("ask", text));
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
    assert!(size_of::<Error<[u64; 32]>>() <= 2 * size_of::<usize>());
}
