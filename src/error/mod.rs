//! Errors of calls: [`Error`] and the data of its variants.
//!
//! [`Error`], [`Attempt`] and [`Failure`] are also at the root of the crate. The types of the variants are only here. The crate
//! creates them, and a program reads them.
//!
//! # Examples
//! ```
//! use opero::error::RateLimit;
//! use opero::{Error, opero};
//!
//! /// The header for a client that is refused.
//! fn retry_after(limit: &RateLimit) -> String {
//!     format!("Retry-After: {}", limit.retry_after().as_secs())
//! }
//!
//! let ask = || opero! { rate: 1/h, max_wait: 0s => Ok::<_, String>(()) };
//! assert_eq!(ask(), Ok(()));
//! match ask() {
//!     Err(Error::RateLimit(limit)) => {
//!         assert!(retry_after(&limit).starts_with("Retry-After: 359"));
//!     }
//!     outcome => panic!("{outcome:?}"),
//! }
//! ```

use core::fmt;

pub use self::attempt::{Attempt, Failure};
#[cfg(all(feature = "process", unix))]
pub use self::crash::{Crash, Serialization};
pub(crate) use self::duration::Rounded;
#[cfg(feature = "observe")]
pub(crate) use self::known::known;
#[cfg(feature = "observe")]
pub(crate) use self::origin::Origin;
pub use self::payload::{AllFailed, Cache, Configuration, Panicked, Skipped, Timeout, TimeoutReason};
pub use self::rate_limit::RateLimit;
pub(crate) use self::storage::{Attempts, MaybeBoxed, Text, format_or};
#[cfg(feature = "observe")]
pub(crate) use self::text::{DETAILS, text};
use self::text::{Style, Words};
#[cfg(feature = "observe")]
pub(crate) use self::type_name::type_text;

mod attempt;
#[cfg(feature = "std")]
mod candidates;
#[cfg(all(feature = "process", unix))]
mod crash;
mod duration;
#[cfg(feature = "std")]
mod flatten;
mod indented;
#[cfg_attr(not(feature = "alloc"), path = "unknown.rs")]
mod known;
#[cfg(feature = "observe")]
mod origin;
mod payload;
mod rate_limit;
mod storage;
mod text;
mod type_name;

/// The error of a call.
///
/// `E` is the error of the body. With feature `alloc` the enum is two words for every `E`, so a `Result` of a small
/// value stays small.
///
/// # Without an allocator
/// Without feature `alloc` an error has only the last failed attempt: [`attempts`](Error::attempts) returns that one, and the
/// text counts the others. Names are then `&'static str`, and messages quote no values.
///
/// # Text
/// `{}` lists the first three attempts, a line each. `{:#}` lists every attempt with its candidate, its start (from the first
/// attempt), its duration and the causes of its error. `{:?}`, which `unwrap` and a `main` that returns the error print, is the
/// same as `{:#}`:
///
/// ```text
/// All 2 attempts failed for ask
/// Attempt details:
///   1. Overloaded (opus): too many requests (took 204 ms)
///      caused by: the queue is full
///   2. Overloaded (sonnet): too many requests (after 304 ms, took 187 ms)
/// ```
///
/// - `{:#}` prints each error with `{:#}`, so `anyhow` and `eyre` show their contexts. `{:?}` needs only `E: Debug`: it prints
///   strings, boxed errors and errors of the standard library like `{:#}`, and others with their own `Debug`.
/// - Causes come from [`source`](core::error::Error::source). They are found if `E` is `Box<dyn Error>` or an error of the
///   standard library, such as `std::io::Error`. [`report`](Error::report) shows them for every `E` that is an
///   [`Error`](core::error::Error). A cause is left out where the text of the error names it already.
/// - Durations are rounded by less than 1 %.
///
/// # Source
/// [`source`](core::error::Error::source) is the last error of the body, if `E` is `Box<dyn Error>` or a common error of the
/// standard library. For any other `E` it is `None`: it would need `E: Error + 'static`, and then a `String` or a `Box<dyn
/// Error>` could not be the error of a body. [`last`](Error::last), [`into_last`](Error::into_last) and
/// [`attempts`](Error::attempts) return the errors themselves. A boxed error may borrow, so the source prints like the error
/// and has its sources, but cannot be downcast.
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
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// Every attempt failed.
    AllFailed(AllFailed<E>),
    /// An option has an invalid value. The body did not run.
    Configuration(Configuration),
    /// The cache is not available, and the body must not run. No call returns this today: if a store fails, the call goes on
    /// without it.
    Cache(Cache),
    /// The call would have to wait for its permit longer than its limit. The body did not run.
    RateLimit(RateLimit),
    /// The time of the call is over, or the call would have to wait longer.
    Timeout(Timeout<E>),
    /// The body of an item panicked.
    Panicked(Panicked),
    /// The body did not run: the map ended before this item was started, or a [layer](crate::layer) refused the call.
    Skipped(Skipped),
}

impl<E> Error<E> {
    /// All failed attempts, in order, or without feature `alloc` only the last; empty if the body did not run.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt<E>] {
        match self {
            Error::AllFailed(failed) => failed.attempts(),
            Error::Timeout(timeout) => timeout.attempts(),
            _ => &[],
        }
    }

    /// The last error of the body, if there is one. If the last attempt failed in another way, such as by its `timeout`, this
    /// is the error of an earlier attempt: see [`last_failure`](Error::last_failure).
    #[must_use]
    pub fn last(&self) -> Option<&E> {
        self.attempts().iter().rev().find_map(Attempt::error)
    }

    /// How the last attempt failed: with an error of the body, by its timeout, or in another way. `None` if the body did not
    /// run.
    ///
    /// # Examples
    /// ```
    /// use core::time::Duration;
    /// use opero::{Failure, opero, time::ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let outcome = opero! { retries: 1, timeout: 2s, attempt: n, clock: &clock => {
    ///     clock.advance(Duration::from_secs(if n == 2 { 3 } else { 1 }));
    ///     Err::<(), _>("down")
    /// } };
    /// let error = outcome.unwrap_err();
    /// assert_eq!(error.last_failure(), Some(&Failure::Timeout(Duration::from_secs(2))));
    /// # #[cfg(feature = "alloc")]
    /// assert_eq!(error.last(), Some(&"down"));
    /// ```
    #[must_use]
    pub fn last_failure(&self) -> Option<&Failure<E>> {
        self.attempts().last().map(Attempt::failure)
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

    /// The name of the call: option `name`, or the name of the function, or `module:line`.
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

/// The texts.
impl<E> Error<E> {
    fn write<'e>(
        &'e self,
        f: &mut fmt::Formatter<'_>,
        style: Style,
        words: &dyn Fn(&'e Failure<E>) -> Words<'e>,
    ) -> fmt::Result {
        match self {
            Error::AllFailed(failed) => failed.write(f, style, words),
            Error::Timeout(timeout) => timeout.write(f, style, words),
            Error::Configuration(configuration) => write!(f, "{configuration}"),
            Error::Cache(cache) => write!(f, "{cache}"),
            Error::RateLimit(limit) => write!(f, "{limit}"),
            Error::Panicked(panicked) => write!(f, "{panicked}"),
            Error::Skipped(skipped) => write!(f, "{skipped}"),
        }
    }

    /// The name of the variant.
    #[cfg(feature = "std")]
    const fn kind(&self) -> &'static str {
        match self {
            Error::AllFailed(_) => "AllFailed",
            Error::Configuration(_) => "Configuration",
            Error::Cache(_) => "Cache",
            Error::RateLimit(_) => "RateLimit",
            Error::Timeout(_) => "Timeout",
            Error::Panicked(_) => "Panicked",
            Error::Skipped(_) => "Skipped",
        }
    }

    /// Prints the same text as `{:#}`, with all causes of all errors.
    ///
    /// `{:#}` finds the causes of only some types, since it needs only `E: Display`.
    ///
    /// # Examples
    /// ```
    /// use core::{error, fmt};
    /// use opero::opero;
    ///
    /// #[derive(Debug)]
    /// struct Unreadable(core::num::ParseIntError);
    ///
    /// impl fmt::Display for Unreadable {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         f.write_str("cannot read the answer")
    ///     }
    /// }
    ///
    /// impl error::Error for Unreadable {
    ///     fn source(&self) -> Option<&(dyn error::Error + 'static)> {
    ///         Some(&self.0)
    ///     }
    /// }
    ///
    /// let error = opero! { name: "ask" => "x".parse::<u8>().map_err(Unreadable) }.unwrap_err();
    /// let text = error.report().to_string();
    /// let mut lines = text.lines();
    /// assert_eq!(lines.next(), Some("1 attempt failed for ask"));
    /// assert_eq!(lines.next(), Some("Attempt details:"));
    /// assert!(lines.next().unwrap().starts_with("  1. Unreadable: cannot read the answer"));
    /// assert!(text.ends_with("\n     caused by: invalid digit found in string"));
    /// ```
    #[must_use = "it prints nothing by itself"]
    pub fn report(&self) -> impl fmt::Display
    where
        E: core::error::Error + 'static,
    {
        Report(self)
    }
}

#[cfg(feature = "observe")]
impl<E> Error<E> {
    /// Where and when it was created.
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
    /// Creates the error of a call whose body reports its own failures, such as one in a child process.
    pub(crate) fn told_by_body(self) -> Error<E> {
        match self {
            Error::AllFailed(failed) => Error::AllFailed(failed.with_attempts(attempt::told_by_body)),
            Error::Timeout(timeout) => Error::Timeout(timeout.with_attempts(attempt::told_by_body)),
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
        self.write(f, Style::of(f), &Failure::displayed)
    }
}

/// Prints the same as `{:#}`.
impl<E: fmt::Debug> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_pretty = f.alternate();
        self.write(f, Style::Full, &|failure| failure.debugged(is_pretty))
    }
}

/// [`Error::report`].
struct Report<'e, E>(&'e Error<E>);

impl<E: core::error::Error + 'static> fmt::Display for Report<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, Style::Full, &Failure::reported)
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.last().and_then(known::known).and_then(|known| known.error)
    }
}

#[cfg(test)]
mod tests;
