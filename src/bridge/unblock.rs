//! Blocking code from async code.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::around::Around;

/// Runs a blocking closure on a separate thread, and returns a future of its value.
///
/// Use it in an async body to read a file, to call a client that is not async, or for a long computation, without
/// blocking other tasks.
///
/// # What runs where
/// The closure starts at once, whether or not the future is polled, on a thread of crate `blocking`, the same under
/// every executor. There is a thread for each running closure, up to 500 (variable `BLOCKING_MAX_THREADS`); more
/// closures wait in a queue. So closures that wait for other closures may wait forever when there are 500 of them.
/// Bound their number, for example by option `workers` of a map.
///
/// The closure inherits the context of the caller:
/// * [`time::remaining`](crate::time::remaining) is what the caller has left, from here on by the machine's clock,
///   and calls in the closure respect it.
/// * A cached call in the closure does not wait for a run that waits for the closure, so single-flight cannot
///   deadlock.
/// * With feature `tokio`, the current tokio runtime is current in the closure too, as with tokio's `spawn_blocking`.
///   The threads are not tokio's: its `max_blocking_threads` does not count them, and a runtime that shuts down does
///   not lose the closure.
///
/// # Panics
/// If the closure panics, the future panics with the same payload in the task that awaits it. The thread goes on.
///
/// # Cancel safety
/// A closure cannot be interrupted. If the future is dropped, as by a `timeout`, a closure that is still queued never
/// runs. One that is running continues to its end, where its value is dropped and a panic is ignored. It can call
/// [`time::remaining`](crate::time::remaining) to find out whether its caller still waits. The process does not wait
/// for it to end.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use opero::{block_on, opero, unblock};
///
/// fn slow_sum(numbers: &[u64]) -> Result<u64, String> {
///     std::thread::sleep(Duration::from_millis(1));
///     Ok(numbers.iter().sum())
/// }
///
/// let sum = block_on(opero! {
///     retries: 2, timeout: 5s
///     => async { unblock(|| slow_sum(&[1, 2, 3])).await }
/// });
/// assert_eq!(sum, Ok(6));
/// ```
pub fn unblock<T, F>(work: F) -> Unblock<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let around = Around::here();
    Unblock(blocking::unblock(move || around.run(work)))
}

/// The future of a closure that runs on a thread for blocking work: see [`unblock`].
#[must_use = "a future that is not awaited loses the value, and a closure that is still queued does not run"]
pub struct Unblock<T>(blocking::Task<T>);

impl<T> Future for Unblock<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> fmt::Debug for Unblock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unblock").finish_non_exhaustive()
    }
}
