//! The pauses between attempts to reach a store that fails.

use core::time::Duration;

/// The first pause. Each is twice the one before.
const SHORTEST: Duration = Duration::from_millis(50);
/// The longest pause: a store that is back is found after at most this long.
const LONGEST: Duration = Duration::from_secs(1);

/// The pause after the next failure. A success resets it to the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Backoff(SHORTEST)
    }
}

impl Backoff {
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = LONGEST.min(pause * 2);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_second() {
        let mut backoff = Backoff::default();
        let pauses: [u128; 7] = core::array::from_fn(|_| backoff.next().as_millis());
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1000, 1000]);
    }
}
