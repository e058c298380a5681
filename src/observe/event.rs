//! What happens to a call, as a listener is told.

use alloc::borrow::Cow;
use core::fmt;
use core::time::Duration;

use super::Outcome;
use super::correlation::Id;

/// What happens to a call.
///
/// A call ends with exactly one of [`Succeeded`](Event::Succeeded), [`GaveUp`](Event::GaveUp), [`Panicked`](Event::Panicked) and
/// [`Abandoned`](Event::Abandoned). The others come before it.
///
/// The fields, in every variant that has them:
///
/// - `name`: option `name`, else the function's, else `module:line`.
/// - `time`: what the clock of the call says.
/// - `correlation`: the [id](super::correlation) of the scope around the call.
/// - `attempt`: the number of an attempt of the body, from 1. An event about a failed one has its number.
/// - `candidate`: which item of the list of `fallback` that attempt had, from 0; `None` where there is no list.
/// - `delay`: how long the call waits now.
/// - `error`: the error of that attempt.
/// - `elapsed`: the time since the first attempt could start: with all attempts and delays, without waits for a permit.
///
/// An event borrows from the call. [`into_owned`](Event::into_owned) gives one to keep.
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
#[allow(missing_docs, reason = "the fields mean the same in every variant, and are explained above")]
pub enum Event<'e> {
    /// A round has failed, and another follows after `delay`.
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
    /// An attempt has failed, and the next candidate follows after `delay`. `candidate` is the one that failed, `next` the one
    /// that follows.
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
    /// An attempt was cut at `limit`, or came back later.
    #[non_exhaustive]
    Timeout {
        name: Cow<'e, str>,
        attempt: u32,
        candidate: Option<usize>,
        limit: Duration,
        correlation: Option<Id>,
        time: Duration,
    },
    /// A layer did not let the call in: `"rate"`, or `"layer"` for one of your own. `retry_after` is how far away the next permit
    /// is.
    #[non_exhaustive]
    Refused {
        name: Cow<'e, str>,
        layer: &'static str,
        retry_after: Option<Duration>,
        correlation: Option<Id>,
        time: Duration,
    },
    /// The call has waited so long at a layer: `"rate"` for its permit, `"cache"` for another's run of the same key.
    #[non_exhaustive]
    Waited { name: Cow<'e, str>, layer: &'static str, wait: Duration, correlation: Option<Id>, time: Duration },
    /// The cache has answered.
    #[non_exhaustive]
    Hit { name: Cow<'e, str>, correlation: Option<Id>, time: Duration },
    /// The cache has no entry, and the body runs.
    #[non_exhaustive]
    Miss { name: Cow<'e, str>, correlation: Option<Id>, time: Duration },
    /// A store could not be asked, or could not keep a value, which comes after [`Succeeded`](Event::Succeeded). The call goes on
    /// without it.
    #[non_exhaustive]
    StoreFault { name: Cow<'e, str>, error: Cow<'e, str>, correlation: Option<Id>, time: Duration },
    /// The call has given a value: that of this `attempt`, or with `None` that of a layer, as the cache.
    #[non_exhaustive]
    Succeeded {
        name: Cow<'e, str>,
        attempt: Option<u32>,
        candidate: Option<usize>,
        elapsed: Duration,
        correlation: Option<Id>,
        time: Duration,
    },
    /// The call has given an error, after so many `attempts`. `error` is that of the last of them.
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
    /// The body has panicked in this `attempt`.
    #[non_exhaustive]
    Panicked { name: Cow<'e, str>, attempt: u32, elapsed: Duration, correlation: Option<Id>, time: Duration },
    /// The future of the call was dropped in this `attempt`, or before the first, which is 0.
    #[non_exhaustive]
    Abandoned { name: Cow<'e, str>, attempt: u32, elapsed: Duration, correlation: Option<Id>, time: Duration },
}

/// The error of an attempt, in an [`Event`].
///
/// It prints as the error does. The crate cannot print every error: it does where the type is one of `&str`, `String`, `Box<dyn
/// Error>`, [`std::io::Error`] and those of the parsers of `core`, and in a use with option `on_event`, whose errors have to
/// be [`Display`](fmt::Display). Another error prints as the name of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventError<'e> {
    pub(crate) type_name: Cow<'e, str>,
    pub(crate) text: Cow<'e, str>,
}

impl EventError<'_> {
    /// The name of its type, without the modules: `ParseIntError`. A limit that was exceeded is a `Timeout`.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// What it prints as.
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
    /// The name of the call: option `name`, else the function's, else `module:line`.
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

    /// What the clock of the call says.
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

    /// The [id](super::correlation) of the scope around the call, where there is one.
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

    /// The number of the attempt that it is about, from 1; of one that gave up, how many there were.
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

    /// Which item of the list of `fallback` that attempt had, from 0.
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

    /// How long the call waits now, before its next attempt.
    #[must_use]
    pub const fn delay(&self) -> Option<Duration> {
        match self {
            Event::Retry { delay, .. } | Event::Fallback { delay, .. } => Some(*delay),
            _ => None,
        }
    }

    /// The error of the attempt that it is about.
    #[must_use]
    pub const fn error(&self) -> Option<&EventError<'_>> {
        match self {
            Event::Retry { error, .. } | Event::Fallback { error, .. } => Some(error),
            Event::GaveUp { error, .. } => error.as_ref(),
            _ => None,
        }
    }

    /// What kind of event it is, as one word: `retry`, `gave_up`.
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

    /// One to keep, which borrows from nothing.
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
