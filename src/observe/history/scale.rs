//! How long the slots of a history are, and which of them are shown.

use core::time::Duration;

/// So many slots are kept at most, and at least half of that once there were as many.
const KEPT: u64 = 120;
/// So many are shown at least.
const SHOWN: u64 = 30;
/// A slot has a second at first, and after so many doublings 32: what is kept is 64 minutes then.
const DOUBLINGS: u32 = 5;

/// The length of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::observe) struct Scale {
    doublings: u32,
}

impl Scale {
    /// The shortest slots of which those until now can be kept.
    pub(in crate::observe) fn at(now: Duration) -> Self {
        let doublings = (0..DOUBLINGS).find(|doublings| now.as_secs() >> doublings < KEPT);
        Scale { doublings: doublings.unwrap_or(DOUBLINGS) }
    }

    /// How often the slots of another have to be doubled to be these.
    pub(super) fn doublings_from(self, other: Self) -> Option<u32> {
        self.doublings.checked_sub(other.doublings).filter(|doublings| *doublings > 0)
    }

    /// The number of the slot that a moment is in.
    pub(in crate::observe) fn slot(self, moment: Duration) -> u64 {
        moment.as_secs() >> self.doublings
    }

    /// The oldest slot that is kept, when another is under way.
    pub(super) fn oldest(current: u64) -> u64 {
        (current + 1).saturating_sub(KEPT)
    }

    pub(super) fn end(self, slot: u64) -> Duration {
        Duration::from_secs(slot.saturating_add(1).saturating_mul(self.seconds()))
    }

    /// How long a slot is.
    pub(in crate::observe) fn seconds(self) -> u64 {
        1 << self.doublings
    }

    /// How many slots are shown, the one that is under way the last.
    pub(in crate::observe) fn shown(current: u64) -> u64 {
        current.saturating_add(1).clamp(SHOWN, KEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_get_longer_until_an_hour_is_kept() {
        let table =
            [(0, 1, 0), (119, 1, 119), (120, 2, 60), (239, 2, 119), (240, 4, 60), (1919, 16, 119), (1920, 32, 60)];
        for (second, seconds, slot) in table {
            let now = Duration::from_secs(second);
            let scale = Scale::at(now);
            assert_eq!((scale.seconds(), scale.slot(now)), (seconds, slot), "{second}");
            assert!(scale.end(slot) > now && Scale::oldest(slot) == 0);
        }
        let year = Duration::from_secs(365 * 24 * 3600);
        let scale = Scale::at(year);
        assert_eq!((scale.seconds(), Scale::shown(scale.slot(year))), (32, 120));
        assert_eq!(Scale::oldest(scale.slot(year)), scale.slot(year) - 119);
        assert_eq!(Scale::at(Duration::MAX).seconds(), 32);
        assert_eq!(Scale::shown(0), 30);
    }
}
