//! The failed attempts of a call that may still succeed.

#[cfg(feature = "std")]
use alloc::vec::Vec;

use super::failed::Failed;
use crate::error::{Attempt, Attempts};
use crate::policy::CurrentAttempt;
use crate::time::Moment;

/// A failed attempt, before it is converted to what an error keeps.
#[derive(Debug)]
pub(super) struct Note<E> {
    pub(super) attempt: CurrentAttempt,
    pub(super) started: Moment,
    pub(super) ended: Moment,
    pub(super) failure: Failed<E>,
}

/// The failed attempts of a call.
#[derive(Debug)]
pub(super) struct Notes<E> {
    began: Moment,
    has_candidates: bool,
    kept: Kept<E>,
}

/// With `std` they are converted when the call fails, and the first two are stored in place: a call that soon
/// succeeds allocates nothing.
#[cfg(feature = "std")]
#[derive(Debug)]
struct Kept<E> {
    first: Option<Note<E>>,
    second: Option<Note<E>>,
    more: Vec<Note<E>>,
}

/// Without `std` they are converted at once: times are already durations there, and code size matters more than
/// speed.
#[cfg(not(feature = "std"))]
type Kept<E> = Attempts<E>;

impl<E> Notes<E> {
    /// Creates the notes of a call that began at this time.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn new(began: Moment, has_candidates: bool) -> Self {
        Notes { began, has_candidates, kept: Kept::default() }
    }

    /// Adds a failed attempt.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn push(&mut self, note: Note<E>) {
        #[cfg(feature = "std")]
        self.kept.push(note);
        #[cfg(not(feature = "std"))]
        {
            let attempt = note.told(self.began, self.has_candidates);
            self.kept = core::mem::take(&mut self.kept).and(attempt);
        }
    }

    #[cfg(feature = "observe")]
    pub(super) const fn began(&self) -> Moment {
        self.began
    }

    #[cfg(feature = "observe")]
    pub(super) fn last(&self) -> Option<&Note<E>> {
        let Kept { first, second, more } = &self.kept;
        more.last().or(second.as_ref()).or(first.as_ref())
    }

    /// Takes the attempts for the error of the call.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn take(&mut self) -> Attempts<E> {
        let kept = core::mem::take(&mut self.kept);
        #[cfg(feature = "std")]
        let kept = kept.into_notes().map(|note| note.told(self.began, self.has_candidates)).collect();
        kept
    }
}

impl<E> Note<E> {
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn told(self, began: Moment, has_candidates: bool) -> Attempt<E> {
        let Note { attempt, started, ended, failure } = self;
        Attempt::new(attempt, has_candidates, started.since(began), ended.since(started), failure.into_failure())
    }
}

#[cfg(feature = "std")]
impl<E> Default for Kept<E> {
    #[inline]
    fn default() -> Self {
        Kept { first: None, second: None, more: Vec::new() }
    }
}

#[cfg(feature = "std")]
impl<E> Kept<E> {
    #[inline]
    fn push(&mut self, note: Note<E>) {
        let place = if self.first.is_none() {
            &mut self.first
        } else if self.second.is_none() {
            &mut self.second
        } else {
            return self.push_more(note);
        };
        *place = Some(note);
    }

    #[cold]
    fn push_more(&mut self, note: Note<E>) {
        self.more.push(note);
    }

    fn into_notes(self) -> impl Iterator<Item = Note<E>> {
        self.first.into_iter().chain(self.second).chain(self.more)
    }
}
