//! What a call gives when it has no value: why, and every execution that failed on the way.

use core::fmt;
use core::time::Duration;

pub use self::attempt::{Attempt, Failure};

pub(crate) use self::kept::Apart as MaybeBoxed;
use self::kept::Apart;
pub(crate) use self::kept::{Attempts, Text, sentence};

mod attempt;
mod kept;

/// Why a call has no value.
///
/// `E` is the error of the body. The enum is two words, whatever `E` is, so a `Result` of a small value stays small.
///
/// # Without an allocator
/// Without feature `alloc` an error holds no list but the last failed execution alone, in itself: [`attempts`](Error::attempts)
/// gives that one, and the text counts the others. A name is then a `&'static str`, and a sentence quotes no values.
///
/// # Source
/// [`source`](core::error::Error::source) is `None`: it would have to ask `E: Error + 'static`, and then a `String` or a
/// `Box<dyn Error>` could not be the error of a body. The errors of the body are in the text of `Display`, and as they
/// are in [`last`](Error::last), [`into_last`](Error::into_last) and [`attempts`](Error::attempts).
///
/// # Examples
/// ```
/// use opero::opero;
///
/// let outcome = opero! { retries: 1, min_delay: 1ms, name: "sum" => "1x".parse::<u32>() };
/// let error = outcome.unwrap_err();
/// assert_eq!(error.attempts().len(), 2);
/// assert_eq!(
///     error.to_string(),
///     "All 2 attempts failed for sum\n\
///      Attempt details:\n\
///      \x20 1. ParseIntError: invalid digit found in string\n\
///      \x20 2. ParseIntError: invalid digit found in string"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// Every execution that was allowed has failed.
    AllFailed(AllFailed<E>),
    /// An option has a value it cannot have; nothing was executed.
    Configuration(Configuration),
    /// The cache cannot answer and the body may not run, as when a call asks for its own entry.
    Cache(Cache),
    /// The call would have to wait for its permit longer than it may.
    RateLimit(RateLimit),
    /// The time for the whole call is over.
    Timeout(Timeout<E>),
    /// The body panicked.
    Panicked(Panicked),
    /// The item was never started, because its map had already ended.
    Skipped(Skipped),
}

impl<E> Error<E> {
    /// Every failed execution, in order, or without feature `alloc` the last; empty where nothing was executed.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        match self {
            Error::AllFailed(failed) => failed.attempts(),
            Error::Timeout(timeout) => timeout.attempts(),
            _ => &[],
        }
    }

    /// The last error of the body, if there is one.
    #[must_use]
    pub fn last(&self) -> Option<&E> {
        self.attempts().iter().rev().find_map(Attempt::error)
    }

    /// The last error of the body, by value.
    #[must_use]
    pub fn into_last(self) -> Option<E> {
        let attempts = match self {
            Error::AllFailed(failed) => failed.0.attempts,
            Error::Timeout(timeout) => timeout.0.attempts,
            _ => return None,
        };
        attempts.into_error()
    }

    /// The name of the call: option `name`, else the function's, else `module:line`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Error::AllFailed(failed) => failed.name(),
            Error::Configuration(configuration) => configuration.name(),
            Error::Cache(cache) => cache.name(),
            Error::RateLimit(limit) => limit.name(),
            Error::Timeout(timeout) => timeout.name(),
            Error::Panicked(panicked) => panicked.name(),
            Error::Skipped(skipped) => skipped.name(),
        }
    }

    /// Is this [`Error::AllFailed`]?
    #[must_use]
    pub const fn is_all_failed(&self) -> bool {
        matches!(self, Error::AllFailed(_))
    }

    /// Is this [`Error::Configuration`]?
    #[must_use]
    pub const fn is_configuration(&self) -> bool {
        matches!(self, Error::Configuration(_))
    }

    /// Is this [`Error::Cache`]?
    #[must_use]
    pub const fn is_cache(&self) -> bool {
        matches!(self, Error::Cache(_))
    }

    /// Is this [`Error::RateLimit`]?
    #[must_use]
    pub const fn is_rate_limit(&self) -> bool {
        matches!(self, Error::RateLimit(_))
    }

    /// Is this [`Error::Timeout`]?
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    /// Is this [`Error::Panicked`]?
    #[must_use]
    pub const fn is_panicked(&self) -> bool {
        matches!(self, Error::Panicked(_))
    }

    /// Is this [`Error::Skipped`]?
    #[must_use]
    pub const fn is_skipped(&self) -> bool {
        matches!(self, Error::Skipped(_))
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::AllFailed(failed) => failed.fmt(f),
            Error::Configuration(configuration) => configuration.fmt(f),
            Error::Cache(cache) => cache.fmt(f),
            Error::RateLimit(limit) => limit.fmt(f),
            Error::Timeout(timeout) => timeout.fmt(f),
            Error::Panicked(panicked) => panicked.fmt(f),
            Error::Skipped(skipped) => skipped.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}

/// Every execution failed: which, when, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllFailed<E>(Apart<Log<E>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Log<E> {
    name: Text,
    limit: Duration,
    attempts: Attempts<E>,
}

impl<E> AllFailed<E> {
    #[cold]
    pub(crate) fn new(name: Text, attempts: Attempts<E>) -> Self {
        AllFailed(Log { name, limit: Duration::MAX, attempts }.into())
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Every failed execution, in order; without feature `alloc` the last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        self.0.attempts.as_slice()
    }
}

impl<E: fmt::Display> fmt::Display for AllFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "All {} attempts failed for {}", attempt::count(self.attempts()), self.0.name)?;
        attempt::write_details(f, self.attempts())
    }
}

/// The time for the whole call was over before there was a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeout<E>(Apart<Log<E>>);

impl<E> Timeout<E> {
    /// The call `name` did not end within `limit`, and no execution had failed until then.
    #[must_use]
    pub fn new(name: impl Into<Text>, limit: Duration) -> Self {
        Timeout::after(name.into(), limit, Attempts::default())
    }

    #[cold]
    pub(crate) fn after(name: Text, limit: Duration, attempts: Attempts<E>) -> Self {
        Timeout(Log { name, limit, attempts }.into())
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The time the call had.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.0.limit
    }

    /// The executions that failed in that time, in order; without feature `alloc` the last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        self.0.attempts.as_slice()
    }
}

impl<E: fmt::Display> fmt::Display for Timeout<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "No answer within {:?} for {}", self.0.limit, self.0.name)?;
        if self.attempts().is_empty() {
            return Ok(());
        }
        attempt::write_details(f, self.attempts())
    }
}

/// A variant that is a name and a sentence.
macro_rules! told {
    ($(#[$about:meta])* $name:ident, $(#[$made:meta])* new, $(#[$told:meta])* $sentence:ident, $text:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Apart<(Text, Text)>);

        impl $name {
            $(#[$made])*
            #[must_use]
            #[cold]
            pub fn new(name: impl Into<Text>, $sentence: impl Into<Text>) -> Self {
                $name((name.into(), $sentence.into()).into())
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
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $text, self.0.0, self.0.1)
            }
        }
    };
}

told! {
    /// An option with a value it cannot have.
    Configuration,
    /// The call `name` cannot run as it is written; `problem` says which option and why.
    new,
    /// Which option is wrong, and why.
    problem,
    "Invalid configuration of {}: {}"
}

told! {
    /// A cache that cannot answer.
    Cache,
    /// The cache of the call `name` cannot answer; `problem` says why.
    new,
    /// Why the cache cannot answer.
    problem,
    "No answer from the cache for {}: {}"
}

told! {
    /// A body that panicked.
    Panicked,
    /// The body of the call `name` panicked with `message`.
    new,
    /// What the panic said.
    message,
    "Panic in {}: {}"
}

told! {
    /// An item that was never started.
    Skipped,
    /// The map `name` ended before this item was started; `reason` says what ended it.
    new,
    /// What ended the map.
    reason,
    "Skipped by {}: {}"
}

/// A call that would have had to wait too long for its permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit(Apart<(Text, Duration)>);

impl RateLimit {
    /// The call `name` could have its permit only after `retry_after`.
    #[must_use]
    pub fn new(name: impl Into<Text>, retry_after: Duration) -> Self {
        RateLimit((name.into(), retry_after).into())
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.0
    }

    /// How long after the refusal a permit would have been there.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        self.0.1
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rate limit reached for {}: a permit is free in {:?}", self.0.0, self.0.1)
    }
}

#[cfg(test)]
mod tests;
