//! One retry written in several ways: `retry.rs` times them, and `instructions.rs` counts their instructions.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use opero::opero;

#[derive(Debug)]
pub(crate) struct Refused;

#[inline(never)]
fn ask(question: u64) -> Result<u64, Refused> {
    if question == 0 { Err(Refused) } else { Ok(question * 3) }
}

#[allow(clippy::unused_async, reason = "it waits for nothing, so only the retry is measured")]
async fn ask_later(question: u64) -> Result<u64, Refused> {
    ask(question)
}

/// Fails `failures` times, then succeeds.
#[inline(never)]
fn falter(failures: &mut u32) -> Result<u64, Refused> {
    match failures.checked_sub(1) {
        Some(left) => {
            *failures = left;
            Err(Refused)
        }
        None => Ok(21),
    }
}

/// The hand-written loop for three retries with growing delays.
#[inline]
fn retry_by_hand<T, E>(mut pause: Duration, mut work: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    let mut left = 3;
    loop {
        match work() {
            Err(_) if left > 0 => {
                left -= 1;
                if !pause.is_zero() {
                    thread::sleep(pause);
                }
                pause = pause.mul_f64(1.5);
            }
            outcome => return outcome,
        }
    }
}

/// The body succeeds at once.
pub(crate) mod blocking {
    use backon::{BlockingRetryable, ExponentialBuilder};

    use super::{Duration, ask, black_box, opero, retry_by_hand};

    #[inline]
    pub(crate) fn plain() -> u64 {
        ask(black_box(7)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn by_hand() -> u64 {
        let question = black_box(7);
        retry_by_hand(Duration::from_millis(100), || ask(question)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn opero() -> u64 {
        let question = black_box(7);
        opero! { retries: 3 => ask(question) }.unwrap_or_default()
    }

    /// A use that has failed before reads the clock in each call, because its next failure must have a duration.
    #[inline]
    pub(crate) fn opero_timed(question: u64) -> u64 {
        opero! { retries: 0 => ask(question) }.unwrap_or_default()
    }

    #[inline]
    pub(crate) fn backon() -> u64 {
        let question = black_box(7);
        (|| ask(question)).retry(ExponentialBuilder::new()).call().unwrap_or_default()
    }
}

/// The same as a future.
pub(crate) mod future {
    use std::future::ready;

    use backon::{ExponentialBuilder, Retryable};

    use super::{Duration, ask_later, black_box, opero};

    #[inline]
    pub(crate) async fn plain() -> u64 {
        ask_later(black_box(7)).await.unwrap_or_default()
    }

    /// The loop of the blocking contender with smol's timer.
    async fn retry_by_hand<T, E>(mut work: impl AsyncFnMut() -> Result<T, E>) -> Result<T, E> {
        let mut pause = Duration::from_millis(100);
        let mut left = 3;
        loop {
            match work().await {
                Err(_) if left > 0 => {
                    left -= 1;
                    smol::Timer::after(pause).await;
                    pause = pause.mul_f64(1.5);
                }
                outcome => return outcome,
            }
        }
    }

    #[inline]
    pub(crate) async fn by_hand() -> u64 {
        let question = black_box(7);
        retry_by_hand(async || ask_later(question).await).await.unwrap_or_default()
    }

    #[inline]
    pub(crate) async fn opero() -> u64 {
        let question = black_box(7);
        opero! { retries: 3 => async { ask_later(question).await } }.await.unwrap_or_default()
    }

    #[inline]
    pub(crate) async fn backon() -> u64 {
        let question = black_box(7);
        (|| ask_later(question)).retry(ExponentialBuilder::new()).sleep(|_| ready(())).await.unwrap_or_default()
    }
}

/// The body fails twice, and there are no delays.
pub(crate) mod failing {
    use backon::{BlockingRetryable, ConstantBuilder};

    use super::{Duration, black_box, falter, opero, retry_by_hand};

    #[inline]
    pub(crate) fn by_hand() -> u64 {
        let mut failures = black_box(2);
        retry_by_hand(Duration::ZERO, || falter(&mut failures)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn opero() -> u64 {
        let mut failures = black_box(2);
        opero! { retries: 3, min_delay: 0s => falter(&mut failures) }.unwrap_or_default()
    }

    #[inline]
    pub(crate) fn backon() -> u64 {
        let mut failures = black_box(2);
        let policy = ConstantBuilder::new().with_delay(Duration::ZERO).with_max_times(3);
        (|| falter(&mut failures)).retry(policy).call().unwrap_or_default()
    }
}
