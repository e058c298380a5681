//! Which attempt comes next: candidates within rounds, rounds up to the last retry.

use core::time::Duration;

use super::error_policy::ErrorPolicy;
use super::retry::Delays;

/// The attempt that the body runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CurrentAttempt {
    number: u32,
    retry: u32,
    candidate: usize,
}

impl CurrentAttempt {
    /// The first attempt of a call.
    pub const FIRST: CurrentAttempt = CurrentAttempt { number: 1, retry: 0, candidate: 0 };

    #[cfg(feature = "std")]
    pub(crate) const fn new(number: u32, retry: u32, candidate: usize) -> Self {
        CurrentAttempt { number, retry, candidate }
    }

    /// Returns the number of the attempt, counted from 1 over the whole call, retries and candidates alike: what
    /// `attempt: n` binds.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Returns the round, counted from 0.
    #[must_use]
    pub const fn retry(self) -> u32 {
        self.retry
    }

    /// Returns the index of the candidate in the fallback list; 0 without a list.
    #[must_use]
    pub const fn candidate(self) -> usize {
        self.candidate
    }
}

/// The wait before an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) length: Duration,
    pub(crate) cause: Cause,
}

/// The reason for a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The policy's delay, before a retry.
    Delay,
    /// The error's own delay, before a retry.
    RetryAfter,
    /// The delay before the next candidate.
    FallbackDelay,
}

/// Iterates over the candidates of each round, and over the rounds.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::policy::{Always, Retry, Schedule};
///
/// let mut schedule = Schedule::new(Retry::new().retries(1).delays(0), 2, Duration::ZERO);
/// let mut pauses = Vec::new();
/// while let Some(pause) = schedule.after_failure(&"broken", &mut Always) {
///     pauses.push(pause.as_millis());
/// }
/// assert_eq!(pauses, [0, 100, 0]);
/// assert_eq!(schedule.attempt().number(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct Schedule {
    delays: Delays,
    candidates: usize,
    fallback_delay: Duration,
    attempt: CurrentAttempt,
}

impl Schedule {
    /// Creates a schedule of `candidates` attempts a round, `fallback_delay` between them, and one more round for
    /// each of `delays`.
    #[must_use]
    pub const fn new(delays: Delays, candidates: usize, fallback_delay: Duration) -> Self {
        Schedule { delays, candidates, fallback_delay, attempt: CurrentAttempt::FIRST }
    }

    /// Returns the attempt that is due.
    #[must_use]
    pub const fn attempt(&self) -> CurrentAttempt {
        self.attempt
    }

    /// Moves on after an attempt that failed: returns the pause before the next one, or `None` if the call ends.
    ///
    /// The delay that the error asks for applies if it is longer than the policy's. With jitter it is lengthened by
    /// up to a tenth, and never shortened: callers that were given the same time come back after it, but not
    /// together.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn after_failure<E>(&mut self, error: &E, policy: &mut impl ErrorPolicy<E>) -> Option<Duration> {
        Some(self.after_error(error, policy)?.length)
    }

    /// Moves on after an attempt that timed out, which the next candidate or round always follows.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn after_timeout(&mut self) -> Option<Duration> {
        Some(self.after_cut()?.length)
    }

    /// Like [`after_failure`](Schedule::after_failure), with the reason for the pause.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn after_error<E>(&mut self, error: &E, policy: &mut impl ErrorPolicy<E>) -> Option<Pause> {
        if self.has_candidate() && policy.falls_back(error) {
            return Some(self.next_candidate());
        }
        if !policy.retries(error) || !self.delays.is_left() {
            return None;
        }
        let asked = policy.delay(error).unwrap_or_default();
        let delay = self.next_round()?;
        if asked <= delay.length {
            return Some(delay);
        }
        Some(Pause { length: self.delays.lengthened(asked), cause: Cause::RetryAfter })
    }

    /// Like [`after_timeout`](Schedule::after_timeout), with the reason for the pause.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn after_cut(&mut self) -> Option<Pause> {
        if self.has_candidate() { Some(self.next_candidate()) } else { self.next_round() }
    }

    #[inline]
    const fn has_candidate(&self) -> bool {
        self.attempt.candidate + 1 < self.candidates
    }

    #[inline]
    fn next_candidate(&mut self) -> Pause {
        let CurrentAttempt { number, retry, candidate } = self.attempt;
        self.attempt = CurrentAttempt { number: number.saturating_add(1), retry, candidate: candidate + 1 };
        Pause { length: self.fallback_delay, cause: Cause::FallbackDelay }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn next_round(&mut self) -> Option<Pause> {
        let length = self.delays.next()?;
        let CurrentAttempt { number, retry, .. } = self.attempt;
        self.attempt = CurrentAttempt { number: number.saturating_add(1), retry: retry + 1, candidate: 0 };
        Some(Pause { length, cause: Cause::Delay })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::super::{Always, FallbackOn, Jitter, Retry, RetryAfter, RetryIf};
    use super::*;

    const NO_DELAY: Retry = Retry::new().min_delay(Duration::ZERO);

    /// (number, retry, candidate) of every attempt, when all fail with the given errors in turn.
    fn walk<'e>(
        mut schedule: Schedule,
        errors: &[&'e str],
        policy: &mut impl ErrorPolicy<&'e str>,
    ) -> Vec<(u32, u32, usize)> {
        let mut seen = Vec::new();
        for error in errors {
            let CurrentAttempt { number, retry, candidate } = schedule.attempt();
            seen.push((number, retry, candidate));
            if schedule.after_failure(error, policy).is_none() {
                break;
            }
        }
        seen
    }

    #[test]
    fn each_round_goes_through_every_candidate() {
        let schedule = Schedule::new(NO_DELAY.retries(1).delays(0), 2, Duration::ZERO);
        assert_eq!(walk(schedule, &["e"; 9], &mut Always), [(1, 0, 0), (2, 0, 1), (3, 1, 0), (4, 1, 1)]);
    }

    #[test]
    fn the_last_error_of_a_round_decides_on_the_next() {
        let mut policy = RetryIf { predicate: |e: &&str| *e == "again", rest: Always };
        let schedule = Schedule::new(NO_DELAY.delays(0), 2, Duration::ZERO);
        let errors = ["stop", "again", "again", "stop", "again"];
        assert_eq!(walk(schedule, &errors, &mut policy), [(1, 0, 0), (2, 0, 1), (3, 1, 0), (4, 1, 1)]);
    }

    #[test]
    fn an_error_that_fallback_on_rejects_ends_the_round() {
        let mut policy = FallbackOn { predicate: |e: &&str| *e == "other", rest: Always };
        let schedule = Schedule::new(NO_DELAY.delays(0), 3, Duration::ZERO);
        let errors = ["other", "same", "other", "other", "other"];
        let seen = walk(schedule, &errors, &mut policy);
        assert_eq!(seen, [(1, 0, 0), (2, 0, 1), (3, 1, 0), (4, 1, 1), (5, 1, 2)]);
    }

    #[test]
    fn the_delay_of_the_error_applies_if_it_is_longer() {
        let mut policy = RetryAfter { delay: |ms: &u64| Some(Duration::from_millis(*ms)), rest: Always };
        let mut schedule = Schedule::new(Retry::new().delays(0), 1, Duration::ZERO);
        assert_eq!(schedule.after_failure(&40, &mut policy), Some(Duration::from_millis(100)));
        assert_eq!(schedule.after_failure(&60_000, &mut policy), Some(Duration::from_secs(60)));
    }

    #[test]
    fn fifty_clients_with_the_same_retry_after_come_back_one_by_one() {
        let asked = Duration::from_secs(30);
        let back = |jitter| {
            let mut policy = RetryAfter { delay: |(): &()| Some(asked), rest: Always };
            let clients =
                (0..50).map(|client| Schedule::new(Retry::new().jitter(jitter).delays(client), 1, Duration::ZERO));
            let mut moments: Vec<_> = clients.filter_map(|mut client| client.after_failure(&(), &mut policy)).collect();
            moments.sort_unstable();
            moments
        };
        assert_eq!(back(Jitter::None), [asked; 50]);
        for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
            let moments = back(jitter);
            assert!(asked <= moments[0] && moments[49] <= asked + asked / 10);
            // Spread over all of the three seconds, no two at the same time.
            assert!(moments[0] + Duration::from_secs(2) < moments[49], "{moments:?}");
            assert!(moments.windows(2).all(|pair| pair[0] < pair[1]), "{moments:?}");
        }
    }

    proptest! {
        #[test]
        fn the_delay_of_the_error_is_lengthened_by_a_tenth_at_most_and_only_with_jitter(
            asked in any::<u64>(),
            seed in any::<u64>(),
        ) {
            let asked = Duration::from_nanos(asked);
            for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
                let mut policy = RetryAfter { delay: |(): &()| Some(asked), rest: Always };
                let retry = Retry::new().jitter(jitter);
                let own = retry.delays(seed).next().expect("three of them");
                let mut schedule = Schedule::new(retry.delays(seed), 1, Duration::ZERO);
                let pause = schedule.after_error(&(), &mut policy);
                let Pause { length, cause } = pause.expect("there are retries");
                if asked <= own {
                    prop_assert_eq!((length, cause), (own, Cause::Delay));
                } else {
                    prop_assert_eq!(cause, Cause::RetryAfter);
                    let most = if jitter == Jitter::None { asked } else { asked + asked / 10 };
                    prop_assert!(asked <= length && length <= most, "{asked:?} became {length:?}");
                }
            }
        }

        #[test]
        fn there_are_never_more_attempts_than_rounds_times_candidates(retries in 0u32..20, candidates in 1usize..20) {
            let schedule = Schedule::new(NO_DELAY.retries(retries).delays(0), candidates, Duration::ZERO);
            let seen = walk(schedule, &["e"; 1000], &mut Always);
            prop_assert_eq!(seen.len(), (retries as usize + 1) * candidates);
        }
    }
}
