//! Every option as a method of `Call`, run in every way a call can be run.

#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;
#[cfg(feature = "cache")]
mod support;
#[path = "support/ways.rs"]
mod ways;

use std::sync::Arc;
use std::time::Duration;

use opero::layer::Layer;
use opero::policy::{CurrentAttempt, ErrorPolicy, Jitter, Retry};
use opero::time::{Clock, ManualClock};
use opero::{Call, Error, Failure};
use runtime::block_on;
use ways::{AGAIN, WAYS, Way};

const SEC: Duration = Duration::from_secs(1);
const MS: fn(u64) -> Duration = Duration::from_millis;

type Plain = Call<u32, &'static str, Arc<ManualClock>>;

fn plain(clock: &Arc<ManualClock>) -> Plain {
    Call::new("plain").clock(clock.clone())
}

/// Returns when the attempts of a call start that all fail with their number, in milliseconds.
fn starts<J: ErrorPolicy<u32>>(
    way: Way,
    options: impl Fn(Plain) -> Call<u32, &'static str, Arc<ManualClock>, J>,
) -> Vec<u128> {
    let (clock, mut starts) = (Arc::new(ManualClock::new()), Vec::new());
    let error = way
        .run(options(plain(&clock)), |attempt| {
            starts.push(clock.elapsed().as_millis());
            Err::<(), _>(attempt.number())
        })
        .unwrap_err();
    assert_eq!(error.attempts().len(), starts.len());
    starts
}

#[test]
fn each_option_of_the_attempts() {
    type Options = fn(Plain) -> Plain;
    let cases: [(Options, &[u128]); 10] = [
        (|call| call, &[0]),
        (|call| call.retries(2), &[0, 100, 250]),
        (|call| call.retry(Retry::new().retries(1).min_delay(MS(7))), &[0, 7]),
        (|call| call.retries(2).backoff(3.0), &[0, 100, 400]),
        (|call| call.min_delay(MS(10)).backoff(2.0), &[0, 10, 30, 70]),
        (|call| call.max_delay(MS(120)), &[0, 100, 220, 340]),
        (|call| call.retries(1).jitter(Jitter::None), &[0, 100]),
        (|call| call.fallback("mirror", 3), &[0, 0, 0]),
        (|call| call.fallback("mirror", 2).fallback_delay(MS(5)).retries(1), &[0, 5, 105, 110]),
        (|call| call.retries(9).deadline(MS(300)), &[0, 100, 250]),
    ];
    for way in AGAIN {
        for (options, expected) in cases {
            assert_eq!(starts(way, options), expected, "{way:?}");
        }
        assert_eq!(starts(way, |call| call.retry_if(|n| *n < 3)), [0, 100, 250], "{way:?}");
        let asks = |call: Plain| call.retries(2).retry_after(|n| (*n == 1).then_some(MS(900)));
        assert_eq!(starts(way, asks), [0, 900, 1050], "{way:?}");
        assert_eq!(starts(way, |call| call.fallback("mirror", 3).fallback_on(|n| *n < 2)), [0, 0], "{way:?}");
        let full = starts(way, |call| call.jitter(Jitter::Full));
        assert!(full.len() == 4 && full[1] <= 100 && full[2] - full[1] <= 150, "{full:?}");
    }
}

#[test]
fn each_limit() {
    for way in WAYS {
        let clock = Arc::new(ManualClock::new());
        let slow = |_: CurrentAttempt| {
            clock.advance(MS(30));
            Ok(())
        };
        assert_eq!(way.run(plain(&clock).timeout(MS(30)), slow), Ok(()), "{way:?}");
        let error = way.run(plain(&clock).timeout(MS(29)), slow).unwrap_err();
        assert_eq!(*error.attempts()[0].failure(), Failure::Timeout(MS(29)), "{way:?}");
        assert!(way.run(plain(&clock).deadline(MS(29)), slow).unwrap_err().is_timeout(), "{way:?}");
        assert!(way.run(plain(&clock).name("other").timeout(MS(1)), slow).unwrap_err().name() == "other", "{way:?}");
        #[cfg(feature = "memory")]
        {
            let started = clock.elapsed();
            assert_eq!(
                way.run(plain(&clock).memory(1), |_| Ok(clock.elapsed().saturating_sub(started))),
                Ok(MS(100)),
                "{way:?}"
            );
            assert_eq!(way.run(plain(&clock).memory(u64::MAX), |_| Ok(())), Ok(()), "{way:?}");
        }
    }
}

#[test]
fn a_call_without_a_clock_is_blocking_or_async() {
    let call = Call::new("blocking").min_delay(Duration::ZERO);
    assert_eq!(call.run(|at| if at.number() > 2 { Ok(at.number()) } else { Err("busy") }), Ok(3));
    let call = Call::new_async("async").min_delay(Duration::ZERO);
    let body = async |at: CurrentAttempt| if at.number() > 2 { Ok(at.number()) } else { Err("busy") };
    assert_eq!(block_on(call.run_async(body)), Ok(3));
}

#[cfg(feature = "cache")]
#[path = "builder/cache.rs"]
mod cache;
#[cfg(feature = "cache")]
#[path = "builder/flight.rs"]
mod flight;
#[path = "builder/rate.rs"]
mod rate;
#[cfg(feature = "cache")]
#[path = "builder/wrong.rs"]
mod wrong;
