//! Decides when to ask a failed store again.

use core::time::Duration;

use super::backoff::Backoff;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, Mutex, lock};
use crate::time::{Clock, System};

/// Is a store known to be down? While it is, one call at a time asks it, and the others skip it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outage {
    /// `None` while the store works.
    down: Option<Down>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Down {
    /// The next call from this time on asks.
    ask_at: Duration,
    backoff: Backoff,
}

/// The permission to ask the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asking {
    /// Does this call probe whether the store is back?
    is_probe: bool,
}

#[cfg(feature = "sqlite")]
impl Asking {
    /// Does this call probe whether the store is back?
    pub(crate) const fn is_probe(self) -> bool {
        self.is_probe
    }
}

impl Outage {
    /// May a call ask the store now? While the store is down, a call that may is the only one for as long as a
    /// request takes.
    fn admit(&mut self, now: Duration, question: Duration) -> Option<Asking> {
        match &mut self.down {
            None => Some(Asking { is_probe: false }),
            Some(down) if down.ask_at <= now => {
                down.ask_at = now.saturating_add(question);
                Some(Asking { is_probe: true })
            }
            Some(_) => None,
        }
    }

    /// The store could not be reached. If many calls find this out at once, it counts as one failure.
    fn failed(&mut self, asking: Asking, now: Duration) {
        let mut backoff = match self.down {
            None => Backoff::default(),
            Some(down) if asking.is_probe => down.backoff,
            Some(_) => return,
        };
        self.down = Some(Down { ask_at: now.saturating_add(backoff.next()), backoff });
    }

    fn succeeded(&mut self) {
        self.down = None;
    }
}

/// An outage, shared by all calls. While the store works they read one flag, and take no lock.
#[derive(Debug, Default)]
pub(crate) struct SharedOutage {
    is_down: AtomicBool,
    outage: Mutex<Outage>,
}

impl SharedOutage {
    pub(crate) const fn new() -> Self {
        SharedOutage { is_down: AtomicBool::new(false), outage: Mutex::new(Outage { down: None }) }
    }

    /// May a call ask the store now? `question` is the longest time that a request takes.
    pub(crate) fn admit(&self, question: Duration) -> Option<Asking> {
        if !self.is_down.load(Relaxed) {
            return Some(Asking::default());
        }
        lock(&self.outage).admit(System.now(), question)
    }

    /// The store could not be reached.
    #[cold]
    pub(crate) fn failed(&self, asking: Asking) {
        let mut outage = lock(&self.outage);
        outage.failed(asking, System.now());
        self.is_down.store(true, Relaxed);
    }

    /// The store has answered.
    pub(crate) fn succeeded(&self) {
        if self.is_down.load(Relaxed) {
            let mut outage = lock(&self.outage);
            outage.succeeded();
            self.is_down.store(false, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn while_a_store_is_down_one_call_at_a_time_asks_at_growing_intervals() {
        let mut outage = Outage::default();
        assert_eq!(outage.admit(MS(0), MS(500)), Some(Asking::default()));
        outage.failed(Asking::default(), MS(0));
        let mut asked = [0; 8];
        let mut now = 0;
        for moment in &mut asked {
            let asking = loop {
                match outage.admit(MS(now), MS(500)) {
                    Some(asking) => break asking,
                    None => now += 1,
                }
            };
            *moment = now;
            assert_eq!(outage.admit(MS(now), MS(500)), None, "another call is asking");
            outage.failed(asking, MS(now));
        }
        assert_eq!(asked, [50, 150, 350, 750, 1550, 2550, 3550, 4550]);
        outage.succeeded();
        assert_eq!(outage.admit(MS(now), MS(500)), Some(Asking::default()));
    }

    #[test]
    fn a_hundred_concurrent_failures_count_as_one() {
        let mut outage = Outage::default();
        (0..100).for_each(|at| outage.failed(Asking::default(), MS(7 + at / 50)));
        assert_eq!((outage.admit(MS(56), MS(500)), outage.admit(MS(57), MS(500)).is_some()), (None, true));
    }

    #[test]
    fn a_probe_without_an_outcome_is_followed_by_another() {
        let mut outage = Outage::default();
        outage.failed(Asking::default(), MS(0));
        assert!(outage.admit(MS(50), MS(500)).is_some());
        assert!(outage.admit(MS(549), MS(500)).is_none() && outage.admit(MS(550), MS(500)).is_some());
    }
}
