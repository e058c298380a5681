//! One failed attempt, and how a list of them reads.

#[cfg(feature = "observe")]
use alloc::{format, string::String};
use core::fmt;
use core::time::Duration;

#[cfg(all(feature = "process", unix))]
use super::crash::{Crash, Serialization};
use crate::policy::CurrentAttempt;

/// How many failed attempts the text of an error tells of.
const SHOWN: usize = 3;

/// Where the text of an error begins to tell of them.
pub(crate) const DETAILS: &str = "\nAttempt details:";

/// One failed attempt: which it was, when it ran, and how it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt<E> {
    current: CurrentAttempt,
    has_candidates: bool,
    offset: Duration,
    duration: Duration,
    failure: Failure<E>,
}

impl<E> Attempt<E> {
    pub(crate) const fn new(
        current: CurrentAttempt,
        has_candidates: bool,
        offset: Duration,
        duration: Duration,
        failure: Failure<E>,
    ) -> Self {
        Attempt { current, has_candidates, offset, duration, failure }
    }

    pub(crate) const fn attempt(&self) -> CurrentAttempt {
        self.current
    }

    /// The number of the attempt, from 1: what `attempt: n` bound in it.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.current.number()
    }

    /// The round it belonged to, from 0.
    #[must_use]
    pub const fn retry(&self) -> u32 {
        self.current.retry()
    }

    /// The place of its candidate in the fallback list; `None` in a call without one.
    #[must_use]
    pub const fn candidate(&self) -> Option<usize> {
        if self.has_candidates { Some(self.current.candidate()) } else { None }
    }

    /// When it started, counted from the start of the first attempt: what the call waited for before that, at a cache, for
    /// a permit or for memory, is not in it.
    #[must_use]
    pub const fn offset(&self) -> Duration {
        self.offset
    }

    /// How long it took.
    ///
    /// On the system's clock there is one exception, for the sake of bodies that are faster than reading a clock: where
    /// a macro use has only ever succeeded, and its first sixteen calls each within a microsecond, its starts are no
    /// longer timed, and the first failure after that has a duration of zero. From then on all are timed again.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.duration
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

    /// The same attempt with another account of how it failed.
    #[cfg(all(feature = "process", unix))]
    pub(super) fn map_failure<F>(self, change: impl FnOnce(Failure<E>) -> Failure<F>) -> Attempt<F> {
        let Attempt { current, has_candidates, offset, duration, failure } = self;
        Attempt { current, has_candidates, offset, duration, failure: change(failure) }
    }
}

/// How an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<E> {
    /// The body gave this error.
    Error(E),
    /// The body took longer than this limit.
    Timeout(Duration),
    /// The child process that ran the body has ended without an answer.
    #[cfg(all(feature = "process", unix))]
    Crashed(Crash),
    /// What the body takes, or what it gave, cannot be sent between processes.
    #[cfg(all(feature = "process", unix))]
    Serialization(Serialization),
}

#[cfg(feature = "observe")]
impl<E> Failure<E> {
    /// The two parts of the line that it has in the details: what it is called, and what it says. Those of an error of the body are
    /// for `of_error` to say.
    pub(crate) fn type_and_text(&self, of_error: impl FnOnce(&E) -> (String, String)) -> (String, String) {
        match self {
            Failure::Error(error) => of_error(error),
            Failure::Timeout(limit) => ("Timeout".into(), format!("no answer within {limit:?}")),
            #[cfg(all(feature = "process", unix))]
            Failure::Crashed(crash) => ("Crashed".into(), text(crash)),
            #[cfg(all(feature = "process", unix))]
            Failure::Serialization(problem) => ("Serialization".into(), text(problem)),
        }
    }
}

/// What it is as text, as far as it can say it.
#[cfg(feature = "observe")]
pub(crate) fn text(value: &impl fmt::Display) -> String {
    let mut text = String::new();
    // An error of a `Display` of the user's is no reason to panic.
    let _ = fmt::Write::write_fmt(&mut text, format_args!("{value}"));
    text
}

/// The name of a type without the modules of any of its paths.
#[cfg(feature = "observe")]
pub(crate) fn type_text<T: ?Sized>() -> String {
    let mut text = String::new();
    // A `String` takes whatever is written.
    let _ = write_last_segments(&mut text, core::any::type_name::<T>());
    text
}

/// `TYPE: error`, on one line of the details.
impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Error(error) => {
                write_last_segments(f, core::any::type_name::<E>())?;
                write!(f, ": {error}")
            }
            Failure::Timeout(limit) => write!(f, "Timeout: no answer within {limit:?}"),
            #[cfg(all(feature = "process", unix))]
            Failure::Crashed(crash) => write!(f, "Crashed: {crash}"),
            #[cfg(all(feature = "process", unix))]
            Failure::Serialization(problem) => write!(f, "Serialization: {problem}"),
        }
    }
}

/// How many attempts had failed when the last of these did.
pub(super) fn count<E>(attempts: &[Attempt<E>]) -> u32 {
    attempts.last().map_or(0, Attempt::number)
}

pub(super) fn write_details<E: fmt::Display>(f: &mut fmt::Formatter<'_>, attempts: &[Attempt<E>]) -> fmt::Result {
    f.write_str(DETAILS)?;
    let mut more = count(attempts);
    for attempt in attempts.iter().take(SHOWN) {
        write!(f, "\n  {}. {}", attempt.number(), attempt.failure)?;
        more -= 1;
    }
    if more == 0 { Ok(()) } else { write!(f, "\n  ... and {more} more errors") }
}

/// Writes a type's name without the modules of any of its paths: `Box<dyn Error>` for
/// `alloc::boxed::Box<dyn core::error::Error>`.
fn write_last_segments(f: &mut impl fmt::Write, name: &str) -> fmt::Result {
    let mut rest = name;
    while let Some(end) = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let (word, tail) = rest.split_at(end);
        if let Some(after) = tail.strip_prefix("::") {
            // What follows `>::` belongs to the type before it and is no path of modules.
            rest = after;
            continue;
        }
        let mark = tail.chars().next().map_or(0, char::len_utf8);
        f.write_str(word)?;
        f.write_str(&tail[..mark])?;
        rest = &tail[mark..];
    }
    f.write_str(rest)
}
