//! The options of a map.

#[cfg(feature = "observe")]
use core::panic::Location;
use core::time::Duration;

use super::admission::{Admission, AdmissionLimits};
use super::progress::{Report, Sink};
use crate::call::{BadRead, Name};
use crate::error::Text;
#[cfg(feature = "observe")]
use crate::observe::MapInfo;
#[cfg(all(feature = "process", unix))]
use crate::process::ChildOptions;
use crate::time::{AsyncDefault, BlockingDefault, Clock};

/// The default of `workers` in thread mode. Not the number of cores: operations that mostly wait gain from more
/// threads.
const THREADS: usize = 4;

/// A map over items: what it may use, and when it stops.
///
/// Each method is the option of the same name in `opmap!`. An invalid value, such as 0 workers, gives
/// [`Error::Configuration`](crate::Error::Configuration) for each item, and nothing runs.
#[must_use = "a map does nothing until it is given items"]
#[derive(Clone, Debug)]
pub struct Map<N, C = BlockingDefault, R = ()> {
    pub(super) name: N,
    pub(super) clock: C,
    pub(super) report: Option<R>,
    pub(super) shape: Shape,
    pub(super) limits: AdmissionLimits,
}

/// How a map runs its items: how many at a time, in chunks of what size, with the results in which order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) workers: Option<usize>,
    pub(crate) ordered: bool,
    pub(crate) chunk_size: Option<usize>,
    #[cfg(all(feature = "process", unix))]
    pub(crate) children: ChildOptions,
    #[cfg(feature = "observe")]
    mode: &'static str,
    /// Where it stands.
    #[cfg(feature = "observe")]
    location: &'static Location<'static>,
}

impl Shape {
    /// The number of threads, which is that of thread mode if there is no other.
    pub(crate) fn threads(&self) -> usize {
        self.workers.unwrap_or(THREADS).max(1)
    }

    #[cfg(feature = "rayon")]
    pub(crate) fn with_workers(self, workers: usize) -> Self {
        Shape { workers: Some(workers), ..self }
    }
}

impl<N: Name> Map<N> {
    /// A map of a blocking operation without any option, on the system's clock. Its errors show `name`.
    #[cfg_attr(feature = "observe", track_caller)]
    pub fn new(name: N) -> Self {
        BadRead::begin();
        Map::with(name, BlockingDefault::NEW).in_mode("thread")
    }
}

impl<N: Name> Map<N, AsyncDefault> {
    /// The same for an async operation, which needs a clock with a timer.
    #[cfg_attr(feature = "observe", track_caller)]
    pub fn new_async(name: N) -> Self {
        BadRead::begin();
        Map::with(name, AsyncDefault::NEW).in_mode("async")
    }
}

impl<N, C> Map<N, C> {
    #[cfg_attr(feature = "observe", track_caller)]
    const fn with(name: N, clock: C) -> Self {
        Map {
            name,
            clock,
            report: None,
            shape: Shape {
                workers: None,
                ordered: true,
                chunk_size: None,
                #[cfg(all(feature = "process", unix))]
                children: ChildOptions::NONE,
                #[cfg(feature = "observe")]
                mode: "",
                #[cfg(feature = "observe")]
                location: Location::caller(),
            },
            limits: AdmissionLimits {
                deadline: None,
                max_failures: None,
                bad_read: BadRead::NONE,
                #[cfg(feature = "memory")]
                memory: None,
            },
        }
    }
}

impl<N, C, R> Map<N, C, R> {
    /// The same in this mode.
    #[cfg_attr(not(feature = "observe"), allow(unused_mut, reason = "nobody asks for the mode"))]
    pub(super) fn in_mode(mut self, mode: &'static str) -> Self {
        #[cfg(feature = "observe")]
        {
            self.shape.mode = mode;
        }
        let _ = mode;
        self
    }

    /// An option has been evaluated, and its variable may be one that cannot be read.
    #[inline]
    pub(super) fn look(&mut self) {
        self.limits.bad_read.look();
    }

    /// How many items run at a time. The default depends on the mode: 4 threads or child processes, one thread per core with
    /// rayon, 100 futures. Where futures run in child processes it is how many of these there are, each with up to 100.
    pub fn workers(mut self, workers: usize) -> Self {
        self.look();
        self.shape.workers = Some(workers);
        self
    }

    /// Whether results come in the order of the items (the default) or in the order of completion.
    pub fn ordered(mut self, ordered: bool) -> Self {
        self.look();
        self.shape.ordered = ordered;
        self
    }

    /// How many items a worker takes at a time. By default the mode chooses, and may take several that are quick. If
    /// items wait for each other, set 1: no other worker runs an item that one has taken.
    pub fn chunk_size(mut self, items: usize) -> Self {
        self.look();
        self.shape.chunk_size = Some(items);
        self
    }

    /// The longest the whole map may take. At its end no item is started, and items without a result by then give
    /// [`Error::Timeout`](crate::Error::Timeout). Default no bound.
    ///
    /// With it or without, a map in the body of a call keeps to what that has [left](crate::time::remaining), and so do the calls
    /// that its items make.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.look();
        self.limits.deadline = Some(limit);
        self
    }

    /// After so many failed items no further one is started, and the rest give
    /// [`Error::Skipped`](crate::Error::Skipped). Items that are running at that moment keep their results. Default no
    /// bound.
    pub fn max_failures(mut self, items: usize) -> Self {
        self.look();
        self.limits.max_failures = Some(items);
        self
    }

    /// While the process is larger than so many bytes, an item is started only if no other is running; on a rayon
    /// thread it waits for a quarter of a second at most. Default no bound.
    #[cfg(feature = "memory")]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.look();
        self.limits.memory = Some(bytes);
        self
    }

    /// Another name for its errors and its progress.
    pub fn name<M: Name>(mut self, name: M) -> Map<M, C, R> {
        self.look();
        Map { name, clock: self.clock, report: self.report, shape: self.shape, limits: self.limits }
    }

    /// Tells the time by `clock`.
    pub fn clock<D: Clock>(self, clock: D) -> Map<N, D, R> {
        Map { name: self.name, clock, report: self.report, shape: self.shape, limits: self.limits }
    }

    /// Reports the progress of the map, at most every 100 ms by its clock and once at the end: see [`Sink`].
    ///
    /// Default no report. It costs a few nanoseconds an item.
    pub fn progress<S: Sink<Report: Report>>(mut self, sink: S) -> Map<N, C, S::Report> {
        self.look();
        Map { name: self.name, clock: self.clock, report: sink.report(), shape: self.shape, limits: self.limits }
    }
}

impl<N: Name, C: Clock, R: Report> Map<N, C, R> {
    /// Begins the map: its deadline counts from here.
    pub(crate) fn begin(self) -> (Admission<C, R>, Shape) {
        self.begin_with(None)
    }

    /// The same, where the mode may have a problem of its own.
    pub(super) fn begin_with(self, problem: Option<&'static str>) -> (Admission<C, R>, Shape) {
        #[cfg(feature = "observe")]
        self.announce();
        let invalid = || self.problem().or(problem).map(Text::from);
        let problem = self.limits.bad_read.sentence().or_else(invalid);
        (Admission::new(self.name.name().text(), self.clock, self.limits, problem, self.report), self.shape)
    }

    /// Lists the map among those that have run.
    #[cfg(feature = "observe")]
    fn announce(&self) {
        let Shape { mode, location, workers, ordered, chunk_size, .. } = self.shape;
        let usual = match mode {
            "async" => 100,
            "rayon" => crate::sync::thread::available_parallelism().map_or(1, usize::from),
            _ => THREADS,
        };
        let info = MapInfo {
            mode,
            workers: workers.unwrap_or(usual),
            ordered,
            chunk_size,
            max_failures: self.limits.max_failures,
        };
        info.begun(location);
    }

    /// The first invalid option, if there is one.
    fn problem(&self) -> Option<&'static str> {
        let is_zero = |option: Option<usize>| option == Some(0);
        Some(match () {
            () if is_zero(self.shape.workers) => "`workers` is 0; it must be at least 1",
            () if is_zero(self.shape.chunk_size) => "`chunk_size` is 0; it must be at least 1",
            () if is_zero(self.limits.max_failures) => {
                "`max_failures` is 0; it must be at least 1, which ends the map at the first failure"
            }
            () if self.limits.deadline == Some(Duration::ZERO) => "`deadline` is 0; it must be longer",
            #[cfg(all(feature = "process", unix))]
            () if self.shape.children.are_given() => {
                "`init_child`, `recycle_after` and `max_child_memory` are about child processes, and this map has none"
            }
            () => return None,
        })
    }
}
