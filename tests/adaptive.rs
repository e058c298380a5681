//! Option `adaptive`: which retry policy the calls of a use run with.

#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;
#[path = "support/ways.rs"]
mod ways;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use futures_lite::future::poll_once;
use opero::cache::Memory;
use opero::observe::{self, Choice, Score};
use opero::policy::Retry;
use opero::time::ManualClock;
use opero::{Call, Error, opero, opmap};
use runtime::block_on;
use ways::{AGAIN, WAYS};

const SEC: Duration = Duration::from_secs(1);

/// Gives up at once.
const HASTY: Retry = Retry::new().retries(0);
/// Makes three more attempts, and waits for 6 seconds in all.
const PATIENT: Retry = Retry::new().retries(3).min_delay(Duration::from_secs(2)).backoff(1.0);
/// Makes as many attempts, with shorter delays.
const BRISK: Retry = Retry::new().retries(3).min_delay(Duration::from_millis(2)).backoff(1.0);
/// Waits longer than any caller would.
const SLOW: Retry = Retry::new().retries(3).min_delay(Duration::from_secs(20)).backoff(1.0);

/// A service that succeeds from the attempt with number `from` on.
fn answers(attempt: u32, from: u32) -> Result<u32, String> {
    if attempt < from { Err(format!("attempt {attempt} of {from}")) } else { Ok(attempt) }
}

/// Asserts that a future is `Send`.
fn sent<F: Future + Send>(future: F) -> F {
    future
}

fn choice(name: &str) -> Choice {
    observe::adaptive(name).expect("it has run")
}

fn retry(name: &str) -> Retry {
    choice(name).retry.expect("it has settled")
}

fn samples(scores: &[Score<Retry>]) -> Vec<(Retry, usize, usize)> {
    scores.iter().map(|score| (score.config, score.samples, score.successes)).collect()
}

#[test]
fn each_policy_takes_its_turns_and_then_the_best_is_used() {
    let clock = ManualClock::new();
    let ask = || opero! { adaptive: [HASTY, PATIENT], name: "turns", clock: &clock, attempt: n => answers(n, 3) };
    let outcomes: Vec<_> = (0..10).map(|_| ask().is_ok()).collect();
    assert_eq!(outcomes, [false, true].repeat(5));
    assert_eq!(choice("turns").retry, None, "it is chosen with the next call");
    assert_eq!(samples(&choice("turns").scores), [(HASTY, 5, 0), (PATIENT, 5, 5)]);
    // Every tenth call tries the other policy.
    let outcomes: Vec<_> = (0..20).map(|_| ask().is_ok()).collect();
    assert_eq!(outcomes, (1..=20).map(|n| n % 10 != 0).collect::<Vec<_>>());
    let Choice { retry, scores, .. } = choice("turns");
    assert_eq!(retry, Some(PATIENT));
    assert_eq!(scores[0].score, None);
    assert_eq!(scores[1].score, Some(96.0), "it waits for 4 s");
}

#[test]
fn the_numbers_of_the_chosen_policy_are_those_of_the_call() {
    let clock = ManualClock::new();
    let ask = || opero! { adaptive: [PATIENT], name: "numbers", clock: &clock => Err::<(), _>("down") };
    for _ in 0..15 {
        let started = clock.elapsed();
        let error = ask().unwrap_err();
        assert_eq!(error.attempts().len(), 4);
        assert_eq!(clock.elapsed().saturating_sub(started), 6 * SEC);
    }
}

#[test]
fn the_quicker_of_two_policies_is_used_and_of_two_equal_ones_the_first() {
    let clock = ManualClock::new();
    for _ in 0..11 {
        let _ = opero! { adaptive: [PATIENT, BRISK], name: "quicker", clock: &clock, attempt: n => answers(n, 4) };
        let _ = opero! { adaptive: [PATIENT, BRISK], name: "alike", clock: &clock => Ok::<_, String>(()) };
    }
    assert_eq!((retry("quicker"), retry("alike")), (BRISK, PATIENT));
}

#[test]
fn a_change_of_the_service_is_noticed() {
    let (clock, from) = (ManualClock::new(), Cell::new(1));
    let ask = || {
        clock.advance(SEC);
        opero! { adaptive: [HASTY, BRISK], name: "world", clock: &clock, attempt: n => answers(n, from.get()) }
    };
    for _ in 0..60 {
        assert!(ask().is_ok());
    }
    assert_eq!(retry("world"), HASTY);
    // Now one attempt is not enough.
    from.set(2);
    let failures = (0..60).filter(|_| ask().is_err()).count();
    assert_eq!(retry("world"), BRISK);
    assert!(failures < 10, "{failures}");
    // Now a second attempt takes longer than it is worth: nine of ten calls succeed with the first.
    let ask = |n: u32| {
        clock.advance(SEC);
        opero! {
            adaptive: [HASTY, BRISK], name: "world", clock: &clock, attempt: attempt => {
                if attempt > 1 { clock.advance(200 * SEC) }
                answers(attempt, if n / 10 % 10 == 0 { 2 } else { 1 })
            }
        }
    };
    (0..400).for_each(|n| drop(ask(n)));
    assert_eq!(retry("world"), HASTY);
}

#[test]
fn each_of_many_policies_is_tried_again() {
    let (clock, from) = (ManualClock::new(), Cell::new(1));
    let list = [0, 1, 2, 3, 4].map(|retries| BRISK.retries(retries));
    let ask = || opero! { adaptive: &list, name: "many", clock: &clock, attempt: n => answers(n, from.get()) };
    (0..100).for_each(|_| drop(ask()));
    assert_eq!(retry("many"), list[0], "all are equal");
    // Now only the last policy makes enough attempts.
    from.set(5);
    let failures = (0..250).filter(|_| ask().is_err()).count();
    assert_eq!(retry("many"), list[4], "{failures}");
    assert!((0..100).filter(|_| ask().is_ok()).count() == 90);
}

#[test]
fn an_hour_with_fewer_than_ten_calls_gives_no_suggestion() {
    let clock = ManualClock::new();
    let ask = || opero! { adaptive: [HASTY, BRISK], name: "seldom", clock: &clock, attempt: n => answers(n, 2) };
    for _ in 0..30 {
        clock.advance(600 * SEC);
        let _ = ask();
    }
    assert_eq!(retry("seldom"), HASTY, "the first of the list");
    assert!(choice("seldom").scores.iter().map(|score| score.samples).sum::<usize>() < 10);
}

#[test]
fn every_shape_of_a_use_adapts() {
    opero! {
        adaptive: [HASTY, BRISK], attempt: n =>
        fn as_function(from: u32) -> Result<u32, Error<String>> { answers(n, from) }
    }
    opero! {
        adaptive: [HASTY, BRISK], attempt: n =>
        async fn as_async_function(from: u32) -> Result<u32, Error<String>> { answers(n, from) }
    }
    let callable = opero! { adaptive: [HASTY, BRISK], name: "callable", attempt: n => |from: u32| answers(n, from) };
    let later = opero! { adaptive: [HASTY, BRISK], name: "later", attempt: n => async |from: u32| answers(n, from) };
    let from = 2;
    for _ in 0..15 {
        let _ = as_function(from);
        let _ = block_on(as_async_function(from));
        let _ = callable(from);
        let _ = block_on(later(from));
        let borrowing = opero! { adaptive: [HASTY, BRISK], name: "future", attempt: n => async { answers(n, from) } };
        let _ = block_on(sent(borrowing));
        let moved = opero! { adaptive: [HASTY, BRISK], name: "moved", attempt: n => async move { answers(n, from) } };
        let _ = block_on(sent(moved));
    }
    for name in ["as_function", "as_async_function", "callable", "later", "future", "moved"] {
        assert_eq!(retry(name), BRISK, "{name}");
        assert_eq!(choice(name).scores.iter().map(|score| score.samples).sum::<usize>(), 15, "{name}");
    }
}

#[test]
fn it_combines_with_the_other_options() {
    let clock = ManualClock::new();
    let (runs, store) = (Cell::new(0), Memory::new());
    let ask = |key: u32| {
        opero! {
            cache: 1h,
            key: key,
            namespace: "adaptive",
            capacity: 50,
            store: &store,
            rate: 1000/s,
            burst: 100,
            scope: per_key("a"),
            max_wait: 1s,
            adaptive: [HASTY, BRISK],
            retry_on: &"busy",
            retry_if: |_| true,
            retry_after: |_| Some(SEC),
            timeout: 1h,
            deadline: 2h,
            name: "beside",
            clock: &clock,
            fallback: host in ["a", "b"],
            fallback_delay: 1ms,
            fallback_on: &"busy",
            attempt: n,
            => {
                runs.set(runs.get() + 1);
                if n < 4 { Err("busy") } else { Ok(format!("{host}{n}")) }
            }
        }
    };
    let outcomes: Vec<_> = (0..11).map(|key| ask(key).ok()).collect();
    assert_eq!(outcomes[..4], [None, Some("b4".into()), None, Some("b4".into())]);
    assert_eq!(outcomes[10], Some("b4".into()));
    // A hit is not a sample.
    let (before, runs_before) = (choice("beside"), runs.get());
    assert!((0..20).all(|_| ask(10).is_ok()));
    assert_eq!((choice("beside"), runs.get()), (before, runs_before));
    // An error that `retry_on` does not match ends the call, whatever the policy.
    let gone = || opero! { adaptive: [BRISK], retry_on: &"busy", name: "gone" => Err::<(), _>("gone") };
    assert_eq!(gone().unwrap_err().attempts().len(), 1);
    let gone = async || {
        opero! { adaptive: [BRISK], retry_if: |e| *e == "busy", name: "gone" => async { Err::<(), _>("gone") } }.await
    };
    assert_eq!(block_on(gone()).unwrap_err().attempts().len(), 1);
}

#[test]
fn any_list_of_policies_is_accepted() {
    static POLICIES: [Retry; 2] = [BRISK, HASTY];
    let (locked, vec) = (Mutex::new(POLICIES.to_vec()), POLICIES.to_vec());
    let down = || Err::<(), _>("down");
    let attempts = [
        opero! { adaptive: POLICIES, name: "array" => down() },
        opero! { adaptive: &POLICIES, name: "reference" => down() },
        opero! { adaptive: &POLICIES[..], name: "slice" => down() },
        opero! { adaptive: &vec, name: "vec by reference" => down() },
        opero! { adaptive: vec![BRISK; 2], name: "vec" => down() },
        opero! { adaptive: locked.lock().unwrap().clone(), name: "locked" => locked.try_lock().map_or(Ok(()), |_| down()) },
    ];
    assert_eq!(attempts.map(|outcome| outcome.unwrap_err().attempts().len()), [4; 6]);
}

#[test]
fn an_invalid_list_is_an_error_before_any_attempt() {
    let clock = ManualClock::new();
    let none: [Retry; 0] = [];
    let wrong = [BRISK, HASTY.backoff(0.5)];
    for way in WAYS {
        let call = Call::new("mistake").clock(&clock).rate(opero::policy::Rate::new(1, SEC));
        for _ in 0..3 {
            let error = way.run(call.clone().adaptive(none), |_| Ok::<_, String>(())).unwrap_err();
            assert_eq!(
                error.to_string(),
                "Invalid configuration of mistake: the list of `adaptive` is empty; it needs a policy"
            );
            let error = way.run(call.clone().adaptive(wrong), |_| Ok::<_, String>(())).unwrap_err();
            assert!(error.is_configuration(), "{error}");
            assert!(error.to_string().contains("`backoff` of a policy of `adaptive` is 0.5"), "{error}");
        }
    }
    assert_eq!(clock.elapsed(), Duration::ZERO);
    assert_eq!(observe::adaptive("mistake"), None);
}

#[test]
fn a_call_that_is_built_adapts_in_its_clones() {
    let clock = ManualClock::new();
    for (way, name) in AGAIN.into_iter().zip(["built", "built, async"]) {
        let call = Call::new(name).clock(&clock).adaptive([HASTY, BRISK]);
        for _ in 0..12 {
            let _ = way.run(call.clone(), |attempt| answers(attempt.number(), 2));
        }
        assert_eq!(retry(name), BRISK);
    }
}

#[test]
fn abandoned_calls_give_no_sample_and_their_policy_is_tried_again() {
    let clock = ManualClock::new();
    for _ in 0..9 {
        let never = opero! { adaptive: [HASTY, BRISK], name: "abandoned", clock: &clock => async {
            std::future::pending::<()>().await;
            Ok::<_, String>(0)
        } };
        assert!(block_on(poll_once(Box::pin(never))).is_none());
        let panics = || {
            opero! { adaptive: [HASTY, BRISK], name: "abandoned", clock: &clock => {
                assert!(clock.elapsed() > Duration::ZERO, "as it should");
                Ok::<_, String>(0)
            } }
        };
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    }
    assert_eq!((choice("abandoned").retry, choice("abandoned").scores), (None, vec![]));
    let ask = || opero! { adaptive: [HASTY, BRISK], name: "abandoned", clock: &clock, attempt: n => answers(n, 2) };
    assert_eq!((0..10).filter(|_| ask().is_ok()).count(), 5);
}

#[test]
fn calls_that_end_before_their_first_attempt_give_no_sample() {
    let clock = ManualClock::new();
    let outer = opero! { deadline: 1s, clock: &clock, name: "outer" => {
        clock.advance(2 * SEC);
        let inner = opero! { adaptive: [HASTY, BRISK], deadline: 10s, clock: &clock, name: "too late" => Ok::<_, String>(()) };
        Ok::<_, String>(inner)
    } };
    drop(outer);
    assert_eq!(choice("too late").scores, []);
}

#[test]
fn the_items_of_maps_adapt() {
    let clock = ManualClock::new();
    let name = ["thread map", "async map"];
    let found = opmap! { from in vec![2; 100], adaptive: [HASTY, SLOW], name: name[0], clock: &clock, attempt: n
    => answers(n, from) };
    let lost = found.iter().filter(|outcome| outcome.is_err()).count();
    assert!((5..25).contains(&lost), "{lost}");
    assert_eq!(retry(name[0]), SLOW);

    let found =
        block_on(opmap! { from in vec![2; 200], adaptive: [HASTY, SLOW], name: name[1], clock: &clock, attempt: n,
        workers: 8 => async { answers(n, from) } });
    let lost = found.iter().filter(|outcome| outcome.is_err()).count();
    assert!((5..35).contains(&lost), "{lost}");
    assert_eq!(retry(name[1]), SLOW);
}
