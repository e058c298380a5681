//! The time and the timer of tokio, inside its runtimes.

use alloc::vec::Vec;
use core::cell::Cell;
use core::time::Duration;
use std::panic;
use std::sync::{PoisonError, RwLock};
use std::thread_local;

use tokio::runtime::{Handle, Id};
use tokio::time::{Instant, Sleep};

use super::system::{read, since_origin};
use super::{Clock, Moment, System};

thread_local! {
    static BY_THE_MACHINE: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as blocked on a future until it is dropped. If it is the thread that should drive the runtime,
/// tokio's timers would stand still, so futures polled here use the machine's clock.
pub(crate) struct ByTheMachine {
    before: bool,
}

impl ByTheMachine {
    pub(crate) fn here() -> Self {
        ByTheMachine { before: set_by_the_machine(true) }
    }
}

impl Drop for ByTheMachine {
    fn drop(&mut self) {
        set_by_the_machine(self.before);
    }
}

/// Returns the previous value. A thread that is ending counts as not blocked.
fn set_by_the_machine(is_so: bool) -> bool {
    BY_THE_MACHINE.try_with(|before| before.replace(is_so)).unwrap_or(false)
}

fn is_by_the_machine() -> bool {
    BY_THE_MACHINE.try_with(Cell::get).unwrap_or(false)
}

/// May the clock be that of a runtime that stands still and jumps?
#[inline]
fn may_leap() -> bool {
    CAN_BE_PAUSED && !is_by_the_machine()
}

/// Outside of a runtime, tokio returns the system's time.
#[inline]
pub(super) fn now() -> Duration {
    if may_leap() { since_origin(Instant::now().into_std()) } else { System.now() }
}

/// A clock that can stand still and jump is read each time: 46 ns. One that cannot takes 10 ns, as without tokio.
#[inline]
pub(super) fn recent() -> Duration {
    if may_leap() { now() } else { System.recent() }
}

#[inline]
pub(super) fn moment() -> Moment {
    if may_leap() { read(Instant::now().into_std()) } else { System.moment() }
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

/// Is tokio built with its feature `test-util`? Then it has a function `pause`, whose type has size zero. Otherwise
/// the name resolves to the constant: items of a glob import have precedence over names from outside of its block.
const CAN_BE_PAUSED: bool = {
    #[allow(non_upper_case_globals, dead_code, reason = "stands for a function that may be missing")]
    const pause: u8 = 0;
    {
        #[allow(unused_imports, clippy::wildcard_imports, reason = "it checks what tokio has")]
        use ::tokio::time::*;
        size_of_val(&pause) == 0
    }
};

/// The runtimes found to have no timer. Tokio numbers its runtimes uniquely, although it guarantees that only for
/// those that run at the same time. A runtime that reused a number would use the other timer.
static WITHOUT_TIMER: RwLock<Vec<Id>> = RwLock::new(Vec::new());

/// Returns a timer of the current runtime, if it has any. The only way to find out is to set one.
fn timer(length: Duration) -> Option<Sleep> {
    if is_by_the_machine() {
        return None;
    }
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
