//! The radio of `no-std-check` on a board: retries, fallback and a rate limit on the ticks of a timer, blocking and async.
//!
//! `RUSTC_BOOTSTRAP=1 cargo board` runs it under QEMU.
#![no_std]
#![no_main]
#![deny(missing_docs, unsafe_code, warnings)]

use no_std_check::block_on;
use no_std_check::radio::{Fault, Radio, read, read_later, report, send, send_later};
use opero::Error;
use opero::time::Clock;

use machine::{Ticks, print};

mod machine;

macro_rules! say {
    ($($text:tt)*) => { print(format_args!("{}\n", format_args!($($text)*))) };
}

/// Runs each call and prints its outcome. Returns whether all are as expected.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the machine calls it by this name")]
fn run() -> bool {
    let clock = &Ticks;
    say!("A radio on a Cortex-M4, with a timer that ticks every millisecond.");

    let start = clock.now();
    let (answer, millis) = (read(&Radio::new(4), clock), || (clock.now() - start).as_millis());
    say!("\nBusy for 4 requests: {answer:?} (port, attempt) after {} ms", millis());
    let retried = answer == Ok((9, 6)) && millis() >= 250;

    let Err(error) = read(&Radio::new(99), clock) else { return false };
    say!("\nBusy for ever: {error}");
    let failed = error.last() == Some(&Fault::Busy) && error.attempts().last().is_some_and(|last| last.number() == 8);

    let start = clock.now();
    let answer = block_on(read_later(&Radio::new(2), clock));
    say!("\nBusy for 2 requests, async: {answer:?} after {} ms", (clock.now() - start).as_millis());
    let waited = answer == Ok(9);

    say!("\nFive messages, 50 in a second:");
    let (radio, start) = (Radio::new(0), clock.now());
    for number in 1..=5 {
        let answer = send(&radio, clock);
        say!("  {number} after {:2} ms: {answer:?}", (clock.now() - start).as_millis());
    }
    let spaced = (clock.now() - start).as_millis() >= 80;

    say!("\nThree of a task, which may send two at once:");
    let start = clock.now();
    for number in 1..=3 {
        let answer = block_on(send_later(&radio, clock));
        say!("  {number} after {:2} ms: {answer:?}", (clock.now() - start).as_millis());
    }
    let burst = (clock.now() - start).as_millis() >= 20;

    say!("\nTwo reports, one in a minute:");
    let first = report(&radio, clock);
    say!("  {first:?}");
    let Err(error) = report(&radio, clock) else { return false };
    say!("  {error}");
    let refused = first == Ok(9) && matches!(error, Error::RateLimit(_));

    [retried, failed, waited, spaced, burst, refused] == [true; 6]
}
