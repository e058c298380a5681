//! What an error contains for a log.

use std::fmt;
use std::time::{Duration, SystemTime};

use opero::map::Map;
use opero::observe::correlation::{with_id, with_id_async};
use opero::observe::{ErrorContext, Value};
use opero::time::ManualClock;
use opero::{Call, Error, opero};
use runtime::block_on;

#[path = "support/runtime.rs"]
mod runtime;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// A call of two candidates and two rounds, in which all attempts fail, by an error or by a limit.
fn failed() -> Error<String> {
    let clock = ManualClock::new();
    opero! { retries: 1, min_delay: 1s, fallback: m in ["a", "b"], timeout: 40ms, clock: &clock, name: "ask", attempt: n => {
        clock.advance(MS(if n == 3 { 50 } else { 30 }));
        if n == 2 { Err::<(), _>("no\nanswer".to_owned()) } else { Err(format!("{m} is down")) }
    } }
    .unwrap_err()
}

fn text<'v>(map: &'v std::collections::BTreeMap<String, Value>, field: &str) -> &'v str {
    let Value::Text(text) = &map[field] else { panic!("{field} of {map:?}") };
    text
}

/// Returns when each attempt began and when the error was made, from the map.
fn moments(context: &ErrorContext) -> Vec<String> {
    let map = context.to_map();
    let Value::List(attempts) = &map["attempts"] else { panic!("{map:?}") };
    let of = |attempt: &Value| match attempt {
        Value::Map(attempt) => text(attempt, "timestamp").to_owned(),
        other => panic!("{other:?}"),
    };
    attempts.iter().map(of).chain([text(&map, "timestamp").to_owned()]).collect()
}

#[test]
fn the_text_is_one_block() {
    let context = ErrorContext::of(&with_id("req-42", failed));
    let [first, second, third, fourth, end] = &moments(&context)[..] else { panic!("{context}") };
    assert_eq!(
        context.to_string(),
        format!(
            "All 4 attempts failed for ask\n\
             \x20 function: ask\n\
             \x20 kind: all_failed\n\
             \x20 correlation id: req-42\n\
             \x20 time: {end}\n\
             \x20 total duration: 1.14s\n\
             \x20 attempts:\n\
             \x20   1. {first}, took 30ms, candidate 0: String: a is down\n\
             \x20   2. {second}, took 30ms, candidate 1: String: no\n\
             \x20      answer\n\
             \x20   3. {third}, took 50ms, candidate 0: Timeout: no answer within 40 ms\n\
             \x20   4. {fourth}, took 30ms, candidate 1: String: b is down"
        )
    );
}

#[test]
fn the_text_of_an_error_without_attempts_ends_before_them() {
    let error = with_id("req-42", || opero! { backoff: 0.5 * 1.0, name: "ask" => Err::<(), _>("down") }).unwrap_err();
    let context = ErrorContext::from(&error);
    let [time] = &moments(&context)[..] else { panic!("{context}") };
    assert_eq!(
        context.to_string(),
        format!(
            "Invalid configuration of ask: `backoff` is 0.5; it must be a finite number of at least 1\n\
             \x20 function: ask\n\
             \x20 kind: configuration\n\
             \x20 correlation id: req-42\n\
             \x20 time: {time}"
        )
    );
    assert_eq!((context.total_duration(), context.attempts().len()), (Duration::ZERO, 0));
}

#[test]
fn each_attempt_is_listed_with_its_time() {
    let error = failed();
    let context = ErrorContext::of(&error);
    assert_eq!(
        (context.function(), context.kind(), context.message()),
        ("ask", "all_failed", "All 4 attempts failed for ask")
    );
    assert_eq!(context.total_duration(), MS(1140));
    let told: Vec<_> = context
        .attempts()
        .iter()
        .map(|a| (a.number(), a.candidate(), a.duration(), a.error_type(), a.error()))
        .collect();
    assert_eq!(
        told,
        [
            (1, Some(0), MS(30), "String", "a is down"),
            (2, Some(1), MS(30), "String", "no\nanswer"),
            (3, Some(0), MS(50), "Timeout", "no answer within 40 ms"),
            (4, Some(1), MS(30), "String", "b is down"),
        ]
    );
    // Counted back by the clock of the call.
    let began: Vec<_> =
        context.attempts().iter().map(|a| context.timestamp().duration_since(a.timestamp()).unwrap()).collect();
    assert_eq!(began, [MS(1140), MS(1110), MS(80), MS(30)]);
}

#[test]
fn the_error_was_made_when_the_call_ended() {
    let before = SystemTime::now();
    let context = ErrorContext::of(&opero! { retries: 1, min_delay: 20ms => Err::<(), _>("down") }.unwrap_err());
    let after = SystemTime::now();
    assert!(before <= context.timestamp() && context.timestamp() <= after);
    let [first, second] = context.attempts() else { panic!("{context}") };
    assert!(first.timestamp() + MS(20) <= second.timestamp() && second.timestamp() <= context.timestamp());
    assert!(context.total_duration() >= MS(20));
}

fn id(error: &Error<String>) -> String {
    ErrorContext::of(error).correlation_id().to_owned()
}

#[test]
fn an_error_outside_of_a_scope_has_its_own_id() {
    let (one, other) = (failed(), failed());
    assert_eq!(id(&one).len(), 16);
    assert_eq!((id(&one), id(&one)), (id(&one.clone()), with_id("later", || id(&one))));
    assert_ne!(id(&one), id(&other));
    assert_eq!(one, other, "which makes them no other");
    assert_eq!(one, with_id("req-42", failed));
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

#[test]
fn the_id_is_that_of_the_scope_in_which_the_call_ended() {
    let call = || opero! { retries: 1, min_delay: 1ms => async { Err::<(), _>("down") } };
    let error = block_on(with_id_async("req-42", async { call().await.unwrap_err() }));
    assert_eq!(ErrorContext::of(&error).correlation_id(), "req-42");
}

/// An error whose `Display` fails.
struct Mute;

impl fmt::Display for Mute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mu")?;
        Err(fmt::Error)
    }
}

#[test]
fn every_kind_has_a_name() {
    let clock = ManualClock::new();
    let late = opero! { deadline: 5s, retries: 9, min_delay: 10s, clock: &clock, name: "ask" => Err::<(), _>("down".to_owned()) };
    let ask = || opero! { rate: 1/h, max_wait: 0s, name: "ask", clock: &clock => Ok::<_, String>(()) };
    assert_eq!(ask(), Ok(()));
    let mut items = Map::new("ask").workers(1).max_failures(1).thread(0..2, |_, _| -> Result<(), Error<String>> {
        panic!("on purpose");
    });
    let (skipped, panicked) = (items.pop().unwrap(), items.pop().unwrap());
    let table = [
        (late, "timeout", "No answer within 5 s for ask after 1 failed attempt: the next retry was due in 10 s"),
        (ask(), "rate_limit", "Rate limit reached for ask: try again in 1 h"),
        (panicked, "panicked", "Panic in ask: on purpose"),
        (skipped, "skipped", "Skipped by ask: `max_failures: 1` was reached"),
    ];
    for (outcome, kind, message) in table {
        let context = ErrorContext::of(&outcome.unwrap_err());
        assert_eq!((context.function(), context.kind(), context.message()), ("ask", kind, message));
        assert_eq!(context.attempts().len(), usize::from(kind == "timeout"));
    }
}

#[test]
fn an_error_whose_display_fails_is_shown_as_far_as_possible() {
    let error = Call::new("ask").run(|_| Err::<(), _>(Mute)).unwrap_err();
    let context = ErrorContext::of(&error);
    assert_eq!((context.attempts()[0].error_type(), context.attempts()[0].error()), ("Mute", "mu"));
    assert_eq!(context.message(), "1 attempt failed for ask");
}

#[test]
fn a_map_has_the_documented_fields() {
    let context = ErrorContext::of(&with_id("req-42", failed));
    let map = context.to_map();
    let fields: Vec<_> = map.keys().map(String::as_str).collect();
    let all = ["attempts", "correlation_id", "error.message", "error.type", "function", "timestamp", "total_duration"];
    assert_eq!(fields, all);
    assert_eq!((text(&map, "function"), text(&map, "correlation_id")), ("ask", "req-42"));
    assert_eq!((text(&map, "error.type"), text(&map, "error.message")), ("all_failed", context.message()));
    assert_eq!(map["total_duration"], Value::Seconds(1.14));
    let Value::List(attempts) = &map["attempts"] else { panic!("{map:?}") };
    let Value::Map(third) = &attempts[2] else { panic!("{attempts:?}") };
    let fields: Vec<_> = third.keys().map(String::as_str).collect();
    assert_eq!(fields, ["candidate", "duration", "error.message", "error.type", "number", "timestamp"]);
    assert_eq!((&third["number"], &third["candidate"]), (&Value::Integer(3), &Value::Integer(0)));
    assert_eq!((&third["duration"], text(third, "error.type")), (&Value::Seconds(0.05), "Timeout"));

    let without = ErrorContext::of(&opero! { => Err::<(), _>("down") }.unwrap_err()).to_map();
    let Value::List(attempts) = &without["attempts"] else { panic!("{without:?}") };
    assert!(matches!(&attempts[0], Value::Map(only) if !only.contains_key("candidate")));
}
