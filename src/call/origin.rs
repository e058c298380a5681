//! The macro use of a call, as `observe` knows it.

use core::panic::Location;
// A system atomic in models too: it is in statics, and nothing that a model watches depends on it.
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::name::NameRef;
use super::tuned::Tuned;
use crate::observe::counters::{Count, QuickCell};
use crate::observe::description::Description;
use crate::observe::site::{Record, SAMPLED};
use crate::observe::{Outcome, attention, spans, tuning};
use crate::sync::OnceRef;

/// The location of a use, and its counters.
pub struct Origin {
    module: &'static str,
    location: &'static Location<'static>,
    record: OnceRef<Record>,
    /// The latest change, of any use, at which no number of this one was tuned.
    untuned_at: AtomicU32,
    /// Does it have a retry option?
    is_retried: bool,
}

impl Origin {
    #[track_caller]
    pub(super) const fn new() -> Self {
        Origin {
            module: "",
            location: Location::caller(),
            record: OnceRef::new(),
            untuned_at: AtomicU32::new(0),
            is_retried: false,
        }
    }

    /// Sets its module.
    pub(super) const fn place(&mut self, module: &'static str) {
        self.module = module;
    }

    /// Records that it has a retry option.
    pub(super) const fn retried(&mut self) {
        self.is_retried = true;
    }

    pub(super) const fn is_retried(&self) -> bool {
        self.is_retried
    }

    /// Returns the tuned numbers of a call of this name.
    #[inline]
    pub(super) fn tuned(&'static self, name: NameRef<'_>) -> Tuned {
        if self.is_untuned() { Tuned::NONE } else { self.look(name) }
    }

    #[inline]
    fn is_untuned(&self) -> bool {
        attention::last_change() == self.untuned_at.load(Relaxed)
    }

    /// Something has changed since the last look, or the use is tuned. Its name is that of its first call.
    #[cold]
    #[inline(never)]
    fn look(&'static self, name: NameRef<'_>) -> Tuned {
        let change = attention::last_change();
        let tuned = tuning::of(self.record.get().map_or(name.as_str(), |record| &record.name));
        if tuned.is_none() {
            self.untuned_at.store(change, Relaxed);
        }
        tuned.map_or(Tuned::NONE, Tuned::new)
    }

    /// Is there a listener, or is it tuned?
    #[cold]
    #[inline(never)]
    fn is_watched(&'static self, record: &'static Record) -> bool {
        attention::is_listening() || !self.tuned(NameRef::Static(&record.name)).is_none()
    }

    /// Returns the counters, once the use has run.
    #[inline]
    pub(crate) fn record(&'static self) -> Option<&'static Record> {
        self.record.get()
    }

    /// Returns the counters, and registers the use as one that has run.
    #[inline]
    pub(crate) fn introduce(
        &'static self,
        name: NameRef<'_>,
        description: impl FnOnce() -> Description,
    ) -> &'static Record {
        match self.record.get() {
            Some(record) => record,
            None => self.list(name, description()),
        }
    }

    #[cold]
    fn list(&'static self, name: NameRef<'_>, description: Description) -> &'static Record {
        let record = self.record.fill(Record::new(name.as_str(), self.module, self.location, description));
        record.list();
        record
    }

    /// Returns the counter of a quick call that need not be timed. A fraction of the calls is timed, and every call
    /// if there is a listener.
    #[inline]
    pub(super) fn quick(&'static self) -> Option<Quick> {
        let record = self.record.get()?;
        if spans::is_wanted() || !attention::is_quiet_since(self.untuned_at.load(Relaxed)) && self.is_watched(record) {
            return None;
        }
        let cell = record.counters.quick().filter(|cell| cell.value() % SAMPLED != SAMPLED - 1)?;
        Some(Quick { cell, record })
    }

    /// Counts a quick call that has given a value.
    #[inline]
    pub(super) fn count_quick(&'static self) {
        if let Some(record) = self.record.get() {
            match record.counters.quick() {
                Some(cell) => cell.count(),
                None => record.counters.count(Count::AtOnce),
            }
        }
    }
}

/// A call that is counted but not timed.
#[derive(Clone, Copy)]
pub(super) struct Quick {
    cell: QuickCell,
    record: &'static Record,
}

impl Quick {
    /// Runs its body on this thread. Counts a value or a panic.
    #[inline]
    pub(super) fn run<T, E>(self, op: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let panic = CountPanic(self.record);
        let result = op();
        core::mem::forget(panic);
        if result.is_ok() {
            self.cell.count();
        }
        result
    }
}

/// Counts a panic of the body.
struct CountPanic(&'static Record);

impl Drop for CountPanic {
    #[cold]
    fn drop(&mut self) {
        self.0.counters.count(Count::Failed(Outcome::Panicked));
    }
}

impl core::fmt::Debug for Origin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Origin").field("module", &self.module).field("location", &self.location).finish_non_exhaustive()
    }
}
