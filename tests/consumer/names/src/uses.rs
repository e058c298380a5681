// Uses of every shape. Their own variables are `q`, `n` and `m`, which nobody has taken.

use ::resil::time::ManualClock;
use ::resil::{Error, opero, opmap};

/// What every use here gives.
pub type Given = Result<u32, Error<String>>;

fn ask(q: u32) -> Result<u32, String> {
    q.checked_mul(2).ok_or_else(|| String::from("too much"))
}

/// Values without a layer of their own.
///
/// # Errors
/// The number is too large.
pub fn values(q: u32) -> Given {
    let none = opero! { => ask(q) }?;
    let retries = opero! { retries: 3 => ask(q) }?;
    let delays = opero! { retries: 3, backoff: 2.0, min_delay: 1ms, max_delay: 1s, jitter: full => ask(q) }?;
    let limits = opero! { timeout: 1h, deadline: 1h => ask(q) }?;
    let shared = opero! { name: "values", clock: ManualClock::new() => ask(q) }?;
    Ok(none + retries + delays + limits + shared)
}

opero! { retries: 3, min_delay: 0s =>
    /// A function.
    ///
    /// # Errors
    /// The number is too large.
    pub fn function(q: u32) -> Result<u32, Error<String>> {
        ask(q)
    }
}

/// A callable.
///
/// # Errors
/// The number is too large.
pub fn callable(q: u32) -> Given {
    let twice = opero! { retries: 3, min_delay: 0s => |n: u32| ask(n) };
    twice(q)
}

/// Maps, by their mode.
#[must_use]
pub fn maps(q: &[u32]) -> [Vec<Given>; 2] {
    [
        opmap! { &n in q, workers: 2, retries: 1, min_delay: 0s => ask(n) },
        opmap! { &n in q, mode: rayon, retries: 1, min_delay: 0s => ask(n) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_names_are_in_nobodys_way() {
        assert_eq!(values(1), Ok(10));
        assert_eq!(function(1), Ok(2));
        assert_eq!(callable(1), Ok(2));
        assert_eq!(maps(&[1, 2]), [[Ok(2), Ok(4)], [Ok(2), Ok(4)]]);
    }
}
