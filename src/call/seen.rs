//! What the layers see of a call on its way in and out.

#![cfg_attr(not(feature = "cache"), allow(dead_code, reason = "most of it is what a cache sees"))]

use alloc::string::String;
use core::fmt;
use core::time::Duration;
use std::sync::OnceLock;

use crate::observe::counters::Count;
#[cfg(feature = "metrics")]
use crate::observe::metrics::Waits;
use crate::observe::site::Record;
use crate::time::{Clock, nanos};

/// An answer from the cache takes little longer than to read the clock, so that only one in so many does it for the history.
const HITS_A_TICK: u64 = 16;

/// What a store could not do for a call: the first thing, in its own words.
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

/// What the layers have seen of a call on its way in.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(super) cache: Looked,
    fault: Fault,
    /// How long the call waited for another's run, in nanoseconds.
    pub(super) cache_wait: u64,
    has_permit: bool,
    /// How long it waited for that.
    pub(super) rate_wait: u64,
}

impl Seen {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Seen::at_once(false, false)
    }

    /// What it is of a call that its layers let in or answered at once.
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

    /// On the way out, too, where nothing else can happen any more.
    pub(crate) fn fault(&self, fault: &Fault) {
        if let Some(text) = fault.0.get() {
            self.fault.note(text);
        }
    }

    pub(crate) const fn permit(&mut self) {
        self.has_permit = true;
    }

    /// For a permit, from a moment on.
    pub(crate) fn waited(&mut self, since: Option<Duration>, now: Duration) {
        self.rate_wait = nanos(now.saturating_sub(since.unwrap_or(now))).max(1);
    }
}

/// What a cache has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Looked {
    /// There is none, or it has not been asked.
    #[default]
    Nothing,
    Hit,
    /// Another's run has given the value.
    Shared,
    Miss,
}

impl Seen {
    /// What a store could not do for the call.
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

/// Measures how long something takes, for those who watch.
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
