//! One table of cases through both drivers, with and without the macro: they must do the same, at the same times.

#[path = "support/runtime.rs"]
mod runtime;

use std::time::Duration;

use opero::policy::CurrentAttempt;
use opero::time::ManualClock;
use opero::{Call, Error, opero};
use runtime::block_on;

const MS: fn(u64) -> Duration = Duration::from_millis;

struct Case {
    retries: u32,
    candidates: usize,
    /// The attempts succeed from this number on.
    succeeds_at: u32,
    /// No round follows one that ends with this attempt.
    fatal_at: u32,
}

/// The trace of a run: its outcome, and (number, candidate, time) of each attempt.
type Trace = (Result<u32, Error<u32>>, Vec<(u32, usize, Duration)>);

fn execute(
    case: &Case,
    log: &mut Vec<(u32, usize, Duration)>,
    clock: &ManualClock,
    number: u32,
    candidate: usize,
) -> Result<u32, u32> {
    log.push((number, candidate, clock.elapsed()));
    clock.advance(MS(1));
    if number >= case.succeeds_at { Ok(number) } else { Err(number) }
}

fn blocking_builder(case: &Case) -> Trace {
    let (clock, mut log) = (ManualClock::new(), Vec::new());
    let call =
        Call::new("case").retries(case.retries).fallback("c", case.candidates).fallback_delay(MS(5)).clock(&clock);
    let call = call.retry_if(|n| *n != case.fatal_at).retry_after(|n| (*n == 2).then_some(MS(900)));
    let outcome = call.run(|at: CurrentAttempt| execute(case, &mut log, &clock, at.number(), at.candidate()));
    // A macro tells the error its candidates by itself.
    (outcome.map_err(|error| error.with_candidates(0..case.candidates)), log)
}

fn async_builder(case: &Case) -> Trace {
    let (clock, mut log) = (ManualClock::new(), Vec::new());
    let call = Call::new_async("case").retries(case.retries).fallback("c", case.candidates).fallback_delay(MS(5));
    let call = call.clock(&clock).retry_if(|n| *n != case.fatal_at).retry_after(|n| (*n == 2).then_some(MS(900)));
    let outcome = block_on(
        call.run_async(async |at: CurrentAttempt| execute(case, &mut log, &clock, at.number(), at.candidate())),
    );
    (outcome.map_err(|error| error.with_candidates(0..case.candidates)), log)
}

fn blocking_macro(case: &Case) -> Trace {
    let (clock, mut log) = (ManualClock::new(), Vec::new());
    let list: Vec<usize> = (0..case.candidates).collect();
    let outcome = opero! {
        name: "case", retries: case.retries, fallback: c in list, fallback_delay: 5ms, clock: &clock, attempt: n,
        retry_if: |n| *n != case.fatal_at, retry_after: |n| (*n == 2).then_some(MS(900))
        => execute(case, &mut log, &clock, n, *c)
    };
    (outcome, log)
}

fn async_macro(case: &Case) -> Trace {
    let (clock, mut log) = (ManualClock::new(), Vec::new());
    let list: Vec<usize> = (0..case.candidates).collect();
    let outcome = block_on(opero! {
        name: "case", retries: case.retries, fallback: c in list, fallback_delay: 5ms, clock: &clock, attempt: n,
        retry_if: |n| *n != case.fatal_at, retry_after: |n| (*n == 2).then_some(MS(900))
        => async { execute(case, &mut log, &clock, n, *c) }
    });
    (outcome, log)
}

#[test]
fn both_drivers_agree_with_and_without_the_macro() {
    for retries in 0..4 {
        for candidates in 0..4 {
            for succeeds_at in [1, 2, 3, 5, 100] {
                for fatal_at in [0, 2, 3] {
                    let case = Case { retries, candidates, succeeds_at, fatal_at };
                    let expected = blocking_builder(&case);
                    assert_eq!(async_builder(&case), expected);
                    assert_eq!(blocking_macro(&case), expected);
                    assert_eq!(async_macro(&case), expected);
                    assert!(expected.1.len() <= (retries as usize + 1) * candidates);
                }
            }
        }
    }
}

#[test]
fn a_trace_computed_by_hand() {
    let (outcome, log) = blocking_builder(&Case { retries: 2, candidates: 2, succeeds_at: 5, fatal_at: 0 });
    assert_eq!(outcome, Ok(5));
    // Attempt 2 asks for 900 ms, attempt 4 for nothing: the second delay of the policy.
    let times = [0, 6, 907, 913, 1064].map(MS);
    assert_eq!(log.iter().map(|(_, _, at)| *at).collect::<Vec<_>>(), times);
}

/// Returns how one attempt that takes `takes` ends: in a call that could make more attempts, in one that makes one,
/// in a future of it, and in a macro use.
fn ends(limit: Duration, takes: Duration, result: Result<u32, u32>) -> [Result<u32, Error<u32>>; 5] {
    let execute = |clock: &ManualClock| {
        clock.advance(takes);
        result
    };
    let clocks: [ManualClock; 5] = core::array::from_fn(|_| ManualClock::new());
    let [first, second, third, fourth, fifth] = &clocks;
    let blocking = || Call::new("case").timeout(limit).deadline(limit * 2);
    let future = Call::new_async("case").timeout(limit).deadline(limit * 2);
    [
        blocking().clock(first).run(|_| execute(first)),
        blocking().clock(second).run_once(|_| execute(second)),
        block_on(future.clock(third).run_once_async(async |_| execute(third))),
        opero! { name: "case", clock: fourth, timeout: limit, deadline: limit * 2 => execute(fourth) },
        block_on(
            opero! { name: "case", clock: fifth, timeout: limit, deadline: limit * 2 => async { execute(fifth) } },
        ),
    ]
}

#[test]
fn a_call_of_one_attempt_ends_like_any_other() {
    for takes in [0, 3, 4, 5, 8, 20].map(MS) {
        for result in [Ok(1), Err(2)] {
            let [expected, others @ ..] = ends(MS(4), takes, result);
            for other in others {
                assert_eq!(other, expected, "{takes:?}, {result:?}");
            }
            let (is_ok, is_over) = (result.is_ok() && takes <= MS(4), takes >= MS(8));
            assert_eq!((expected.is_ok(), matches!(expected, Err(Error::Timeout(_)))), (is_ok, is_over), "{takes:?}");
        }
    }
}
