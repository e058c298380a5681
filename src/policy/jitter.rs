//! Chance in a delay, so that callers who failed together do not come back together.

use core::time::Duration;

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

/// A duration from `low` to `high`, both included; `low` where they are the wrong way round.
pub(super) fn between(rng: &mut Rng, low: Duration, high: Duration) -> Duration {
    let span = high.saturating_sub(low).as_nanos();
    let nanos = match u64::try_from(span) {
        Ok(span) => return low.saturating_add(Duration::from_nanos(rng.u64(0..=span))),
        Err(_) => rng.u128(0..=span),
    };
    let (secs, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let part = match (u64::try_from(secs), u32::try_from(rest)) {
        (Ok(secs), Ok(rest)) => Duration::new(secs, rest),
        _ => Duration::MAX,
    };
    low.saturating_add(part)
}
