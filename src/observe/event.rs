//! The events of a call.

use alloc::borrow::Cow;
use core::fmt;
use core::time::Duration;

use super::Outcome;
use super::correlation::Id;

/// Something that happened to a call.
///
/// A call ends with exactly one of [`Succeeded`](Event::Succeeded), [`GaveUp`](Event::GaveUp),
/// [`Panicked`](Event::Panicked) and [`Abandoned`](Event::Abandoned). The other events come before it.
///
/// The fields mean the same in every variant:
///
/// - `name`: option `name`, else the name of the function, else `module:line`.
/// - `time`: the time of the event, by the clock of the call.
/// - `correlation`: the [id](super::correlation) of the scope around the call.
/// - `attempt`: the number of an attempt, from 1. In an event about a failure it is the number of the failed attempt.
/// - `candidate`: the candidate of that attempt, as a position in the fallback list from 0; `None` without a fallback.
/// - `delay`: how long the call waits before its next attempt.
/// - `error`: the error of that attempt.
/// - `elapsed`: the time since the first attempt could start. It includes all attempts and delays, but not the wait for
///   a permit.
///
/// An event borrows from the call. [`into_owned`](Event::into_owned) returns one that can be kept.
///
/// # Examples
/// ```
/// use opero::{Event, opero};
///
/// let mut delays = Vec::new();
/// let outcome = opero! {
///     retries: 2, min_delay: 1ms, name: "ask",
///     on_event: |event| if let Event::Retry { attempt, delay, error, .. } = event {
///         delays.push(format!("{attempt}. {error}, again in {delay:?}"));
///     }
///     => Err::<(), _>("busy")
/// };
/// assert!(outcome.is_err());
/// assert_eq!(delays, ["1. busy, again in 1ms", "2. busy, again in 1.5ms"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields mean the same in every variant, as explained above")]
pub enum Event<'e> {
    /// A round failed, and a retry follows after `delay`.
    #[non_exhaustive]
    Retry {
        name: Cow<'e, str>,
        attempt: u32,
        candidate: Option<usize>,
        delay: Duration,
        error: EventError<'e>,
        correlation: Option<Id>,
        time: Duration,
    },
    /// An attempt failed, and the next candidate follows after `delay`. `candidate` is the one that failed, `next` the
    /// one that follows.
    #[non_exhaustive]
    Fallback {
        name: Cow<'e, str>,
        attempt: u32,
        candidate: Option<usize>,
        next: usize,
        delay: Duration,
        error: EventError<'e>,
        correlation: Option<Id>,
        time: Duration,
    },
    /// An attempt was cut at `limit`, or returned after it.
    #[non_exhaustive]
    Timeout {
        name: Cow<'e, str>,
        attempt: u32,
        candidate: Option<usize>,
        limit: Duration,
        correlation: Option<Id>,
        time: Duration,
    },
    /// A layer refused the call: `"rate"`, or `"layer"` for one of your own. `retry_after` is the time until the next
    /// permit.
    #[non_exhaustive]
    Refused {
        name: Cow<'e, str>,
        layer: &'static str,
        retry_after: Option<Duration>,
        correlation: Option<Id>,
        time: Duration,
    },
    /// The call waited for `wait` at a layer: at `"rate"` for its permit, at `"cache"` for another call's run of the
    /// same key.
    #[non_exhaustive]
    Waited { name: Cow<'e, str>, layer: &'static str, wait: Duration, correlation: Option<Id>, time: Duration },
    /// The cache answered.
    #[non_exhaustive]
    Hit { name: Cow<'e, str>, correlation: Option<Id>, time: Duration },
    /// The cache had no entry, and the body runs.
    #[non_exhaustive]
    Miss { name: Cow<'e, str>, correlation: Option<Id>, time: Duration },
    /// A store could not be read, or could not store a value; in the second case the event follows
    /// [`Succeeded`](Event::Succeeded). The call goes on without the store.
    #[non_exhaustive]
    StoreFault { name: Cow<'e, str>, error: Cow<'e, str>, correlation: Option<Id>, time: Duration },
    /// The call returned a value: from this `attempt`, or from a layer such as the cache if `attempt` is `None`.
    #[non_exhaustive]
    Succeeded {
        name: Cow<'e, str>,
        attempt: Option<u32>,
        candidate: Option<usize>,
        elapsed: Duration,
        correlation: Option<Id>,
        time: Duration,
    },
    /// The call returned an error after this number of `attempts`. `error` is the error of the last attempt.
    #[non_exhaustive]
    GaveUp {
        name: Cow<'e, str>,
        outcome: Outcome,
        attempts: u32,
        error: Option<EventError<'e>>,
        elapsed: Duration,
        correlation: Option<Id>,
        time: Duration,
    },
    /// The body panicked in this `attempt`.
    #[non_exhaustive]
    Panicked { name: Cow<'e, str>, attempt: u32, elapsed: Duration, correlation: Option<Id>, time: Duration },
    /// The future of the call was dropped during this `attempt`, or before the first attempt if it is 0.
    #[non_exhaustive]
    Abandoned { name: Cow<'e, str>, attempt: u32, elapsed: Duration, correlation: Option<Id>, time: Duration },
}

/// The error of an attempt, in an [`Event`].
///
/// It displays like the error if its type is `&str`, `String`, `Box<dyn Error>`, [`std::io::Error`] or an error of the
/// parsers of `core`. In a use with option `on_event` it always does, because errors must be [`Display`](fmt::Display)
/// there. Any other error displays as the name of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError<'e> {
    pub(crate) type_name: Cow<'e, str>,
    pub(crate) text: Cow<'e, str>,
}

impl EventError<'_> {
    /// Returns the name of its type, without the modules, such as `ParseIntError`. An exceeded limit is a `Timeout`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn into_owned(self) -> EventError<'static> {
        EventError { type_name: owned(self.type_name), text: owned(self.text) }
    }
}

impl fmt::Display for EventError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

impl Event<'_> {
    /// Returns the name of the call: option `name`, else the name of the function, else `module:line`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Event::Retry { name, .. }
            | Event::Fallback { name, .. }
            | Event::Timeout { name, .. }
            | Event::Refused { name, .. }
            | Event::Waited { name, .. }
            | Event::Hit { name, .. }
            | Event::Miss { name, .. }
            | Event::StoreFault { name, .. }
            | Event::Succeeded { name, .. }
            | Event::GaveUp { name, .. }
            | Event::Panicked { name, .. }
            | Event::Abandoned { name, .. } => name,
        }
    }

    /// Returns the time of the event, by the clock of the call.
    #[must_use]
    pub const fn time(&self) -> Duration {
        match self {
            Event::Retry { time, .. }
            | Event::Fallback { time, .. }
            | Event::Timeout { time, .. }
            | Event::Refused { time, .. }
            | Event::Waited { time, .. }
            | Event::Hit { time, .. }
            | Event::Miss { time, .. }
            | Event::StoreFault { time, .. }
            | Event::Succeeded { time, .. }
            | Event::GaveUp { time, .. }
            | Event::Panicked { time, .. }
            | Event::Abandoned { time, .. } => *time,
        }
    }

    /// Returns the [id](super::correlation) of the scope around the call, if there is one.
    #[must_use]
    pub const fn correlation(&self) -> Option<&Id> {
        match self {
            Event::Retry { correlation, .. }
            | Event::Fallback { correlation, .. }
            | Event::Timeout { correlation, .. }
            | Event::Refused { correlation, .. }
            | Event::Waited { correlation, .. }
            | Event::Hit { correlation, .. }
            | Event::Miss { correlation, .. }
            | Event::StoreFault { correlation, .. }
            | Event::Succeeded { correlation, .. }
            | Event::GaveUp { correlation, .. }
            | Event::Panicked { correlation, .. }
            | Event::Abandoned { correlation, .. } => correlation.as_ref(),
        }
    }

    /// Returns the number of the attempt, from 1. For [`GaveUp`](Event::GaveUp) it is the number of attempts.
    #[must_use]
    pub const fn attempt(&self) -> Option<u32> {
        match self {
            Event::Retry { attempt, .. }
            | Event::Fallback { attempt, .. }
            | Event::Timeout { attempt, .. }
            | Event::GaveUp { attempts: attempt, .. }
            | Event::Panicked { attempt, .. }
            | Event::Abandoned { attempt, .. } => Some(*attempt),
            Event::Succeeded { attempt, .. } => *attempt,
            Event::Refused { .. }
            | Event::Waited { .. }
            | Event::Hit { .. }
            | Event::Miss { .. }
            | Event::StoreFault { .. } => None,
        }
    }

    /// Returns the candidate of the attempt, as a position in the fallback list from 0.
    #[must_use]
    pub const fn candidate(&self) -> Option<usize> {
        match self {
            Event::Retry { candidate, .. }
            | Event::Fallback { candidate, .. }
            | Event::Timeout { candidate, .. }
            | Event::Succeeded { candidate, .. } => *candidate,
            _ => None,
        }
    }

    /// Returns how long the call waits before its next attempt.
    #[must_use]
    pub const fn delay(&self) -> Option<Duration> {
        match self {
            Event::Retry { delay, .. } | Event::Fallback { delay, .. } => Some(*delay),
            _ => None,
        }
    }

    /// Returns the error of the attempt.
    #[must_use]
    pub const fn error(&self) -> Option<&EventError<'_>> {
        match self {
            Event::Retry { error, .. } | Event::Fallback { error, .. } => Some(error),
            Event::GaveUp { error, .. } => error.as_ref(),
            _ => None,
        }
    }

    /// Returns the kind of the event as one word, such as `retry` or `gave_up`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Event::Retry { .. } => "retry",
            Event::Fallback { .. } => "fallback",
            Event::Timeout { .. } => "timeout",
            Event::Refused { .. } => "refused",
            Event::Waited { .. } => "waited",
            Event::Hit { .. } => "hit",
            Event::Miss { .. } => "miss",
            Event::StoreFault { .. } => "store_fault",
            Event::Succeeded { .. } => "succeeded",
            Event::GaveUp { .. } => "gave_up",
            Event::Panicked { .. } => "panicked",
            Event::Abandoned { .. } => "abandoned",
        }
    }

    /// Returns an event that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        match self {
            Event::Retry { name, attempt, candidate, delay, error, correlation, time } => Event::Retry {
                name: owned(name),
                attempt,
                candidate,
                delay,
                error: error.into_owned(),
                correlation,
                time,
            },
            Event::Fallback { name, attempt, candidate, next, delay, error, correlation, time } => Event::Fallback {
                name: owned(name),
                attempt,
                candidate,
                next,
                delay,
                error: error.into_owned(),
                correlation,
                time,
            },
            Event::Timeout { name, attempt, candidate, limit, correlation, time } => {
                Event::Timeout { name: owned(name), attempt, candidate, limit, correlation, time }
            }
            Event::Refused { name, layer, retry_after, correlation, time } => {
                Event::Refused { name: owned(name), layer, retry_after, correlation, time }
            }
            Event::Waited { name, layer, wait, correlation, time } => {
                Event::Waited { name: owned(name), layer, wait, correlation, time }
            }
            Event::Hit { name, correlation, time } => Event::Hit { name: owned(name), correlation, time },
            Event::Miss { name, correlation, time } => Event::Miss { name: owned(name), correlation, time },
            Event::StoreFault { name, error, correlation, time } => {
                Event::StoreFault { name: owned(name), error: owned(error), correlation, time }
            }
            Event::Succeeded { name, attempt, candidate, elapsed, correlation, time } => {
                Event::Succeeded { name: owned(name), attempt, candidate, elapsed, correlation, time }
            }
            Event::GaveUp { name, outcome, attempts, error, elapsed, correlation, time } => {
                let error = error.map(EventError::into_owned);
                Event::GaveUp { name: owned(name), outcome, attempts, error, elapsed, correlation, time }
            }
            Event::Panicked { name, attempt, elapsed, correlation, time } => {
                Event::Panicked { name: owned(name), attempt, elapsed, correlation, time }
            }
            Event::Abandoned { name, attempt, elapsed, correlation, time } => {
                Event::Abandoned { name: owned(name), attempt, elapsed, correlation, time }
            }
        }
    }
}
