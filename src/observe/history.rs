//! What has become of the calls of a use over time, in constant space.
//!
//! Times are those since the first use of the process has run, so that the slots of all uses are the same.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

pub(super) use self::scale::Scale;
#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
pub(super) use self::sums::Tally;
pub(super) use self::sums::{Slot, Sums};
pub(crate) use self::timeline::Timeline;
pub(super) use self::timeline::now;

mod scale;
mod sums;
mod timeline;

/// The past of a use in slots of time that are all of one length.
///
/// It is told what has been counted so far as soon as something happens after the end of the open slot, before that is counted. So all
/// that is new has happened in that slot, however long ago it was.
#[derive(Debug)]
pub(super) struct History {
    scale: Scale,
    /// The slot that is under way, or that was when something happened last.
    open: u64,
    /// What had been counted when it began.
    before: Sums,
    /// Those that are over, of which something was counted, by their numbers. None is older than what is shown.
    past: VecDeque<Slot>,
}

impl History {
    /// That of a use that has its first call now.
    pub(super) fn new(now: Duration) -> Self {
        let scale = Scale::at(now);
        History { scale, open: scale.slot(now), before: Sums::default(), past: VecDeque::new() }
    }

    /// Until now so much has been counted.
    pub(super) fn push(&mut self, now: Duration, sums: Sums) {
        self.rescale(Scale::at(now));
        let current = self.scale.slot(now);
        if current > self.open {
            let slot = sums.since(&self.before, self.open);
            add(&mut self.past, slot);
            (self.open, self.before) = (current, sums);
            let oldest = Scale::oldest(current);
            while self.past.front().is_some_and(|slot| slot.number < oldest) {
                self.past.pop_front();
            }
        }
    }

    /// When the open slot is over.
    pub(super) fn due(&self) -> Duration {
        self.scale.end(self.open)
    }

    /// The slots in which something was counted, the open one too, after so much has been.
    pub(super) fn slots(&self, sums: &Sums) -> Vec<Slot> {
        let mut slots = self.past.clone();
        add(&mut slots, sums.since(&self.before, self.open));
        slots.into()
    }

    /// Slots get longer as time goes by, each to a whole number of those before.
    fn rescale(&mut self, scale: Scale) {
        let Some(doublings) = scale.doublings_from(self.scale) else { return };
        self.scale = scale;
        self.open >>= doublings;
        for mut slot in core::mem::take(&mut self.past) {
            slot.number >>= doublings;
            add(&mut self.past, slot);
        }
    }
}

/// Adds a slot behind the others, or to the last of them where it is the same.
fn add(slots: &mut VecDeque<Slot>, slot: Slot) {
    match slots.back_mut() {
        Some(last) if last.number == slot.number => last.add(&slot),
        _ if slot.is_empty() => {}
        _ => slots.push_back(slot),
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
