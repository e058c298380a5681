//! With jitter the start of an attempt is not exact, but it has bounds.

use std::time::Duration;

use fastrand::Rng;
use opero::Call;
use opero::policy::{CurrentAttempt, Jitter, Retry};
use opero::time::ManualClock;

const MS: fn(u64) -> Duration = Duration::from_millis;

#[derive(Debug)]
struct Case {
    retries: u32,
    backoff: f64,
    min_delay: Duration,
    max_delay: Duration,
    jitter: Jitter,
    /// The delays that the errors ask for in turn.
    asked: Vec<Option<Duration>>,
}

impl Case {
    fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let retries = rng.u32(1..6);
        let asks = rng.bool();
        Case {
            retries,
            backoff: if rng.bool() { 2.0 } else { 1.5 },
            min_delay: MS(rng.u64(1..200)),
            max_delay: MS(rng.u64(100..1000)),
            jitter: [Jitter::Full, Jitter::Equal, Jitter::Decorrelated][rng.usize(0..3)],
            asked: (0..retries).map(|_| (asks && rng.bool()).then(|| MS(rng.u64(1..1500)))).collect(),
        }
    }

    /// Returns the pause before each retry.
    fn pauses(&self) -> Vec<Duration> {
        let (clock, mut starts) = (ManualClock::new(), Vec::new());
        let retry = Retry::new().retries(self.retries).backoff(self.backoff).jitter(self.jitter);
        let call = Call::new("model").clock(&clock).retry(retry.min_delay(self.min_delay).max_delay(self.max_delay));
        let call = call.retry_after(|number: &u32| self.asked[*number as usize - 1]);
        let outcome = call.run(|at: CurrentAttempt| {
            starts.push(clock.elapsed());
            // The last error is not asked for a delay.
            Err::<(), _>(at.number().min(self.retries))
        });
        assert_eq!(outcome.unwrap_err().attempts().len(), starts.len());
        starts.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
    }

    /// Returns the shortest and the longest pause before retry `n`, if the one before it was `previous`.
    fn bounds(&self, n: usize, previous: Option<Duration>) -> (Duration, Duration) {
        let full = (1..n).fold(self.min_delay, |delay, _| delay.mul_f64(self.backoff)).min(self.max_delay);
        let longest = previous.map_or(self.max_delay, |previous| previous.max(self.min_delay) * 3);
        let (low, high) = match self.jitter {
            Jitter::Full => (Duration::ZERO, full),
            Jitter::Equal => (full / 2, full),
            _ => (self.min_delay.min(self.max_delay), longest.min(self.max_delay)),
        };
        // "`retry_after` overrides when larger, and with any jitter on is lengthened by up to a tenth."
        let asked = self.asked[n - 1].unwrap_or_default();
        let rounding = Duration::from_nanos(2);
        (low.max(asked).saturating_sub(rounding), high.max(asked + asked / 10) + rounding)
    }
}

#[test]
fn with_jitter_a_pause_keeps_to_its_bounds_and_a_retry_after_is_never_cut() {
    let (mut seeds, mut asked, mut exact) = (Rng::new(), 0, 0);
    for _ in 0..2000 {
        let seed = crate::from_environment("OPERO_MODEL_SEED").unwrap_or_else(|| seeds.u64(..));
        let case = Case::of(seed);
        let mut previous = None;
        for (pause, n) in case.pauses().into_iter().zip(1..) {
            let (shortest, longest) = case.bounds(n, previous);
            assert!(
                shortest <= pause && pause <= longest,
                "retry {n} after {pause:?}, not {shortest:?} to {longest:?}: OPERO_MODEL_SEED={seed}, {case:?}"
            );
            // A delay that was asked for says nothing about the random delay.
            previous = Some(pause).filter(|_| case.asked[n - 1].is_none());
            // The error asked for more than the longest delay.
            if let Some(time) = case.asked[n - 1].filter(|time| *time > case.max_delay) {
                (asked, exact) = (asked + 1, exact + u32::from(pause == time));
            }
        }
    }
    assert!(exact * 10 <= asked, "{exact} of {asked} came at exactly the time that was asked for");
}
