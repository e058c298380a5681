//! Maps whose bodies run in child processes: `mode: process` of `opmap!`, and [`Map::process`](crate::map::Map::process).
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
//! Cache, rate, single-flight, retries and fallback are in the parent, and each execution is one question to one child:
//! - A child that ends is [`Failure::Crashed`](crate::Failure::Crashed), with the signal or the exit code. That is a failed
//!   execution like one that has timed out: `retry_on`, `retry_if`, `retry_after` and `fallback_on`, which judge an error, are not
//!   asked, and the next one runs in another child.
//! - `timeout` and `deadline` kill the child at the limit, and another takes its place. A child that is only about to start is
//!   not killed. What it does in `init_child` is waited for before the limits of an item begin.
//! - A panic is [`Error::Panicked`](crate::Error::Panicked) with its message, and leaves the child as it is.
//! - [`time::remaining`](crate::time::remaining) tells the body what is left.
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

pub(crate) use self::children::ChildOptions;
pub use self::children::{Children, InChild, Sendable, Sent};
use self::executable::Launch;
pub(crate) use self::pool::shutdown;
pub(crate) use self::state::problem;
#[doc(inline)]
pub use crate::__init_test as init_test;

mod answer;
mod child;
mod children;
mod code;
mod codec;
mod executable;
mod frame;
mod output;
mod pool;
mod spawner;
mod state;
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
