//! How the summary of a map learns what its items owe their values to.
//!
//! A value does not say it, and an operation is any closure. But the call of an item is the last that its operation does, so
//! it leaves word on its thread, and the map finds it there when the operation returns. Only a call that was saved does
//! so: one that succeeds at once pays for nothing here.

use core::cell::Cell;
use std::thread_local;

use super::outcome::Outcome;
use crate::error::Error;
use crate::policy::CurrentAttempt;

/// What an item owes its value to, where that is not the first attempt of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saved {
    /// Another round, and in it whichever candidate.
    ByRetry,
    /// A later candidate of the first round.
    ByFallback,
    /// A layer around the call, which answered, so that nothing ran.
    FromCache,
}

thread_local! {
    /// Of the operation that runs on this thread: the innermost, where maps are nested.
    static WORD: Cell<Option<Saved>> = const { Cell::new(None) };
}

/// The word of the operation further out, which is put back where the one in it ends, also by a panic.
struct Outer(Option<Saved>);

impl Drop for Outer {
    #[inline]
    fn drop(&mut self) {
        WORD.set(self.0);
    }
}

/// Runs a piece of an operation, and gives the word that it left.
#[inline]
pub(super) fn listen<R>(piece: impl FnOnce() -> R) -> (R, Option<Saved>) {
    let _outer = Outer(WORD.replace(None));
    let given = piece();
    (given, WORD.get())
}

/// Says which attempt gave the value of an item; `None` where a layer answered.
#[cold]
pub(crate) fn leave_word(attempt: Option<CurrentAttempt>) {
    WORD.set(match attempt {
        None => Some(Saved::FromCache),
        Some(attempt) if attempt.retry() > 0 => Some(Saved::ByRetry),
        Some(attempt) if attempt.candidate() > 0 => Some(Saved::ByFallback),
        Some(_) => None,
    });
}

/// The result of an item, and what it owes its value to.
#[derive(Debug)]
pub(crate) struct Noted<T, E> {
    pub(super) result: Result<T, Error<E>>,
    pub(super) saved: Option<Saved>,
}

impl<T, E> Noted<T, E> {
    /// A result of which nothing is known yet.
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
