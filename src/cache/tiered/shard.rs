//! Tracks the writes for the keys of one shard, so that no old entry gets into the near store. It never asks a store.

use core::time::Duration;

use super::super::key::Fingerprint;
use super::misses::Misses;

/// The writes, and the misses that are remembered.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// Counts the times when something may have changed.
    epoch: u64,
    /// The number of writes under way.
    writers: usize,
    misses: Misses,
}

/// A request to the far store: the epoch in which it began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    epoch: u64,
}

/// A value is being written or removed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writing {
    epoch: u64,
    is_alone: bool,
}

impl Shard {
    /// Begins a request to the far store; `None` if it recently had no entry.
    pub(super) fn ask(&mut self, place: &Fingerprint, now: Duration) -> Option<Asking> {
        (!self.misses.contains(place, now)).then_some(Asking { epoch: self.epoch })
    }

    /// Is the answer of the far store still current, as far as this process knows?
    pub(super) const fn is_current(&self, asking: Asking) -> bool {
        self.writers == 0 && self.epoch == asking.epoch
    }

    /// The far store has no entry. Remembers this until the given time.
    pub(super) fn missed(&mut self, asking: Asking, place: Fingerprint, now: Duration, until: Duration) {
        if self.is_current(asking) {
            self.misses.insert(place, now, until);
        }
    }

    /// Begins a write of one key, or of all.
    pub(super) fn begin(&mut self, place: Option<&Fingerprint>) -> Writing {
        self.changed(place);
        self.writers += 1;
        Writing { epoch: self.epoch, is_alone: self.writers == 1 }
    }

    /// Has there been no other write since this one began? Otherwise it is unknown whose value the far store has.
    pub(super) const fn is_alone(&self, writing: Writing) -> bool {
        writing.is_alone && self.epoch == writing.epoch
    }

    /// Ends a write.
    pub(super) fn end(&mut self) {
        self.writers = self.writers.saturating_sub(1);
        self.epoch += 1;
    }

    /// The entry of one key, or of any, may differ from now on.
    pub(super) fn changed(&mut self, place: Option<&Fingerprint>) {
        self.epoch += 1;
        match place {
            Some(place) => self.misses.remove(place),
            None => self.misses.clear(),
        }
    }

    /// An entry may be there soon.
    pub(super) fn expect(&mut self, place: &Fingerprint) {
        self.misses.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Fingerprint = Fingerprint::with(1, 0);
    const NOW: Duration = Duration::ZERO;
    const SOON: Duration = Duration::from_secs(1);

    fn ask(shard: &mut Shard) -> Asking {
        shard.ask(&KEY, NOW).expect("no miss is remembered")
    }

    #[test]
    fn an_answer_is_stale_if_a_write_has_begun_or_ended_since() {
        let mut shard = Shard::default();
        let before = ask(&mut shard);
        assert!(shard.is_current(before));
        shard.begin(Some(&KEY));
        let during = ask(&mut shard);
        assert!(![before, during].iter().any(|asking| shard.is_current(*asking)));
        shard.end();
        assert!(![before, during].iter().any(|asking| shard.is_current(*asking)));
        let after = ask(&mut shard);
        assert!(shard.is_current(after));
        shard.changed(None);
        assert!(!shard.is_current(after));
    }

    #[test]
    fn after_concurrent_writes_the_value_is_unknown() {
        let mut shard = Shard::default();
        let first = shard.begin(Some(&KEY));
        assert!(shard.is_alone(first));
        let second = shard.begin(Some(&KEY));
        assert!(!shard.is_alone(first) && !shard.is_alone(second));
        shard.end();
        assert!(!shard.is_alone(second), "the first may have come later to the far store");
        shard.end();
        let third = shard.begin(Some(&KEY));
        assert!(shard.is_alone(third));
    }

    #[test]
    fn a_miss_is_remembered_until_something_is_written() {
        let mut shard = Shard::default();
        let asking = ask(&mut shard);
        shard.missed(asking, KEY, NOW, SOON);
        assert!(shard.ask(&KEY, NOW).is_none() && shard.ask(&KEY, SOON).is_some());
        shard.begin(Some(&KEY));
        assert!(shard.ask(&KEY, NOW).is_some());
        shard.missed(asking, KEY, NOW, SOON);
        assert!(shard.ask(&KEY, NOW).is_some(), "it was asked before the write");
    }
}
