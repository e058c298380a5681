//! The blocking driver: `tests/call.rs` runs one table of cases through this file and through `turn.rs`.

use core::time::Duration;

use super::course::{Course, Source};
use super::failed::Failed;
use super::recovery::Recovery;
use crate::error::Error;
use crate::policy::CurrentAttempt;
use crate::time::Clock;

/// Runs `op` until it succeeds or the call gives up. If the first attempt has already failed, `first` is its error.
///
/// # Errors
/// That of the call.
// Without `std`, code size matters more than speed. There the whole course is inlined into the call, and options that
// are constants fold into it, until it is the loop that a person would have written. A function that takes a pointer
// to any part of the course would prevent that, so all of them have this attribute.
#[cfg_attr(feature = "std", inline)]
#[cfg_attr(not(feature = "std"), inline(always))]
pub(super) fn run<T, E, P: Source<E>>(
    course: &mut Course<E, P, Recovery<E>>,
    first: Option<E>,
    mut op: impl FnMut(CurrentAttempt) -> Result<T, E>,
) -> Result<T, Error<E>> {
    match first {
        Some(error) => course.recover(Failed::Error(error))?,
        None => course.start()?,
    }
    loop {
        let attempt = course.attempt();
        let failure = match course.lend(|| op(attempt)) {
            Ok(value) => match course.succeeded() {
                None => return Ok(value),
                Some(late) => late,
            },
            Err(error) => Failed::Error(error),
        };
        course.recover(failure)?;
    }
}

/// Runs `op` once.
///
/// # Errors
/// That of the call.
#[cfg_attr(feature = "std", inline)]
#[cfg_attr(not(feature = "std"), inline(always))]
pub(super) fn run_once<T, E, P: Source<E>>(
    course: &mut Course<E, P, Recovery<E>>,
    op: impl FnOnce(CurrentAttempt) -> Result<T, E>,
) -> Result<T, Error<E>> {
    course.start()?;
    let failure = match course.lend(|| op(CurrentAttempt::FIRST)) {
        Ok(value) => match course.succeeded() {
            None => return Ok(value),
            Some(late) => late,
        },
        Err(error) => Failed::Error(error),
    };
    Err(course.give_up(failure))
}

impl<E, P: Source<E>> Course<E, P, Recovery<E>> {
    /// Begins, and waits until the first attempt may start.
    #[allow(clippy::inline_always, reason = "most of it is known where the course is made")]
    #[inline(always)]
    fn start(&mut self) -> Result<(), Error<E>> {
        self.begin()?;
        self.sleep_off(self.pause())
    }

    /// Logs a failure, and waits until the next attempt may start.
    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn recover(&mut self, failure: Failed<E>) -> Result<(), Error<E>> {
        let pause = self.failed(failure)?;
        self.sleep_off(pause)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn sleep_off(&mut self, pause: Duration) -> Result<(), Error<E>> {
        // Without `std` the loop is inlined here, and checks this itself.
        if cfg!(feature = "std") && pause.is_zero() { Ok(()) } else { self.sleep() }
    }

    #[cfg_attr(feature = "std", cold)]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn sleep(&mut self) -> Result<(), Error<E>> {
        loop {
            let pause = self.pause();
            if pause.is_zero() {
                return Ok(());
            }
            self.source.clock().sleep(pause);
            self.resume()?;
        }
    }
}
