//! What each variant of an error holds.

use core::fmt;
use core::time::Duration;

#[cfg(all(feature = "process", unix))]
use super::attempt::Failure;
use super::attempt::{self, Attempt};
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::storage::{Attempts, Kept, MaybeBoxed, Text};
use crate::time::nanos;

/// Every attempt failed: which, when, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllFailed<E>(MaybeBoxed<Kept<Log<E>>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Log<E> {
    name: Text,
    attempts: Attempts<E>,
}

impl<E> AllFailed<E> {
    #[cold]
    pub(crate) fn new(name: Text, attempts: Attempts<E>) -> Self {
        AllFailed(Kept::new(Log { name, attempts }).into())
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Every failed attempt, in order; without feature `alloc` the last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        self.0.attempts.as_slice()
    }

    pub(super) fn into_attempts(self) -> Attempts<E> {
        let kept = self.0;
        kept.into_value().attempts
    }

    /// Where and when it was made.
    #[cfg(feature = "observe")]
    pub(super) const fn origin(&self) -> &Origin {
        self.0.origin()
    }
}

#[cfg(all(feature = "process", unix))]
impl<E> AllFailed<Failure<E>> {
    pub(super) fn told_by_body(self) -> AllFailed<E> {
        AllFailed(self.0.map(Log::told_by_body).into())
    }
}

#[cfg(all(feature = "process", unix))]
impl<E> Log<Failure<E>> {
    fn told_by_body(self) -> Log<E> {
        let own = |failure| match failure {
            Failure::Error(failure) => failure,
            Failure::Timeout(limit) => Failure::Timeout(limit),
            Failure::Crashed(crash) => Failure::Crashed(crash),
            Failure::Serialization(problem) => Failure::Serialization(problem),
        };
        Log { name: self.name, attempts: self.attempts.map(|attempt| attempt.map_failure(own)) }
    }
}

impl<E: fmt::Display> fmt::Display for AllFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "All {} attempts failed for {}", attempt::count(self.attempts()), self.0.name)?;
        attempt::write_details(f, self.attempts())
    }
}

/// The time for the whole call was over before there was a value, or what the call would have had to wait for lay beyond it.
#[derive(Clone, PartialEq, Eq)]
pub struct Timeout<E>(MaybeBoxed<Kept<Ended<E>>>);

/// Without an allocator it stands in the result of every call, so it takes no more room than it must.
#[derive(Clone, PartialEq, Eq)]
struct Ended<E> {
    log: Log<E>,
    /// In nanoseconds.
    limit: u64,
    reason: TimeoutReason,
}

impl<E> Timeout<E> {
    /// The call `name` did not end within `limit`, and no attempt had failed until then.
    #[cfg_attr(not(feature = "map"), allow(dead_code, reason = "a map has no attempts of its own"))]
    pub(crate) fn new(name: impl Into<Text>, limit: Duration) -> Self {
        Timeout::after(name.into(), nanos(limit), TimeoutReason::Elapsed, Attempts::default())
    }

    /// The same with a limit in nanoseconds, after these attempts.
    #[cold]
    pub(crate) fn after(name: Text, limit: u64, reason: TimeoutReason, attempts: Attempts<E>) -> Self {
        Timeout(Kept::new(Ended { log: Log { name, attempts }, limit, reason }).into())
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.log.name
    }

    /// The time the call had.
    #[must_use]
    pub fn limit(&self) -> Duration {
        Duration::from_nanos(self.0.limit)
    }

    /// Why it ended: was the time over, or would a wait have outlasted it?
    ///
    /// # Examples
    /// ```
    /// use core::time::Duration;
    /// use opero::error::TimeoutReason;
    /// use opero::{Error, opero, time::ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let outcome = opero! { deadline: 1s, retries: 9, clock: &clock => {
    ///     clock.advance(Duration::from_secs(1));
    ///     Err::<(), _>("down")
    /// } };
    /// let Err(Error::Timeout(timeout)) = outcome else { panic!("{outcome:?}") };
    /// assert_eq!(timeout.reason(), TimeoutReason::Elapsed);
    /// ```
    #[must_use]
    pub fn reason(&self) -> TimeoutReason {
        self.0.reason
    }

    /// The attempts that failed in that time, in order; without feature `alloc` the last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        self.0.log.attempts.as_slice()
    }

    pub(super) fn into_attempts(self) -> Attempts<E> {
        let kept = self.0;
        kept.into_value().log.attempts
    }

    /// Where and when it was made.
    #[cfg(feature = "observe")]
    pub(super) const fn origin(&self) -> &Origin {
        self.0.origin()
    }
}

#[cfg(all(feature = "process", unix))]
impl<E> Timeout<Failure<E>> {
    pub(super) fn told_by_body(self) -> Timeout<E> {
        let told_by_body = |Ended { log, limit, reason }: Ended<_>| Ended { log: log.told_by_body(), limit, reason };
        Timeout(self.0.map(told_by_body).into())
    }
}

impl<E: fmt::Debug> fmt::Debug for Timeout<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("name", &self.name())
            .field("limit", &self.limit())
            .field("reason", &self.reason())
            .field("attempts", &self.attempts())
            .finish()
    }
}

impl<E: fmt::Display> fmt::Display for Timeout<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "No answer within {:?} for {}{}", self.limit(), self.0.log.name, self.0.reason)?;
        if self.attempts().is_empty() {
            return Ok(());
        }
        attempt::write_details(f, self.attempts())
    }
}

/// Why a call ran out of time: nothing is waited for that cannot help, so it may end long before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutReason {
    /// The time was over.
    Elapsed,
    /// The delay before the next retry, which would not have been over in time.
    Delay(Duration),
    /// The same of a delay that `retry_after` asked for.
    RetryAfter(Duration),
    /// The same of the delay before the next candidate.
    FallbackDelay(Duration),
    /// The next permit of the rate was this far away. None was taken.
    Permit(Duration),
    /// The pause that a large process makes, because of `memory`, before an attempt starts.
    Memory(Duration),
}

/// What follows the name of the call.
impl fmt::Display for TimeoutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeoutReason::Elapsed => Ok(()),
            TimeoutReason::Delay(delay) => write!(f, ": the next retry was due only after {delay:?}"),
            TimeoutReason::RetryAfter(delay) => {
                write!(f, ": `retry_after` allowed the next retry only after {delay:?}")
            }
            TimeoutReason::FallbackDelay(delay) => write!(f, ": the next candidate was due only after {delay:?}"),
            TimeoutReason::Permit(wait) => write!(f, ": the next permit was due only after {wait:?}"),
            TimeoutReason::Memory(pause) => write!(f, ": memory is short, so it had to pause for {pause:?}"),
        }
    }
}

/// A variant that is a name and a sentence.
macro_rules! message_error {
    ($(#[$about:meta])* $name:ident, $(#[$made:meta])* new, $(#[$told:meta])* $sentence:ident, $text:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(MaybeBoxed<Kept<(Text, Text)>>);

        impl $name {
            $(#[$made])*
            #[cold]
            #[cfg_attr(
                not(all(feature = "cache", feature = "map")),
                allow(dead_code, reason = "each of them is for the feature that makes it")
            )]
            pub(crate) fn new(name: impl Into<Text>, $sentence: impl Into<Text>) -> Self {
                $name(Kept::new((name.into(), $sentence.into())).into())
            }

            /// The name of the call.
            #[must_use]
            pub fn name(&self) -> &str {
                &self.0.0
            }

            $(#[$told])*
            #[must_use]
            pub fn $sentence(&self) -> &str {
                &self.0.1
            }

            /// Where and when it was made.
            #[cfg(feature = "observe")]
            pub(super) const fn origin(&self) -> &Origin {
                self.0.origin()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $text, self.0.0, self.0.1)
            }
        }
    };
}

message_error! {
    /// An option with a value it cannot have.
    Configuration,
    /// The call `name` cannot run as it is written; `problem` says which option and why.
    new,
    /// Which option is wrong, and why.
    problem,
    "Invalid configuration of {}: {}"
}

message_error! {
    /// A cache that cannot answer.
    Cache,
    /// The cache of the call `name` cannot answer; `problem` says why.
    #[allow(dead_code, reason = "no layer of today ends a call so")]
    new,
    /// Why the cache cannot answer.
    problem,
    "No answer from the cache for {}: {}"
}

message_error! {
    /// A body that panicked.
    Panicked,
    /// The body of the call `name` panicked with `message`.
    new,
    /// What the panic said.
    message,
    "Panic in {}: {}"
}

message_error! {
    /// An item, or a call, that was never started.
    Skipped,
    /// `name` is the map that ended before this item was started, or the call that a layer did not let in; `reason` says why.
    new,
    /// What ended the map, or why the layer did not let the call in.
    reason,
    "Skipped by {}: {}"
}
