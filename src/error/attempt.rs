//! One failed attempt.

#[cfg(feature = "std")]
use alloc::boxed::Box;
#[cfg(feature = "std")]
use alloc::sync::Arc;
#[cfg(feature = "observe")]
use alloc::{format, string::String};
#[cfg(feature = "std")]
use core::convert::Infallible;
use core::fmt;
use core::time::Duration;

#[cfg(feature = "std")]
use super::Error;
#[cfg(all(feature = "process", unix))]
use super::crash::{Crash, Serialization};
#[cfg(feature = "observe")]
use super::duration::Rounded;
use super::known::known;
#[cfg(all(feature = "process", unix))]
use super::storage::Attempts;
use super::text::{Line, Style, Text, Words};
use crate::policy::CurrentAttempt;

/// One failed attempt: its number, its time, and how it failed.
///
/// `Debug` prints the attempt as its line in the error's `{:#}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt<E> {
    pub(super) current: CurrentAttempt,
    pub(super) has_candidates: bool,
    #[cfg(feature = "std")]
    extra: Option<Arc<Extra>>,
    pub(super) offset: Duration,
    pub(super) duration: Duration,
    pub(super) failure: Failure<E>,
}

/// Fields that few attempts have. They are boxed together, since each field with a destructor slows down calls that drop
/// attempts.
#[cfg(feature = "std")]
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Extra {
    pub(super) candidate_text: Option<Box<str>>,
    /// The error, if the failure is `Refused`.
    pub(super) refusal: Option<Error<Infallible>>,
}

impl<E> Attempt<E> {
    pub(crate) const fn new(
        current: CurrentAttempt,
        has_candidates: bool,
        offset: Duration,
        duration: Duration,
        failure: Failure<E>,
    ) -> Self {
        Attempt {
            current,
            has_candidates,
            #[cfg(feature = "std")]
            extra: None,
            offset,
            duration,
            failure,
        }
    }

    pub(crate) const fn attempt(&self) -> CurrentAttempt {
        self.current
    }

    /// The number of the attempt, from 1: the value of `n` with option `attempt: n`.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.current.number()
    }

    /// The round of the attempt, from 0.
    #[must_use]
    pub const fn retry(&self) -> u32 {
        self.current.retry()
    }

    /// The index of its candidate in the fallback list; `None` in a call without a fallback.
    #[must_use]
    pub const fn candidate(&self) -> Option<usize> {
        if self.has_candidates { Some(self.current.candidate()) } else { None }
    }

    /// The text of its candidate, if the items of the list are [`Display`](core::fmt::Display): `"opus"` for the first item of
    /// `fallback: model in ["opus", "sonnet"]`.
    ///
    /// `None` in a call without a list, if the items are not `Display`, and without feature `std`. Items are printed only after
    /// the whole call has failed, and never with `Debug`. A [`Call`](crate::Call) knows only the number of its candidates;
    /// [`Error::with_candidates`](crate::Error::with_candidates) adds their texts.
    ///
    /// # Examples
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use opero::opero;
    ///
    /// let error = opero! {
    ///     fallback: model in ["opus", "sonnet"]
    ///     => Err::<(), _>(model.len())
    /// }.unwrap_err();
    /// let asked: Vec<_> = error
    ///     .attempts()
    ///     .iter()
    ///     .filter_map(|attempt| attempt.candidate_text())
    ///     .collect();
    /// assert_eq!(asked, ["opus", "sonnet"]);
    /// # }
    /// ```
    #[must_use]
    pub fn candidate_text(&self) -> Option<&str> {
        #[cfg(feature = "std")]
        return self.extra.as_ref()?.candidate_text.as_deref();
        #[cfg(not(feature = "std"))]
        None
    }

    /// The time from the start of the first attempt to the start of this one. It does not include waits before the first
    /// attempt, for a cache entry, a permit or memory.
    #[must_use]
    pub const fn offset(&self) -> Duration {
        self.offset
    }

    /// The duration of the attempt.
    ///
    /// With the system clock there is one exception, for bodies that are faster than reading a clock: if a macro use has only
    /// ever succeeded, and its first sixteen calls each within a microsecond, its starts are no longer timed, and the first
    /// failure after that has a duration of zero. From then on all are timed again.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// Why the call in the body ended before its first attempt, if the failure is [`Failure::Refused`].
    #[cfg(feature = "std")]
    #[must_use]
    pub fn refusal(&self) -> Option<&Error<Infallible>> {
        self.extra.as_ref()?.refusal.as_ref()
    }

    /// How it failed.
    #[must_use]
    pub const fn failure(&self) -> &Failure<E> {
        &self.failure
    }

    /// The error of the body, if that is how it failed.
    #[must_use]
    pub const fn error(&self) -> Option<&E> {
        match &self.failure {
            Failure::Error(error) => Some(error),
            _ => None,
        }
    }

    pub(super) fn into_error(self) -> Option<E> {
        match self.failure {
            Failure::Error(error) => Some(error),
            _ => None,
        }
    }

    /// Splits the attempt into the attempt without its failure, and the failure.
    #[cfg(feature = "std")]
    pub(super) fn split(self) -> (Attempt<()>, Failure<E>) {
        let Attempt { current, has_candidates, extra, offset, duration, failure } = self;
        let failed = Failure::Error(());
        (Attempt { current, has_candidates, extra, offset, duration, failure: failed }, failure)
    }

    /// The same attempt with another failure.
    #[cfg(feature = "std")]
    pub(super) fn failed<F>(self, failure: Failure<F>) -> Attempt<F> {
        let Attempt { current, has_candidates, extra, offset, duration, failure: _ } = self;
        Attempt { current, has_candidates, extra, offset, duration, failure }
    }

    /// The same attempt with the failure `Refused`: its body made a call that was refused.
    #[cfg(feature = "std")]
    pub(super) fn refused<F>(mut self, error: Error<Infallible>) -> Attempt<F> {
        let candidate_text = self.candidate_text().map(Into::into);
        self.extra = Some(Arc::new(Extra { candidate_text, refusal: Some(error) }));
        self.failed(Failure::Refused)
    }

    /// Turns it into an attempt of the outer call.
    #[cfg(feature = "std")]
    pub(super) fn within(mut self, outer: &Attempt<()>) -> Self {
        let candidate = if self.has_candidates { self.current.candidate() } else { outer.current.candidate() };
        if !self.has_candidates {
            if let Some(text) = outer.candidate_text() {
                self.extra = Some(Extra { candidate_text: Some(text.into()), refusal: self.refusal().cloned() }.into());
            }
        }
        self.has_candidates |= outer.has_candidates;
        self.current = CurrentAttempt::new(self.number(), outer.retry(), candidate);
        self.offset = outer.offset.saturating_add(self.offset);
        self
    }

    /// Sets the text of its candidate. Attempts with the same candidate share the text.
    #[cfg(feature = "std")]
    pub(super) fn name_candidate(&mut self, name: Option<Arc<Extra>>) {
        self.extra = match self.refusal().cloned() {
            None => name,
            refusal => {
                let candidate_text = name.and_then(|name| name.candidate_text.clone());
                Some(Arc::new(Extra { candidate_text, refusal }))
            }
        };
    }

    #[cfg(feature = "std")]
    pub(super) const fn renumber(&mut self, number: u32) {
        self.current = CurrentAttempt::new(number, self.current.retry(), self.current.candidate());
    }

    #[cfg(feature = "std")]
    fn refused_words(&self) -> Option<Words<'_>> {
        self.refusal().map(|error| Words::of(error.kind(), Text::Display(error)))
    }

    #[cfg(not(feature = "std"))]
    #[allow(clippy::unused_self, reason = "without `std` no attempt is refused")]
    const fn refused_words(&self) -> Option<Words<'_>> {
        None
    }

    /// The attempt as a line of a list, with these texts.
    pub(super) fn line<'e>(&'e self, words: impl FnOnce(&'e Failure<E>) -> Words<'e>) -> Line<'e> {
        Line {
            number: self.number(),
            candidate: self.candidate().map(|place| (place, self.candidate_text())),
            offset: self.offset,
            duration: self.duration,
            failure: self.refused_words().unwrap_or_else(|| words(&self.failure)),
        }
    }
}

/// Prints the attempt as its line in the error's `{:#}`.
impl<E: fmt::Debug> fmt::Debug for Attempt<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_pretty = f.alternate();
        self.line(|failure| failure.debugged(is_pretty)).write(f, 0, Style::Full)
    }
}

/// How an attempt failed.
///
/// `Display` is `TYPE: error`, as in the text of the whole error; `{:#}` and `Debug` add the causes of the error.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<E> {
    /// The body returned this error.
    Error(E),
    /// The body took longer than this limit.
    Timeout(Duration),
    /// The body made a call that ended before its first attempt: no permit was free, an option had a wrong value, or its time
    /// was over. [`Attempt::refusal`] is the error of that call. Only [`Error::flatten`] creates this variant.
    #[cfg(feature = "std")]
    Refused,
    /// The child process that ran the body ended without a result.
    #[cfg(all(feature = "process", unix))]
    Crashed(Crash),
    /// The input or the result of the body cannot be sent between processes.
    #[cfg(all(feature = "process", unix))]
    Serialization(Serialization),
}

impl<E> Failure<E> {
    /// The texts of the failure. `of_error` gives those of an error of the body.
    pub(super) fn words<'e>(&'e self, of_error: impl FnOnce(&'e E) -> Words<'e>) -> Words<'e> {
        match self {
            Failure::Error(error) => of_error(error),
            Failure::Timeout(limit) => Words::of("Timeout", Text::NoAnswer(*limit)),
            #[cfg(feature = "std")]
            Failure::Refused => {
                Words::of("Refused", Text::Display(&"a call in the body ended before its first attempt"))
            }
            #[cfg(all(feature = "process", unix))]
            Failure::Crashed(crash) => Words::of("Crashed", Text::Display(crash)),
            #[cfg(all(feature = "process", unix))]
            Failure::Serialization(problem) => Words::of("Serialization", Text::Display(problem)),
        }
    }

    /// Includes the cause if the error has a common type.
    pub(super) fn displayed(&self) -> Words<'_>
    where
        E: fmt::Display,
    {
        self.words(|error| {
            let source = known(error).and_then(|known| known.error).and_then(core::error::Error::source);
            Words::displayed(error, source)
        })
    }

    /// The `Display` text if the error has a known type, and else its `Debug` text.
    pub(super) fn debugged(&self, is_pretty: bool) -> Words<'_>
    where
        E: fmt::Debug,
    {
        self.words(|error| match known(error) {
            Some(known) => Words::known(core::any::type_name::<E>(), known),
            None => Words::debugged(error, is_pretty),
        })
    }

    /// With all its causes.
    pub(super) fn reported(&self) -> Words<'_>
    where
        E: core::error::Error + 'static,
    {
        self.words(|error| Words::displayed(error, error.source()))
    }
}

#[cfg(feature = "observe")]
impl<E> Failure<E> {
    /// The type and the text of the failure. `of_error` gives those of an error of the body.
    pub(crate) fn type_and_text(&self, of_error: impl FnOnce(&E) -> (String, String)) -> (String, String) {
        use super::text::text;
        match self {
            Failure::Error(error) => of_error(error),
            Failure::Timeout(limit) => ("Timeout".into(), format!("no answer within {}", Rounded(*limit))),
            Failure::Refused => ("Refused".into(), text("a call in the body ended before its first attempt")),
            #[cfg(all(feature = "process", unix))]
            Failure::Crashed(crash) => ("Crashed".into(), text(crash)),
            #[cfg(all(feature = "process", unix))]
            Failure::Serialization(problem) => ("Serialization".into(), text(problem)),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.displayed().write_alone(f, Style::of(f))
    }
}

impl<E: fmt::Debug> fmt::Debug for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debugged(f.alternate()).write_alone(f, Style::Full)
    }
}

/// The number of attempts that had failed, up to the last of these.
pub(super) fn count<E>(attempts: &[Attempt<E>]) -> u32 {
    attempts.last().map_or(0, Attempt::number)
}

/// The attempts of a body that reports its own failures.
#[cfg(all(feature = "process", unix))]
pub(super) fn told_by_body<E>(attempts: Attempts<Failure<E>>) -> Attempts<E> {
    let told = |attempt: Attempt<Failure<E>>| {
        let (attempt, failure) = attempt.split();
        attempt.failed(match failure {
            Failure::Error(failure) => failure,
            Failure::Timeout(limit) => Failure::Timeout(limit),
            Failure::Refused => Failure::Refused,
            Failure::Crashed(crash) => Failure::Crashed(crash),
            Failure::Serialization(problem) => Failure::Serialization(problem),
        })
    };
    attempts.into_vec().into_iter().map(told).collect()
}
