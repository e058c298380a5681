use core::task::Waker;
use core::time::Duration;

use super::*;

const EVERY_100: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).expect("none is zero");
const THREE_AT_ONCE: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 3).expect("none is zero");

/// Returns when a call that asks at `now` gets its permit, or the time until one is due.
fn moment(limiter: &Limiter, gcra: &Gcra, now: u64, max_wait: u64) -> Result<u64, u64> {
    if limiter.take(gcra, now).is_ok() {
        return Ok(now);
    }
    match limiter.join(gcra, now, max_wait) {
        Joined::Free => Ok(now),
        Joined::TooFar(wait) => Err(wait),
        Joined::Waits(mut place) => Ok(place.look(now, Waker::noop()).unwrap_or(now)),
    }
}

#[test]
fn permits_are_one_interval_apart() {
    let limiter = Limiter::new();
    let moments = [0, 0, 30, 500, 500].map(|now| moment(&limiter, &EVERY_100, now, u64::MAX));
    assert_eq!(moments, [0, 100, 200, 500, 600].map(Ok));
}

#[test]
fn a_refusal_changes_nothing() {
    let limiter = Limiter::new();
    for _ in 0..3 {
        assert_eq!(moment(&limiter, &THREE_AT_ONCE, 1000, 0), Ok(1000));
    }
    for _ in 0..5 {
        assert_eq!(moment(&limiter, &THREE_AT_ONCE, 1000, 0), Err(100));
        assert_eq!(moment(&limiter, &THREE_AT_ONCE, 1040, 59), Err(60));
    }
    assert_eq!(moment(&limiter, &THREE_AT_ONCE, 1040, 60), Ok(1100));
}

#[test]
fn no_call_overtakes_a_waiter() {
    let limiter = Limiter::new();
    assert_eq!(moment(&limiter, &EVERY_100, 0, u64::MAX), Ok(0));
    let Joined::Waits(mut place) = limiter.join(&EVERY_100, 0, u64::MAX) else { panic!("the permit is taken") };
    assert!(limiter.take(&THREE_AT_ONCE, 50).is_err(), "a burst does not overtake waiters");
    assert_eq!(moment(&limiter, &THREE_AT_ONCE, 50, 0), Err(50));
    place.leave(60);
    assert!(limiter.take(&THREE_AT_ONCE, 60).is_ok());
}

#[test]
fn bursts_share_a_limiter() {
    let limiter = Limiter::new();
    assert_eq!(moment(&limiter, &EVERY_100, 0, u64::MAX), Ok(0));
    assert_eq!(moment(&limiter, &THREE_AT_ONCE, 0, u64::MAX), Ok(0));
    assert_eq!(moment(&limiter, &EVERY_100, 0, u64::MAX), Ok(200));
}

#[test]
fn a_new_rate_applies_from_the_next_call() {
    let hour = Gcra::new(Rate::new(1, Duration::from_secs(3600)), 1).expect("none is zero");
    let limiter = Limiter::new();
    assert_eq!(moment(&limiter, &hour, 0, 0), Ok(0));
    assert_eq!(moment(&limiter, &EVERY_100, 5, 99), Err(100));
    assert_eq!(moment(&limiter, &EVERY_100, 5, 100), Ok(105));
    assert_eq!(moment(&limiter, &hour, 200, 0), Err(5), "the hour counts from the permit at that rate");
}

#[test]
fn a_limiter_is_four_words() {
    assert!(size_of::<Limiter>() <= 40, "{}", size_of::<Limiter>());
}

#[test]
fn at_the_end_of_time_a_limiter_refuses_all_until_its_rate_changes() {
    let forever = Gcra::new(Rate::new(1, Duration::MAX), 1).expect("none is zero");
    let limiter = Limiter::new();
    assert_eq!(moment(&limiter, &forever, 5, u64::MAX), Ok(5));
    assert_eq!(moment(&limiter, &forever, 1 << 62, u64::MAX - 1), Err(u64::MAX));
    assert_eq!(moment(&limiter, &EVERY_100, 6, 100), Ok(106));
}
