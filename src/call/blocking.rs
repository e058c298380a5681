//! The blocking driver: `tests/call.rs` runs one table of cases through this file and through `future.rs`.

use core::time::Duration;

use super::{Call, Recovery};
use crate::error::Error;
use crate::policy::{Execution, Judge};
use crate::time::Clock;

impl<E, N: AsRef<str>, C, J: Judge<E>> Call<E, N, C, J> {
    /// Runs `op` until it succeeds or the call gives up, sleeping on this thread between executions.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with every failed execution, or [`Error::Configuration`] before the first.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through.
    #[inline]
    pub fn run<T>(self, mut op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        let started = self.start()?;
        match op(Execution::FIRST) {
            Ok(value) => {
                self.succeeded(started);
                Ok(value)
            }
            Err(error) => self.afresh().recover(started, error, op),
        }
    }

    #[cold]
    #[inline(never)]
    fn recover<T>(
        self,
        started: Option<Duration>,
        mut error: E,
        mut op: impl FnMut(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        let mut recovery = Recovery::new(self, started);
        loop {
            let pause = recovery.failed(error)?;
            if !pause.is_zero() {
                recovery.clock().sleep(pause);
                recovery.paused();
            }
            match op(recovery.execution()) {
                Ok(value) => return Ok(value),
                Err(next) => error = next,
            }
        }
    }
}
