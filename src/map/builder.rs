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

/// The default of `workers` in thread mode. It is not the number of cores, because operations that mostly wait benefit
/// from more threads.
const THREADS: usize = 4;

/// The options of a map over items: how it runs them, and when it stops.
///
/// Each method sets the option of the same name in `opmap!`. If a value is invalid, such as 0 workers, nothing runs and
/// each item gives [`Error::Configuration`](crate::Error::Configuration).
#[must_use = "a map does nothing until it is given items"]
#[derive(Clone, Debug)]
pub struct Map<N, C = BlockingDefault, R = ()> {
    pub(super) name: N,
    pub(super) clock: C,
    pub(super) report: Option<R>,
    pub(super) shape: Shape,
    pub(super) limits: AdmissionLimits,
}

/// How a map runs its items: how many at a time, in chunks of what size, and in which order the results come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) workers: Option<usize>,
    pub(crate) ordered: bool,
    pub(crate) chunk_size: Option<usize>,
    #[cfg(all(feature = "process", unix))]
    pub(crate) children: ChildOptions,
    #[cfg(feature = "observe")]
    mode: &'static str,
    /// Where the map is in the source.
    #[cfg(feature = "observe")]
    location: &'static Location<'static>,
}

impl Shape {
    /// The number of threads. The default is that of thread mode.
    pub(crate) fn threads(&self) -> usize {
        self.workers.unwrap_or(THREADS).max(1)
    }

    #[cfg(feature = "rayon")]
    pub(crate) fn with_workers(self, workers: usize) -> Self {
        Shape { workers: Some(workers), ..self }
    }
}

impl<N: Name> Map<N> {
    /// Creates a map of a blocking operation with default options, on the system clock. Its errors show `name`.
    #[cfg_attr(feature = "observe", track_caller)]
    pub fn new(name: N) -> Self {
        BadRead::begin();
        Map::with(name, BlockingDefault::NEW).in_mode("thread")
    }
}

impl<N: Name> Map<N, AsyncDefault> {
    /// Creates a map of an async operation with default options. It needs a clock with a timer.
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
    /// Sets the mode, which observation reports.
    #[cfg_attr(not(feature = "observe"), allow(unused_mut, reason = "only observation reads the mode"))]
    pub(super) fn in_mode(mut self, mode: &'static str) -> Self {
        #[cfg(feature = "observe")]
        {
            self.shape.mode = mode;
        }
        let _ = mode;
        self
    }

    /// Records whether the option that was just evaluated came from an environment variable that cannot be parsed.
    #[inline]
    pub(super) fn look(&mut self) {
        self.limits.bad_read.look();
    }

    /// Sets how many items run at a time. The default depends on the mode: 4 threads or child processes, one thread per
    /// core with rayon, 100 futures. If futures run in child processes, it is the number of child processes, each with
    /// up to 100 futures.
    pub fn workers(mut self, workers: usize) -> Self {
        self.look();
        self.shape.workers = Some(workers);
        self
    }

    /// Sets whether results come in the order of the items (the default) or in the order of completion.
    pub fn ordered(mut self, ordered: bool) -> Self {
        self.look();
        self.shape.ordered = ordered;
        self
    }

    /// Sets how many items a worker takes at a time. By default the mode chooses, and may take several items if they
    /// are quick. If items wait for each other, set 1: once a worker has taken an item, no other worker runs it.
    pub fn chunk_size(mut self, items: usize) -> Self {
        self.look();
        self.shape.chunk_size = Some(items);
        self
    }

    /// Sets a limit on the time the whole map may take. After it no item starts, and items without a result give
    /// [`Error::Timeout`](crate::Error::Timeout). There is no limit by default.
    ///
    /// With or without this option, a map in the body of a call keeps to the time that the call has
    /// [left](crate::time::remaining). The calls that its items make keep to it, too.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.look();
        self.limits.deadline = Some(limit);
        self
    }

    /// Stops the map after this many failed items: no further item starts, and the rest give
    /// [`Error::Skipped`](crate::Error::Skipped). Items that are running at that moment keep their results. There is no
    /// limit by default.
    pub fn max_failures(mut self, items: usize) -> Self {
        self.look();
        self.limits.max_failures = Some(items);
        self
    }

    /// Sets a limit on the memory of the process, in bytes. While the process is larger, an item starts only if no
    /// other is running. On a rayon thread the item waits for at most a quarter of a second. There is no limit by
    /// default.
    #[cfg(feature = "memory")]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.look();
        self.limits.memory = Some(bytes);
        self
    }

    /// Sets the name that errors and progress reports show.
    pub fn name<M: Name>(mut self, name: M) -> Map<M, C, R> {
        self.look();
        Map { name, clock: self.clock, report: self.report, shape: self.shape, limits: self.limits }
    }

    /// Sets the clock.
    pub fn clock<D: Clock>(self, clock: D) -> Map<N, D, R> {
        Map { name: self.name, clock, report: self.report, shape: self.shape, limits: self.limits }
    }

    /// Reports the progress of the map: at most every 100 ms by its clock, and once at the end. See [`Sink`].
    ///
    /// There is no report by default. A report costs a few nanoseconds per item.
    pub fn progress<S: Sink<Report: Report>>(mut self, sink: S) -> Map<N, C, S::Report> {
        self.look();
        Map { name: self.name, clock: self.clock, report: sink.report(), shape: self.shape, limits: self.limits }
    }
}

impl<N: Name, C: Clock, R: Report> Map<N, C, R> {
    /// Starts the map. Its deadline counts from this call.
    pub(crate) fn begin(self) -> (Admission<C, R>, Shape) {
        self.begin_with(None)
    }

    /// Starts the map. `problem` is a problem of the mode itself, if there is one.
    pub(super) fn begin_with(self, problem: Option<&'static str>) -> (Admission<C, R>, Shape) {
        #[cfg(feature = "observe")]
        self.announce();
        let invalid = || self.problem().or(problem).map(Text::from);
        let problem = self.limits.bad_read.sentence().or_else(invalid);
        (Admission::new(self.name.name().text(), self.clock, self.limits, problem, self.report), self.shape)
    }

    /// Adds the map to the maps that observation knows.
    #[cfg(feature = "observe")]
    fn announce(&self) {
        let Shape { mode, location, workers, ordered, chunk_size, .. } = self.shape;
        let default = match mode {
            "async" => 100,
            "rayon" => crate::sync::thread::available_parallelism().map_or(1, usize::from),
            _ => THREADS,
        };
        let info = MapInfo {
            mode,
            workers: workers.unwrap_or(default),
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
