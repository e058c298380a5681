//! What a failed call tells.

use std::time::Duration;

use opero::time::ManualClock;
use opero::{Error, Failure, opero};

#[path = "errors/candidates.rs"]
mod candidates;
#[path = "errors/causes.rs"]
mod causes;
#[path = "errors/flatten.rs"]
mod flatten;
#[path = "errors/screens.rs"]
mod screens;
#[path = "errors/texts.rs"]
mod texts;

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
fn the_last_failure_may_be_a_timeout() {
    let clock = ManualClock::new();
    let error = opero! { retries: 1, timeout: 1s, attempt: n, clock: &clock => {
        clock.advance(Duration::from_secs(u64::from(n)));
        Err::<(), _>("down")
    } }
    .unwrap_err();
    assert_eq!(error.last_failure(), Some(&Failure::Timeout(Duration::from_secs(1))));
    assert_eq!(error.last(), Some(&"down"));
}

#[test]
fn it_is_a_standard_error_whatever_the_body_fails_with() {
    fn passes_on() -> Result<u32, Box<dyn std::error::Error>> {
        Ok(opero! { retries: 0 => "x".parse::<u32>() }?)
    }

    let error = passes_on().unwrap_err();
    assert!(error.downcast_ref::<Error<std::num::ParseIntError>>().is_some());
}

#[test]
fn a_panic_of_the_body_passes_through() {
    let caught =
        std::panic::catch_unwind(|| opero! { retries: 3 => if true { panic!("boom") } else { Err::<(), ()>(()) } });
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"boom"));
}
