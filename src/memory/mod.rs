//! How much memory the process takes, and when to start less because of it.
//!
//! ```
//! use opero::memory::Monitor;
//!
//! let monitor = Monitor::new(4 << 30);
//! # let mut workers = 8;
//! if monitor.should_throttle() {
//!     workers /= 2;
//! }
//! # assert!(workers > 0);
//! ```
//!
//! # What is measured
//! The resident size of the process: what it has in physical memory, shared libraries and the memory of other crates
//! included; on Windows the working set. An allocator may keep what was freed for later, and then the size does not fall.
//! The Linux kernel may leave out the latest few pages of each thread or processor.
//!
//! One reading serves the whole process for 10 ms; a new one is taken early only where entries of caches were given back.
//! It takes some 10 µs on Linux, however large the process is.
//!
//! Where the size cannot be told it is 0, and nothing is ever throttled: on platforms other than Linux, Android, macOS,
//! iOS, FreeBSD and Windows, and on Linux without `/proc`.

use core::time::Duration;

use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, OnceLock};
use crate::time::{Clock, System, nanos};

/// How long a reading is good for, and the least time from one search for expired entries to the next.
const INTERVAL: Duration = Duration::from_millis(10);

/// Long enough for other work to end and free its memory, short enough to go unnoticed beside it.
const PAUSE: Duration = Duration::from_millis(100);

/// Watches the resident size of the process against a limit.
///
/// It enforces nothing: whoever asks it decides what to do. Threads may share it. [What is measured](self#what-is-measured)
/// is up to 10 ms old.
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
    /// A monitor with a limit in bytes, which has not seen any size yet.
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

    /// The limit in bytes.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// The resident size of the process in bytes; 0 where the platform cannot tell.
    pub fn check(&self) -> u64 {
        let size = resident();
        self.peak.fetch_max(size, Relaxed);
        size
    }

    /// The largest size in bytes that this monitor has seen; 0 before it has been asked for one.
    ///
    /// It takes no reading of its own: what came and went between two questions was not seen.
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

    /// Is the process now above 80 % of the limit?
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

    /// Is the process now above the limit itself?
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
enum Pressure {
    Low,
    /// Above 80 % of the limit.
    High,
    /// Above the limit.
    Over,
}

impl Pressure {
    fn of(size: u64, limit: u64) -> Self {
        if size > limit {
            Pressure::Over
        } else if u128::from(size) * 5 > u128::from(limit) * 4 {
            Pressure::High
        } else {
            Pressure::Low
        }
    }
}

/// How long a call under option `memory` has to pause before its next execution.
///
/// Above 80 % of the limit the expired entries of caches are given back first, and where that is enough there is no pause.
#[inline]
pub(crate) fn pause(limit: u64) -> Duration {
    pause_at(resident(), limit, relieve)
}

/// The decision: `relieve` gives the size after it has freed something, and `None` where it has not.
fn pause_at(size: u64, limit: u64, relieve: impl FnOnce() -> Option<u64>) -> Duration {
    let is_high = |size| Pressure::of(size, limit) >= Pressure::High;
    if is_high(size) && relieve().is_none_or(is_high) { PAUSE } else { Duration::ZERO }
}

static READING: Turn = Turn::new();
static SWEEP: Turn = Turn::new();

/// The resident size of the process, as it is or was within the interval.
fn resident() -> u64 {
    let size = LAST.load(Relaxed);
    if READING.comes(System.recent()) || size == UNREAD { read() } else { size }
}

/// The size at the last reading.
static LAST: AtomicU64 = AtomicU64::new(UNREAD);
/// No process is that large.
const UNREAD: u64 = u64::MAX;

#[cold]
fn read() -> u64 {
    let size = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
    LAST.store(size, Relaxed);
    size
}

/// Gives back the expired entries of caches. The new size, where there were any.
#[cold]
fn relieve() -> Option<u64> {
    let start = System.now();
    if !SWEEP.comes(start) {
        return None;
    }
    let given_back = SWEEPER.get().map_or(0, |sweep| sweep());
    let end = System.now();
    // To look through a million entries takes 50 ms: at most a tenth of the time goes into it.
    SWEEP.put_off(end.saturating_add(end.saturating_sub(start).saturating_mul(9)));
    (given_back > 0).then(|| {
        READING.put_off(end);
        read()
    })
}

static SWEEPER: OnceLock<fn() -> usize> = OnceLock::new();

/// What gives back memory that nobody will miss from now on: it says how many things it has given back. The first is kept.
#[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "only caches have something to give back"))]
pub(crate) fn sweep_by(sweeper: fn() -> usize) {
    SWEEPER.get_or_init(|| sweeper);
}

/// Comes to one caller, and after the interval to another.
struct Turn {
    /// In nanoseconds of the system's clock.
    next: AtomicU64,
}

impl Turn {
    const fn new() -> Self {
        Turn { next: AtomicU64::new(0) }
    }

    fn comes(&self, now: Duration) -> bool {
        let next = self.next.load(Relaxed);
        nanos(now) >= next
            && self.next.compare_exchange(next, nanos(now.saturating_add(INTERVAL)), Relaxed, Relaxed).is_ok()
    }

    fn put_off(&self, now: Duration) {
        self.next.store(nanos(now.saturating_add(INTERVAL)), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pressure_is_high_above_four_fifths_of_the_limit_and_over_above_the_limit() {
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

    #[test]
    fn a_call_pauses_where_giving_back_is_not_enough() {
        let none = Duration::ZERO;
        #[rustfmt::skip]
        let table = [
            // size, size after giving back, pause
            (800, None, none), (801, None, PAUSE), (1200, None, PAUSE),
            (801, Some(801), PAUSE), (1200, Some(900), PAUSE), (1200, Some(800), none),
            // A platform that cannot tell.
            (0, None, none), (900, Some(0), none),
        ];
        for (size, relieved, pause) in table {
            assert_eq!(pause_at(size, 1000, || relieved), pause, "{size}, then {relieved:?}");
        }
    }

    #[test]
    fn nothing_is_given_back_without_need() {
        assert_eq!(pause_at(800, 1000, || unreachable!("800 of 1000 is fine")), Duration::ZERO);
    }

    #[test]
    fn a_turn_comes_once_an_interval() {
        let micros = Duration::from_micros;
        let turn = Turn::new();
        let came = [5, 5, 10_004, 10_005, 20_004].map(|now| turn.comes(micros(now)));
        assert_eq!(came, [true, false, false, true, false]);
        turn.put_off(micros(20_010));
        let came = [20_015, 30_009, 30_010].map(|now| turn.comes(micros(now)));
        assert_eq!(came, [false, false, true]);
    }

    #[test]
    fn a_turn_comes_to_one_of_many_threads() {
        let (turn, came) = (Turn::new(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| came.fetch_add(turn.comes(INTERVAL).into(), Relaxed));
            }
        });
        assert_eq!(came.load(Relaxed), 1);
    }

    #[test]
    fn the_process_is_larger_than_a_byte_and_smaller_than_all_memory() {
        let can_tell = Monitor::new(1).check() > 0;
        assert_eq!(pause(1), if can_tell { PAUSE } else { Duration::ZERO });
        assert_eq!(pause(u64::MAX), Duration::ZERO);
    }
}
