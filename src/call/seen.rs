//! What the layers record of a call on its way in and out.

#![cfg_attr(not(feature = "cache"), allow(dead_code, reason = "most of it is recorded by a cache"))]

use alloc::string::String;
use core::fmt;
use core::time::Duration;
use std::sync::OnceLock;

use crate::observe::counters::Count;
#[cfg(feature = "metrics")]
use crate::observe::metrics::Waits;
use crate::observe::site::Record;
use crate::time::{Clock, nanos};

/// A hit takes little longer than reading the clock, so only one in this many reads it for the history.
const HITS_A_TICK: u64 = 16;

/// The first failure of a store in a call, as text.
#[derive(Debug)]
pub(crate) struct Fault(OnceLock<String>);

impl Fault {
    pub(crate) const fn none() -> Self {
        Fault(OnceLock::new())
    }

    #[cold]
    pub(crate) fn note(&self, error: &impl fmt::Display) {
        self.0.get_or_init(|| crate::error::text(error));
    }
}

/// What the layers have recorded of a call on its way in.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(super) cache: Looked,
    fault: Fault,
    /// How long the call waited for the run of another call, in nanoseconds.
    pub(super) cache_wait: u64,
    has_permit: bool,
    /// How long it waited for a permit.
    pub(super) rate_wait: u64,
}

impl Seen {
    /// Creates an empty record.
    pub(crate) const fn new() -> Self {
        Seen::at_once(false, false)
    }

    /// Creates the record of a call that its layers let in or answered at once.
    pub(super) const fn at_once(is_answered: bool, takes_permit: bool) -> Self {
        let cache = if is_answered { Looked::Hit } else { Looked::Nothing };
        Seen { cache, has_permit: takes_permit && !is_answered, fault: Fault::none(), cache_wait: 0, rate_wait: 0 }
    }

    pub(crate) const fn hit(&mut self) {
        self.cache = Looked::Hit;
    }

    pub(crate) fn shared(&mut self, wait: Duration) {
        self.cache = Looked::Shared;
        self.cache_wait = nanos(wait);
    }

    pub(crate) const fn miss(&mut self) {
        self.cache = Looked::Miss;
    }

    /// Also used on the way out, where nothing else can happen.
    pub(crate) fn fault(&self, fault: &Fault) {
        if let Some(text) = fault.0.get() {
            self.fault.note(text);
        }
    }

    pub(crate) const fn permit(&mut self) {
        self.has_permit = true;
    }

    /// Records a wait for a permit that began at `since`.
    pub(crate) fn waited(&mut self, since: Option<Duration>, now: Duration) {
        self.rate_wait = nanos(now.saturating_sub(since.unwrap_or(now))).max(1);
    }
}

/// The result of a look-up in a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Looked {
    /// There is no cache, or it has not been asked.
    #[default]
    Nothing,
    Hit,
    /// The run of another call has given the value.
    Shared,
    Miss,
}

impl Seen {
    /// Returns the failure of a store in this call.
    pub(super) fn problem(&self) -> Option<&String> {
        self.fault.0.get()
    }

    pub(super) fn count(&self, record: &Record) {
        let counters = &record.counters;
        if self.cache == Looked::Shared || self.rate_wait > 0 {
            record.tick(None);
        }
        if self.problem().is_some() {
            counters.count(Count::StoreFault);
        }
        match self.cache {
            Looked::Nothing => {}
            Looked::Hit => counters.count_after(Count::Hit, HITS_A_TICK, || record.tick(None)),
            Looked::Miss => counters.count(Count::Miss),
            Looked::Shared => {
                counters.count(Count::WaitedHit);
                counters.count(Count::CacheWait);
                counters.add(Count::CacheWaitNanos, self.cache_wait);
            }
        }
        if self.has_permit {
            counters.count(Count::Permit);
        }
        if self.rate_wait > 0 {
            counters.count(Count::RateWait);
            counters.add(Count::RateWaitNanos, self.rate_wait);
        }
        #[cfg(feature = "metrics")]
        self.note_waits(&record.waits);
    }

    #[cfg(feature = "metrics")]
    fn note_waits(&self, waits: &Waits) {
        if self.cache == Looked::Shared {
            waits.at_cache(self.cache_wait);
        }
        if self.rate_wait > 0 {
            waits.at_rate(self.rate_wait);
        }
    }
}

/// Measures how long something takes, if there are listeners.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    pub(crate) fn start(clock: &impl Clock) -> Self {
        Stopwatch(clock.now())
    }

    pub(crate) fn elapsed(self, clock: &impl Clock) -> Duration {
        clock.now().saturating_sub(self.0)
    }
}
