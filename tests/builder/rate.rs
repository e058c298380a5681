//! The options of the rate.

use opero::Scope;
use opero::policy::Rate;

use super::*;

/// Returns when four calls run, in milliseconds; `None` if one is refused.
fn runs<C: Clock + Clone, J: ErrorPolicy<()> + Clone, L: Layer<u128, ()> + Clone>(
    way: Way,
    clock: &ManualClock,
    call: &Call<(), &'static str, C, J, L>,
) -> [Option<u128>; 4] {
    core::array::from_fn(|_| match way.run(call.clone(), |_| Ok(clock.elapsed().as_millis())) {
        Ok(at) => Some(at),
        Err(error) => {
            assert!(error.is_rate_limit(), "{way:?}: {error:?}");
            None
        }
    })
}

#[test]
fn clones_share_their_permits_and_separate_calls_do_not() {
    for way in WAYS {
        let clock = ManualClock::new();
        let new = || Call::new("ask").clock(&clock).rate(Rate::new(2, SEC));
        let call = new();
        assert_eq!(runs(way, &clock, &call), [Some(0), Some(500), Some(1000), Some(1500)], "{way:?}");
        assert_eq!(runs(way, &clock, &new())[0], Some(1500), "{way:?}: it was created separately");
        assert_eq!(runs(way, &clock, &call.rate(Rate::new(1, SEC)).max_wait(MS(1)))[3], None, "{way:?}");
    }
}

#[test]
fn a_burst_and_a_bound_of_the_wait() {
    for way in WAYS {
        let clock = ManualClock::new();
        let call = Call::new("ask").clock(&clock).rate(Rate::new(2, SEC)).burst(2);
        assert_eq!(runs(way, &clock, &call), [Some(0), Some(0), Some(500), Some(1000)], "{way:?}");
        let check = Call::new("ask").clock(&clock).rate(Rate::new(2, SEC)).burst(2).max_wait(Duration::ZERO);
        assert_eq!(runs(way, &clock, &check), [Some(1000), Some(1000), None, None], "{way:?}");
        clock.advance(MS(500));
        assert_eq!(runs(way, &clock, &check), [Some(1500), None, None, None], "{way:?}");
    }
}

#[test]
fn each_scope() {
    for (way, hours) in WAYS.into_iter().zip(41..) {
        let clock = ManualClock::new();
        let call = || {
            let rate = Rate::new(1, Duration::from_secs(3600 * hours));
            Call::new("ask").clock(&clock).rate(rate).max_wait(Duration::ZERO)
        };
        let own = call().scope(Scope::PerFunction);
        assert_eq!(runs(way, &clock, &own), [Some(0), None, None, None], "{way:?}");
        assert_eq!(runs(way, &clock, &call().scope(Scope::Global)), [Some(0), None, None, None], "{way:?}");
        assert_eq!(runs(way, &clock, &call().scope(Scope::Global)), [None; 4], "{way:?}");
        #[cfg(feature = "cache")]
        {
            let by_key = call().scope(Scope::PerArgs).capacity(100);
            for key in ["a", "b"] {
                assert_eq!(runs(way, &clock, &by_key.clone().key(key)), [Some(0), None, None, None], "{way:?}");
            }
            // Beyond the capacity a rate is forgotten.
            let few = call().scope(Scope::PerArgs).capacity(1);
            for key in ["a", "b", "a"] {
                assert_eq!(runs(way, &clock, &few.clone().key(key))[0], Some(0), "{way:?}");
            }
        }
    }
}

#[test]
fn attempts_share_a_permit_and_the_deadline_ends_the_wait() {
    for way in AGAIN {
        let clock = ManualClock::new();
        let call = Call::new("ask").clock(&clock).rate(Rate::new(1, SEC)).retries(2).min_delay(MS(1)).backoff(1.0);
        let outcome = way.run(call.clone(), |at| if at.number() == 3 { Ok(clock.elapsed()) } else { Err(()) });
        assert_eq!(outcome, Ok(MS(2)), "{way:?}");
        let error = way.run(call.deadline(MS(300)), |_| Ok(Duration::ZERO)).unwrap_err();
        assert!(error.is_timeout() && error.attempts().is_empty(), "{way:?}: {error:?}");
        assert!(clock.elapsed() <= MS(302), "{way:?}");
    }
}

#[cfg(feature = "cache")]
#[test]
fn a_hit_spends_no_permit_and_one_key_serves_the_cache_and_the_rate() {
    for way in WAYS {
        let (clock, counter) = (ManualClock::new(), support::Counter::new());
        let call = Call::new("ask").clock(&clock).rate(Rate::new(1, SEC)).max_wait(Duration::ZERO).cache(None);
        let ask = |key: u32| way.run(call.clone().key(&key), |_| counter.run());
        assert_eq!([ask(1), ask(1), ask(1)], [Ok(1), Ok(1), Ok(1)], "{way:?}");
        assert!(ask(2).unwrap_err().is_rate_limit(), "{way:?}");
        let call = call.scope(Scope::PerArgs).capacity(10);
        let fail = |key: u32| way.run(call.clone().key(&key), |_| Err::<u32, _>("down".to_owned())).unwrap_err();
        assert!(fail(3).is_all_failed() && fail(3).is_rate_limit() && fail(4).is_all_failed(), "{way:?}");
    }
}
