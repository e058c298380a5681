//! Maps whose bodies run in child processes: `mode: process` and `mode: async_process` of `opmap!`, and
//! [`Map::process`](crate::map::Map::process).
//!
//! A body in its own process may abort, hit a segmentation fault, exhaust the memory, or never end. Only its own item
//! fails; all others go on. And unlike a thread, a process can be killed.
//!
//! ```
//! use opero::opmap;
//!
//! fn main() {
//!     // Call this first: the program is started again as its own child, which begins here and
//!     // does not return.
//!     opero::process::init();
//!
//!     let results = opmap! { n in 0..4_u64, mode: process, timeout: 10s => {
//!         if n == 2 {
//!             std::process::abort();
//!         }
//!         Ok::<_, String>(n * n)
//!     } };
//!     assert_eq!(results[3], Ok(9));
//!     let error = results[2].as_ref().unwrap_err().to_string();
//!     assert!(error.ends_with("Crashed: the child process was killed by signal 6 (SIGABRT)"));
//! }
//! ```
//!
//! # When to use it
//! Use it for code that may crash, hang or leak: a parser in C, a library that aborts, a computation on hostile input.
//! For code that is only slow, `mode: rayon` and `mode: thread` cost less.
//!
//! # What a body may be
//! A body captures nothing, because it runs in another process. That process has its own copy of every static and none
//! of the local variables around the map. Pass what the body needs with its item, as in `(n, factor) in items.map(|n|
//! (n, factor))`, or set it up in `init_child`. Capturing a variable is a compile error at the variable.
//!
//! Items, values and errors are sent between the processes, so they must be `Serialize` and `DeserializeOwned`. So must
//! a candidate of a fallback, which is passed by reference. Everything that serde supports arrives intact; a `Vec<u8>`
//! is copied as a whole. If an item or a result cannot be serialized, its item fails with
//! [`Failure::Serialization`](crate::Failure::Serialization).
//!
//! # The layers
//! Cache, rate limit, single-flight, retries and fallback run in the parent. Each attempt is one request to one child:
//! - A child that ends is [`Failure::Crashed`](crate::Failure::Crashed), with the signal or the exit code. That is a
//!   failed attempt like a timeout: `retry_on`, `retry_if`, `retry_after` and `fallback_on` apply to errors of the body
//!   and are not used for it. The next attempt runs in another child.
//! - In `mode: process`, `timeout` and `deadline` kill the child at the limit, and another takes its place. A child
//!   that is still starting is not killed. The limits of an item begin after `init_child` has run.
//! - A panic is [`Error::Panicked`](crate::Error::Panicked) with its message. The child goes on.
//! - [`time::remaining`](crate::time::remaining) returns the remaining time in the body.
//!
//! # Many bodies in a child
//! `mode: async_process` runs async bodies. Each of `workers` children (4 by default) runs up to 100 of them at a time,
//! on one thread. Like a map in `mode: async`, it is a future or a stream for any executor. It needs the features
//! `async` and `process`:
//! ```
//! use opero::{map::block_on, opmap};
//! use std::time::Duration;
//!
//! fn main() {
//!     opero::process::init();
//!     // 40 waits of 20 ms, in two children.
//!     let results = block_on(opmap! { n in 0..40_u64,
//!         mode: async_process, workers: 2, timeout: 10s => async {
//!         async_io::Timer::after(Duration::from_millis(20)).await;
//!         Ok::<_, String>(n * n)
//!     } });
//!     assert_eq!(results[7], Ok(49));
//! }
//! ```
//! Differences from `mode: process`:
//! - An item goes to the child with the fewest bodies. While another child may be started, each body gets its own.
//! - If a child ends, **every** body in it has crashed, including bodies that did not cause it. With `retries` each of
//!   them runs again in another child. If bodies crash often, use `mode: process`, which isolates them.
//! - `timeout` and `deadline` drop the body in the child, and do not affect the others. So does dropping the map. A
//!   body that does not yield cannot be dropped: two seconds after its limit its child is killed, and all bodies in it
//!   have crashed. A body that does not yield and has no limit blocks all other bodies of its child, so set a
//!   `timeout`.
//! - A panic affects only its own body.
//! - The child drives the timers and sockets of `async-io`, which smol and this crate use. A body that needs a tokio
//!   runtime is spawned on one that `init_child` creates: `RUNTIME.spawn(async { … }).await`. Such a task goes on when
//!   its item is cut, as tokio's tasks do, so give it a limit of its own.
//! - The body owns what it takes, like an `async move` block, and is `'static`. It need not be `Send`.
//! - With `recycle_after` a child takes no more bodies after that many. It ends when its last body has, and another
//!   takes its place.
//! - While the map runs, the parent has a thread for each child. The thread returns the child for later maps when its
//!   bodies have ended.
//!
//! # The child processes
//! A map has as many child processes as `workers`, 4 by default. They are started on first use, and kept for later maps
//! with the same `init_child`, `max_child_memory` and `recycle_after`. A child that is unused for a minute ends.
//! [`map::pool::shutdown`](crate::map::pool::shutdown) ends all idle children, and waits for them.
//!
//! A child gets the arguments of the program, and its environment and working directory at the time it is started. Its
//! stdin is empty. The parent prints what a child writes to stdout and stderr, in whole lines. The output of a body is
//! printed before its result is passed on. Children end within a second after their parent, however the parent ends and
//! whatever their bodies do.
//!
//! A map in the body of a map has children of the child. More than four levels are
//! [`Error::Configuration`](crate::Error::Configuration).
//!
//! # Tests
//! A function under `#[test]` has no `main` of its own. Write `opero::process::init_test!();` as its first line. A
//! child is then started as this one test, and begins there.
//! ```
//! #[test]
//! fn squares() {
//!     opero::process::init_test!();
//!     let squares = opero::opmap! { n in 0..4_u64, mode: process => Ok::<_, String>(n * n) };
//!     assert_eq!(squares, [Ok(0), Ok(1), Ok(4), Ok(9)]);
//! }
//! ```
//! A test with a `main` (`harness = false`), an example and a bench call [`init`] in `main`.
//!
//! # How a child finds the body
//! The parent sends the offset of the body from a function of this crate, which is the same in every process of one
//! executable. On Linux children are started from the running file, even if it was renamed, replaced or deleted
//! meanwhile. On other systems the file on disk must be unchanged. Parent and child compare device, inode, size and
//! time of their files before anything runs. On Linux a child runs only code of the executable itself. A body in a
//! shared library that was loaded later is refused.
//!
//! A table of bodies by name would have to be filled before `main` begins in the child, by a procedural macro and a
//! linker section, or by code that runs before `main`. This crate uses neither.
//!
//! # Security
//! Parent and child communicate over an unnamed socket that no other process has. The parent validates what a child
//! sends: a child that sends an invalid answer is killed. A child has all the rights of its parent. This contains
//! accidents, not attackers.
//!
//! # Limits
//! - It works on Linux and macOS, and on other Unix systems that are similar. On Windows the feature is a compile
//!   error. `max_child_memory` works on Linux only.
//! - If a child has forked a process without starting another program in it, that process keeps the socket of the child
//!   open. On Linux the end of the child is detected nevertheless.
//! - Signals of the terminal, such as Ctrl-C, reach the children, too.

#![allow(
    clippy::needless_doctest_main,
    clippy::test_attr_in_doctest,
    reason = "the examples show where `init` is called"
)]

#[cfg(feature = "async")]
pub use self::async_children::{AsyncChildren, AsyncSent, Candidate};
pub(crate) use self::children::ChildOptions;
pub use self::children::{Children, InChild, Sendable, Sent};
use self::executable::Launch;
pub(crate) use self::pool::shutdown;
pub(crate) use self::state::problem;
#[cfg(feature = "async")]
pub(crate) use self::{async_children::dispatcher, dispatcher::Dispatcher};
#[doc(inline)]
pub use crate::__init_test as init_test;

mod answer;
#[cfg(feature = "async")]
mod async_children;
#[cfg(feature = "async")]
mod bodies;
mod child;
mod children;
mod code;
mod codec;
#[cfg(feature = "async")]
mod dispatcher;
mod executable;
mod frame;
#[cfg(feature = "async")]
mod link;
#[cfg(feature = "async")]
mod manager;
mod output;
mod pool;
mod spawner;
mod state;
mod surroundings;
mod worker;

/// Enables child processes in this program. Call it in the first line of `main`.
///
/// In a child it runs what the parent requests, and does not return. In the parent it does almost nothing. If a program
/// has not called it, a map in child processes gives [`Error::Configuration`](crate::Error::Configuration) for each
/// item, and starts nothing.
///
/// Code before this call runs again in every child.
///
/// # Examples
/// ```
/// fn main() {
///     opero::process::init();
///     let results = opero::opmap! { n in [1, 2], mode: process => Ok::<_, String>(n + 1) };
///     assert_eq!(results, [Ok(2), Ok(3)]);
/// }
/// ```
pub fn init() {
    state::note(Launch::of_program());
    child::run_if_child();
}

/// Does the same in a test, which is identified by the path of a function in it.
#[doc(hidden)]
pub fn init_test_named<F>(_: F) {
    state::note(Launch::of_test(&executable::test_name(core::any::type_name::<F>())));
    child::run_if_child();
}

/// Calls [`init`](crate::process::init) for a function under `#[test]`. Write it in the first line of the test.
///
/// Children are started as the first test that has reached this line, and begin there. The test may be async. The line
/// must be in the test itself, not in a function that it calls.
///
/// # Examples
/// ```
/// #[test]
/// fn doubles() {
///     opero::process::init_test!();
///     let results = opero::opmap! { n in [1, 2], mode: process => Ok::<_, String>(n * 2) };
///     assert_eq!(results, [Ok(2), Ok(4)]);
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __init_test {
    () => {
        $crate::process::init_test_named({
            fn here() {}
            here
        })
    };
}
