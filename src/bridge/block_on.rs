//! Async code from blocking code.

use core::future::Future;

/// Runs a future on this thread until it is ready, and gives its output: this is how blocking code runs an async call or map.
///
/// # What runs where
/// The future is polled on this thread and on no other, so it need be neither `Send` nor `'static`. While there is nothing to poll,
/// the thread drives the timer and everything else that is built on `async-io`, and no other thread has to be woken. Nothing is
/// spawned: what the future spawns runs on the executor that it is spawned on.
///
/// An async call that names no clock waits by this timer and goes by the clock of the machine, with feature `tokio` and in a runtime of tokio
/// too. So its delays, limits and permits come to their end wherever it is called from.
///
/// # In async code
/// A task that calls this holds up its thread and every other task there, so `.await` the future instead. Where it must be, as in
/// a callback that is not async, it ends like anywhere else as long as it waits for nothing that this same thread has to do. It **waits for
/// ever** where it waits for a task of an executor that has no other thread, or, in the runtime of tokio that this thread drives
/// (one of `current_thread`, or of one worker), for a timer or a socket of tokio. Nothing can tell that in advance.
/// On a thread of tokio's `spawn_blocking`, or of `unblock`, with the feature of that name,, it may wait for anything.
///
/// Outside of tokio's runtimes a future that needs one panics with tokio's own message: run it by tokio's `block_on`.
///
/// # Panics
/// If the future does.
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
