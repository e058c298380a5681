//! What a failed call tells.

use std::time::Duration;

use opero::time::ManualClock;
use opero::{Error, Failure, opero};

#[test]
fn every_failed_attempt_is_told_with_its_time() {
    let clock = ManualClock::new();
    let error = opero! { retries: 1, min_delay: 1s, fallback: m in ["a", "b"], clock: &clock, name: "ask" => {
        clock.advance(Duration::from_millis(30));
        Err::<(), _>(format!("{m} is down"))
    } }
    .unwrap_err();
    let told: Vec<_> = error
        .attempts()
        .iter()
        .map(|a| (a.number(), a.retry(), a.candidate(), a.offset().as_millis(), a.duration().as_millis()))
        .collect();
    assert_eq!(
        told,
        [(1, 0, Some(0), 0, 30), (2, 0, Some(1), 30, 30), (3, 1, Some(0), 1060, 30), (4, 1, Some(1), 1090, 30)]
    );
    assert_eq!(error.attempts()[2].error().map(String::as_str), Some("a is down"));
    assert_eq!(error.attempts()[2].failure(), &Failure::Error("a is down".to_owned()));
    assert!(error.is_all_failed() && !error.is_timeout() && !error.is_rate_limit() && !error.is_configuration());
    assert_eq!((error.name(), error.last().map(String::as_str)), ("ask", Some("b is down")));
    assert_eq!(error.into_last().as_deref(), Some("b is down"));
}

#[test]
fn the_text_is_the_contracts() {
    let error = opero! { retries: 3, min_delay: 0s, name: "NAME" => Err::<(), _>("error".to_owned()) }.unwrap_err();
    assert_eq!(
        error.to_string(),
        "All 4 attempts failed for NAME\nAttempt details:\n  1. String: error\n  2. String: error\n  3. String: error\n  ... and 1 more errors"
    );
    assert!(format!("{error:?}").starts_with("AllFailed("));
}

#[test]
fn it_is_a_standard_error_whatever_the_body_fails_with() {
    fn passes_on() -> Result<u32, Box<dyn std::error::Error>> {
        Ok(opero! { retries: 0 => "x".parse::<u32>() }?)
    }

    let boxed = opero! { name: "n" => Err::<(), Box<dyn std::error::Error>>("x".into()) }.unwrap_err();
    assert_eq!(boxed.to_string(), "All 1 attempts failed for n\nAttempt details:\n  1. Box<dyn Error>: x");
    let as_standard: &dyn std::error::Error = &boxed;
    assert!(as_standard.source().is_none());
    assert!(passes_on().unwrap_err().downcast_ref::<Error<std::num::ParseIntError>>().is_some());
}

#[test]
fn a_panic_of_the_body_passes_through() {
    let caught =
        std::panic::catch_unwind(|| opero! { retries: 3 => if true { panic!("boom") } else { Err::<(), ()>(()) } });
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"boom"));
}
