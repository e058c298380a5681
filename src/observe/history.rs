//! The outcomes of the calls of a use over time, in constant space.
//!
//! Times count from the first use of the process, so that the slots of all uses coincide.

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

/// The history of a use, in time slots of equal length.
///
/// [`push`](History::push) is called when something happens after the end of the open slot, before that is counted. So
/// all new counts belong to the open slot, however long ago it was.
#[derive(Debug)]
pub(super) struct History {
    scale: Scale,
    /// The current slot, or the slot of the last event.
    open: u64,
    /// The sums at the beginning of the open slot.
    before: Sums,
    /// The past slots with counts, by number. None is older than what is shown.
    past: VecDeque<Slot>,
}

impl History {
    /// Creates the history of a use whose first call is now.
    pub(super) fn new(now: Duration) -> Self {
        let scale = Scale::at(now);
        History { scale, open: scale.slot(now), before: Sums::default(), past: VecDeque::new() }
    }

    /// Adds the sums of all counts up to now.
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

    /// Returns the end of the open slot.
    pub(super) fn due(&self) -> Duration {
        self.scale.end(self.open)
    }

    /// Returns the slots with counts, including the open one, given the current sums.
    pub(super) fn slots(&self, sums: &Sums) -> Vec<Slot> {
        let mut slots = self.past.clone();
        add(&mut slots, sums.since(&self.before, self.open));
        slots.into()
    }

    /// Makes slots longer as time passes. The new length is a multiple of the old one.
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

/// Appends a slot, or adds it to the last one if both have the same number.
fn add(slots: &mut VecDeque<Slot>, slot: Slot) {
    match slots.back_mut() {
        Some(last) if last.number == slot.number => last.add(&slot),
        _ if slot.is_empty() => {}
        _ => slots.push_back(slot),
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
