//! The counters of uses and the events of calls, as users write them.

use std::time::Duration;

use opero::observe::{self, Outcome, Site};
use opero::time::ManualClock;
use opero::{Error, Event, opero};

const MS: fn(u64) -> Duration = Duration::from_millis;

fn site(name: &str) -> Site {
    observe::sites().into_iter().find(|site| site.name() == name).unwrap_or_else(|| panic!("{name} has not run"))
}

/// The kinds of the events, one word each.
fn kinds(events: &[Event<'_>]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

#[test]
fn a_use_that_has_run_is_listed_with_its_location() {
    assert_eq!(opero! { name: "placed", retries: 1 => Ok::<_, String>(1) }, Ok(1));
    let line = line!() - 1;
    let site = site("placed");
    assert_eq!(site.module(), module_path!());
    assert_eq!(site.file(), file!());
    assert_eq!(site.line(), line);
    assert_eq!(site.counts().calls, 1);
}

#[test]
fn a_quick_use_counts_every_call_over_threads() {
    let quick = |n: u32| opero! { name: "quick", retries: 1 => n.checked_add(1).ok_or("too much") };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10_000).for_each(|n| assert_eq!(quick(n), Ok(n + 1))));
        }
    });
    assert!(quick(u32::MAX).is_err());
    let counts = site("quick").counts();
    assert_eq!((counts.calls, counts.successes, counts.failures), (40_001, 40_000, 1));
    assert_eq!((counts.all_failed, counts.attempts, counts.failed_attempts, counts.retries), (1, 40_002, 2, 1));
}

#[test]
fn a_retry_and_a_fallback_are_reported_and_counted() {
    let clock = ManualClock::new();
    let events = observe::record(|| {
        opero! {
            name: "told", retries: 1, min_delay: 1s, fallback: model in ["a", "b"], fallback_delay: 1ms, clock: &clock, attempt: n
            => if n < 4 { clock.advance(MS(5)); Err(format!("{model} is down")) } else { Ok(n) }
        }
    });
    assert_eq!(kinds(&events), ["fallback", "retry", "fallback", "succeeded"]);
    let Event::Fallback { name, attempt, candidate, next, delay, error, time, .. } = &events[0] else { panic!() };
    assert_eq!((name.as_ref(), *attempt, *candidate, *next, *delay, *time), ("told", 1, Some(0), 1, MS(1), MS(5)));
    assert_eq!((error.text(), error.type_name()), ("a is down", "String"));
    let Event::Retry { attempt, candidate, delay, error, .. } = &events[1] else { panic!() };
    assert_eq!((*attempt, *candidate, *delay, error.text()), (2, Some(1), MS(1000), "b is down"));
    let Event::Succeeded { attempt, candidate, elapsed, .. } = &events[3] else { panic!() };
    assert_eq!((*attempt, *candidate, *elapsed), (Some(4), Some(1), MS(5 + 1 + 5 + 1000 + 5 + 1)));
    let counts = site("told").counts();
    assert_eq!((counts.calls, counts.after_fallback, counts.after_retry), (1, 1, 0));
    assert_eq!((counts.attempts, counts.failed_attempts, counts.retries, counts.fallbacks), (4, 3, 1, 2));
}

#[test]
fn a_call_that_gives_up_reports_why_and_after_how_many_attempts() {
    let clock = ManualClock::new();
    let run = || opero! { name: "gives up", retries: 1, min_delay: 1s, clock: &clock => Err::<(), _>("busy") };
    let (outcome, events) = observe::record_with(run);
    assert!(outcome.is_err());
    assert_eq!(kinds(&events), ["retry", "gave_up"]);
    let Event::GaveUp { outcome, attempts, error, elapsed, .. } = &events[1] else { panic!() };
    assert_eq!((*outcome, *attempts, *elapsed), (Outcome::AllFailed, 2, MS(1000)));
    assert_eq!(error.as_ref().map(opero::observe::EventError::text), Some("busy"));
}

#[test]
fn an_attempt_timeout_is_reported_before_the_next_step() {
    let clock = ManualClock::new();
    let events = observe::record(|| {
        opero! { name: "late", timeout: 1s, retries: 1, min_delay: 0s, clock: &clock => {
            clock.advance(MS(2000));
            Ok::<_, String>(())
        } }
    });
    assert_eq!(kinds(&events), ["timeout", "retry", "timeout", "gave_up"]);
    assert!(matches!(events[0], Event::Timeout { attempt: 1, limit, .. } if limit == MS(1000)));
    let error = events[1].error().unwrap();
    assert_eq!((error.type_name(), error.text()), ("Timeout", "no answer within 1 s"));
    assert_eq!(site("late").counts().timeouts, 2);
}

#[test]
fn a_call_ended_by_its_deadline_is_a_timeout() {
    let clock = ManualClock::new();
    let events = observe::record(|| {
        opero! { name: "over", deadline: 1s, retries: 5, min_delay: 2s, clock: &clock => Err::<(), _>("busy") }
    });
    assert_eq!(kinds(&events), ["gave_up"]);
    assert!(matches!(events[0], Event::GaveUp { outcome: Outcome::Timeout, attempts: 1, .. }));
    let counts = site("over").counts();
    assert_eq!((counts.timed_out, counts.timeouts, counts.attempts, counts.retries), (1, 0, 1, 0));
}

#[test]
fn a_cache_reports_hits_and_misses() {
    let load = |key: u32| opero! { name: "cached", cache, key: key => Ok::<_, String>(key) };
    let events = observe::record(|| [1, 1, 2].map(load));
    assert_eq!(kinds(&events), ["miss", "succeeded", "hit", "succeeded", "miss", "succeeded"]);
    assert!(matches!(events[3], Event::Succeeded { attempt: None, .. }));
    // Without a listener, too.
    assert_eq!(load(1), Ok(1));
    let counts = site("cached").counts();
    assert_eq!((counts.calls, counts.successes, counts.hits, counts.misses, counts.attempts), (4, 4, 2, 2, 2));
}

#[test]
fn a_rate_reports_waits_and_refusals() {
    let clock = ManualClock::new();
    let ask = |max_wait| opero! { name: "rated", rate: 1/s, max_wait: max_wait, clock: &clock => Ok::<_, String>(1) };
    let events = observe::record(|| [ask(MS(1000)), ask(MS(1000)), ask(MS(0))]);
    assert_eq!(kinds(&events), ["succeeded", "waited", "succeeded", "refused", "gave_up"]);
    assert!(matches!(events[1], Event::Waited { layer: "rate", wait, .. } if wait == MS(1000)));
    assert!(matches!(events[3], Event::Refused { layer: "rate", retry_after: Some(wait), .. } if wait == MS(1000)));
    let counts = site("rated").counts();
    assert_eq!((counts.permits, counts.rate_waits, counts.rate_waited), (2, 1, MS(1000)));
    assert_eq!((counts.refusals, counts.rate_limited, counts.calls, counts.successes), (1, 1, 3, 2));
}

#[test]
fn a_panic_is_reported_and_passes_through() {
    let events = observe::record(|| {
        let panicked = std::panic::catch_unwind(|| {
            opero! { name: "panics", retries: 1, min_delay: 0s, attempt: n => {
                assert!(n == 1, "on purpose");
                Err::<(), _>("busy")
            } }
        });
        assert!(panicked.is_err());
    });
    assert_eq!(kinds(&events), ["retry", "panicked"]);
    assert!(matches!(events[1], Event::Panicked { attempt: 2, .. }));
    assert_eq!(site("panics").counts().panicked, 1);
}

#[test]
fn a_dropped_future_is_abandoned() {
    let events = observe::record(|| {
        let call = opero! { name: "dropped", retries: 1, deadline: 1h => async {
            std::future::pending::<()>().await;
            Ok::<_, String>(())
        } };
        drop(call);
        let mut call = Box::pin(opero! { name: "dropped", retries: 1, deadline: 1h => async {
            std::future::pending::<()>().await;
            Ok::<_, String>(())
        } });
        futures_lite::future::block_on(futures_lite::future::poll_once(&mut call));
        drop(call);
    });
    assert_eq!(kinds(&events), ["abandoned"]);
    assert!(matches!(events[0], Event::Abandoned { attempt: 1, .. }));
}

#[test]
fn a_future_dropped_while_it_waits_for_its_permit_is_abandoned_before_its_first_attempt() {
    let seen = std::cell::RefCell::new(Vec::new());
    let seen = &seen;
    let events = observe::record(|| {
        let call = || {
            Box::pin(opero! {
                name: "waits", rate: 1/h, on_event: |event| seen.borrow_mut().push(event.kind()) =>
                async move { Ok::<_, String>(()) }
            })
        };
        futures_lite::future::block_on(async {
            assert_eq!(call().await, Ok(()));
            let mut waiting = call();
            assert!(futures_lite::future::poll_once(&mut waiting).await.is_none());
        });
    });
    assert_eq!(kinds(&events), ["succeeded", "abandoned"]);
    assert!(matches!(events[1], Event::Abandoned { attempt: 0, .. }));
    assert_eq!(*seen.borrow(), ["succeeded", "abandoned"]);
    assert_eq!(site("waits").counts().abandoned, 1);
}

#[test]
fn an_async_call_reports_the_same_as_a_blocking_one() {
    let clock = ManualClock::new();
    let events = observe::record(|| {
        futures_lite::future::block_on(async {
            let call = opero! { name: "async", retries: 2, min_delay: 1s, clock: &clock, attempt: n => async {
                if n < 3 { Err("busy") } else { Ok(n) }
            } };
            assert_eq!(call.await, Ok(3));
        });
    });
    assert_eq!(kinds(&events), ["retry", "retry", "succeeded"]);
    assert!(matches!(events[1], Event::Retry { attempt: 2, delay, .. } if delay == MS(1500)));
    assert_eq!(site("async").counts().after_retry, 1);
}

#[test]
fn a_quick_async_use_counts_every_call() {
    futures_lite::future::block_on(async {
        for n in 0..1000_u32 {
            assert_eq!(opero! { name: "quick async", retries: 1 => async { Ok::<_, String>(n) } }.await, Ok(n));
        }
    });
    assert_eq!(site("quick async").counts().calls, 1000);
}

#[test]
fn the_listener_of_a_use_receives_only_its_calls() {
    let mut seen = Vec::new();
    let outcome = opero! {
        name: "own", retries: 1, min_delay: 0s,
        on_event: |event| seen.push(format!("{} {}", event.kind(), event.error().map(ToString::to_string).unwrap_or_default()))
        => Err::<(), _>(Silent)
    };
    assert!(outcome.is_err());
    assert_eq!(seen, ["retry silent", "gave_up silent"]);
}

/// An error type unknown to the crate.
#[derive(Debug, PartialEq)]
struct Silent;

impl std::fmt::Display for Silent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("silent")
    }
}

#[test]
fn without_on_event_an_unknown_error_displays_as_its_type() {
    let events = observe::record(|| opero! { retries: 1, min_delay: 0s => Err::<(), _>(Silent) });
    assert_eq!(events[0].error().unwrap().text(), "Silent");
}

#[test]
fn a_listener_that_panics_changes_no_result() {
    let listener = observe::listen(|event| assert!(event.name() != "listened to", "on purpose"));
    let answer = opero! { name: "listened to", retries: 1, min_delay: 0s, on_event: |_| panic!("on purpose"), attempt: n =>
        if n == 1 { Err("busy") } else { Ok(n) }
    };
    assert_eq!(answer, Ok(2));
    drop(listener);
}

#[test]
fn a_listener_may_make_calls_of_its_own() {
    let events = observe::record(|| {
        let mut answers = 0;
        let outcome = opero! {
            name: "outer", retries: 1, min_delay: 0s,
            on_event: |_| answers += opero! { name: "inner", retries: 1 => Ok::<_, String>(1) }.unwrap()
            => Err::<(), _>("busy")
        };
        assert!(outcome.is_err());
        assert_eq!(answers, 2);
    });
    assert_eq!(kinds(&events), ["retry", "gave_up"]);
    assert_eq!(site("inner").counts().calls, 2);
}

#[test]
fn an_invalid_option_is_reported_as_a_configuration_error() {
    let backoff = 0.5;
    let events = observe::record(|| opero! { name: "bad", backoff: backoff => Ok::<_, String>(()) });
    assert!(matches!(events[..], [Event::GaveUp { outcome: Outcome::Configuration, attempts: 0, .. }]));
    let count = 0;
    let burst = || opero! { name: "bad burst", rate: 1/s, burst: count => Ok::<_, String>(()) };
    let (outcome, events) = observe::record_with(burst);
    assert!(matches!(outcome, Err(Error::Configuration(_))));
    assert!(matches!(events[..], [Event::GaveUp { outcome: Outcome::Configuration, attempts: 0, .. }]), "{events:?}");
    assert_eq!(site("bad burst").counts().misconfigured, 1);
}

#[cfg(feature = "map")]
mod maps {
    use opero::opmap;

    use super::*;

    #[test]
    fn the_items_of_a_map_are_the_calls_of_its_use() {
        let (results, events) = observe::record_with(|| {
            opmap! { n in 0..20_u32, name: "items", workers: 3, retries: 1, min_delay: 0s, attempt: attempt =>
                if n == 7 || n == 8 && attempt == 1 { Err("busy") } else { Ok(n) }
            }
        });
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 19);
        let mut kinds = kinds(&events);
        kinds.sort_unstable();
        assert_eq!(kinds[..3], ["gave_up", "retry", "retry"]);
        assert!(kinds[3..].iter().all(|kind| *kind == "succeeded") && kinds.len() == 22, "{kinds:?}");
        let counts = site("items").counts();
        assert_eq!((counts.calls, counts.successes, counts.failures, counts.after_retry), (20, 19, 1, 1));
    }

    #[test]
    fn an_item_that_panics_is_counted() {
        let results = opmap! { n in 0..5_u32, name: "panicking item" => {
            assert!(n != 3, "on purpose");
            Ok::<_, String>(n)
        } };
        assert!(results[3].as_ref().is_err_and(Error::is_panicked));
        let counts = site("panicking item").counts();
        assert_eq!((counts.calls, counts.successes, counts.panicked), (5, 4, 1));
    }

    /// Checks a map of 20 items. The 8th fails, and the 9th succeeds by a retry.
    fn check<E: std::fmt::Debug>(name: &str, (results, events): (Vec<Result<u32, Error<E>>>, Vec<Event<'_>>)) {
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 19);
        let mut kinds = kinds(&events);
        kinds.sort_unstable();
        assert_eq!(kinds[..3], ["gave_up", "retry", "retry"], "{name}");
        assert!(kinds[3..].iter().all(|kind| *kind == "succeeded") && kinds.len() == 22, "{name}: {kinds:?}");
        let counts = site(name).counts();
        assert_eq!((counts.calls, counts.successes, counts.failures, counts.after_retry), (20, 19, 1, 1), "{name}");
    }

    fn work(n: u32, attempt: u32) -> Result<u32, String> {
        if n == 7 || n == 8 && attempt == 1 { Err("busy".into()) } else { Ok(n) }
    }

    #[cfg(feature = "rayon")]
    #[test]
    fn on_rayon() {
        let run = || opmap! { n in 0..20_u32, name: "on rayon", mode: rayon, retries: 1, min_delay: 0s, attempt: a => work(n, a) };
        check("on rayon", observe::record_with(run));
    }

    #[test]
    fn as_futures() {
        let run = || {
            futures_lite::future::block_on(
                opmap! { n in 0..20_u32, name: "as futures", retries: 1, min_delay: 0s, attempt: a => async { work(n, a) } },
            )
        };
        check("as futures", observe::record_with(run));
    }

    #[test]
    fn where_each_result_is_taken() {
        let mut results = Vec::new();
        let ((), events) = observe::record_with(|| {
            opmap! { n in 0..20_u32, name: "each", retries: 1, min_delay: 0s, attempt: a, each: |result| results.push(result) =>
                work(n, a)
            };
        });
        check("each", (results, events));
    }

    #[test]
    fn where_results_are_a_stream() {
        let run = || {
            let stream =
                opmap! { n in 0..20_u32, name: "stream", retries: 1, min_delay: 0s, attempt: a, stream => work(n, a) };
            stream.collect()
        };
        check("stream", observe::record_with(run));
    }
}
