//! The length of the slots of a history, and which of them are shown.

use core::time::Duration;

/// The maximum number of slots. Once it is reached, at least half as many are kept.
const KEPT: u64 = 120;
/// The minimum number of slots shown.
const SHOWN: u64 = 30;
/// A slot is one second long at first, and 32 seconds after this many doublings. The slots then cover 64 minutes.
const DOUBLINGS: u32 = 5;

/// The length of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::observe) struct Scale {
    doublings: u32,
}

impl Scale {
    /// Returns the shortest slots with which the whole time until now can be kept.
    pub(in crate::observe) fn at(now: Duration) -> Self {
        let doublings = (0..DOUBLINGS).find(|doublings| now.as_secs() >> doublings < KEPT);
        Scale { doublings: doublings.unwrap_or(DOUBLINGS) }
    }

    /// Returns how often slots of the other scale must be doubled to reach this one.
    pub(super) fn doublings_from(self, other: Self) -> Option<u32> {
        self.doublings.checked_sub(other.doublings).filter(|doublings| *doublings > 0)
    }

    /// Returns the number of the slot at a time.
    pub(in crate::observe) fn slot(self, moment: Duration) -> u64 {
        moment.as_secs() >> self.doublings
    }

    /// Returns the oldest slot that is kept when `current` is the current one.
    pub(super) fn oldest(current: u64) -> u64 {
        (current + 1).saturating_sub(KEPT)
    }

    pub(super) fn end(self, slot: u64) -> Duration {
        Duration::from_secs(slot.saturating_add(1).saturating_mul(self.seconds()))
    }

    /// Returns the length of a slot in seconds.
    pub(in crate::observe) fn seconds(self) -> u64 {
        1 << self.doublings
    }

    /// Returns the number of slots shown, the current one last.
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
