//! How a call ends.

use core::fmt;

use crate::error::Error;

/// How a call ends, as one word: what counters and metrics are labelled with.
///
/// # Examples
/// ```
/// use opero::observe::Outcome;
/// use opero::opero;
///
/// let error = opero! { retries: 1, min_delay: 0s => Err::<(), _>("busy") }.unwrap_err();
/// assert_eq!(Outcome::of(&error), Outcome::AllFailed);
/// assert_eq!(Outcome::of(&error).as_str(), "all_failed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// It gave a value.
    Success,
    /// [`Error::AllFailed`].
    AllFailed,
    /// [`Error::Timeout`].
    Timeout,
    /// [`Error::RateLimit`].
    RateLimit,
    /// [`Error::Configuration`].
    Configuration,
    /// [`Error::Cache`].
    Cache,
    /// [`Error::Skipped`]: a layer has refused it.
    Skipped,
    /// Its body panicked.
    Panicked,
    /// Its future was dropped before it had ended.
    Abandoned,
}

impl Outcome {
    /// Each of them.
    pub(crate) const ALL: [Outcome; 9] = [
        Outcome::Success,
        Outcome::AllFailed,
        Outcome::Timeout,
        Outcome::RateLimit,
        Outcome::Configuration,
        Outcome::Cache,
        Outcome::Skipped,
        Outcome::Panicked,
        Outcome::Abandoned,
    ];

    /// That of a call which gave this error.
    #[must_use]
    pub const fn of<E>(error: &Error<E>) -> Self {
        match error {
            Error::AllFailed(_) => Outcome::AllFailed,
            Error::Timeout(_) => Outcome::Timeout,
            Error::RateLimit(_) => Outcome::RateLimit,
            Error::Configuration(_) => Outcome::Configuration,
            Error::Cache(_) => Outcome::Cache,
            Error::Skipped(_) => Outcome::Skipped,
            Error::Panicked(_) => Outcome::Panicked,
        }
    }

    /// Did it end with an error, or a panic?
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Outcome::Success | Outcome::Abandoned)
    }

    /// The word: `success`, `all_failed`, `timeout`, `rate_limit`, `configuration`, `cache`, `skipped`, `panicked`, `abandoned`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::AllFailed => "all_failed",
            Outcome::Timeout => "timeout",
            Outcome::RateLimit => "rate_limit",
            Outcome::Configuration => "configuration",
            Outcome::Cache => "cache",
            Outcome::Skipped => "skipped",
            Outcome::Panicked => "panicked",
            Outcome::Abandoned => "abandoned",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
