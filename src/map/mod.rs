//! Maps: one operation over many items, several at a time, each with a result of its own.
//!
//! ```
//! use opero::{Call, map::Map};
//!
//! # fn fetch(url: &str) -> Result<usize, String> { Ok(url.len()) }
//! let urls = ["http://a.example", "http://b.example/long"];
//! let sizes = Map::new("fetch").workers(8).max_failures(10).thread(urls, |url, _| {
//!     Call::new("fetch").retries(2).run(|_| fetch(url))
//! });
//! assert_eq!(sizes, [Ok(16), Ok(21)]);
//! ```
//!
//! `opmap!` writes these same calls; use [`Map`] where a macro does not fit.
//!
//! # Where the results go
//! | method | results | memory |
//! |---|---|---|
//! | [`thread`](Map::thread) | a list | that of all results |
//! | [`thread_each`](Map::thread_each) | to a closure of the caller, one by one | bounded |
//! | [`thread_stream`](Map::thread_stream) | an iterator; nothing may borrow | bounded |
//! | `rayon`, with feature `rayon` | a list | that of all items and results |
//! | `rayon_each` | to a closure of the caller, one by one | bounded |
//! | `rayon_stream` | an iterator; nothing may borrow | bounded |
//! | `future`, with feature `async` | a list | that of all results |
//! | `future_each`, `future_each_async` | to a closure in the task of the caller, one by one | bounded |
//! | `future_stream` | a stream, free to borrow | bounded |
//!
//! # What is certain
//! - Each item that was pulled out of the input has one result, in the order of the items or of completion.
//! - A panic of an operation is the result of its item, [`Error::Panicked`](crate::Error::Panicked), and nothing else ends.
//! - The caller's thread does its part, and a thread is started where none is free: a map inside a map finishes, whatever
//!   its workers.
//! - Nothing is pulled before somebody is there to run it, but for a chunk of items so quick that it does not matter.

use core::time::Duration;

pub use self::each::Flow;
#[cfg(feature = "async")]
#[doc(hidden)]
pub use self::future::Input;
#[cfg(feature = "async")]
pub use self::future::{Items, block_on};
use self::gate::Gate;
pub use self::place::Place;
pub use self::progress::{Progress, Report, Sink};
#[cfg(feature = "rayon")]
pub use self::rayon::RayonStream;
pub use self::stream::Results;
pub use self::summary::{Summary, split};
use crate::call::Name;
use crate::time::{AsyncDefault, BlockingDefault, Clock};

mod crew;
mod each;
#[cfg(feature = "async")]
mod future;
mod gate;
mod handover;
mod place;
pub mod pool;
mod progress;
#[cfg(feature = "rayon")]
mod rayon;
mod row;
mod runs;
mod sizes;
mod source;
mod stream;
mod summary;
mod thread;

/// A map over items, with what it may use and when it shall stop.
///
/// Each method is the option of the same name in `opmap!`. A value that no map can have, such as 0 workers, gives
/// [`Error::Configuration`](crate::Error::Configuration) for each item, and nothing is run.
#[must_use = "a map does nothing until it is given items"]
#[derive(Clone, Debug)]
pub struct Map<N, C = BlockingDefault, R = ()> {
    name: N,
    clock: C,
    report: Option<R>,
    shape: Shape,
    limits: Limits,
}

/// How a map goes about its work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) workers: Option<usize>,
    pub(crate) ordered: bool,
    pub(crate) chunk_size: Option<usize>,
}

/// What ends a map before its last item, or holds it up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    deadline: Option<Duration>,
    max_failures: Option<usize>,
    #[cfg(feature = "memory")]
    memory: Option<u64>,
}

impl<N: Name> Map<N> {
    /// A map of a blocking operation without any option, on the system's clock. `name` stands in its errors.
    pub const fn new(name: N) -> Self {
        Map::with(name, BlockingDefault::NEW)
    }
}

impl<N: Name> Map<N, AsyncDefault> {
    /// The same for an async operation, whose clock must have a timer.
    pub const fn new_async(name: N) -> Self {
        Map::with(name, AsyncDefault::NEW)
    }
}

impl<N, C> Map<N, C> {
    const fn with(name: N, clock: C) -> Self {
        Map {
            name,
            clock,
            report: None,
            shape: Shape { workers: None, ordered: true, chunk_size: None },
            limits: Limits {
                deadline: None,
                max_failures: None,
                #[cfg(feature = "memory")]
                memory: None,
            },
        }
    }
}

impl<N, C, R> Map<N, C, R> {
    /// How many items are worked on at a time. The default is the mode's: 4 threads, a thread for each core under rayon,
    /// 100 futures.
    pub fn workers(mut self, workers: usize) -> Self {
        self.shape.workers = Some(workers);
        self
    }

    /// Are the results in the order of the items (the default), or in the order in which they were completed?
    pub fn ordered(mut self, ordered: bool) -> Self {
        self.shape.ordered = ordered;
        self
    }

    /// How many items a worker takes at a time. By default the mode chooses, and may take several that are quick. Items that
    /// wait for each other need 1: one that a worker has taken is run by no other.
    pub fn chunk_size(mut self, items: usize) -> Self {
        self.shape.chunk_size = Some(items);
        self
    }

    /// The time for the whole map. After it no item is started, and what has no result by then is
    /// [`Error::Timeout`](crate::Error::Timeout). Default no bound.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = Some(limit);
        self
    }

    /// After so many failed items no further one is started, and the rest are [`Error::Skipped`](crate::Error::Skipped).
    /// Those that run at that moment end as they do. Default no bound.
    pub fn max_failures(mut self, items: usize) -> Self {
        self.limits.max_failures = Some(items);
        self
    }

    /// While the process is larger than so many bytes, an item is started only where no other is running, or on a thread of
    /// rayon after a quarter of a second. Default no bound.
    #[cfg(feature = "memory")]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.limits.memory = Some(bytes);
        self
    }

    /// Goes by another name in errors.
    pub fn name<M: Name>(self, name: M) -> Map<M, C, R> {
        Map { name, clock: self.clock, report: self.report, shape: self.shape, limits: self.limits }
    }

    /// Tells the time by `clock`.
    pub fn clock<D: Clock>(self, clock: D) -> Map<N, D, R> {
        Map { name: self.name, clock, report: self.report, shape: self.shape, limits: self.limits }
    }

    /// Tells how far the map has come, at most every 100 ms by its clock and once at the end: see [`Sink`].
    ///
    /// Default nobody is told. It costs a few nanoseconds an item.
    pub fn progress<S: Sink<Report: Report>>(self, sink: S) -> Map<N, C, S::Report> {
        Map { name: self.name, clock: self.clock, report: sink.report(), shape: self.shape, limits: self.limits }
    }
}

impl<N: Name, C: Clock, R: Report> Map<N, C, R> {
    /// The map begins: its time runs from here.
    pub(crate) fn begin(self) -> (Gate<C, R>, Shape) {
        let problem = self.problem();
        (Gate::new(self.name.text(), self.clock, self.limits, problem, self.report), self.shape)
    }

    /// What is wrong with the options.
    fn problem(&self) -> Option<&'static str> {
        let is_zero = |option: Option<usize>| option == Some(0);
        Some(match () {
            () if is_zero(self.shape.workers) => "`workers` is 0; it must be at least 1",
            () if is_zero(self.shape.chunk_size) => "`chunk_size` is 0; it must be at least 1",
            () if is_zero(self.limits.max_failures) => {
                "`max_failures` is 0; it must be at least 1, which ends the map at the first failure"
            }
            () if self.limits.deadline == Some(Duration::ZERO) => "`deadline` is 0; it must be longer",
            () => return None,
        })
    }
}
