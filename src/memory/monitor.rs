//! Compares the size of the process with a limit.

use super::reading::resident;
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// Watches the resident size of the process against a limit.
///
/// It enforces nothing: its user decides what to do. Threads may share it. [What is
/// measured](crate::memory#what-is-measured) is up to 10 ms old.
///
/// # Examples
/// ```
/// use opero::memory::Monitor;
///
/// let monitor = Monitor::new(1_000_000_000);
/// let size = monitor.check();
/// assert!(monitor.peak() >= size);
/// println!("{size} of {} bytes", monitor.limit());
/// ```
#[derive(Debug)]
pub struct Monitor {
    limit: u64,
    peak: AtomicU64,
}

impl Monitor {
    /// Creates a monitor with a limit in bytes. It has not seen any size yet.
    ///
    /// # Examples
    /// ```
    /// static MONITOR: opero::memory::Monitor = opero::memory::Monitor::new(512 * 1024 * 1024);
    /// assert_eq!(MONITOR.limit(), 536_870_912);
    /// ```
    #[must_use]
    pub const fn new(limit: u64) -> Self {
        Monitor { limit, peak: AtomicU64::new(0) }
    }

    /// Returns the limit in bytes.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Returns the resident size of the process in bytes; 0 if the platform cannot tell.
    pub fn check(&self) -> u64 {
        let size = resident();
        self.peak.fetch_max(size, Relaxed);
        size
    }

    /// Returns the largest size in bytes that this monitor has seen; 0 if it has not been checked yet.
    ///
    /// It takes no reading of its own: peaks between two checks are not seen.
    ///
    /// # Examples
    /// ```
    /// let monitor = opero::memory::Monitor::new(1 << 30);
    /// assert_eq!(monitor.peak(), 0);
    /// let size = monitor.check();
    /// assert_eq!(monitor.peak(), size);
    /// ```
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.peak.load(Relaxed)
    }

    /// Returns whether the process is above 80 % of the limit.
    ///
    /// # Examples
    /// ```
    /// use opero::memory::Monitor;
    ///
    /// assert!(!Monitor::new(u64::MAX).should_throttle());
    /// # #[cfg(target_os = "linux")]
    /// assert!(Monitor::new(4096).should_throttle());
    /// ```
    #[must_use]
    pub fn should_throttle(&self) -> bool {
        Pressure::of(self.check(), self.limit) >= Pressure::High
    }

    /// Returns whether the process is above the limit.
    ///
    /// # Examples
    /// ```
    /// assert!(!opero::memory::Monitor::new(u64::MAX).is_exceeded());
    /// ```
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        Pressure::of(self.check(), self.limit) == Pressure::Over
    }
}

/// How a size compares with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pressure {
    Low,
    /// Above 80 % of the limit.
    High,
    /// Above the limit.
    Over,
}

impl Pressure {
    pub(super) fn of(size: u64, limit: u64) -> Self {
        if size > limit {
            Pressure::Over
        } else if u128::from(size) * 5 > u128::from(limit) * 4 {
            Pressure::High
        } else {
            Pressure::Low
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_is_high_above_four_fifths_of_the_limit_and_over_above_it() {
        use Pressure::{High, Low, Over};
        #[rustfmt::skip]
        let table = [
            // size, limit
            (0, 1000, Low), (800, 1000, Low), (801, 1000, High), (1000, 1000, High), (1001, 1000, Over),
            // Four fifths of 9 are 7.2.
            (7, 9, Low), (8, 9, High), (9, 9, High), (10, 9, Over),
            (0, 0, Low), (1, 0, Over), (1, 1, High),
            (u64::MAX / 5 * 4, u64::MAX, Low), (u64::MAX / 5 * 4 + 1, u64::MAX, High), (u64::MAX, u64::MAX, High),
        ];
        for (size, limit, pressure) in table {
            assert_eq!(Pressure::of(size, limit), pressure, "{size} of {limit}");
        }
    }
}
