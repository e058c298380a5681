//! The uses with one name, and their tuning.

use alloc::vec::Vec;
use core::fmt;

use super::super::site::{Site, records};
use super::{Number, TuneError, listed, reset, tune, undo};

/// Returns the uses with this name, to inspect and [tune](Uses::tune) them.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let ask = || opero! {
///     name: "ask", retries: 0, min_delay: 0s, attempt: n
///     => if n < 3 { Err("busy") } else { Ok(n) }
/// };
/// assert!(ask().is_err());
///
/// observe::site("ask").tune("retries", 5)?;
/// assert_eq!(ask(), Ok(3));
/// observe::site("ask").undo("retries");
/// assert!(ask().is_err());
///
/// assert_eq!(observe::site("ask").get().unwrap().counts().calls, 3);
/// assert!(observe::site("nobody").get().is_none());
/// # Ok::<(), observe::TuneError>(())
/// ```
#[must_use]
pub const fn site(name: &str) -> Uses<'_> {
    Uses(name)
}

/// The uses of [`opero!`](crate::opero) and [`opmap!`](crate::opmap) with one name, whether or not they have run.
/// Returned by [`site`].
///
/// The name is option `name` as of the first call of a use, else the name of the function, else `module:line`. A name
/// is not checked: if no use has it, tuning has no effect and [`get`](Uses::get) returns `None`.
///
/// # Tuning
/// A tuned number overrides the one written at the use, whether a literal or an expression, [from the next call
/// on](Uses::tune) until it is undone. The options have the same names as in the macro:
///
/// | option | which uses |
/// |---|---|
/// | `retries` | with a retry option or a `fallback`: the body of any other may run only once |
/// | `backoff`, `min_delay`, `max_delay` | any |
/// | `fallback_delay` | with a `fallback` |
/// | `timeout`, `deadline` | any, with or without that option; no effect on an `infallible` use |
/// | `memory` | as `timeout`, with feature `memory` |
/// | `rate`, `burst`, `max_wait` | with a `rate` |
/// | `cache` | with a `cache`: the time to live of entries stored from then on |
///
/// Permits taken before a `rate` is changed count at the old rate: the next permit is due when it was before.
///
/// To turn a limit off, tune it to [`Duration::MAX`](core::time::Duration::MAX). In a map, the numbers are those of the
/// calls of its items. A `deadline` written in a map limits the whole map; a tuned one limits each item within it.
///
/// A [`Call`](crate::Call) built by methods is not a use of a macro and cannot be tuned.
///
/// # Cost
/// A call of a use that is not tuned compares two words, which takes at most a nanosecond. A call of a tuned use reads
/// the clock and takes a lock each time it reads its numbers, which takes up to 0.3 µs. When all changes are undone,
/// calls are as fast as before.
///
/// The numbers of the last 1,000 changes are kept for calls that are running; older ones are dropped. A call that
/// outlasts them goes on with the values written at its use.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uses<'n>(&'n str);

impl<'n> Uses<'n> {
    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'n str {
        self.0
    }

    /// Returns the first of these uses that has run, or `None` if none has.
    #[must_use]
    pub fn get(&self) -> Option<Site> {
        self.all().into_iter().next()
    }

    /// Returns the uses that have run, in the order of their first runs.
    #[must_use]
    pub fn all(&self) -> Vec<Site> {
        records(self.0).into_iter().map(Site::of).collect()
    }

    /// Changes a number of all uses with this name, from the next call on, in every thread. A running call goes on with
    /// the numbers it began with; a future takes its numbers at its first poll.
    ///
    /// A text is parsed like a literal in the macro: `"1m30s"`, `"10/s"`. If no use with this name has run yet, the
    /// number is kept for uses that run later. A use that does not have the option, such as `rate` without a rate
    /// limit, ignores it.
    ///
    /// # Errors
    /// Returns an error if there is no such option, if it cannot have this value, or if no use with this name that has
    /// run has the option. Then nothing changes.
    ///
    /// # Examples
    /// ```
    /// use core::time::Duration;
    /// use opero::{observe, opero};
    ///
    /// // From a configuration that is read when the program starts, before the use has run.
    /// let tuned = observe::site("load");
    /// tuned.tune("timeout", "1m30s")?;
    /// tuned.tune("backoff", 2)?;
    ///
    /// opero! { name: "load", timeout: 5s => Ok::<_, String>(()) }.unwrap();
    /// let error = tuned.tune("retries", 5).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "Cannot tune `retries` of load: the use has neither a retry option nor a `fallback`, so \
    ///      its body is one that can run only once: add `retries: 0`"
    /// );
    /// assert_eq!(
    ///     tuned.tuned(),
    ///     [("backoff", 2.0.into()), ("timeout", Duration::from_secs(90).into())],
    /// );
    /// # Ok::<(), observe::TuneError>(())
    /// ```
    pub fn tune(&self, option: &str, value: impl Into<Number>) -> Result<(), TuneError> {
        tune(self.0, &records(self.0), option, &value.into())
    }

    /// Undoes a change: from the next call on the number is the one written at the use. Returns `false` if the option
    /// is not tuned.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn undo(&self, option: &str) -> bool {
        undo(self.0, option)
    }

    /// Undoes all changes.
    ///
    /// # Examples
    /// ```
    /// use opero::observe;
    ///
    /// let ask = observe::site("ask");
    /// ask.tune("retries", 5)?;
    /// ask.tune("deadline", "10s")?;
    /// ask.reset();
    /// assert!(ask.tuned().is_empty());
    /// # Ok::<(), observe::TuneError>(())
    /// ```
    pub fn reset(&self) {
        reset(self.0);
    }

    /// Returns the tuned options with their numbers, in a fixed order.
    #[must_use]
    pub fn tuned(&self) -> Vec<(&'static str, Number)> {
        listed(self.0)
    }
}

impl fmt::Debug for Uses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uses").field("name", &self.0).field("tuned", &self.tuned()).finish_non_exhaustive()
    }
}
