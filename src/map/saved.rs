//! Tells the summary of a map whether a retry, a fallback or the cache produced the value of an item.
//!
//! A value does not carry this information, and an operation can be any closure. But the call of an item is the last
//! thing its operation does. So the call leaves a note in a thread-local, and the map reads it when the operation
//! returns. Only a call that needed a retry, a fallback or the cache leaves a note: a call that succeeds at once pays
//! nothing here.

use core::cell::Cell;
use std::thread_local;

use super::outcome::Outcome;
use crate::error::Error;
use crate::policy::CurrentAttempt;

/// How an item got its value, if not by the first attempt of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saved {
    /// By a retry, with any candidate.
    ByRetry,
    /// By a later candidate of the first round.
    ByFallback,
    /// By a layer around the call that answered, so that the body did not run.
    FromCache,
}

thread_local! {
    /// The note of the innermost operation that runs on this thread.
    static WORD: Cell<Option<Saved>> = const { Cell::new(None) };
}

/// Restores the note of the enclosing operation when it is dropped, also by a panic.
struct Outer(Option<Saved>);

impl Drop for Outer {
    #[inline]
    fn drop(&mut self) {
        WORD.set(self.0);
    }
}

/// Runs part of an operation, and returns its result with the note it left.
#[inline]
pub(super) fn listen<R>(piece: impl FnOnce() -> R) -> (R, Option<Saved>) {
    let _outer = Outer(WORD.replace(None));
    let given = piece();
    (given, WORD.get())
}

/// Notes which attempt produced the value of an item. `None` if a layer answered.
#[cold]
pub(crate) fn leave_word(attempt: Option<CurrentAttempt>) {
    WORD.set(match attempt {
        None => Some(Saved::FromCache),
        Some(attempt) if attempt.retry() > 0 => Some(Saved::ByRetry),
        Some(attempt) if attempt.candidate() > 0 => Some(Saved::ByFallback),
        Some(_) => None,
    });
}

/// The result of an item, and how it got its value.
#[derive(Debug)]
pub(crate) struct Noted<T, E> {
    pub(super) result: Result<T, Error<E>>,
    pub(super) saved: Option<Saved>,
}

impl<T, E> Noted<T, E> {
    /// A result without a note.
    #[inline]
    pub(super) const fn new(result: Result<T, Error<E>>) -> Self {
        Noted { result, saved: None }
    }
}

impl<T, E> Outcome for Noted<T, E> {
    type Error = E;

    #[inline]
    fn failed(error: Error<E>) -> Self {
        Noted::new(Err(error))
    }

    #[inline]
    fn has_failed(&self) -> bool {
        self.result.is_err()
    }

    #[inline]
    fn of(run: impl FnOnce() -> Self) -> Self {
        let (Noted { result, .. }, saved) = listen(run);
        Noted { result, saved }
    }
}
