//! A cache, a rate limit, retries, fallback and time limits around an expression, in one declarative line.
//!
//! ```
//! # fn ask(model: &str, prompt: &str) -> Result<String, String> { Ok(format!("{model}: {prompt}")) }
//! # let prompt = String::from("hello");
//! use opero::opero;
//!
//! let answer = opero! { retries: 3, cache: 60s, rate: 10/s, fallback: model in ["a", "b"] => ask(model, &prompt) };
//! # assert_eq!(answer, Ok("a: hello".into()));
//! ```
//!
//! # Why
//! How often a call may be made, how long it may take and what shall happen when it fails are properties of the call, best
//! read where the call stands. Written by hand they are a loop with a counter, a delay that grows, timers, a list of
//! candidates and an error that forgets all but its last cause. Here each of these is an option, the expression stays as it was, and the [`Error`] holds every failed
//! attempt. A call that succeeds allocates nothing.
//!
//! # Options
#![doc = include_str!("../docs/options.md")]
//!
//! The shapes a body may have, and how literals are written, are in the documentation of [`opero!`]. Without the macro,
//! [`Call`] has a method for each option; [`policy`] has the decisions alone.
//!
//! # Maps
//! [`opmap!`] runs a body for every item, several at a time, each through all of these layers:
//! ```
//! # #[cfg(feature = "map")] {
//! # use opero::opmap;
//! # fn fetch(url: &str) -> Result<usize, String> { Ok(url.len()) }
//! # let urls = ["http://a.example", "http://b.example/long"];
//! let sizes = opmap! { url in urls, workers: 8, retries: 2 => fetch(url) };
//! # assert_eq!(sizes, [Ok(16), Ok(21)]);
//! # }
//! ```
//!
#![doc = include_str!("../docs/map_options.md")]
//!
//! # Order of layers
//! From the outside in: cache → rate → retry → fallback → the expression. An answer from the cache spends no permit and
//! makes no attempt; a call that runs spends one permit, however many attempts it makes. A round asks the candidates in
//! turn until one succeeds; the error of the round's last candidate decides whether there is another round, and after what
//! delay. So there are at most `(retries + 1) × candidates` attempts. `memory` and `timeout` are about each of them,
//! `deadline` is about all of the call. A [`layer`] of your own stands between the rate and the retries.
//!
//! # Observation
//! With feature `observe` every use counts what becomes of its calls, tells listeners of events, and can be changed while it
//! runs: module `observe`. Values of options may come from the environment: [`env`](mod@env).
//!
//! # Guide
//! `guide::observation`, with feature `observe`: events, counters, reports, tracing, metrics, and changes to running uses.
//! [Choosing a store](guide::choosing_a_store): in memory, in a file, on a server.
//!
//! # Features
#![doc = include_str!("../docs/features.md")]
//!
//! The last column counts crates on Linux: those of a default feature beside the features that it turns on, those of another
//! beside the default features. `fastrand` and `pin-project-lite` are always there. Only `redis` and `metrics` bring
//! procedural macros.
//!
//! Without `std` the crate needs `core` and `fastrand`, and `portable-atomic` on a target without 64-bit atomics; give a call
//! a [`Clock`](time::Clock) of your own. Without `alloc` an [`Error`] holds the last failed attempt only.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(docsrs, doc(auto_cfg(hide(opero_loom, opero_shuttle, target_has_atomic = "ptr"))))]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
#![cfg_attr(not(feature = "std"), allow(clippy::inline_always, reason = "weighed by no-std-check/size.sh"))]
#![cfg_attr(
    not(feature = "alloc"),
    allow(
        clippy::needless_borrow,
        clippy::useless_conversion,
        reason = "a text is more than a `&str` with an allocator"
    )
)]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(all(feature = "map", target_family = "wasm", target_os = "unknown"))]
compile_error!("feature `map` of opero needs the clock of a system, and this target has none: turn it off");
#[cfg(all(feature = "unblock", target_family = "wasm", target_os = "unknown"))]
compile_error!("feature `unblock` of opero needs threads, and this target has none: turn it off");
#[cfg(all(feature = "memory", target_family = "wasm", target_os = "unknown"))]
compile_error!("feature `memory` of opero needs a system, and this target has none: turn it off");

#[cfg(all(feature = "process", not(unix)))]
compile_error!(
    "feature `process` of opero needs the child processes, sockets and signals of Unix, and this target has none: turn it off, \
     and use `mode: thread`"
);

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "async")]
mod bridge;
#[cfg(feature = "cache")]
pub mod cache;
mod call;
#[cfg(feature = "std")]
pub mod env;
pub mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "cache")]
mod key;
pub mod layer;
pub mod literal;
mod macros;
#[cfg(feature = "map")]
pub mod map;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "observe")]
pub mod observe;
pub mod options;
pub mod policy;
#[cfg(all(feature = "process", unix))]
pub mod process;
mod rate;
#[cfg(test)]
#[path = "../tests/support/runtime.rs"]
mod runtime;
#[cfg(all(test, feature = "redis"))]
#[path = "../tests/support/redis.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::pedantic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "not every test uses all of it, and others of it name std"
)]
mod servers;
#[cfg(any(feature = "cache", feature = "map"))]
mod striped;
mod sync;
pub mod time;
#[cfg(feature = "tower")]
pub mod tower;

#[cfg(feature = "async")]
pub use self::bridge::block_on;
#[cfg(feature = "unblock")]
pub use self::bridge::{Unblock, unblock};
#[cfg(feature = "cache")]
pub use self::call::InfallibleCall;
pub use self::call::{Call, Name};
pub use self::error::{Attempt, Error, Failure};
#[cfg(feature = "observe")]
pub use self::observe::Event;
#[doc(hidden)]
pub use self::options::Options;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::rate::Scope;
pub use self::rate::{Limiter, OnFault, SharedLimiter};

/// The examples of the README, compiled and run.
#[cfg(all(doctest, feature = "async", feature = "cache", feature = "map"))]
#[doc = include_str!("../README.md")]
struct Readme;
