//! How it tells the time and sleeps, where `std` can.

use core::time::Duration;
use std::sync::OnceLock;
use std::time::Instant;

use super::System;
use crate::time::Clock;

/// The moment from where on it counts.
#[inline]
fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

impl Clock for System {
    #[inline]
    fn now(&self) -> Duration {
        start().elapsed()
    }

    #[cfg(all(target_arch = "x86_64", not(miri)))]
    #[inline]
    fn recent(&self) -> Duration {
        crate::time::recent::recent()
    }

    fn sleep(&self, pause: Duration) {
        std::thread::sleep(pause);
    }

    #[cfg(feature = "async")]
    async fn sleep_async(&self, pause: Duration) {
        async_io::Timer::after(pause).await;
    }

    #[cfg(feature = "async")]
    async fn sleep_until_async(&self, moment: Duration) {
        start().checked_add(moment).map_or_else(async_io::Timer::never, async_io::Timer::at).await;
    }
}

#[cfg(all(test, feature = "async"))]
mod tests {
    use futures_lite::future::{block_on, poll_once};

    use super::*;

    #[test]
    fn a_moment_that_is_over_is_not_waited_for_and_one_that_never_comes_is() {
        block_on(async {
            let moment = System.now() + Duration::from_millis(2);
            System.sleep_until_async(moment).await;
            assert!(System.now() >= moment);
            System.sleep_until_async(moment).await;
            assert!(poll_once(System.sleep_until_async(Duration::MAX)).await.is_none());
        });
    }
}
