//! The data of each variant of an error.

use core::fmt;
use core::time::Duration;

use super::attempt::{self, Attempt, Failure};
use super::duration::Rounded;
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::storage::{Attempts, Kept, MaybeBoxed, Text};
use super::text::{self, Style, Words};
use crate::time::nanos;

/// The failed attempts of a call in which every attempt failed.
#[derive(Clone, PartialEq, Eq)]
pub struct AllFailed<E>(MaybeBoxed<Kept<Log<E>>>);

#[derive(Clone, PartialEq, Eq)]
struct Log<E> {
    name: Text,
    attempts: Attempts<E>,
}

impl<E> Log<E> {
    #[cfg(feature = "std")]
    fn with_attempts<F>(self, change: impl FnOnce(Attempts<E>) -> Attempts<F>) -> Log<F> {
        Log { name: self.name, attempts: change(self.attempts) }
    }

    /// The list of the attempts, with these texts.
    fn write_details<'e>(
        &'e self,
        f: &mut fmt::Formatter<'_>,
        style: Style,
        words: &dyn Fn(&'e Failure<E>) -> Words<'e>,
    ) -> fmt::Result {
        let attempts = self.attempts.as_slice();
        text::write_details(f, &mut attempts.iter().map(|attempt| attempt.line(words)), attempt::count(attempts), style)
    }
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

    /// All failed attempts, in order; without feature `alloc` only the last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        self.0.attempts.as_slice()
    }

    #[cfg(feature = "std")]
    pub(super) fn attempts_mut(&mut self) -> &mut [Attempt<E>] {
        self.0.value_mut().attempts.as_mut_slice()
    }

    pub(super) fn into_attempts(self) -> Attempts<E> {
        let kept = self.0;
        kept.into_value().attempts
    }

    /// The same call with other attempts.
    #[cfg(feature = "std")]
    pub(super) fn with_attempts<F>(self, change: impl FnOnce(Attempts<E>) -> Attempts<F>) -> AllFailed<F> {
        AllFailed(self.0.map(|log| log.with_attempts(change)).into())
    }

    pub(super) fn write<'e>(
        &'e self,
        f: &mut fmt::Formatter<'_>,
        style: Style,
        words: &dyn Fn(&'e Failure<E>) -> Words<'e>,
    ) -> fmt::Result {
        match attempt::count(self.attempts()) {
            1 => write!(f, "1 attempt failed for {}", self.name())?,
            count => write!(f, "All {count} attempts failed for {}", self.name())?,
        }
        self.0.write_details(f, style, words)
    }

    /// Where and when it was created.
    #[cfg(feature = "observe")]
    pub(super) const fn origin(&self) -> &Origin {
        self.0.origin()
    }
}

impl<E: fmt::Display> fmt::Display for AllFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, Style::of(f), &Failure::displayed)
    }
}

/// Prints the same as `{:#}`.
impl<E: fmt::Debug> fmt::Debug for AllFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_pretty = f.alternate();
        self.write(f, Style::Full, &|failure| failure.debugged(is_pretty))
    }
}

/// The time of the call was over before there was a value, or the call would have had to wait longer.
#[derive(Clone, PartialEq, Eq)]
pub struct Timeout<E>(MaybeBoxed<Kept<Ended<E>>>);

/// Without an allocator it is part of the result of every call, so it is kept small.
#[derive(Clone, PartialEq, Eq)]
struct Ended<E> {
    log: Log<E>,
    /// In nanoseconds.
    limit: u64,
    reason: TimeoutReason,
}

impl<E> Timeout<E> {
    /// Creates the error of a call `name` that did not end within `limit`, without a failed attempt.
    #[cfg_attr(not(feature = "map"), allow(dead_code, reason = "a map has no attempts of its own"))]
    pub(crate) fn new(name: impl Into<Text>, limit: Duration) -> Self {
        Timeout::after(name.into(), nanos(limit), TimeoutReason::Elapsed, Attempts::default())
    }

    /// The same, with a limit in nanoseconds and these failed attempts.
    #[cold]
    pub(crate) fn after(name: Text, limit: u64, reason: TimeoutReason, attempts: Attempts<E>) -> Self {
        Timeout(Kept::new(Ended { log: Log { name, attempts }, limit, reason }).into())
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.log.name
    }

    /// The time limit of the call.
    #[must_use]
    pub fn limit(&self) -> Duration {
        Duration::from_nanos(self.0.limit)
    }

    /// Why the call ended: its time was over, or it would have had to wait longer.
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

    /// The attempts that failed in this time, in order; without feature `alloc` only the last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        self.0.log.attempts.as_slice()
    }

    #[cfg(feature = "std")]
    pub(super) fn attempts_mut(&mut self) -> &mut [Attempt<E>] {
        self.0.value_mut().log.attempts.as_mut_slice()
    }

    pub(super) fn into_attempts(self) -> Attempts<E> {
        let kept = self.0;
        kept.into_value().log.attempts
    }

    /// The same call with other attempts.
    #[cfg(feature = "std")]
    pub(super) fn with_attempts<F>(self, change: impl FnOnce(Attempts<E>) -> Attempts<F>) -> Timeout<F> {
        let changed = |Ended { log, limit, reason }: Ended<E>| Ended { log: log.with_attempts(change), limit, reason };
        Timeout(self.0.map(changed).into())
    }

    pub(super) fn write<'e>(
        &'e self,
        f: &mut fmt::Formatter<'_>,
        style: Style,
        words: &dyn Fn(&'e Failure<E>) -> Words<'e>,
    ) -> fmt::Result {
        write!(f, "No answer within {} for {}", Rounded(self.limit()), self.name())?;
        match attempt::count(self.attempts()) {
            0 => {}
            1 => f.write_str(" after 1 failed attempt")?,
            count => write!(f, " after {count} failed attempts")?,
        }
        if self.reason() != TimeoutReason::Elapsed {
            write!(f, ": {}", self.reason())?;
        }
        self.0.log.write_details(f, style, words)
    }

    /// Where and when it was created.
    #[cfg(feature = "observe")]
    pub(super) const fn origin(&self) -> &Origin {
        self.0.origin()
    }
}

impl<E: fmt::Display> fmt::Display for Timeout<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, Style::of(f), &Failure::displayed)
    }
}

/// Prints the same as `{:#}`.
impl<E: fmt::Debug> fmt::Debug for Timeout<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_pretty = f.alternate();
        self.write(f, Style::Full, &|failure| failure.debugged(is_pretty))
    }
}

/// Why a call ran out of time. A call does not start a wait that would end after its deadline, so it may end long before it.
///
/// `Display` prints a part of a sentence, such as `the next retry was due in 10 s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutReason {
    /// The time was over.
    Elapsed,
    /// The delay before the next retry would have ended too late.
    Delay(Duration),
    /// The delay that `retry_after` asked for would have ended too late.
    RetryAfter(Duration),
    /// The delay before the next candidate would have ended too late.
    FallbackDelay(Duration),
    /// The wait for the next permit of the rate would have been this long. No permit was taken.
    Permit(Duration),
    /// The process used much memory, and the pause of option `memory` before the attempt would have ended too late.
    Memory(Duration),
}

impl fmt::Display for TimeoutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            TimeoutReason::Elapsed => f.write_str("the time was over"),
            TimeoutReason::Delay(delay) => write!(f, "the next retry was due in {}", Rounded(delay)),
            TimeoutReason::RetryAfter(delay) => {
                write!(f, "`retry_after` put off the next retry for {}", Rounded(delay))
            }
            TimeoutReason::FallbackDelay(delay) => write!(f, "the next candidate was due in {}", Rounded(delay)),
            TimeoutReason::Permit(wait) => write!(f, "the next permit was due in {}", Rounded(wait)),
            TimeoutReason::Memory(pause) => {
                write!(f, "memory is short, and the next attempt was due in {}", Rounded(pause))
            }
        }
    }
}

/// A variant with a name and a sentence.
macro_rules! message_error {
    ($(#[$about:meta])* $name:ident, $(#[$made:meta])* new, $(#[$told:meta])* $sentence:ident, $text:literal) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(MaybeBoxed<Kept<(Text, Text)>>);

        impl $name {
            $(#[$made])*
            #[cold]
            #[cfg_attr(
                not(all(feature = "cache", feature = "map")),
                allow(dead_code, reason = "each type is only created with its feature")
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

            /// Where and when it was created.
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

        /// Prints the same as `Display`.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

message_error! {
    /// An option with an invalid value.
    Configuration,
    /// Creates the error of a call `name` with an invalid option; `problem` says which option and why.
    new,
    /// Which option is invalid, and why.
    problem,
    "Invalid configuration of {}: {}"
}

message_error! {
    /// A cache that is not available.
    Cache,
    /// Creates the error of a call `name` whose cache is not available; `problem` says why.
    #[allow(dead_code, reason = "no layer of today ends a call so")]
    new,
    /// Why the cache is not available.
    problem,
    "No answer from the cache for {}: {}"
}

message_error! {
    /// The body panicked.
    Panicked,
    /// Creates the error of a call `name` whose body panicked with `message`.
    new,
    /// The message of the panic.
    message,
    "Panic in {}: {}"
}

message_error! {
    /// An item, or a call, that did not start.
    Skipped,
    /// `name` is the map that ended before this item was started, or the call that a layer refused; `reason` says why.
    new,
    /// Why the map ended, or why the layer refused the call.
    reason,
    "Skipped by {}: {}"
}
