//! Why a call has no value: [`Error`], and what each of its variants tells.
//!
//! [`Error`], [`Attempt`] and [`Failure`] are at the root of the crate, too. What a variant holds is here alone: the crate
//! makes it, and a program reads it.
//!
//! # Examples
//! ```
//! use opero::error::RateLimit;
//! use opero::{Error, opero};
//!
//! /// What to tell the client that has been refused.
//! fn retry_after(limit: &RateLimit) -> String {
//!     format!("Retry-After: {}", limit.retry_after().as_secs())
//! }
//!
//! let ask = || opero! { rate: 1/h, max_wait: 0s => Ok::<_, String>(()) };
//! assert_eq!(ask(), Ok(()));
//! match ask() {
//!     Err(Error::RateLimit(limit)) => assert!(retry_after(&limit).starts_with("Retry-After: 359")),
//!     outcome => panic!("{outcome:?}"),
//! }
//! ```

use core::fmt;

pub use self::attempt::{Attempt, Failure};
#[cfg(feature = "observe")]
pub(crate) use self::attempt::{DETAILS, text, type_text};
#[cfg(all(feature = "process", unix))]
pub use self::crash::{Crash, Serialization};
#[cfg(feature = "observe")]
pub(crate) use self::origin::Origin;
pub use self::payload::{AllFailed, Cache, Configuration, Panicked, Skipped, Timeout, TimeoutReason};
pub use self::rate_limit::RateLimit;
pub(crate) use self::storage::{Attempts, MaybeBoxed, Text, format_or};

mod attempt;
#[cfg(all(feature = "process", unix))]
mod crash;
#[cfg(feature = "observe")]
mod origin;
mod payload;
mod rate_limit;
mod storage;

/// Why a call has no value.
///
/// `E` is the error of the body. The enum is two words, whatever `E` is, so a `Result` of a small value stays small.
///
/// # Without an allocator
/// Without feature `alloc` an error holds no list but the last failed attempt alone, in itself: [`attempts`](Error::attempts)
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
    /// Every attempt that was allowed has failed.
    AllFailed(AllFailed<E>),
    /// An option has a value it cannot have; nothing was executed.
    Configuration(Configuration),
    /// The cache cannot answer and the body may not run. No call ends so at present: a store that fails costs it nothing, and
    /// one that asks for its own entry runs the body.
    Cache(Cache),
    /// The call would have to wait for its permit longer than it may.
    RateLimit(RateLimit),
    /// The time for the whole call is over, or what it would have to wait for lies beyond.
    Timeout(Timeout<E>),
    /// The body panicked.
    Panicked(Panicked),
    /// Nothing was started: the map of this item had already ended, or a [layer](crate::layer) did not let the call in.
    Skipped(Skipped),
}

impl<E> Error<E> {
    /// Every failed attempt, in order, or without feature `alloc` the last; empty where nothing was executed.
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
            Error::AllFailed(failed) => failed.into_attempts(),
            Error::Timeout(timeout) => timeout.into_attempts(),
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

#[cfg(feature = "observe")]
impl<E> Error<E> {
    /// Where and when it was made.
    pub(crate) fn origin(&self) -> &Origin {
        match self {
            Error::AllFailed(failed) => failed.origin(),
            Error::Configuration(configuration) => configuration.origin(),
            Error::Cache(cache) => cache.origin(),
            Error::RateLimit(limit) => limit.origin(),
            Error::Timeout(timeout) => timeout.origin(),
            Error::Panicked(panicked) => panicked.origin(),
            Error::Skipped(skipped) => skipped.origin(),
        }
    }
}

#[cfg(all(feature = "process", unix))]
impl<E> Error<Failure<E>> {
    /// The error of a call whose body says itself how it failed, as one in a child process does.
    pub(crate) fn told_by_body(self) -> Error<E> {
        match self {
            Error::AllFailed(failed) => Error::AllFailed(failed.told_by_body()),
            Error::Timeout(timeout) => Error::Timeout(timeout.told_by_body()),
            Error::Configuration(configuration) => Error::Configuration(configuration),
            Error::Cache(cache) => Error::Cache(cache),
            Error::RateLimit(limit) => Error::RateLimit(limit),
            Error::Panicked(panicked) => Error::Panicked(panicked),
            Error::Skipped(skipped) => Error::Skipped(skipped),
        }
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

#[cfg(test)]
mod tests;
