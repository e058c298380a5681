//! The resident size of the process.
#![cfg(feature = "memory")]

use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use futures_lite::future::block_on;
use opero::error::TimeoutReason;
use opero::memory::Monitor;
use opero::time::ManualClock;
use opero::{Error, opero};

const MS: fn(u64) -> Duration = Duration::from_millis;
const MIB: u64 = 1 << 20;

#[test]
fn a_monitor_measures_allocations_and_caches_the_result() {
    let monitor = Monitor::new(u64::MAX);
    let before = monitor.check();
    if before == 0 {
        // This platform cannot measure it.
        return;
    }

    // Every byte is written, so every page is resident.
    let block = black_box(vec![1_u8; 64 << 20]);
    let start = Instant::now();
    while monitor.check() < before + 32 * MIB {
        assert!(start.elapsed() < Duration::from_secs(10), "{} of {before} bytes more", monitor.check() - before);
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(block);
    assert!(monitor.peak() >= before + 32 * MIB);
}

#[test]
fn it_throttles_above_four_fifths_and_is_exceeded_above_the_limit() {
    let size = Monitor::new(0).check();
    let tells = size > 0;
    // The other test enlarges the process at the same time, but not tenfold.
    let roomy = Monitor::new(size * 10 + 1000 * MIB);
    assert!(!roomy.should_throttle() && !roomy.is_exceeded());
    let tight = Monitor::new(size / 10);
    assert_eq!((tight.should_throttle(), tight.is_exceeded()), (tells, tells));
}

#[test]
fn threads_that_measure_first_at_the_same_time_all_get_a_result() {
    let monitor = Monitor::new(1);
    let sizes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| monitor.check())).collect();
        threads.into_iter().map(|thread| thread.join().expect("it only reads")).collect::<Vec<_>>()
    });
    let tells = monitor.check() > 0;
    assert!(sizes.iter().all(|size| (*size > 0) == tells), "{sizes:?}");
}

/// The start of an attempt after a pause for memory. There is no pause on a platform that cannot measure the size.
fn paused(pauses: u64) -> Duration {
    if Monitor::new(1).should_throttle() { MS(100) * u32::try_from(pauses).expect("few") } else { Duration::ZERO }
}

#[test]
fn each_attempt_pauses_once_and_goes_on() {
    let clock = ManualClock::new();
    assert_eq!(opero! { memory: 1KB, clock: &clock => Ok::<_, String>(clock.elapsed()) }, Ok(paused(1)));

    let (clock, starts) = (ManualClock::new(), Cell::new(Vec::new()));
    let body = || {
        let mut seen = starts.take();
        seen.push(clock.elapsed());
        starts.set(seen);
        Err::<(), _>("down")
    };
    let outcome = opero! { memory: 1KB, retries: 2, backoff: 1.0, min_delay: 10ms, clock: &clock => body() };
    let expected: Vec<_> = (1..4).map(|n| paused(n) + MS(10) * u32::try_from(n - 1).expect("few")).collect();
    assert_eq!(starts.take(), expected);
    // The first pause is not part of the first attempt.
    let error = outcome.unwrap_err();
    assert_eq!(error.attempts()[0].offset(), Duration::ZERO);
    assert!(error.attempts().iter().all(|attempt| attempt.duration() == Duration::ZERO));

    let began = clock.elapsed();
    let outcome = block_on(opero! {
        memory: 1KB, retries: 2, backoff: 1.0, min_delay: 10ms, clock: &clock => async { body() }
    });
    assert!(outcome.is_err());
    assert_eq!(starts.take(), expected.into_iter().map(|at| began + at).collect::<Vec<_>>());
}

#[test]
fn far_below_the_limit_nothing_pauses() {
    let clock = ManualClock::new();
    assert_eq!(opero! { memory: 1TB, clock: &clock => Ok::<_, String>(clock.elapsed()) }, Ok(Duration::ZERO));
    let later = opero! { memory: 1TB, clock: &clock => async { Ok::<_, String>(clock.elapsed()) } };
    assert_eq!(block_on(later), Ok(Duration::ZERO));
}

#[test]
fn a_pause_beyond_the_deadline_is_not_made_and_timeout_excludes_the_pause() {
    if paused(1).is_zero() {
        return;
    }
    let clock = ManualClock::new();
    let never = || -> Result<(), String> { unreachable!("the call is over") };
    let reason = |outcome: Result<(), Error<String>>| match outcome {
        Err(Error::Timeout(timeout)) => (timeout.reason(), timeout.attempts().len(), clock.elapsed()),
        other => panic!("{other:?}"),
    };
    for deadline in [MS(30), MS(100)] {
        let outcome = opero! { memory: 1KB, deadline: deadline, clock: &clock => never() };
        assert_eq!(reason(outcome), (TimeoutReason::Memory(paused(1)), 0, MS(0)));
        let outcome = block_on(opero! { memory: 1KB, deadline: deadline, clock: &clock => async { never() } });
        assert_eq!(reason(outcome), (TimeoutReason::Memory(paused(1)), 0, MS(0)));
    }
    let down = || Err::<(), _>(String::from("down"));
    let outcome = opero! { memory: 1KB, deadline: 200ms, retries, min_delay: 50ms, clock: &clock => down() };
    assert_eq!(reason(outcome), (TimeoutReason::Memory(paused(1)), 1, MS(150)), "before the second attempt");
    assert_eq!(opero! { memory: 1KB, timeout: 30ms, clock: &clock => Ok::<_, String>(1) }, Ok(1));
}

#[test]
fn a_limit_of_zero_is_a_configuration_error() {
    let none = 0;
    let told = |outcome: Result<(), Error<String>>| match outcome {
        Err(Error::Configuration(error)) => error.problem().to_owned(),
        other => panic!("{other:?}"),
    };
    assert!(told(opero! { memory: none => Ok(()) }).contains("`memory`"));
    assert!(told(block_on(opero! { memory: none => async { Ok(()) } })).contains("`memory`"));
}

/// On the system clock, because expired entries are freed by it.
#[cfg(feature = "cache")]
#[test]
fn expired_entries_are_freed_before_an_attempt() {
    use std::sync::Arc;

    let fleeting = Arc::new(());
    let lasting = Arc::new(());
    opero! { cache: 1ms, key: () => Ok::<_, String>(fleeting.clone()) }.unwrap();
    opero! { cache: 1h, key: () => Ok::<_, String>(lasting.clone()) }.unwrap();
    let clock = ManualClock::new();
    let start = Instant::now();
    // The other tests also check for expired entries from time to time.
    while Arc::strong_count(&fleeting) > 1 && !paused(1).is_zero() {
        assert!(start.elapsed() < Duration::from_secs(10), "it is still there");
        assert_eq!(opero! { memory: 1KB, clock: &clock => Ok::<_, String>(()) }, Ok(()));
    }
    assert_eq!(Arc::strong_count(&lasting), 2);
}

#[cfg(feature = "cache")]
#[test]
fn a_hit_does_not_pause() {
    let clock = ManualClock::new();
    let call = || opero! { memory: 1KB, cache, key: (), clock: &clock => Ok::<_, String>(clock.elapsed()) };
    (0..5).for_each(|_| assert_eq!(call(), Ok(paused(1))));
    assert_eq!(clock.elapsed(), paused(1));
}
