//! Option values from the environment of the process.
//!
//! ```
//! use core::time::Duration;
//! use opero::policy::Rate;
//! use opero::{env, opero};
//!
//! # fn ask(question: &str) -> Result<String, String> { Ok(question.into()) }
//! let answer = opero! {
//!     retries: env::int("ASK_RETRIES", 3),
//!     timeout: env::duration("ASK_TIMEOUT", Duration::from_secs(5)),
//!     rate: env::rate("ASK_RATE", Rate::new(10, Duration::from_secs(1)))
//!     => ask("who?")
//! };
//! # assert_eq!(answer, Ok("who?".into()));
//! ```
//!
//! Each function takes the name of a variable, and a default for when it is not set. The text of a variable is
//! written like the literals of [`opero!`](crate::opero): `ASK_TIMEOUT=1m30s`, `ASK_RATE=100/min`. An empty variable
//! counts as set; only [`string`] accepts it.
//!
//! # Read once
//! The first use of a name reads the variable. The process then remembers its value, or that it is not set, so later
//! changes of the environment have no effect. Each further use looks the value up, without a lock or a system call:
//! it takes about 10 ns, and [`string`] copies its text. A small allocation is kept for each name and type until the
//! process ends, so do not build names from input.
//!
//! # A value that cannot be read
//! `RETRIES=abc` must not make a library panic, and silently using the default would hide the mistake. So the call
//! fails with [`Error::Configuration`](crate::Error::Configuration) before any wait, permit or attempt.
//! ```no_run
//! use opero::{Call, env, opero};
//!
//! // With RETRIES=abc in the environment:
//! let outcome = opero! { retries: env::int("RETRIES", 3), name: "ask" => Ok::<_, String>(42) };
//! assert_eq!(
//!     outcome.unwrap_err().to_string(),
//!     "Invalid configuration of ask: environment variable `RETRIES`: `abc` is not a whole \
//!      number; write a whole number from 0 to 4294967295, as in `3`"
//! );
//!
//! let outcome = Call::new("ask").retries(env::int("RETRIES", 3)).run(|_| Ok::<_, String>(42));
//! assert!(outcome.is_err_and(|error| error.is_configuration()));
//! ```
//! An option of a map works the same way: all its items fail. It makes no difference what the option does with the
//! value, as in `retries: env::int("RETRIES", 3) + 1`.
//!
//! The function itself returns the default, and leaves a note about the error on its thread. The option that is set
//! next on that thread takes the note, and its call fails. When a call begins (at the macro,
//! [`Call::new`](crate::Call::new), a clone), older notes are discarded. So a call never fails because of what other
//! code has read, or of what was read before it began:
//!
//! | where it is read | effect of a bad value |
//! |---|---|
//! | in an option of a macro, [`Call`](crate::Call) or `Map` | the call or the map fails |
//! | in a `let` before the call, in a `fallback` list, in a body or elsewhere | the default is used, and [`problems`] lists the error |
//! | by a `try_` function, such as [`try_int`] | you get the [`EnvError`] |
//!
//! To refuse to start with a bad value, read the variables at the beginning of the program:
//! ```
//! use core::time::Duration;
//! use opero::env;
//!
//! # fn main() -> Result<(), env::EnvError> {
//! let workers = env::try_int("ASK_WORKERS", 8_usize)?;
//! let timeout = env::try_duration("ASK_TIMEOUT", Duration::from_secs(5))?;
//! # assert_eq!((workers, timeout.as_secs()), (8, 5));
//! # Ok(())
//! # }
//! ```

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub use self::error::EnvError;
#[cfg(feature = "observe")]
pub(crate) use self::error::Quoted;
pub use self::int::Int;
use self::reading::{Bytes, read};
use crate::policy::Rate;

mod error;
mod int;
mod noted;
mod reading;
mod table;

pub(crate) use self::noted::{begin, sentence, take};

/// Returns the value of a variable, or the default. If it cannot be read, leaves a note for the call.
#[inline]
fn value<T>(read: Result<Option<T>, EnvError>, default: T) -> T {
    match read {
        Ok(value) => value.unwrap_or(default),
        Err(error) => {
            noted::note(error);
            default
        }
    }
}

/// Reads a `bool`: `1`, `true`, `yes` or `on`, or `0`, `false`, `no` or `off`, in any case.
///
/// Returns `default` if `name` is not set, or cannot be read: see [the module](self).
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert!(env::bool("ASK_SHOW_PROGRESS", true));
/// ```
#[must_use]
pub fn bool(name: &str, default: bool) -> bool {
    value(read(name), default)
}

/// Reads a `bool`, like [`bool()`], and returns errors.
///
/// # Errors
/// The variable is set and cannot be read.
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert_eq!(env::try_bool("ASK_SHOW_PROGRESS", true), Ok(true));
/// ```
pub fn try_bool(name: &str, default: bool) -> Result<bool, EnvError> {
    Ok(read(name)?.unwrap_or(default))
}

/// Reads an integer of the inferred type, as Rust writes it: decimal, or with `0x`, `0o`, `0b`; with `_`; without a
/// type suffix.
///
/// Returns `default` if `name` is not set, or cannot be read: see [the module](self).
///
/// # Examples
/// ```
/// use opero::env;
///
/// let retries: u32 = env::int("ASK_RETRIES", 3);
/// let workers = env::int("ASK_WORKERS", 8_usize);
/// assert_eq!((retries, workers), (3, 8));
/// ```
#[must_use]
pub fn int<T: Int>(name: &str, default: T) -> T {
    value(read(name), default)
}

/// Reads an integer, like [`int`], and returns errors.
///
/// # Errors
/// The variable is set and cannot be read.
///
/// # Examples
/// ```
/// use opero::env;
///
/// let workers: usize = env::try_int("ASK_WORKERS", 8)?;
/// assert_eq!(workers, 8);
/// # Ok::<(), env::EnvError>(())
/// ```
pub fn try_int<T: Int>(name: &str, default: T) -> Result<T, EnvError> {
    Ok(read(name)?.unwrap_or(default))
}

/// Reads a finite number, such as `2`, `1.5` or `-1e-3`.
///
/// Returns `default` if `name` is not set, or cannot be read: see [the module](self).
///
/// # Examples
/// ```
/// use opero::env;
///
/// let backoff = env::float("ASK_BACKOFF", 1.5);
/// assert!(backoff >= 1.0);
/// ```
#[must_use]
pub fn float(name: &str, default: f64) -> f64 {
    value(read(name), default)
}

/// Reads a number, like [`float`], and returns errors.
///
/// # Errors
/// The variable is set and cannot be read.
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert_eq!(env::try_float("ASK_BACKOFF", 1.5), Ok(1.5));
/// ```
pub fn try_float(name: &str, default: f64) -> Result<f64, EnvError> {
    Ok(read(name)?.unwrap_or(default))
}

/// Reads a duration, written like the literals of the macros: `60s`, `250ms` or `1h30m`; see
/// [`literal::duration`](crate::literal::duration). A number without a unit is refused.
///
/// Returns `default` if `name` is not set, or cannot be read: see [the module](self).
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::env;
///
/// let timeout = env::duration("ASK_TIMEOUT", Duration::from_secs(5));
/// assert_eq!(timeout, Duration::from_secs(5));
/// ```
#[must_use]
pub fn duration(name: &str, default: Duration) -> Duration {
    value(read(name), default)
}

/// Reads a duration, like [`duration`], and returns errors.
///
/// # Errors
/// The variable is set and cannot be read.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::env;
///
/// assert_eq!(env::try_duration("ASK_TIMEOUT", Duration::ZERO), Ok(Duration::ZERO));
/// ```
pub fn try_duration(name: &str, default: Duration) -> Result<Duration, EnvError> {
    Ok(read(name)?.unwrap_or(default))
}

/// Reads a rate, written like the literals of the macros: `10/s`, `100/min` or `10/250ms`; see
/// [`literal::rate`](crate::literal::rate).
///
/// Returns `default` if `name` is not set, or cannot be read: see [the module](self).
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::env;
/// use opero::policy::Rate;
///
/// let rate = env::rate("ASK_RATE", Rate::new(10, Duration::from_secs(1)));
/// assert_eq!(rate.permits(), 10);
/// ```
#[must_use]
pub fn rate(name: &str, default: Rate) -> Rate {
    value(read(name), default)
}

/// Reads a rate, like [`rate`], and returns errors.
///
/// # Errors
/// The variable is set and cannot be read.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::env;
/// use opero::policy::Rate;
///
/// let ten = Rate::new(10, Duration::from_secs(1));
/// assert_eq!(env::try_rate("ASK_RATE", ten), Ok(ten));
/// ```
pub fn try_rate(name: &str, default: Rate) -> Result<Rate, EnvError> {
    Ok(read(name)?.unwrap_or(default))
}

/// Reads a size in bytes, written like the literals of the macros: `512KiB` or `1.5GB`; see
/// [`literal::size`](crate::literal::size). A number without a unit is refused.
///
/// Returns `default` if `name` is not set, or cannot be read: see [the module](self).
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert_eq!(env::size("ASK_MEMORY_LIMIT", 1 << 30), 1_073_741_824);
/// ```
#[must_use]
pub fn size(name: &str, default: u64) -> u64 {
    value(read(name).map(|size| size.map(|Bytes(bytes)| bytes)), default)
}

/// Reads a size, like [`size`], and returns errors.
///
/// # Errors
/// The variable is set and cannot be read.
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert_eq!(env::try_size("ASK_MEMORY_LIMIT", 1 << 30), Ok(1_073_741_824));
/// ```
pub fn try_size(name: &str, default: u64) -> Result<u64, EnvError> {
    Ok(read(name).map(|size| size.map(|Bytes(bytes)| bytes))?.unwrap_or(default))
}

/// Reads a text, which may be empty. Copies the remembered value.
///
/// Returns `default` if `name` is not set, or is not valid Unicode: see [the module](self).
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert_eq!(env::string("ASK_MODEL", "small"), "small");
/// ```
#[must_use]
pub fn string(name: &str, default: &str) -> String {
    match read(name) {
        Ok(Some(text)) => text,
        Ok(None) => default.into(),
        Err(error) => value(Err(error), default.into()),
    }
}

/// Reads a text, like [`string`], and returns errors.
///
/// # Errors
/// The variable is set and is not valid Unicode.
///
/// # Examples
/// ```
/// use opero::env;
///
/// assert_eq!(env::try_string("ASK_MODEL", "small"), Ok("small".into()));
/// ```
pub fn try_string(name: &str, default: &str) -> Result<String, EnvError> {
    Ok(read(name)?.unwrap_or_else(|| default.into()))
}

/// Returns the errors of all variables so far that could not be read, in the order they were found, whichever code
/// read them.
///
/// # Examples
/// ```
/// use opero::env;
///
/// let _ = env::int("ASK_RETRIES", 3_u32);
/// assert!(!env::problems().iter().any(|problem| problem.variable() == "ASK_RETRIES"));
/// ```
#[must_use]
pub fn problems() -> Vec<EnvError> {
    EnvError::all()
}
