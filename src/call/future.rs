//! The async driver: `tests/call.rs` runs one table of cases through this file and through `blocking.rs`.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use super::limits::Limit;
use super::{Call, Name, Recovery};
use crate::error::{Error, Failure};
use crate::policy::{ErrorPolicy, Execution};
use crate::time::Clock;

/// Runs the async closure `$op` under the call `$call`.
///
/// A macro and not a function: as long as the compiler sees the closure itself it knows when the future is `Send`; behind
/// a type parameter `AsyncFnMut` it cannot tell.
#[doc(hidden)]
#[macro_export]
macro_rules! __drive {
    // One execution, which may consume what it captures. `$call` is where the call is, or what gives it each time anew.
    (run_once @each $call:expr, $op:ident) => {
        match $crate::Call::start(&$call) {
            $crate::__private::Err(error) => $crate::__private::Err(error),
            $crate::__private::Ok(started) => match $op($crate::policy::Execution::FIRST).await {
                $crate::__private::Ok(value) => {
                    $crate::Call::succeeded(&$call, started);
                    $crate::__private::Ok(value)
                }
                $crate::__private::Err(error) => {
                    $crate::__private::Err($crate::Call::failed($call, started, $crate::Failure::Error(error)))
                }
            },
        }
    };
    (run_once @limited $call:expr, $op:ident) => {
        match $call {
            mut call => match $crate::Call::enter(&mut call).await {
                $crate::__private::Err(error) => $crate::__private::Err(error),
                $crate::__private::Ok(started) => {
                    match $crate::Call::limited(&call, started, $op($crate::policy::Execution::FIRST)).await {
                        $crate::__private::Ok(value) => $crate::__private::Ok(value),
                        $crate::__private::Err(failure) => {
                            $crate::__private::Err($crate::Call::failed(call, started, failure))
                        }
                    }
                }
            },
        }
    };
    // As often as the call allows.
    (run @each $call:expr, $op:ident) => {
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
                match $crate::__private::Recovery::pause(&mut recovery, $crate::Failure::Error(error)).await {
                    $crate::__private::Err(error) => break $crate::__private::Err(error),
                    $crate::__private::Ok(execution) => match $op(execution).await {
                        $crate::__private::Ok(value) => break $crate::__private::Ok(value),
                        $crate::__private::Err(next) => error = next,
                    },
                }
            }
        }
    };
    // The same under limits, which a call without any does not pay for.
    (run @limited $call:expr, $op:ident) => {
        'call: {
            let mut call = $call;
            let started = match $crate::Call::enter(&mut call).await {
                $crate::__private::Ok(started) => started,
                $crate::__private::Err(error) => break 'call $crate::__private::Err(error),
            };
            let mut failure =
                match $crate::Call::limited(&call, started, $op($crate::policy::Execution::FIRST)).await {
                    $crate::__private::Ok(value) => break 'call $crate::__private::Ok(value),
                    $crate::__private::Err(failure) => failure,
                };
            let mut recovery = $crate::__private::Recovery::new(call, started);
            loop {
                match $crate::__private::Recovery::pause(&mut recovery, failure).await {
                    $crate::__private::Err(error) => break $crate::__private::Err(error),
                    $crate::__private::Ok(execution) => {
                        match $crate::__private::Recovery::limited(&recovery, $op(execution)).await {
                            $crate::__private::Ok(value) => break $crate::__private::Ok(value),
                            $crate::__private::Err(next) => failure = next,
                        }
                    }
                }
            }
        }
    };
    ($run:ident $call:expr, $op:ident) => {
        match $call {
            call => $crate::__drive!($run @each call, $op),
        }
    };
}

impl<E, N: Name, C, J: ErrorPolicy<E>> Call<E, N, C, J> {
    /// Runs `op` until it succeeds or the call gives up, awaiting the clock between executions.
    ///
    /// The compiler cannot prove this future `Send` where `op` borrows; the one that `opero!` gives is, wherever the body
    /// is.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with every failed execution; [`Error::Timeout`] with those until [`deadline`](Call::deadline);
    /// [`Error::Configuration`] before the first.
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
        if self.limits.is_none() { crate::__drive!(run self, op) } else { crate::__drive!(run @limited self, op) }
    }

    /// Runs `op` once, whatever is said of retries and of a fallback, so that it may consume what it captures.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with the one execution; [`Error::Timeout`] after [`deadline`](Call::deadline);
    /// [`Error::Configuration`] before it.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running execution.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// # futures_lite::future::block_on(async {
    /// let names = vec![String::from("a")];
    /// let first = Call::new_async("first").run_once_async(async |_| names.into_iter().next().ok_or("no names")).await;
    /// assert_eq!(first, Ok("a".into()));
    /// # });
    /// ```
    pub async fn run_once_async<T>(self, op: impl AsyncFnOnce(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        C: Clock,
    {
        if self.limits.is_none() {
            crate::__drive!(run_once self, op)
        } else {
            crate::__drive!(run_once @limited self, op)
        }
    }

    /// Begins a call with limits, and waits until there is memory for its first execution.
    ///
    /// # Errors
    /// [`Error::Configuration`], [`Error::Timeout`].
    #[doc(hidden)]
    pub async fn enter(&mut self) -> Result<Option<Duration>, Error<E>>
    where
        C: Clock,
    {
        let started = self.begin()?;
        let Some(pause) = self.crowding(started) else {
            return Ok(started);
        };
        self.clock.sleep_async(pause).await;
        self.resume().map(Some)
    }

    /// The first execution within its limit. The future borrows nothing but the clock, so that it is `Send` where neither an
    /// error nor a predicate is `Sync`.
    ///
    /// # Errors
    /// That of the body, or that it took too long.
    #[doc(hidden)]
    pub fn limited<T>(
        &self,
        started: Option<Duration>,
        body: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, Failure<E>>>
    where
        C: Clock,
    {
        within(self.limit(started), &self.clock, body)
    }
}

impl<E, N: Name, C: Clock, J: ErrorPolicy<E>> Recovery<E, N, C, J> {
    /// Logs a failed execution, waits, and gives the next.
    ///
    /// # Errors
    /// There is no next: the error of the whole call.
    #[doc(hidden)]
    pub async fn pause(&mut self, failure: Failure<E>) -> Result<Execution, Error<E>> {
        let pause = self.failed(failure)?;
        self.sleep_async(pause).await?;
        self.sleep_async(self.crowding()).await?;
        Ok(self.execution())
    }

    async fn sleep_async(&mut self, pause: Duration) -> Result<(), Error<E>> {
        if !pause.is_zero() {
            self.clock().sleep_async(self.cut(pause)).await;
            self.paused()?;
        }
        Ok(())
    }

    /// The execution that is due, within its limit.
    ///
    /// # Errors
    /// That of the body, or that it took too long.
    #[doc(hidden)]
    pub fn limited<T>(&self, body: impl Future<Output = Result<T, E>>) -> impl Future<Output = Result<T, Failure<E>>> {
        within(self.limit(), self.clock(), body)
    }
}

/// Runs `body`, and drops it where it takes longer than its limit.
async fn within<T, E>(
    limit: Option<Limit>,
    clock: &impl Clock,
    body: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure<E>> {
    let Some(Limit { length, .. }) = limit else {
        return body.await.map_err(Failure::Error);
    };
    match before(clock.sleep_async(length), body).await {
        Some(result) => Limit::judge(limit, clock, result),
        None => Err(Failure::Timeout(length)),
    }
}

/// What `event` comes to, or `None` where the alarm goes off first. The event is polled first: where it is ready, no timer is
/// set.
pub(super) async fn before<T>(alarm: impl Future<Output = ()>, event: impl Future<Output = T>) -> Option<T> {
    let (mut alarm, mut event) = (pin!(alarm), pin!(event));
    poll_fn(|context| match event.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
    })
    .await
}
