//! What goes on for the keys of one shard, so that nothing old gets into the near store. It decides; no store is asked here.

use core::time::Duration;

use super::super::key::Fingerprint;
use super::misses::Misses;

/// The writes, and the misses that are remembered.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// How often something may have changed.
    epoch: u64,
    /// How many are writing now.
    writers: usize,
    misses: Misses,
}

/// That the far store is asked: since which epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    epoch: u64,
}

/// That a value is written or removed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writing {
    epoch: u64,
    is_alone: bool,
}

impl Shard {
    /// The far store is about to be asked; `None` where it had no entry a short while ago.
    pub(super) fn ask(&mut self, place: &Fingerprint, now: Duration) -> Option<Asking> {
        (!self.misses.contains(place, now)).then_some(Asking { epoch: self.epoch })
    }

    /// Is what the far store has answered still so, as far as this process knows?
    pub(super) const fn is_current(&self, asking: Asking) -> bool {
        self.writers == 0 && self.epoch == asking.epoch
    }

    /// The far store has no entry, which is remembered until then.
    pub(super) fn missed(&mut self, asking: Asking, place: Fingerprint, now: Duration, until: Duration) {
        if self.is_current(asking) {
            self.misses.insert(place, now, until);
        }
    }

    /// A write of one key begins, or where there is none of all.
    pub(super) fn begin(&mut self, place: Option<&Fingerprint>) -> Writing {
        self.changed(place);
        self.writers += 1;
        Writing { epoch: self.epoch, is_alone: self.writers == 1 }
    }

    /// Has nobody else written since this write began? Otherwise nobody knows whose value the far store has.
    pub(super) const fn is_alone(&self, writing: Writing) -> bool {
        writing.is_alone && self.epoch == writing.epoch
    }

    /// A write ends.
    pub(super) fn end(&mut self) {
        self.writers = self.writers.saturating_sub(1);
        self.epoch += 1;
    }

    /// The entry of one key, or where there is none of any, may be another from now on.
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
    fn an_answer_is_old_when_a_write_has_begun_or_ended_since() {
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
    fn of_writes_side_by_side_none_knows_whose_value_is_there() {
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
