//! The blocking driver: `tests/call.rs` runs one table of cases through this file and through `future.rs`.

use core::time::Duration;

use super::limits::Limit;
use super::{Call, Name, Recovery};
use crate::error::{Error, Failure};
use crate::policy::{ErrorPolicy, Execution};
use crate::time::Clock;

impl<E, N: Name, C, J: ErrorPolicy<E>> Call<E, N, C, J> {
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

    /// Runs `op` once, whatever is said of retries and of a fallback, so that it may consume what it captures.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with the one execution; [`Error::Timeout`] after [`deadline`](Call::deadline);
    /// [`Error::Configuration`] before it.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// let names = vec![String::from("a")];
    /// let first = Call::new("first").run_once(|_| names.into_iter().next().ok_or("no names"));
    /// assert_eq!(first, Ok("a".into()));
    /// ```
    #[inline]
    pub fn run_once<T>(self, op: impl FnOnce(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        if !self.limits.is_none() {
            return self.afresh().run_once_limited(op);
        }
        let started = self.start()?;
        match op(Execution::FIRST) {
            Ok(value) => {
                self.succeeded(started);
                Ok(value)
            }
            Err(error) => Err(self.afresh().failed(started, Failure::Error(error))),
        }
    }

    #[inline(never)]
    fn run_once_limited<T>(mut self, op: impl FnOnce(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        let started = self.admit()?;
        match Limit::judge(self.limit(started), &self.clock, op(Execution::FIRST)) {
            Ok(value) => Ok(value),
            Err(failure) => Err(self.failed(started, failure)),
        }
    }

    /// Begins a call with limits, and waits until there is memory for its first execution.
    fn admit(&mut self) -> Result<Option<Duration>, Error<E>>
    where
        C: Clock,
    {
        let started = self.begin()?;
        let Some(pause) = self.crowding(started) else {
            return Ok(started);
        };
        self.clock.sleep(pause);
        self.resume().map(Some)
    }

    /// The same under limits. Apart, so that nothing of them is left in a call that is known to have none.
    #[inline(never)]
    fn run_limited<T>(mut self, mut op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        let started = self.admit()?;
        match Limit::judge(self.limit(started), &self.clock, op(Execution::FIRST)) {
            Ok(value) => Ok(value),
            Err(failure) => self.recover(started, failure, op),
        }
    }

    // Where there is no system, code is scarcer than time. There the whole recovery stands in the call, and options that are
    // constants fold into it, until it is the loop that a person would have written. A function that is handed a pointer to
    // any part of the recovery would keep it from that, hence the same attribute on all of them.
    #[cold]
    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
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

impl<E, N: Name, C: Clock, J: ErrorPolicy<E>> Recovery<E, N, C, J> {
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn sleep(&mut self, pause: Duration) -> Result<(), Error<E>> {
        if !pause.is_zero() {
            self.clock().sleep(self.cut(pause));
            self.paused()?;
        }
        Ok(())
    }
}
