//! The async driver: `tests/call.rs` runs one table of cases through this file and through `blocking.rs`.

use super::{Call, Recovery};
use crate::error::Error;
use crate::policy::{Execution, Judge};
use crate::time::Clock;

/// Runs the async closure `$op` under the call `$call`.
///
/// A macro and not a function: as long as the compiler sees the closure itself it knows when the future is `Send`; behind
/// a type parameter `AsyncFnMut` it cannot tell.
#[doc(hidden)]
#[macro_export]
macro_rules! __drive {
    ($call:expr, $op:ident) => {
        match $call {
            call => $crate::__drive!(@each call, $op),
        }
    };
    // `$call` is where the call is, or what gives it each time anew.
    (@each $call:expr, $op:ident) => {
        'call: {
            let started = match $crate::Call::start(&$call) {
                $crate::__private::Ok(started) => started,
                $crate::__private::Err(error) => break 'call $crate::__private::Err(error),
            };
            let mut error = match $op($crate::policy::Execution::FIRST).await {
                $crate::__private::Ok(value) => {
                    $crate::Call::succeeded(&$call, started);
                    break 'call $crate::__private::Ok(value);
                }
                $crate::__private::Err(error) => error,
            };
            let mut recovery = $crate::__private::Recovery::new($call, started);
            loop {
                match $crate::__private::Recovery::pause(&mut recovery, error).await {
                    $crate::__private::Err(error) => break $crate::__private::Err(error),
                    $crate::__private::Ok(execution) => match $op(execution).await {
                        $crate::__private::Ok(value) => break $crate::__private::Ok(value),
                        $crate::__private::Err(next) => error = next,
                    },
                }
            }
        }
    };
}

impl<E, N: AsRef<str>, C, J: Judge<E>> Call<E, N, C, J> {
    /// Runs `op` until it succeeds or the call gives up, awaiting the clock between executions.
    ///
    /// The compiler cannot prove this future `Send` where `op` borrows; the one that `opero!` gives is, wherever the body
    /// is.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with every failed execution, or [`Error::Configuration`] before the first.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running execution or the wait, and starts nothing further.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// # futures_lite::future::block_on(async {
    /// let answer = Call::new_async("ask").retries(2).run_async(async |_| Ok::<_, String>(42)).await;
    /// assert_eq!(answer, Ok(42));
    /// # });
    /// ```
    pub async fn run_async<T>(self, mut op: impl AsyncFnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        crate::__drive!(self, op)
    }
}

impl<E, N: AsRef<str>, C: Clock, J: Judge<E>> Recovery<E, N, C, J> {
    /// Logs a failed execution, waits, and gives the next.
    ///
    /// # Errors
    /// There is no next: the error of the whole call.
    #[doc(hidden)]
    pub async fn pause(&mut self, error: E) -> Result<Execution, Error<E>> {
        let pause = self.failed(error)?;
        if !pause.is_zero() {
            self.clock().sleep_async(pause).await;
            self.paused();
        }
        Ok(self.execution())
    }
}
