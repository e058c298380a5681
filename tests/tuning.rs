//! Numbers of uses that are changed while the program runs.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use futures_lite::future::block_on;
use opero::observe::{self, Number};
use opero::policy::Rate;
use opero::time::{Clock, ManualClock};
use opero::{Error, Failure, opero};

const MS: fn(u64) -> Duration = Duration::from_millis;
const SEC: fn(u64) -> Duration = Duration::from_secs;

/// The number of attempts of a call that always fails.
fn attempts<T>(outcome: &Result<T, Error<&str>>) -> usize {
    outcome.as_ref().err().map_or(0, |error| error.attempts().len())
}

fn tune(name: &str, option: &str, value: impl Into<Number>) {
    observe::site(name).tune(option, value).unwrap();
}

fn refused(name: &str, option: &str, value: impl Into<Number>) -> String {
    observe::site(name).tune(option, value).unwrap_err().to_string()
}

#[test]
fn retries_are_changed_checked_and_undone() {
    let ask = || opero! { name: "retries", retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    let site = observe::site("retries");
    assert_eq!(attempts(&ask()), 2);
    site.tune("retries", 5).unwrap();
    assert_eq!(attempts(&ask()), 6);
    assert_eq!(site.tuned(), [("retries", Number::from(5))]);
    site.tune("retries", "0").unwrap();
    assert_eq!(attempts(&ask()), 1);
    assert!(site.undo("retries"));
    assert_eq!(attempts(&ask()), 2);
    assert!(!site.undo("retries"));
    assert!(site.tuned().is_empty());
}

#[test]
fn delays_are_changed_together() {
    let clock = ManualClock::new();
    let count = 2;
    let ask = || {
        let began = clock.now();
        let outcome =
            opero! { name: "delays", retries: count, min_delay: 1s, backoff: 2, clock: &clock => Err::<(), _>("busy") };
        assert_eq!(attempts(&outcome), 3);
        clock.now().saturating_sub(began)
    };
    assert_eq!(ask(), SEC(1 + 2));
    tune("delays", "min_delay", "2s");
    assert_eq!(ask(), SEC(2 + 4));
    tune("delays", "backoff", 3.0);
    assert_eq!(ask(), SEC(2 + 6));
    tune("delays", "max_delay", SEC(5));
    assert_eq!(ask(), SEC(2 + 5));
    observe::site("delays").reset();
    assert_eq!(ask(), SEC(1 + 2));
}

#[test]
fn the_pause_between_candidates_is_changed() {
    let clock = ManualClock::new();
    let ask = || {
        let began = clock.now();
        let outcome = opero! {
            name: "candidates", fallback: model in ["a", "b"], fallback_delay: 1s, clock: &clock => Err::<(), _>(model)
        };
        (attempts(&outcome), clock.now().saturating_sub(began))
    };
    assert_eq!(ask(), (2, SEC(1)));
    tune("candidates", "fallback_delay", "3s");
    assert_eq!(ask(), (2, SEC(3)));
    // A use with a fallback can be given retries, too.
    tune("candidates", "retries", 1);
    tune("candidates", "min_delay", "0s");
    assert_eq!(ask(), (4, SEC(6)));
    observe::site("candidates").reset();
    assert_eq!(ask(), (2, SEC(1)));
}

#[test]
fn a_timeout_takes_a_quick_use_off_its_quick_path() {
    let clock = ManualClock::new();
    let ask = |takes: u64| {
        opero! { name: "timeout", retries: 0, clock: &clock => {
            clock.advance(MS(takes));
            Ok::<_, &str>(takes)
        } }
    };
    assert_eq!(ask(1000), Ok(1000));
    tune("timeout", "timeout", "500ms");
    assert_eq!(ask(500), Ok(500));
    assert!(ask(501).is_err_and(|error| matches!(error.attempts()[0].failure(), Failure::Timeout(_))));
    tune("timeout", "timeout", Duration::MAX);
    assert_eq!(ask(1000), Ok(1000));
    observe::site("timeout").undo("timeout");
    assert_eq!(ask(1000), Ok(1000));

    // On the system clock, with which a use detects that it is quick.
    let quick = |takes: u64| {
        opero! { name: "quick", retries: 0 => {
            if takes > 0 { std::thread::sleep(MS(takes)); }
            Ok::<_, &str>(takes)
        } }
    };
    (0..1000).for_each(|_| assert_eq!(quick(0), Ok(0)));
    tune("quick", "timeout", "1ms");
    assert!(quick(20).is_err());
    observe::site("quick").undo("timeout");
    assert_eq!(quick(2), Ok(2));
    assert_eq!(observe::site("quick").get().unwrap().counts().calls, 1002);
}

#[test]
fn a_deadline_is_changed_for_the_whole_call() {
    let clock = ManualClock::new();
    let limit = SEC(10);
    let literal =
        || opero! { name: "deadline", retries: 5, min_delay: 1s, backoff: 1, clock: &clock => Err::<(), _>("busy") };
    let value = || opero! { name: "deadline", deadline: limit, retries: 5, min_delay: 1s, backoff: 1, clock: &clock => Err::<(), _>("busy") };
    assert_eq!((attempts(&literal()), attempts(&value())), (6, 6));
    tune("deadline", "deadline", "2500ms");
    assert_eq!((attempts(&literal()), attempts(&value())), (3, 3));
    assert!(literal().is_err_and(|error| error.is_timeout()) && value().is_err_and(|error| error.is_timeout()));
    observe::site("deadline").undo("deadline");
    assert_eq!((attempts(&literal()), attempts(&value())), (6, 6));
}

#[test]
fn a_rate_is_changed_in_uses_with_literals_and_with_expressions() {
    let clock = ManualClock::new();
    let per = SEC(1);
    let literal = || opero! { name: "rate", rate: 1/s, max_wait: 0s, clock: &clock => Ok::<_, &str>(()) }.is_ok();
    let value =
        || opero! { name: "rate", rate: Rate::new(1, per), max_wait: 0s, clock: &clock => Ok::<_, &str>(()) }.is_ok();
    for ask in [&literal as &dyn Fn() -> bool, &value] {
        clock.advance(SEC(100));
        assert_eq!([ask(), ask()], [true, false]);
        tune("rate", "burst", 3);
        clock.advance(SEC(100));
        assert_eq!([ask(), ask(), ask(), ask()], [true, true, true, false]);
        tune("rate", "rate", "10/s");
        // A permit taken at the old rate counts at that rate.
        clock.advance(SEC(3));
        assert_eq!([ask(), ask(), ask(), ask()], [true, true, true, false]);
        clock.advance(MS(100));
        assert_eq!([ask(), ask()], [true, false]);
        tune("rate", "max_wait", "1m");
        let began = clock.now();
        assert_eq!([ask(), ask(), ask()], [true; 3]);
        assert!(clock.now() > began);
        observe::site("rate").reset();
        clock.advance(SEC(100));
        assert_eq!([ask(), ask()], [true, false]);
    }
}

#[test]
fn a_rate_of_the_systems_clock_is_changed() {
    let ask = || opero! { name: "hourly", rate: 1/h, max_wait: 0s => Ok::<_, &str>(()) }.is_ok();
    assert_eq!([ask(), ask()], [true, false]);
    tune("hourly", "burst", 3);
    assert_eq!([ask(), ask(), ask()], [true, true, false]);
    observe::site("hourly").reset();
    assert!(!ask());
}

#[test]
fn entries_have_the_time_to_live_that_was_tuned_when_they_were_stored() {
    let clock = ManualClock::new();
    let runs = AtomicU32::new(0);
    let load = |key: u32| {
        opero! { name: "cache", cache: 60s, key: key, clock: &clock => Ok::<_, &str>(runs.fetch_add(1, Relaxed)) }
            .unwrap()
    };
    assert_eq!([load(1), load(1)], [0, 0]);
    tune("cache", "cache", "5s");
    assert_eq!([load(2), load(2), load(1)], [1, 1, 0]);
    clock.advance(SEC(10));
    assert_eq!([load(1), load(2)], [0, 2]);
    observe::site("cache").undo("cache");
    assert_eq!(load(3), 3);
    clock.advance(SEC(10));
    assert_eq!([load(3), load(2)], [3, 4]);
}

#[test]
fn an_async_call_accepts_the_same_numbers_as_a_blocking_one() {
    let clock = ManualClock::new();
    let ask = || {
        block_on(opero! { name: "async", retries: 1, min_delay: 1s, clock: &clock => async { Err::<(), _>("busy") } })
    };
    let literal = || block_on(opero! { name: "async", retries: 1, min_delay: 0s => async { Err::<(), _>("busy") } });
    let rated = || {
        block_on(opero! { name: "async", rate: 1/s, max_wait: 0s, clock: &clock => async { Ok::<_, &str>(()) } })
            .is_ok()
    };
    assert_eq!((attempts(&ask()), attempts(&literal()), rated(), rated()), (2, 2, true, false));
    tune("async", "retries", 3);
    tune("async", "min_delay", "0s");
    tune("async", "burst", 2);
    clock.advance(SEC(10));
    assert_eq!((attempts(&ask()), attempts(&literal())), (4, 4));
    assert_eq!([rated(), rated(), rated()], [true, true, false]);
    observe::site("async").reset();
    assert_eq!((attempts(&ask()), attempts(&literal())), (2, 2));
}

#[test]
fn a_timeout_cuts_a_future_that_has_none_of_its_own() {
    let never = || opero! { name: "never", retries: 0 => async { std::future::pending::<Result<(), &str>>().await } };
    tune("never", "timeout", "1ms");
    let error = block_on(never()).unwrap_err();
    assert!(matches!(error.attempts()[0].failure(), Failure::Timeout(_)));
}

#[test]
fn a_running_call_keeps_the_numbers_it_began_with() {
    let ask = || {
        opero! { name: "under way", retries: 1, min_delay: 0s, attempt: n => {
            if n == 1 { tune("under way", "retries", 3); }
            Err::<(), _>("busy")
        } }
    };
    let timed = opero! { name: "under way", timeout: 1h, retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    assert_eq!(attempts(&timed), 2);
    assert_eq!(attempts(&ask()), 2);
    assert_eq!(attempts(&ask()), 4);
    observe::site("under way").reset();
    let made = opero! { name: "under way", retries: 1, min_delay: 0s => async { Err::<(), _>("busy") } };
    tune("under way", "retries", 0);
    assert_eq!(attempts(&block_on(made)), 1, "it begins when it is first polled");
}

#[test]
fn all_uses_of_a_name_are_tuned_and_no_others() {
    let one = || opero! { name: "same", retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    let other = || opero! { name: "same", retries: 2, min_delay: 0s => Err::<(), _>("busy") };
    let third = || opero! { name: "another", retries: 3, min_delay: 0s => Err::<(), _>("busy") };
    assert_eq!([attempts(&one()), attempts(&other()), attempts(&third())], [2, 3, 4]);
    observe::site("same").get().unwrap().tune("retries", 0).unwrap();
    assert_eq!([attempts(&one()), attempts(&other()), attempts(&third())], [1, 1, 4]);
    assert_eq!(observe::site("same").all().len(), 2);
    observe::site("same").get().unwrap().reset();
    assert_eq!([attempts(&one()), attempts(&other()), attempts(&third())], [2, 3, 4]);
}

#[test]
fn a_use_that_has_not_run_gets_its_numbers_when_it_runs() {
    tune("to come", "retries", 3);
    tune("to come", "rate", "5/s");
    assert!(observe::site("to come").get().is_none());
    let ask = || opero! { name: "to come", retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    assert_eq!(attempts(&ask()), 4);
    // It has no rate, and ignores that number.
    assert_eq!(observe::site("to come").tuned().len(), 2);
    assert_eq!(attempts(&ask()), 4);
}

opero! { retries: 1, min_delay: 0s => fn named_by_its_function() -> Result<(), Error<&'static str>> { Err("busy") } }

#[test]
fn a_function_is_found_by_its_name() {
    tune("named_by_its_function", "retries", 2);
    assert_eq!(attempts(&named_by_its_function()), 3);
    assert_eq!(observe::site("named_by_its_function").get().unwrap().tuned(), [("retries", 2.into())]);
}

#[test]
fn a_use_whose_name_changes_is_found_by_its_first_name() {
    let ask = |n: u32| opero! { name: format!("ask {n}"), retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    assert_eq!([1, 2].map(|n| attempts(&ask(n))), [2, 2]);
    tune("ask 1", "retries", 2);
    assert_eq!([1, 2].map(|n| attempts(&ask(n))), [3, 3]);
}

#[test]
fn the_use_is_described_as_written() {
    tune("described", "retries", 7);
    let ask = || opero! { name: "described" => Ok::<_, &str>(()) };
    ask().unwrap();
    assert!(refused("described", "retries", 3).contains("neither a retry option nor a `fallback`"));
}

#[test]
fn invalid_tuning_is_refused_with_a_reason() {
    opero! { name: "refused" => Ok::<_, &str>(()) }.unwrap();
    assert_eq!(
        refused("refused", "retries", 5),
        "Cannot tune `retries` of refused: the use has neither a retry option nor a `fallback`, so its body is one that can run only \
         once: add `retries: 0`"
    );
    assert_eq!(
        refused("refused", "fallback_delay", "1s"),
        "Cannot tune `fallback_delay` of refused: this option is about a fallback, and there is none: add `fallback: name in list`"
    );
    for option in ["rate", "burst", "max_wait"] {
        let value = if option == "rate" {
            "1/s"
        } else if option == "burst" {
            "1"
        } else {
            "1s"
        };
        assert_eq!(
            refused("refused", option, value),
            format!(
                "Cannot tune `{option}` of refused: this option is about a rate limit, and there is none: add `rate: 10/s`"
            )
        );
    }
    assert_eq!(
        refused("refused", "cache", "1s"),
        "Cannot tune `cache` of refused: this option is about the cache, and there is none: add `cache` or `cache: 60s`"
    );
    assert_eq!(
        refused("refused", "timeout", "0s"),
        "Cannot tune `timeout` of refused: `timeout` is 0s; it must be longer than 0s"
    );
    assert_eq!(
        refused("refused", "retries", -1),
        "Cannot tune `retries` of refused: `-1` is negative, and a count is not; write a whole number from 0 to 4294967295, as in `3`"
    );
    let unknown = refused("refused", "jitter", 1);
    assert!(unknown.starts_with(
        "Cannot tune `jitter` of refused: it is not a number that can be tuned, which are `retries`, `backoff`"
    ));
    assert!(observe::site("refused").tuned().is_empty());
    // Delays have no effect without retries, which is not an error.
    tune("refused", "min_delay", "1s");
}

#[test]
fn a_rate_and_a_burst_are_checked_together() {
    opero! { name: "too much", rate: 1/h => Ok::<_, &str>(()) }.unwrap();
    tune("too much", "burst", 10);
    assert_eq!(
        refused("too much", "burst", u32::MAX),
        "Cannot tune `burst` of too much: `burst` is 4294967295, which is worth more than 146 years of the rate, 1/h"
    );
    assert_eq!(observe::site("too much").tuned(), [("burst", 10.into())]);
}

#[test]
fn a_tuned_value_replaces_an_invalid_one() {
    let factor = 0.5;
    let ask = || opero! { name: "wrong", backoff: factor, retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    assert!(ask().is_err_and(|error| error.is_configuration()));
    tune("wrong", "backoff", 1);
    assert_eq!(attempts(&ask()), 2);
}

#[test]
fn threads_tune_while_others_call() {
    let ask = || opero! { name: "busy", retries: 1, min_delay: 0s => Err::<(), _>("busy") };
    let site = observe::site("busy");
    std::thread::scope(|scope| {
        for value in [2, 3] {
            scope.spawn(move || {
                for _ in 0..2000 {
                    site.tune("retries", value).unwrap();
                    site.tune("backoff", f64::from(value)).unwrap();
                    site.undo("retries");
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(|| (0..5000).for_each(|_| assert!((2..=4).contains(&attempts(&ask())))));
        }
    });
    assert_eq!(attempts(&ask()), 2);
    site.reset();
    let counts = site.get().unwrap().counts();
    assert_eq!((counts.calls, counts.all_failed), (10_001, 10_001));
}
