//! The uses of one name, and their tuning.

use alloc::vec::Vec;
use core::fmt;

use super::super::site::{Site, records};
use super::{Number, TuneError, listed, reset, tune, undo};

/// The uses of this name: to look at, and to [tune](Uses::tune).
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let ask = || opero! { name: "ask", retries: 0, min_delay: 0s, attempt: n => if n < 3 { Err("busy") } else { Ok(n) } };
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

/// The uses of [`opero!`](crate::opero) and [`opmap!`](crate::opmap) of one name, whether they have run or not: what
/// [`site`] gives.
///
/// The name is option `name` as the first call of a use had it, else the function's, else `module:line`. A name is not checked:
/// where no use has it, nothing is tuned, and [`get`](Uses::get) says so.
///
/// # Tuning
/// A number that stands at a use, as a literal or as an expression, is overridden [from the next call on](Uses::tune), until it
/// is taken back. The names of the options are those of the macro:
///
/// | option | of a use |
/// |---|---|
/// | `retries` | with a retry option or a `fallback`: the body of any other may run only once |
/// | `backoff`, `min_delay`, `max_delay` | of any kind |
/// | `fallback_delay` | with a `fallback` |
/// | `timeout`, `deadline` | of any kind, whether it has one or not |
/// | `memory` | of any kind, with feature `memory` |
/// | `rate`, `burst`, `max_wait` | with a `rate` |
/// | `cache` | with a `cache`: the time to live of what is kept from then on |
///
/// Permits that were taken before a `rate` was changed have been taken at the old rate: the next one is due when it was.
///
/// To turn a limit off, tune it to [`Duration::MAX`](core::time::Duration::MAX). Of a map these are the numbers of the calls of
/// its items. The `deadline` that is written in a map is that of the map, and one that is tuned is that of each item within it.
///
/// A [`Call`](crate::Call) that is built by its methods is no use of a macro, and cannot be tuned.
///
/// # What it costs
/// A call of a use that is not tuned compares two words: a nanosecond at most. One of a use that is tuned reads the clock and takes
/// a lock for each look at its numbers, which makes up to 0.3 µs. Once all is taken back it is as quick as before.
///
/// The numbers of the last 1,000 changes are kept for calls that run meanwhile, and older ones are given back: a call that outlasts
/// them goes on with what is written at its use.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uses<'n>(&'n str);

impl<'n> Uses<'n> {
    /// Their name.
    #[must_use]
    pub const fn name(&self) -> &'n str {
        self.0
    }

    /// The first of them that has run, or `None` where none has.
    #[must_use]
    pub fn get(&self) -> Option<Site> {
        self.all().into_iter().next()
    }

    /// Those that have run, in the order of their first runs.
    #[must_use]
    pub fn all(&self) -> Vec<Site> {
        records(self.0).into_iter().map(Site::of).collect()
    }

    /// Changes a number of all uses of this name: from the next call on, in every thread. A call that runs goes on with the
    /// numbers it had; a future has taken its own by its first poll.
    ///
    /// A text is read as the macro reads its literals: `"1m30s"`, `"10/s"`. Where no use of this name has run yet, the number is
    /// kept for those that will; one that has no place for it, as for a `rate` where it has none, does without.
    ///
    /// # Errors
    /// There is no such option, it cannot have this value, or no use of this name that has run has a place for it. Nothing
    /// changes then.
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
    ///     "Cannot tune `retries` of load: the use has neither a retry option nor a `fallback`, so its body is one that can run only \
    ///      once: add `retries: 0`"
    /// );
    /// assert_eq!(tuned.tuned(), [("backoff", 2.0.into()), ("timeout", Duration::from_secs(90).into())]);
    /// # Ok::<(), observe::TuneError>(())
    /// ```
    pub fn tune(&self, option: &str, value: impl Into<Number>) -> Result<(), TuneError> {
        tune(self.0, &records(self.0), option, &value.into())
    }

    /// Takes back a change: from the next call on the number is the one that is written at the use. `false` where the option is
    /// not tuned.
    #[expect(clippy::must_use_candidate, reason = "it is what it does that counts")]
    pub fn undo(&self, option: &str) -> bool {
        undo(self.0, option)
    }

    /// Takes back all changes.
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

    /// What is tuned, option by option in a fixed order.
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
