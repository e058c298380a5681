//! Randomness in a delay, so that callers that failed together do not come back together.

use fastrand::Rng;

/// How a delay is randomized.
///
/// The three kinds and their names are those of "Exponential Backoff And Jitter" (AWS architecture blog, 2015).
///
/// # Examples
/// ```
/// # fn ping() -> Result<(), &'static str> { Ok(()) }
/// opero::opero! { retries: 5, jitter: full => ping() }?;
/// # Ok::<(), opero::Error<&'static str>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Jitter {
    /// The delay as computed.
    #[default]
    None,
    /// Between zero and the delay.
    Full,
    /// Between half of the delay and the delay.
    Equal,
    /// Between `min_delay` and three times the previous delay, at most `max_delay`; ignores `backoff`.
    Decorrelated,
}

/// Returns a random number from `low` to `high`, both included; `low` if `high` is less.
///
/// The random number is scaled instead of drawn again, which needs no division. For a span of a day in nanoseconds,
/// no value is more likely than another by more than 2^-17 of its probability.
pub(super) fn between(rng: &mut Rng, low: u64, high: u64) -> u64 {
    let span = u128::from(high.saturating_sub(low)) + 1;
    #[allow(clippy::cast_possible_truncation, reason = "less than the span")]
    let part = ((u128::from(rng.u64(..)) * span) >> 64) as u64;
    low + part
}
