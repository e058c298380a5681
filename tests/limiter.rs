//! Limiters that uses of one process share, as users write them.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::sync::Arc;
use std::time::Duration;

use opero::policy::Rate;
use opero::time::ManualClock;
use opero::{Call, Error, Limiter, OnFault, Scope, opero};
use runtime::block_on;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn now(clock: &ManualClock) -> Result<Duration, String> {
    Ok(clock.elapsed())
}

#[test]
fn uses_that_name_one_limiter_share_its_permits_in_every_shape() {
    static SHARED: Limiter = Limiter::new();

    opero! { rate: 10/s, clock: clock, limiter: &SHARED =>
        fn item(clock: &ManualClock) -> Result<Duration, Error<String>> { now(clock) }
    }
    opero! { limiter: &SHARED, rate: 10/s, clock: clock =>
        async fn item_async(clock: &ManualClock) -> Result<Duration, Error<String>> { now(clock) }
    }

    let clock = ManualClock::new();
    let mut seen = vec![opero! { rate: 10/s, limiter: &SHARED, clock: &clock => now(&clock) }];
    seen.push(opero! { clock: &clock, on_fault: open, limiter: &SHARED, rate: 10/s => now(&clock) });
    let callable = opero! { limiter: &SHARED, rate: 10/s, clock: &clock => |_n: u32| now(&clock) };
    seen.push(callable(1));
    seen.push(item(&clock));
    block_on(async {
        seen.push(opero! { rate: 10/s, limiter: &SHARED, clock: &clock => async { now(&clock) } }.await);
        let borrowed = &clock;
        seen.push(opero! { rate: 10/s, limiter: &SHARED, clock: borrowed => async move { now(borrowed) } }.await);
        let callable = opero! { rate: 10/s, limiter: &SHARED, clock: &clock => async |_n: u32| now(&clock) };
        seen.push(callable(1).await);
        seen.push(item_async(&clock).await);
    });
    assert_eq!(seen, (0..8).map(|n| Ok(MS(100 * n))).collect::<Vec<_>>());
}

#[test]
fn the_other_options_of_a_rate_are_those_of_the_call() {
    let (clock, limiter) = (ManualClock::new(), Arc::new(Limiter::new()));
    let rate = Rate::new(10, MS(1000));
    let call = || opero! { limiter: limiter.clone(), clock: &clock, rate: rate, burst: 3, max_wait: 0s => now(&clock) };
    assert_eq!([call(), call(), call()], [0, 0, 0].map(|ms| Ok(MS(ms))));
    assert!(call().is_err_and(|error| error.is_rate_limit()));
    assert!(
        opero! { limiter: &limiter, clock: &clock, rate: 10/s, deadline: 250ms => now(&clock) }
            .is_err_and(|error| error.is_timeout())
    );
}

#[test]
fn a_limiter_combines_with_a_cache_and_retries() {
    let (clock, limiter) = (ManualClock::new(), Limiter::new());
    let load = |n: u32| {
        opero! { cache: 60s, key: n, retries: 1, rate: 10/s, limiter: &limiter, clock: &clock, attempt: round =>
            if round == 1 { Err("busy") } else { Ok(n) }
        }
    };
    assert_eq!([load(1), load(1), load(2)], [Ok(1), Ok(1), Ok(2)]);
    // Two delays of 100 ms; the permit of the second miss was due by then.
    assert_eq!(clock.elapsed(), MS(200));
}

#[test]
fn the_items_of_a_map_share_a_limiter_with_others() {
    let (clock, limiter) = (ManualClock::new(), Limiter::new());
    let first = opero! { rate: 10/s, limiter: &limiter, clock: &clock => now(&clock) };
    let items = opero::opmap! { n in 1..4_u64, workers: 1, limiter: &limiter, rate: 10/s, clock: &clock => now(&clock).map(|now| (n, now)) };
    assert_eq!(first, Ok(MS(0)));
    assert_eq!(items, (1..4).map(|n| Ok((n, MS(100 * n)))).collect::<Vec<_>>());
}

#[test]
fn a_call_that_is_built_shares_a_limiter_too() {
    let (clock, limiter) = (ManualClock::new(), Limiter::new());
    let call = Call::new("ask").rate(Rate::new(10, MS(1000))).limiter(&limiter).on_fault(OnFault::Closed).clock(&clock);
    assert_eq!(call.clone().run(|_| now(&clock)), Ok(MS(0)));
    assert_eq!(opero! { rate: 10/s, limiter: &limiter, clock: &clock => now(&clock) }, Ok(MS(100)));
    assert_eq!(call.run(|_| now(&clock)), Ok(MS(200)));
}

#[test]
fn a_limiter_of_the_process_takes_no_scope() {
    let limiter = Limiter::new();
    for scope in [Scope::Global, Scope::PerArgs, Scope::per_key("a")] {
        let call = Call::new("ask").rate(Rate::new(10, MS(1000))).scope(scope).limiter(&limiter);
        let error = call.run(|_| Ok::<_, String>(())).unwrap_err();
        let expected = "an `opero::Limiter` is one rate, so it takes no `scope`";
        assert!(error.is_configuration() && error.to_string().ends_with(expected), "{error}");
    }
}

#[test]
fn on_fault_may_be_chosen_at_run_time() {
    let limiter = Limiter::new();
    for is_strict in [false, true] {
        let word = if is_strict { OnFault::Closed } else { OnFault::Open };
        assert_eq!(opero! { rate: 1000/s, limiter: &limiter, on_fault: word => Ok::<_, String>(1) }, Ok(1));
        let choice = opero! { rate: 1000/s, limiter: &limiter, on_fault: if is_strict { closed } else { open } => Ok::<_, String>(1) };
        assert_eq!(choice, Ok(1));
    }
}
