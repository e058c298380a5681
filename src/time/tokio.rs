//! The time and the timer of tokio, where a runtime of it is current.

use alloc::vec::Vec;
use core::time::Duration;
use std::panic;
use std::sync::{PoisonError, RwLock};

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep};

use super::system::{read, since_origin};
use super::{Clock, Moment, System};

/// Outside of a runtime, tokio gives the time of the system.
#[inline]
pub(super) fn now() -> Duration {
    if CAN_BE_PAUSED { since_origin(Instant::now().into_std()) } else { System.now() }
}

/// A clock that stands still and then leaps is read each time: 46 ns. One that cannot takes 10, as without tokio.
#[inline]
pub(super) fn recent() -> Duration {
    if CAN_BE_PAUSED { now() } else { System.recent() }
}

#[inline]
pub(super) fn moment() -> Moment {
    if CAN_BE_PAUSED { read(Instant::now().into_std()) } else { System.moment() }
}

pub(super) async fn sleep(pause: Duration) {
    match timer(pause) {
        Some(timer) => timer.await,
        None => System.sleep_async(pause).await,
    }
}

pub(super) async fn sleep_until(moment: Duration) {
    match timer(moment.saturating_sub(now())) {
        Some(timer) => timer.await,
        None => System.sleep_until_async(moment).await,
    }
}

/// Is tokio built with its feature `test-util`? Then it has a function `pause`, whose type has no size; else the name is that
/// of the constant, since what an import of everything brings comes before what stands outside of its block.
const CAN_BE_PAUSED: bool = {
    #[allow(non_upper_case_globals, dead_code, reason = "stands for a function that may be missing")]
    const pause: u8 = 0;
    {
        #[allow(unused_imports, clippy::wildcard_imports, reason = "what is there is to be found out")]
        use ::tokio::time::*;
        size_of_val(&pause) == 0
    }
};

/// The runtimes that have been found to have no timer. Tokio gives each runtime another number, although it promises so only
/// for those that run at one time: one that got the number of another would have a timer that is not tokio's.
static WITHOUT_TIMER: RwLock<Vec<Id>> = RwLock::new(Vec::new());

/// A timer of the current runtime, if it has any. There is no other way to ask than to set one and see.
fn timer(length: Duration) -> Option<Sleep> {
    let runtime = Handle::try_current().ok()?.id();
    if WITHOUT_TIMER.read().unwrap_or_else(PoisonError::into_inner).contains(&runtime) {
        return None;
    }
    let timer = panic::catch_unwind(|| tokio::time::sleep(length));
    if timer.is_err() {
        let mut without = WITHOUT_TIMER.write().unwrap_or_else(PoisonError::into_inner);
        if !without.contains(&runtime) {
            without.push(runtime);
        }
    }
    timer.ok()
}
