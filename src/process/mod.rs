//! Maps whose bodies run in child processes: `mode: process` and `mode: async_process` of `opmap!`, and
//! [`Map::process`](crate::map::Map::process).
//!
//! A body in a process of its own may abort, run into a segmentation fault, take all the memory there is, or never come to an
//! end: its item has failed, and all the others go on. And it can be killed, which no thread can.
//!
//! ```
//! use opero::opmap;
//!
//! fn main() {
//!     // The first line: this program is started again as its own child, which begins here and does not return.
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
//! # When
//! For code that you do not trust to stay alive or to come to an end, or that leaks: a parser in C, a library that aborts, a
//! computation on hostile input. For code that is only slow, `mode: rayon` and `mode: thread` cost less: see below.
//!
//! # What a body may be
//! A body captures nothing: it is another process that runs it, which has its own copy of every static and nothing of the local
//! variables around the map. Give it what it needs with its item, as in `(n, factor) in items.map(|n| (n, factor))`, or set it up
//! in `init_child`. What it captures is a compile error at the variable.
//!
//! Items, values and errors go from one process to the other, so they are `Serialize` and `DeserializeOwned`; so is a candidate
//! of a fallback, by reference. Whatever serde makes of a value arrives, a `Vec<u8>` in one piece. An item that cannot be
//! serialized, or a result, is an error of that item: [`Failure::Serialization`](crate::Failure::Serialization).
//!
//! # The layers
//! Cache, rate, single-flight, retries and fallback are in the parent, and each attempt is one question to one child:
//! - A child that ends is [`Failure::Crashed`](crate::Failure::Crashed), with the signal or the exit code. That is a failed
//!   attempt like one that has timed out: `retry_on`, `retry_if`, `retry_after` and `fallback_on`, which judge an error, are not
//!   asked, and the next one runs in another child.
//! - In `mode: process`, `timeout` and `deadline` kill the child at the limit, and another takes its place. A child that is only about to start is
//!   not killed. What it does in `init_child` is waited for before the limits of an item begin.
//! - A panic is [`Error::Panicked`](crate::Error::Panicked) with its message, and leaves the child as it is.
//! - [`time::remaining`](crate::time::remaining) tells the body what is left.
//!
//! # Many bodies in a child
//! `mode: async_process` runs async bodies: each of `workers` children (4 by default) runs up to 100 of them at a time, on one
//! thread. It is a map like those of `mode: async`, a future or a stream of any executor, with the features `async` and `process`:
//! ```
//! use opero::{map::block_on, opmap};
//! use std::time::Duration;
//!
//! fn main() {
//!     opero::process::init();
//!     // 40 waits of 20 ms, in two children.
//!     let results = block_on(opmap! { n in 0..40_u64, mode: async_process, workers: 2, timeout: 10s => async {
//!         async_io::Timer::after(Duration::from_millis(20)).await;
//!         Ok::<_, String>(n * n)
//!     } });
//!     assert_eq!(results[7], Ok(49));
//! }
//! ```
//! What is different with many bodies in one child:
//! - An item goes to the child with the least to do, and each has one of its own while there may be another.
//! - A child that ends has crashed for **every** body in it, also for those that had nothing to do with it. With `retries` each of
//!   them runs again in another child. Where bodies often crash, `mode: process` keeps them apart.
//! - `timeout` and `deadline` drop the body in the child, and leave the others alone; so does dropping the map. A body that does
//!   not yield cannot be dropped: two seconds after its limit its child is killed, and the others in it have crashed. A body that
//!   does not yield and has no limit holds up all the others in its child: give them a `timeout`.
//! - A panic is that of its body alone.
//! - The child drives timers and sockets of `async-io`, which are those of smol and of this crate. A body that needs the runtime
//!   of tokio is spawned on one that `init_child` has made: `RUNTIME.spawn(async { … }).await`. Such a task goes on when its item is
//!   cut, as tokio's tasks do, so give it a limit of its own.
//! - The body owns what it takes, as an `async move` block would, and is `'static`; it need not be `Send`.
//! - With `recycle_after` a child takes no body after that many, and ends when those in it have: another takes its place then.
//! - A child is given back for the next map when its bodies have ended, by a thread of the parent's that it has while the map runs.
//!
//! # The children
//! A map has as many as it has `workers`, 4 by default. They are started when they are first needed, and kept for the next map
//! that has the same `init_child`, `max_child_memory` and `recycle_after`. A child that nobody has needed for a minute ends;
//! [`map::pool::shutdown`](crate::map::pool::shutdown) ends all that are without work, and waits for them.
//!
//! A child has the arguments of the program and what its environment and working directory were when it was started. Its stdin
//! is empty. What it prints to stdout and stderr is printed by the parent, in whole lines, and what a body has printed before its
//! result is handed over. Children end with their parent, however that ends, within a second, and whatever their bodies do.
//!
//! A map in the body of a map has children of the child. Beyond four levels it is
//! [`Error::Configuration`](crate::Error::Configuration).
//!
//! # Tests
//! A function under `#[test]` has no `main` of its own: its first line is `opero::process::init_test!();`. A child is then
//! started as this one test, and begins there.
//! ```
//! #[test]
//! fn squares() {
//!     opero::process::init_test!();
//!     let squares = opero::opmap! { n in 0..4_u64, mode: process => Ok::<_, String>(n * n) };
//!     assert_eq!(squares, [Ok(0), Ok(1), Ok(4), Ok(9)]);
//! }
//! ```
//! A test with a `main` (`harness = false`), an example and a bench call [`init`] there.
//!
//! # How a child finds the body
//! The parent sends where it is: how far from a function of this crate, which is the same distance in every process of one
//! executable. On Linux children are started from the file that runs, also if it was renamed, replaced or deleted meanwhile;
//! elsewhere the file on disk has to be the same still. Parent and child compare device, inode, size and time of their files before
//! anything is run, and on Linux a child runs nothing that is not code of the executable itself. A body in a shared library that
//! was loaded later is refused.
//!
//! A table of bodies by name would have to be filled before `main` begins in the child: by a procedural macro and a section of the
//! linker, or by code that runs before `main`. This crate has neither.
//!
//! # Security
//! Parent and child speak over a socket that has no name, and that no other process has. What a child sends is checked before it is
//! used: a child that sends what is no answer is killed. A child has all the rights of its parent: this contains accidents, not
//! attackers.
//!
//! # Limits
//! - Linux and macOS, and other Unix systems as far as they are like them; on Windows the feature does not compile, and says so.
//!   `max_child_memory` works on Linux.
//! - A child that has forked a process of its own without starting another program there keeps its socket open by it. On Linux
//!   its own end is seen nevertheless.
//! - Signals of the terminal, as Ctrl-C, go to the children, too.

#![allow(
    clippy::needless_doctest_main,
    clippy::test_attr_in_doctest,
    reason = "where `init` stands is what the examples show"
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

/// Lets this program have child processes, and is where they begin: the first line of `main`.
///
/// In a child it runs what the parent asks for, and does not return. In the parent it does almost nothing. A map of a program that
/// has not called it gives [`Error::Configuration`](crate::Error::Configuration) for each item, and starts nothing.
///
/// What stands before it runs in every child again.
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

/// The same in a test, which is known by the path of a function in it.
#[doc(hidden)]
pub fn init_test_named<F>(_: F) {
    state::note(Launch::of_test(&executable::test_name(core::any::type_name::<F>())));
    child::run_if_child();
}

/// [`init`](crate::process::init) for a function under `#[test]`, in its first line.
///
/// Children are started as the one test that has come to this line first, and begin there. It may be async; it may not be in a
/// function that the test calls.
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
