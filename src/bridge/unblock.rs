//! Blocking code from async code.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::around::Around;

/// Runs a closure that blocks on a thread for such work, and gives a future of its value: this is how an async body reads a
/// file, asks a client that is not async, or computes for long without holding up the tasks of its thread.
///
/// # What runs where
/// The closure begins at once, whether the future is polled or not, on a thread of the crate `blocking`, the same under every executor.
/// There are as many threads as there are closures at a time, up to 500 (variable `BLOCKING_MAX_THREADS`); more closures wait in a
/// queue. So closures that wait for other closures may wait for ever when there are 500 of them. An option such as `workers` of a
/// map bounds them.
///
/// The thread knows what this one does:
/// * [`time::remaining`](crate::time::remaining) is what is left around the caller, from here on by the clock of the machine, and calls
///   in the closure keep to it;
/// * a cached call in it does not wait for the run that waits for the closure, so single-flight does not lock up;
/// * with feature `tokio`, where a runtime of tokio is current, it is current there, too, as with tokio's `spawn_blocking`.
///   The threads are not tokio's: its `max_blocking_threads` does not count them, and a runtime that shuts down does not lose the closure.
///
/// # Panics
/// The future panics where the closure does, with the same payload, in the task that awaits it. Its thread goes on.
///
/// # Cancel safety
/// A closure cannot be interrupted. Where the future is dropped, as by a `timeout`, one that waits in the queue is never run, and one that
/// runs goes on to its end on its thread, where its value is dropped and a panic passes unseen. It can ask
/// [`time::remaining`](crate::time::remaining) whether anybody still waits. At the end of the process nobody waits for it.
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
/// let sum = block_on(opero! { retries: 2, timeout: 5s => async { unblock(|| slow_sum(&[1, 2, 3])).await } });
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

/// The value of a closure that runs on a thread for blocking work: see [`unblock`].
#[must_use = "the value is lost where nobody awaits it, and a closure that waits for its thread is not run"]
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
