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
//! | feature | default | what it adds | what it costs |
//! |---|---|---|---|
//! | `alloc` | with `std` | errors that hold every failed attempt, and names and clocks that are not static | an allocator |
//! | `std` | on | the system's clock, sleep, and chance that differs between processes; turns on `alloc` | nothing but `std` |
//! | `async` | on | the timer of async bodies, under any executor; turns on `std` | `async-io`, `atomic-waker` and their trees: 15 crates on Linux |
//! | `map` | on | [`opmap!`] and `map`: many items at a time; turns on `std` | `crossbeam-utils`: 1 crate |
//! | `rayon` | on | maps on the threads of rayon; turns on `map` | `rayon` and its tree: 5 crates beside those of `map` |
//! | `process` | off | `mode: process` and module `process`: bodies in child processes, on Unix; turns on `map` | `rustix`, `serde`, `typeid` and their trees: 6 crates beside those of `map` on Linux |
//! | `progress` | off | a live line on stderr for option `progress` of a map; turns on `map` | `indicatif` and its tree: 6 crates beside those of `map` on Linux |
//! | `observe` | off | options `on_event` and `adaptive`, and module `observe`: events, counters of each use, analysis, a report and a page of charts, correlation ids, changes to running uses; turns on `std` | no crate beside the default ones; 1 to 3 ns a call |
//! | `tracing` | off | a span for each call, and events in it; turns on `observe` | `tracing` without attributes and its tree: 3 crates |
//! | `metrics` | off | the counters for the recorder of the crate `metrics`; turns on `observe` | `metrics` and its tree: 3 crates, one of them a procedural macro |
//! | `serde` | off | `Serialize` for what `observe` tells | `serde`, without its derive: 2 crates |
//! | `unblock` | off | `unblock`: blocking work in an async body, on threads for that; turns on `async` | `blocking` and its tree: 6 crates |
//! | `tokio` | off | the timer and the clock of tokio for async bodies, where its runtime is current ([`time::Runtime`]); turns on `async` | `tokio` with `rt` and `time`: 1 crate beside those of `async` |
//! | `tower` | off | `opero::tower`: the policies as a layer of tower; turns on `async` | `tower-layer` and `tower-service` |
//! | `cache` | on | option `cache`, its stores and statistics; turns on `std` | `quick_cache`, `blake2s_simd`, `siphasher`, `typeid` and their trees: 16 crates on Linux |
//! | `disk` | off | `cache::Disk`, a store in a file of one process; turns on `cache`; needs Rust 1.90 | `redb`, `rmp-serde`, `blocking` and their trees: 12 crates beside the default ones |
//! | `sqlite` | off | `cache::Sqlite`, a store in a file that processes share; turns on `cache`; needs Rust 1.89 and a C compiler | `rusqlite` with SQLite built in, `rmp-serde`, `blocking` and their trees: 17 crates |
//! | `redis` | off | `cache::Redis`, a store and rates that machines share; turns on `async` and `cache`; with `tokio` for its runtimes too | `redis`, `rmp-serde`, `blocking` and their trees: 68 crates, procedural macros among them |
//! | `memory` | off | option `memory` and the module of that name; turns on `std` | `memory-stats`, `libc`; on Windows `windows-sys` |
//!
//! Without `std` the crate needs `core` and `fastrand`, and `portable-atomic` on a target without 64-bit atomics; give a call
//! a [`Clock`](time::Clock) of your own. Without `alloc` an [`Error`] holds the last failed attempt only.
//!
//! Rust 1.85 will do where the table says nothing else.
#![no_std]
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
