//! Async code from blocking code.

use core::future::Future;

/// Runs a future on this thread until it is ready, and returns its output.
///
/// Use it to run an async call or map from blocking code.
///
/// # What runs where
/// The future is polled on this thread only, so it need be neither `Send` nor `'static`. Between polls the thread
/// drives the timer and everything else built on `async-io`, so no other thread must be woken. Nothing is spawned:
/// what the future spawns runs on the executor that it spawns on.
///
/// An async call without option `clock` uses this timer and the machine's clock, also with feature `tokio` inside a
/// tokio runtime. So its delays, limits and permits end wherever it is called from.
///
/// # In async code
/// A task that calls this blocks its thread and every other task there, so `.await` the future instead. If that is
/// impossible, as in a callback that is not async, it ends as usual unless it waits for something that this thread
/// must do. It **waits forever** if it waits for a task of an executor that has no other thread; or, inside a tokio
/// runtime that this thread drives (`current_thread`, or with one worker), for a timer or a socket of tokio. This
/// cannot be detected in advance. On a thread of tokio's `spawn_blocking`, or of `unblock` (with the feature of that
/// name), it may wait for anything.
///
/// Outside of a tokio runtime, a future that needs one panics with tokio's own message. Run it with tokio's
/// `block_on`.
///
/// # Panics
/// If the future panics.
///
/// # Examples
/// ```
/// use opero::{block_on, opero};
///
/// # async fn ask(question: &str) -> Result<usize, String> { Ok(question.len()) }
/// let answer = block_on(opero! { retries: 3, timeout: 5s => async { ask("who?").await } });
/// assert_eq!(answer, Ok(4));
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    #[cfg(all(feature = "tokio", panic = "unwind"))]
    let _by_the_machine = crate::time::ByTheMachine::here();
    async_io::block_on(future)
}
