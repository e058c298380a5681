//! Parses `60s`, `10/s`, `512KiB`, `1.5` and `3`: at compile time for a literal in a macro, at run time for a text.
//!
//! Both use one parser, so a value in a configuration file means the same as the literal in a macro:
//!
//! ```
//! use core::time::Duration;
//! use opero::literal;
//!
//! const PAUSE: Duration = match literal::duration("1h30m") {
//!     Ok(pause) => pause,
//!     Err(_) => panic!("not a duration"),
//! };
//! assert_eq!(PAUSE, Duration::from_secs(5400));
//!
//! let mistake = literal::duration("5x").unwrap_err();
//! assert!(mistake.to_string().starts_with("`5x` is not a duration"));
//! ```

use core::fmt;
use core::time::Duration;

use self::reader::{Problem, Reader};
use crate::policy::Rate;

mod factor;
mod reader;

const DURATION: &str = "write a number and its unit, as in `60s`, `250ms`, `1.5s` or `1h30m` (units: ns us ms s m h d)";
const RATE: &str = "write a count and a period, as in `10/s`, `100/min`, `1000/h` or `10/250ms`";
const SIZE: &str =
    "write a number and its unit, as in `1000MB`, `1.5GB` or `512KiB` (units: B KB MB GB TB KiB MiB GiB TiB)";
const COUNT: &str = "write a whole number from 0 to 4294967295, as in `3`";
const BURST: &str = "write a whole number from 1 to 4294967295, as in `5`";
const SEVERAL: &str = "write a whole number from 1 to 4294967295, as in `8`";
const ENTRIES: &str = "write a whole number from 1 to 4294967295, as in `10_000`";
const FACTOR: &str = "write a number of at least 1, as in `2` or `1.5`";

/// Why a text is not a valid value. Its `Display` quotes the text and says what is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiteralError<'t> {
    text: &'t str,
    problem: &'static str,
    accepted: &'static str,
}

impl<'t> LiteralError<'t> {
    /// Returns the text that was parsed.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// Returns what is wrong with the text, and what is accepted.
    #[cfg(feature = "std")]
    pub(crate) const fn sentence(&self) -> (&'static str, &'static str) {
        (self.problem, self.accepted)
    }
}

impl fmt::Display for LiteralError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}; {}", self.text, self.problem, self.accepted)
    }
}

impl core::error::Error for LiteralError<'_> {}

/// Parses a duration: numbers with a unit (`ns us ms s m h d`), from the largest unit to the smallest. The last four units may be
/// words, as in `5sec`, `2minutes`, `1hour` and `7days`.
///
/// # Errors
/// The text is not a duration, or it is longer than [`Duration::MAX`], or it has a part of a nanosecond.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// assert_eq!(opero::literal::duration("1_500us"), Ok(Duration::from_micros(1500)));
/// assert_eq!(opero::literal::duration("1m0.5s"), Ok(Duration::from_millis(60_500)));
/// assert_eq!(opero::literal::duration("5sec"), Ok(Duration::from_secs(5)));
/// ```
pub const fn duration(text: &str) -> Result<Duration, LiteralError<'_>> {
    let problem = match Reader::of(text).duration() {
        Ok(value) => return Ok(value),
        Err(problem) => problem,
    };
    let problem = match problem {
        Problem::Form => "is not a duration",
        Problem::Negative => "is negative, and a duration is not",
        Problem::TooLarge => "is longer than a duration can be",
        Problem::TooFine => "is finer than a nanosecond",
        Problem::Exponent => "is not a duration, as it has an exponent",
        Problem::Zero => "is no time at all",
    };
    Err(LiteralError { text, problem, accepted: DURATION })
}

/// Parses a rate: a count, `/`, and a period, which is a [`duration`] or only a unit, as in `10/s` and `10/sec`.
///
/// # Errors
/// The text is not a rate, or the count or the period is zero or too large.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// # use opero::policy::Rate;
/// assert_eq!(opero::literal::rate("100/min"), Ok(Rate::new(100, Duration::from_secs(60))));
/// assert_eq!(opero::literal::rate("10/250ms"), Ok(Rate::new(10, Duration::from_millis(250))));
/// assert!(opero::literal::rate("0/s").is_err());
/// ```
pub const fn rate(text: &str) -> Result<Rate, LiteralError<'_>> {
    let problem = match Reader::of(text).rate() {
        Ok(value) => return Ok(value),
        Err(problem) => problem,
    };
    let problem = match problem {
        Problem::Form => "is not a rate",
        Problem::Negative => "is negative, and a rate is not",
        Problem::TooLarge => "is more than a rate can be",
        Problem::TooFine => "has a period finer than a nanosecond",
        Problem::Exponent => "is not a rate, as it has an exponent",
        Problem::Zero => "would let nothing through",
    };
    Err(LiteralError { text, problem, accepted: RATE })
}

/// Parses a size in bytes: a number and its unit, decimal (`KB`: 1000) or binary (`KiB`: 1024).
///
/// # Errors
/// The text is not a size, or it is more than `u64::MAX` bytes, or it has a part of a byte.
///
/// # Examples
/// ```
/// assert_eq!(opero::literal::size("1000MB"), Ok(1_000_000_000));
/// assert_eq!(opero::literal::size("0.5KiB"), Ok(512));
/// ```
pub const fn size(text: &str) -> Result<u64, LiteralError<'_>> {
    let problem = match Reader::of(text).size() {
        Ok(value) => return Ok(value),
        Err(problem) => problem,
    };
    let problem = match problem {
        Problem::Form | Problem::Zero => "is not a size",
        Problem::Negative => "is negative, and a size is not",
        Problem::TooLarge => "is more than 16 exbibytes",
        Problem::TooFine => "is finer than a byte",
        Problem::Exponent => "is not a size, as it has an exponent",
    };
    Err(LiteralError { text, problem, accepted: SIZE })
}

/// Parses a count as Rust writes a `u32`: decimal, or with `0x`, `0o` or `0b`, with `_`, with or without its type.
///
/// # Errors
/// The text is not a count, or it is more than `u32::MAX`.
///
/// # Examples
/// ```
/// assert_eq!(opero::literal::count("1_000"), Ok(1000));
/// assert!(opero::literal::count("-1").is_err());
/// ```
pub const fn count(text: &str) -> Result<u32, LiteralError<'_>> {
    let problem = match Reader::of(text).count() {
        Ok(value) => return Ok(value),
        Err(problem) => problem,
    };
    let problem = match problem {
        Problem::Form | Problem::Exponent | Problem::Zero => "is not a count",
        Problem::Negative => "is negative, and a count is not",
        Problem::TooLarge => "is too large a count",
        Problem::TooFine => "is not a whole number",
    };
    Err(LiteralError { text, problem, accepted: COUNT })
}

/// Parses a factor as Rust writes an `f64`: a number of at least 1, with or without a fraction, an exponent or its type.
///
/// # Errors
/// The text is not a factor, or it is below 1, or it is too large for an `f64`.
///
/// # Examples
/// ```
/// assert_eq!(opero::literal::factor("1.5"), Ok(1.5));
/// assert_eq!(opero::literal::factor("1e1"), Ok(10.0));
/// assert!(opero::literal::factor("0.5").is_err());
/// ```
pub const fn factor(text: &str) -> Result<f64, LiteralError<'_>> {
    let problem = match self::factor::factor(text) {
        Ok(value) => return Ok(value),
        Err(problem) => problem,
    };
    let problem = match problem {
        Problem::Form | Problem::Exponent | Problem::Zero => "is not a factor",
        Problem::Negative => "is negative, and a factor is not",
        Problem::TooLarge => "is more than a factor can be",
        Problem::TooFine => "is a factor below 1",
    };
    Err(LiteralError { text, problem, accepted: FACTOR })
}

/// Parses a limit of memory: a size of at least one byte.
pub(crate) const fn memory(text: &str) -> Result<u64, LiteralError<'_>> {
    match size(text) {
        Ok(0) => Err(LiteralError { text, problem: "is zero", accepted: SIZE }),
        read => read,
    }
}

/// Parses a burst: a count of at least 1.
pub(crate) const fn burst(text: &str) -> Result<u32, LiteralError<'_>> {
    at_least_one(text, "lets nothing through", BURST)
}

/// Parses a capacity: a count of at least 1.
pub(crate) const fn entries(text: &str) -> Result<usize, LiteralError<'_>> {
    match at_least_one(text, "leaves no room", ENTRIES) {
        Ok(count) => Ok(count as usize),
        Err(error) => Err(error),
    }
}

/// Parses a number of workers, or of items in a chunk: a count of at least 1.
pub(crate) const fn several(text: &str) -> Result<usize, LiteralError<'_>> {
    match at_least_one(text, "is zero", SEVERAL) {
        Ok(count) => Ok(count as usize),
        Err(error) => Err(error),
    }
}

/// Parses a count. `problem` is what is wrong with 0.
const fn at_least_one<'t>(
    text: &'t str,
    problem: &'static str,
    accepted: &'static str,
) -> Result<u32, LiteralError<'t>> {
    match count(text) {
        Ok(0) => Err(LiteralError { text, problem, accepted }),
        Err(error) => Err(LiteralError { accepted, ..error }),
        read => read,
    }
}

#[cfg(test)]
mod tests;
