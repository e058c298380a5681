//! The failed executions of a call that may still succeed.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::time::Duration;

use crate::error::{Attempt, Attempts, Failure};
use crate::policy::Execution;
use crate::time::Moment;

/// One of them. What an error tells of it is worked out where there is an error.
#[derive(Debug)]
pub(super) struct Note<E> {
    pub(super) execution: Execution,
    pub(super) started: Moment,
    pub(super) ended: Moment,
    pub(super) failure: Failure<E>,
}

/// All of them, or as many as an error keeps.
#[derive(Debug)]
pub(super) struct Notes<E> {
    /// The last, or with an allocator the first: a call that soon succeeds allocates nothing.
    place: Option<Note<E>>,
    #[cfg(feature = "alloc")]
    next: Option<Note<E>>,
    #[cfg(feature = "alloc")]
    more: Vec<Note<E>>,
}

impl<E> Notes<E> {
    // A constant would be copied as a whole, with the places that are empty.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) const fn new() -> Self {
        Notes {
            place: None,
            #[cfg(feature = "alloc")]
            next: None,
            #[cfg(feature = "alloc")]
            more: Vec::new(),
        }
    }

    /// One more.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn push(&mut self, note: Note<E>) {
        let place = &mut self.place;
        #[cfg(feature = "alloc")]
        let place = if place.is_none() {
            place
        } else if self.next.is_none() {
            &mut self.next
        } else {
            return self.more.push(note);
        };
        *place = Some(note);
    }

    /// What the error of the call tells of them, whose call began at `began`. Nothing stays here.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn take(&mut self, began: Moment, has_candidates: bool) -> Attempts<E> {
        let notes = core::mem::replace(self, Notes::new());
        let attempt = |Note { execution, started, ended, failure }| {
            let (offset, duration): (Duration, Duration) = (started.since(began), ended.since(started));
            Attempt::new(execution, has_candidates, offset, duration, failure)
        };
        #[cfg(feature = "alloc")]
        return notes.place.into_iter().chain(notes.next).chain(notes.more).map(attempt).collect();
        #[cfg(not(feature = "alloc"))]
        notes.place.into_iter().map(attempt).collect()
    }
}
