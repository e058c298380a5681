//! Decides how a call waits for the lease of a key. It never asks a store and never sleeps.

use core::time::Duration;

/// The first and the longest pause between two look-ups. Each pause is twice the one before.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(100);

/// The wait of one call.
#[derive(Debug)]
pub(super) struct Wait {
    pause: Duration,
    waited: Duration,
    /// How long to wait if a longer wait might never end.
    patience: Duration,
}

/// What a store says about a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Ours,
    /// Another token holds it.
    Elsewhere,
    /// The store cannot say.
    Unknown,
}

/// Who holds a lease that this call did not get, as far as this process knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A run beside or around this one: the lease cannot become free while this call waits.
    Here,
    /// Another process, which may itself wait for a lease of this process: this call is inside a body that holds a
    /// lease, or such a body waits for it.
    PerhapsInRing,
    Another,
}

/// What the call does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Runs the body, with the lease if it holds it.
    Run,
    /// Waits for this long, and then looks again.
    Pause(Duration),
    /// Gives up: it is out of time.
    GiveUp,
}

impl Wait {
    pub(super) const fn new(lease_time: Duration) -> Self {
        Wait { pause: SHORTEST, waited: Duration::ZERO, patience: lease_time }
    }

    pub(super) const fn has_waited(&self) -> bool {
        !self.waited.is_zero()
    }

    /// Decides what to do after an answer, with `left` time left. `dice` is from 0 to 1 and spreads the look-ups of
    /// calls that wait together.
    pub(super) fn next(
        &mut self,
        answer: Answer,
        holder: impl FnOnce() -> Holder,
        left: Option<Duration>,
        dice: f64,
    ) -> Next {
        if answer != Answer::Elsewhere {
            return Next::Run;
        }
        match holder() {
            Holder::Here => return Next::Run,
            Holder::PerhapsInRing if self.waited >= self.patience => return Next::Run,
            Holder::PerhapsInRing | Holder::Another => {}
        }
        if left.is_some_and(|left| left.is_zero()) {
            return Next::GiveUp;
        }
        let pause = self.pause.mul_f64(0.5 + dice.clamp(0.0, 1.0) / 2.0).min(left.unwrap_or(Duration::MAX));
        self.pause = LONGEST.min(self.pause * 2);
        self.waited = self.waited.saturating_add(pause);
        Next::Pause(pause)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn next(wait: &mut Wait, holder: Holder) -> Next {
        wait.next(Answer::Elsewhere, || holder, None, 1.0)
    }

    #[test]
    fn pauses_grow_and_are_drawn_from_their_upper_half() {
        let pauses = |dice| {
            let mut wait = Wait::new(MS(1000));
            let pauses = (0..7).map(|_| wait.next(Answer::Elsewhere, || Holder::Another, None, dice));
            pauses
                .map(|next| if let Next::Pause(pause) = next { pause } else { panic!("{next:?}") })
                .collect::<Vec<_>>()
        };
        assert_eq!(pauses(1.0), [5, 10, 20, 40, 80, 100, 100].map(MS));
        assert_eq!(pauses(0.0), [2500, 5000, 10_000, 20_000, 40_000, 50_000, 50_000].map(Duration::from_micros));
    }

    #[test]
    fn a_call_runs_if_it_has_the_lease_or_cannot_ask() {
        for answer in [Answer::Ours, Answer::Unknown] {
            let mut wait = Wait::new(MS(1000));
            assert_eq!(wait.next(answer, || panic!("no other call holds it"), Some(MS(0)), 0.5), Next::Run);
            assert!(!wait.has_waited());
        }
    }

    #[test]
    fn no_call_waits_beyond_its_end() {
        let mut wait = Wait::new(MS(1000));
        assert_eq!(wait.next(Answer::Elsewhere, || Holder::Another, Some(MS(3)), 1.0), Next::Pause(MS(3)));
        assert_eq!(wait.next(Answer::Elsewhere, || Holder::Another, Some(MS(0)), 1.0), Next::GiveUp);
    }

    #[test]
    fn a_call_that_waits_for_itself_runs_at_once_and_one_that_might_runs_after_the_lease_time() {
        let mut wait = Wait::new(MS(30));
        assert_eq!(next(&mut wait, Holder::Here), Next::Run);
        for pause in [5, 10, 20] {
            assert_eq!(next(&mut wait, Holder::PerhapsInRing), Next::Pause(MS(pause)));
        }
        assert_eq!(next(&mut wait, Holder::Another), Next::Pause(MS(40)));
        assert_eq!(next(&mut wait, Holder::PerhapsInRing), Next::Run);
    }
}
