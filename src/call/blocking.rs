//! The blocking driver: `tests/call.rs` runs one table of cases through this file and through `future.rs`.

use core::time::Duration;

use super::limits::Limit;
use super::{Call, Recovery};
use crate::error::{Error, Failure};
use crate::policy::{Execution, Judge};
use crate::time::Clock;

impl<E, N: AsRef<str>, C, J: Judge<E>> Call<E, N, C, J> {
    /// Runs `op` until it succeeds or the call gives up, sleeping on this thread between executions.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with every failed execution; [`Error::Timeout`] with those until [`deadline`](Call::deadline);
    /// [`Error::Configuration`] before the first.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through.
    #[inline]
    pub fn run<T>(self, mut op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        if !self.limits.is_none() {
            return self.afresh().run_limited(op);
        }
        let started = self.start()?;
        match op(Execution::FIRST) {
            Ok(value) => {
                self.succeeded(started);
                Ok(value)
            }
            Err(error) => self.afresh().recover(started, Failure::Error(error), op),
        }
    }

    /// The same under limits. Apart, so that nothing of them is left in a call that is known to have none.
    #[inline(never)]
    fn run_limited<T>(mut self, mut op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        let mut started = self.begin()?;
        if let Some(pause) = self.crowding(started) {
            self.clock.sleep(pause);
            started = Some(self.resume()?);
        }
        match Limit::judge(self.limit(started), &self.clock, op(Execution::FIRST)) {
            Ok(value) => Ok(value),
            Err(failure) => self.recover(started, failure, op),
        }
    }

    #[cold]
    #[inline(never)]
    fn recover<T>(
        self,
        started: Option<Duration>,
        mut failure: Failure<E>,
        mut op: impl FnMut(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        let mut recovery = Recovery::new(self, started);
        loop {
            let pause = recovery.failed(failure)?;
            recovery.sleep(pause)?;
            recovery.sleep(recovery.crowding())?;
            match Limit::judge(recovery.limit(), recovery.clock(), op(recovery.execution())) {
                Ok(value) => return Ok(value),
                Err(next) => failure = next,
            }
        }
    }
}

impl<E, N: AsRef<str>, C: Clock, J: Judge<E>> Recovery<E, N, C, J> {
    fn sleep(&mut self, pause: Duration) -> Result<(), Error<E>> {
        if !pause.is_zero() {
            self.clock().sleep(self.cut(pause));
            self.paused()?;
        }
        Ok(())
    }
}
