//! How a call ends.

use core::fmt;

use crate::error::Error;

/// How a call ended, as one word. Counters and metrics use it as a label.
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
    /// The call returned a value.
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
    /// [`Error::Skipped`]: a layer refused the call.
    Skipped,
    /// The body panicked.
    Panicked,
    /// The future was dropped before the call ended.
    Abandoned,
}

impl Outcome {
    /// All outcomes.
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

    /// Returns the outcome of a call that returned this error.
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

    /// Returns whether the call ended with an error or a panic.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Outcome::Success | Outcome::Abandoned)
    }

    /// Returns the outcome as a word: `success`, `all_failed`, `timeout`, `rate_limit`, `configuration`, `cache`,
    /// `skipped`, `panicked` or `abandoned`.
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
