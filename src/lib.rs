//! A cache, a rate limit, retries, fallback and time limits around an expression, in one declarative macro.
//!
//! ```
//! # fn ask(model: &str, prompt: &str) -> Result<String, String> {
//! #     Ok(format!("{model}: {prompt}"))
//! # }
//! # let prompt = String::from("hello");
//! use opero::opero;
//!
//! let answer = opero! {
//!     retries: 3,
//!     cache: 60s,
//!     rate: 10/s,
//!     fallback: model in ["a", "b"]
//!     => ask(model, &prompt)
//! };
//! # assert_eq!(answer, Ok("a: hello".into()));
//! ```
//!
//! # Why
//! Each option adds one policy, and the expression does not change. By hand, this takes a loop with a counter, a growing delay,
//! timers, a list of candidates, a cache and its locks. The [`Error`] holds every failed attempt. A successful call does not
//! allocate, and options that you leave out cost nothing.
//!
//! # Options
#![doc = include_str!("../docs/options.md")]
//!
//! [`options`] has a page for each. [`opero!`] documents the literals and the forms of the body. [`Call`] is the same without the
//! macro, with a method for each option. [`policy`] has only the decisions.
//!
//! # Maps
//! [`opmap!`] runs a body for every item, several at a time. Each item can have all of these options:
//! ```
//! # #[cfg(feature = "map")] {
//! # use opero::opmap;
//! # fn fetch(url: &str) -> Result<usize, String> { Ok(url.len()) }
//! # let urls = ["http://a.example", "http://b.example/long"];
//! let sizes = opmap! {
//!     url in urls,
//!     workers: 8,
//!     retries: 2
//!     => fetch(url)
//! };
//! # assert_eq!(sizes, [Ok(16), Ok(21)]);
//! # }
//! ```
//!
#![doc = include_str!("../docs/map_options.md")]
//!
//! # Order of layers
//! From the outside in: cache → rate → retry → fallback → the expression.
//! - A cache hit takes no permit and makes no attempt.
//! - A call that misses the cache takes one permit for all its attempts.
//! - A round tries the candidates in turn until one succeeds. The error of the last candidate decides whether a retry follows, and
//!   after which delay. There are at most `(retries + 1) × candidates` attempts.
//! - `timeout` and `memory` apply to each attempt, `deadline` to the whole call.
//! - Your own [`layer`] comes between the rate and the retries.
//!
//! # Guide
//! [`guide`] has pages on the grammar, choosing numbers, methods and instances, testing, async code and runtimes, embedded targets,
//! stores, observation, writing your own parts, and on coming from other crates.
//!
//! With feature `observe`, every use counts its calls, sends events to listeners, and can be tuned while it runs: see module
//! `observe`. Option values can come from environment variables: see [`env`](mod@env).
//!
//! # Features
#![doc = include_str!("../docs/features.md")]
//!
//! The last column is the number of crates that a feature adds on Linux: for a default feature, besides the features that it turns
//! on; for any other feature, besides the default features. `fastrand` and `pin-project-lite` are always dependencies. Only `redis`
//! and `metrics` bring procedural macros.
//!
//! Without `std`, a call needs a [`Clock`](time::Clock) of your own. Without `alloc`, an [`Error`] holds only the last failed
//! attempt. A target without 64-bit atomics also needs `portable-atomic`.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(docsrs, doc(auto_cfg(hide(opero_loom, opero_shuttle, target_has_atomic = "ptr"))))]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
#![cfg_attr(not(feature = "std"), allow(clippy::inline_always, reason = "measured by no-std-check/size.sh"))]
#![cfg_attr(
    not(feature = "alloc"),
    allow(
        clippy::needless_borrow,
        clippy::useless_conversion,
        reason = "with an allocator, a text is not only a `&str`"
    )
)]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(all(feature = "map", target_family = "wasm", target_os = "unknown"))]
compile_error!("feature `map` of opero needs a system clock, and this target has none: turn it off");
#[cfg(all(feature = "unblock", target_family = "wasm", target_os = "unknown"))]
compile_error!("feature `unblock` of opero needs threads, and this target has none: turn it off");
#[cfg(all(feature = "memory", target_family = "wasm", target_os = "unknown"))]
compile_error!("feature `memory` of opero needs an operating system, and this target has none: turn it off");

#[cfg(all(feature = "process", not(unix)))]
compile_error!(
    "feature `process` of opero needs the child processes, sockets and signals of Unix, and this target has none: turn it off, \
     and use `mode: thread`"
);

#[doc(hidden)]
pub mod __private;
pub mod bounds;
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
    reason = "some tests use only a part of it, and integration tests name std"
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
