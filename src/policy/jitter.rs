//! Chance in a delay, so that callers who failed together do not come back together.

use fastrand::Rng;

/// How chance changes a delay.
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
    /// Anything from nothing to the delay.
    Full,
    /// Half of the delay, and anything up to the other half.
    Equal,
    /// Anything from `min_delay` to three times the previous delay, at most `max_delay`; takes no account of `backoff`.
    Decorrelated,
}

/// A number from `low` to `high`, both included; `low` where they are the wrong way round.
///
/// The dice are scaled and not thrown again, which needs no division: of a day in nanoseconds, no one is likelier than
/// another by more than 2^-17 of its chance.
pub(super) fn between(rng: &mut Rng, low: u64, high: u64) -> u64 {
    let span = u128::from(high.saturating_sub(low)) + 1;
    #[allow(clippy::cast_possible_truncation, reason = "less than the span")]
    let part = ((u128::from(rng.u64(..)) * span) >> 64) as u64;
    low + part
}
