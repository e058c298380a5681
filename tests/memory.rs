//! The resident size of the process.
#![cfg(feature = "memory")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use opero::memory::Monitor;

const MIB: u64 = 1 << 20;

#[test]
fn a_monitor_sees_what_is_allocated_and_remembers_it() {
    let monitor = Monitor::new(u64::MAX);
    let before = monitor.check();
    if before == 0 {
        // This platform cannot tell.
        return;
    }

    // Every byte written, so every page is resident.
    let block = black_box(vec![1_u8; 64 << 20]);
    let start = Instant::now();
    while monitor.check() < before + 32 * MIB {
        assert!(start.elapsed() < Duration::from_secs(10), "{} of {before} bytes more", monitor.check() - before);
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(block);
    assert!(monitor.peak() >= before + 32 * MIB);
}

#[test]
fn it_throttles_above_four_fifths_and_is_exceeded_above_the_limit() {
    let size = Monitor::new(0).check();
    let tells = size > 0;
    // The other test makes the process larger at the same time, but not ten times as large as it is.
    let roomy = Monitor::new(size * 10 + 1000 * MIB);
    assert!(!roomy.should_throttle() && !roomy.is_exceeded());
    let tight = Monitor::new(size / 10);
    assert_eq!((tight.should_throttle(), tight.is_exceeded()), (tells, tells));
}

#[test]
fn threads_that_ask_first_at_once_all_get_an_answer() {
    let monitor = Monitor::new(1);
    let sizes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| monitor.check())).collect();
        threads.into_iter().map(|thread| thread.join().expect("it only reads")).collect::<Vec<_>>()
    });
    let tells = monitor.check() > 0;
    assert!(sizes.iter().all(|size| (*size > 0) == tells), "{sizes:?}");
}
