//! The time a moment ago, at the cost of reading the time stamp counter.
//!
//! Each thread keeps a reading of the system's clock together with the counter's value. The reading is valid until
//! the counter has moved by `WINDOW`. So nothing is calibrated and nothing drifts: every answer is a reading of the
//! system's clock, at most a microsecond old. A counter that stops while a processor sleeps is not used at all.

#![allow(unsafe_code, reason = "the counter has no safe interface")]

use core::arch::x86_64::{__cpuid, _rdtsc};
use core::cell::Cell;
use core::time::Duration;
use std::sync::OnceLock;

use super::{Clock, System};

/// How many ticks a reading is valid for: half a microsecond at 4 GHz, two at 1 GHz.
const WINDOW: u64 = 2048;

#[derive(Clone, Copy)]
struct Reading {
    ticks: u64,
    good_for: u64,
    now: Duration,
}

std::thread_local! {
    static LAST: Cell<Reading> = const { Cell::new(Reading { ticks: 0, good_for: 0, now: Duration::ZERO }) };
}

#[inline]
pub(super) fn recent() -> Duration {
    // SAFETY: every x86-64 processor has the instruction, and it touches no memory.
    let ticks = unsafe { _rdtsc() };
    let last = LAST.get();
    // If the thread moves to a processor whose counter is behind, the difference wraps around to a large number, and
    // the clock is read.
    if ticks.wrapping_sub(last.ticks) < last.good_for { last.now } else { read(ticks) }
}

#[cold]
fn read(ticks: u64) -> Duration {
    let now = System.now();
    LAST.set(Reading { ticks, good_for: if is_steady() { WINDOW } else { 0 }, now });
    now
}

/// Does the counter run at one rate in every state of the processor? (Intel SDM 3B, 18.17.1: invariant TSC)
fn is_steady() -> bool {
    static STEADY: OnceLock<bool> = OnceLock::new();
    const EXTENDED: u32 = 0x8000_0000;
    const POWER: u32 = 0x8000_0007;
    // The instruction may trap under a hypervisor, so it is executed once.
    *STEADY.get_or_init(|| {
        // SAFETY: every x86-64 processor has the instruction; the second leaf is read only if the first lists it.
        #[allow(unused_unsafe, reason = "safe since Rust 1.94")]
        unsafe {
            __cpuid(EXTENDED).eax >= POWER && __cpuid(POWER).edx & (1 << 8) != 0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_runs_ahead_and_lags_by_little() {
        for _ in 0..10_000 {
            let before = recent();
            let now = System.now();
            assert!(before <= now);
            let after = recent();
            assert!(after >= before);
        }
        let start = System.now();
        std::thread::sleep(Duration::from_millis(2));
        assert!(recent() >= start + Duration::from_millis(2), "the window was over");
    }
}
