//! The error of a number that cannot be changed.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::env::Quoted;

/// The error returned when a number cannot be [tuned](super::Uses::tune). Earlier changes remain.
///
/// `Display` names the option and the use, quotes the beginning of the value, and says what is accepted.
///
/// # Examples
/// ```
/// use opero::observe;
///
/// let error = observe::site("ask").tune("timeout", "5 seconds").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "Cannot tune `timeout` of ask: `5 seconds` is not a duration; write a number and its \
///      unit, as in `60s`, `250ms`, `1.5s` or `1h30m` (units: ns us ms s m h d)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TuneError(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    name: String,
    option: String,
    problem: Cow<'static, str>,
}

impl TuneError {
    pub(super) fn new(name: &str, option: &str, problem: Cow<'static, str>) -> Self {
        TuneError(Box::new(Parts { name: name.into(), option: option.into(), problem }))
    }

    /// Returns the name of the use.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the option, as it was given.
    #[must_use]
    pub fn option(&self) -> &str {
        &self.0.option
    }

    /// Returns what is wrong, and what is accepted.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.0.problem
    }
}

impl fmt::Display for TuneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { name, option, problem } = &*self.0;
        write!(f, "Cannot tune `{}` of {name}: {problem}", Quoted(option))
    }
}

impl core::error::Error for TuneError {}
