//! The time and the sleeps of the system, if `std` has them.

use core::time::Duration;
use std::sync::OnceLock;
use std::time::Instant;

use super::System;
use crate::time::{Clock, Moment};

/// The time at the first reading: not zero if a clock of tokio may have been paused before.
const FIRST: Duration = if cfg!(feature = "tokio") { Duration::from_secs(24 * 3600) } else { Duration::ZERO };

/// Returns when the clock was first read; now if it never was.
#[inline]
fn start(now: Instant) -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(|| now)
}

/// Returns the time at an instant.
#[inline]
pub(in crate::time) fn since_origin(moment: Instant) -> Duration {
    let start = start(moment);
    match moment.checked_duration_since(start) {
        Some(since) => FIRST + since,
        None => FIRST.saturating_sub(start - moment),
    }
}

/// Reads an instant that is not before the first reading.
#[inline]
pub(in crate::time) fn read(moment: Instant) -> Moment {
    start(moment);
    Moment::Read(moment)
}

impl Clock for System {
    #[inline]
    fn now(&self) -> Duration {
        since_origin(Instant::now())
    }

    #[inline]
    fn moment(&self) -> Moment {
        read(Instant::now())
    }

    #[cfg(all(target_arch = "x86_64", not(miri)))]
    #[inline]
    fn recent(&self) -> Duration {
        crate::time::recent::recent()
    }

    fn sleep(&self, pause: Duration) {
        std::thread::sleep(pause);
    }

    fn park(&self, pause: Duration) {
        std::thread::park_timeout(pause);
    }

    #[cfg(feature = "async")]
    async fn sleep_async(&self, pause: Duration) {
        async_io::Timer::after(pause).await;
    }

    #[cfg(feature = "async")]
    async fn sleep_until_async(&self, moment: Duration) {
        if let Some(since) = moment.checked_sub(FIRST) {
            let moment = start(Instant::now()).checked_add(since);
            moment.map_or_else(async_io::Timer::never, async_io::Timer::at).await;
        }
    }
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use futures_lite::future::{block_on, poll_once};

    use super::*;

    #[test]
    fn a_past_time_is_not_waited_for_and_one_that_never_comes_is() {
        block_on(async {
            let moment = System.now() + Duration::from_millis(2);
            System.sleep_until_async(moment).await;
            assert!(System.now() >= moment);
            System.sleep_until_async(moment).await;
            assert!(poll_once(System.sleep_until_async(Duration::MAX)).await.is_none());
        });
    }
}
