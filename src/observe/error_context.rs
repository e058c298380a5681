//! An error as data, for a log or an error tracker.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Outcome;
use super::correlation::Id;
use super::rfc3339::Rfc3339;
use super::value::{Value, fields};
use crate::error::{Attempt, Error, text, type_text};

/// Everything an [`Error`] knows, without its type parameter: which call failed, for which request, when, and each of
/// its attempts.
///
/// The errors of the body are stored as text, so the context can be sent to another thread and kept, whatever their
/// type.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::observe::{ErrorContext, correlation};
/// use opero::{opero, time::ManualClock};
///
/// let clock = ManualClock::new();
/// let ask = || opero! { fallback: model in ["large", "small"], fallback_delay: 1s,
///     name: "ask", clock: &clock => {
///     clock.advance(Duration::from_millis(30));
///     Err::<(), _>(format!("{model} is down"))
/// } };
/// let error = correlation::with_id("req-42", ask).unwrap_err();
///
/// let context = ErrorContext::of(&error);
/// assert_eq!(
///     (context.function(), context.kind(), context.correlation_id()),
///     ("ask", "all_failed", "req-42"),
/// );
/// assert_eq!(context.total_duration(), Duration::from_millis(1060));
/// assert_eq!(context.attempts()[1].error(), "small is down");
/// println!("{context}");
/// ```
/// prints
/// ```text
/// All 2 attempts failed for ask
///   function: ask
///   kind: all_failed
///   correlation id: req-42
///   time: 2026-03-01T09:30:01.060000Z
///   total duration: 1.06s
///   attempts:
///     1. 2026-03-01T09:30:00.000000Z, took 30ms, candidate 0: String: large is down
///     2. 2026-03-01T09:30:01.030000Z, took 30ms, candidate 1: String: small is down
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorContext {
    function: String,
    kind: &'static str,
    message: String,
    correlation_id: Id,
    timestamp: SystemTime,
    total_duration: Duration,
    attempts: Vec<FailedAttempt>,
}

/// One failed attempt of a call, as text.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedAttempt {
    number: u32,
    candidate: Option<usize>,
    timestamp: SystemTime,
    duration: Duration,
    error_type: String,
    error: String,
}

impl ErrorContext {
    /// Creates the context of an error.
    #[must_use]
    pub fn of<E: fmt::Display>(error: &Error<E>) -> Self {
        let timestamp = error.origin().at();
        let total_duration = error.attempts().last().map_or(Duration::ZERO, end);
        let started = timestamp.checked_sub(total_duration).unwrap_or(UNIX_EPOCH);
        ErrorContext {
            function: error.name().to_owned(),
            kind: Outcome::of(error).as_str(),
            message: message(error),
            correlation_id: error.origin().id(),
            timestamp,
            total_duration,
            attempts: error.attempts().iter().map(|attempt| FailedAttempt::of(attempt, started)).collect(),
        }
    }

    /// Returns the name of the call: option `name`, else the name of the function, else `module:line`.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Returns the variant of the error: `all_failed`, `configuration`, `cache`, `rate_limit`, `timeout`, `panicked` or
    /// `skipped`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Returns the text of the error, without its attempts.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the id of the [scope](super::correlation) in which the error was created. An error created outside any
    /// scope has an id of its own, which does not change.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        &self.correlation_id
    }

    /// Returns when the error was created, by the system clock.
    ///
    /// On a target without a system clock it is [`UNIX_EPOCH`].
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.timestamp
    }

    /// Returns the time from the start of the first attempt to the end of the last, by the clock of the call; zero if
    /// there was no attempt. The time before that, waiting for the cache or for a permit, is not included.
    #[must_use]
    pub fn total_duration(&self) -> Duration {
        self.total_duration
    }

    /// Returns the failed attempts, in order; empty if there was no attempt.
    #[must_use]
    pub fn attempts(&self) -> &[FailedAttempt] {
        &self.attempts
    }

    /// Returns the same as a map, for a structured log or an error tracker. Feature `serde` serializes it in the same
    /// form.
    ///
    /// These fields are stable. Fields that OpenTelemetry has a name for use that name:
    ///
    /// | field | value |
    /// |---|---|
    /// | `function` | [`function`](ErrorContext::function) |
    /// | `correlation_id` | [`correlation_id`](ErrorContext::correlation_id) |
    /// | `timestamp` | [`timestamp`](ErrorContext::timestamp), as `2026-03-01T09:30:00.125000Z` |
    /// | `total_duration` | [`total_duration`](ErrorContext::total_duration), in seconds |
    /// | `error.type` | [`kind`](ErrorContext::kind) |
    /// | `error.message` | [`message`](ErrorContext::message) |
    /// | `attempts` | a list of maps |
    ///
    /// In each attempt:
    ///
    /// | field | value |
    /// |---|---|
    /// | `number` | [`number`](FailedAttempt::number) |
    /// | `candidate` | [`candidate`](FailedAttempt::candidate); only in a call with a fallback |
    /// | `timestamp` | [`timestamp`](FailedAttempt::timestamp), as `2026-03-01T09:30:00.125000Z` |
    /// | `duration` | [`duration`](FailedAttempt::duration), in seconds |
    /// | `error.type` | [`error_type`](FailedAttempt::error_type) |
    /// | `error.message` | [`error`](FailedAttempt::error) |
    ///
    /// # Examples
    /// See [`Value`].
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, Value> {
        let attempts = self.attempts.iter().map(|attempt| Value::Map(fields(attempt.fields()))).collect();
        fields(self.fields().into_iter().chain([("attempts", Value::List(attempts))]))
    }

    /// All fields except the attempts.
    fn fields(&self) -> [(&'static str, Value); 6] {
        [
            ("function", self.function.as_str().into()),
            ("correlation_id", self.correlation_id().into()),
            ("timestamp", Value::Text(Rfc3339(self.timestamp).to_string())),
            ("total_duration", self.total_duration.into()),
            ("error.type", self.kind.into()),
            ("error.message", self.message.as_str().into()),
        ]
    }
}

impl FailedAttempt {
    fn of<E: fmt::Display>(attempt: &Attempt<E>, started: SystemTime) -> Self {
        let (error_type, error) = attempt.failure().type_and_text(|error| (type_text::<E>(), text(error)));
        FailedAttempt {
            number: attempt.number(),
            candidate: attempt.candidate(),
            timestamp: started.checked_add(attempt.offset()).unwrap_or(started),
            duration: attempt.duration(),
            error_type,
            error,
        }
    }

    /// Returns the number of the attempt, from 1: the value of `attempt: n` in it.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the position of its candidate in the fallback list; `None` in a call without a fallback.
    #[must_use]
    pub fn candidate(&self) -> Option<usize> {
        self.candidate
    }

    /// Returns when the attempt started. It is calculated back from [the time of the error](ErrorContext::timestamp) by
    /// the clock of the call, so it is as exact as that clock, and meaningless with a manual clock.
    #[must_use]
    pub fn timestamp(&self) -> SystemTime {
        self.timestamp
    }

    /// Returns how long it took: see [`Attempt::duration`].
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns the type name of the body's error, without its modules, such as `ParseIntError`. It is `Timeout`,
    /// `Crashed` or `Serialization` if the body returned no error.
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.error_type
    }

    /// Returns the text of the error.
    #[must_use]
    pub fn error(&self) -> &str {
        &self.error
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let candidate = self.candidate.map(|candidate| ("candidate", Value::Integer(candidate as u64)));
        [("number", Value::Integer(self.number.into()))].into_iter().chain(candidate).chain([
            ("timestamp", Value::Text(Rfc3339(self.timestamp).to_string())),
            ("duration", self.duration.into()),
            ("error.type", self.error_type.as_str().into()),
            ("error.message", self.error.as_str().into()),
        ])
    }
}

impl<E: fmt::Display> From<&Error<E>> for ErrorContext {
    fn from(error: &Error<E>) -> Self {
        ErrorContext::of(error)
    }
}

/// The end of an attempt, counted from the start of the first.
fn end<E>(attempt: &Attempt<E>) -> Duration {
    attempt.offset().saturating_add(attempt.duration())
}

/// The text of an error up to its attempts.
fn message<E: fmt::Display>(error: &Error<E>) -> String {
    let mut message = text(error);
    if !error.attempts().is_empty() {
        if let Some(end) = message.find(crate::error::DETAILS) {
            message.truncate(end);
        }
    }
    message
}

impl fmt::Display for ErrorContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ErrorContext { function, kind, message, correlation_id, timestamp, total_duration, attempts } = self;
        write!(f, "{}", Indented(message, 2))?;
        write!(f, "\n  function: {}", Indented(function, 4))?;
        write!(f, "\n  kind: {kind}")?;
        write!(f, "\n  correlation id: {}", Indented(correlation_id, 4))?;
        write!(f, "\n  time: {}", Rfc3339(*timestamp))?;
        if attempts.is_empty() {
            return Ok(());
        }
        write!(f, "\n  total duration: {total_duration:?}\n  attempts:")?;
        attempts.iter().try_for_each(|attempt| write!(f, "\n    {attempt}"))
    }
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FailedAttempt { number, candidate, timestamp, duration, error_type, error } = self;
        write!(f, "{number}. {}, took {duration:?}", Rfc3339(*timestamp))?;
        if let Some(candidate) = candidate {
            write!(f, ", candidate {candidate}")?;
        }
        write!(f, ": {error_type}: {}", Indented(error, 7))
    }
}

/// Indents the second and later lines of a text, so that it stays one block.
struct Indented<'t>(&'t str, usize);

impl fmt::Display for Indented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Indented(text, margin) = *self;
        let mut lines = text.lines();
        f.write_str(lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| write!(f, "\n{:margin$}{line}", ""))
    }
}

/// In the form of [`to_map`](ErrorContext::to_map).
#[cfg(feature = "serde")]
impl serde::Serialize for ErrorContext {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let fields = self.fields();
        let mut map = serializer.serialize_map(Some(fields.len() + 1))?;
        for (name, value) in &fields {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("attempts", &self.attempts)?;
        map.end()
    }
}

/// In the form of [`ErrorContext::to_map`].
#[cfg(feature = "serde")]
impl serde::Serialize for FailedAttempt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields: Vec<_> = self.fields().collect();
        serializer.collect_map(fields)
    }
}
