//! An async call with a time limit for each attempt, without a runtime: `cargo run --example async_timeout`

use std::time::{Duration, Instant};

use async_io::Timer;
use opero::{block_on, opero};

/// Takes 900 ms at the first attempt, then 600 ms, then 300 ms.
async fn answer(attempt: u32) -> Result<String, String> {
    let delay = Duration::from_millis(300) * 4_u32.saturating_sub(attempt);
    Timer::after(delay).await;
    Ok(format!("answered within {} ms", delay.as_millis()))
}

fn main() {
    let start = Instant::now();
    // An attempt that takes longer than 400 ms is dropped, and the next one starts after a delay.
    let result =
        block_on(opero! { retries: 3, min_delay: 50ms, timeout: 400ms, attempt: n => async { answer(n).await } });
    println!("{result:?} in {} ms", start.elapsed().as_millis());

    // All attempts and delays together may take 500 ms.
    let result =
        block_on(opero! { retries: 3, timeout: 400ms, deadline: 500ms, attempt: n => async { answer(n).await } });
    if let Err(error) = result {
        println!("{error}");
    }
}
