//! Calls that are spaced evenly, and calls that do not wait: `cargo run --example rate_limit`

use std::time::Instant;

use opero::{Error, opero};

/// Waits for a permit: 10 per second, and the first 3 at once.
fn send(letter: u32) -> Result<u32, Error<String>> {
    opero! { rate: 10/s, burst: 3 => Ok(letter) }
}

/// Runs at most twice a second, and is refused instead of waiting.
fn ping() -> Result<(), Error<String>> {
    opero! { name: "ping", rate: 2/s, max_wait: 0s => Ok(()) }
}

fn main() {
    let start = Instant::now();
    for letter in 1..=6 {
        _ = send(letter);
        println!("letter {letter} at {:3} ms", start.elapsed().as_millis());
    }
    for _ in 0..2 {
        match ping() {
            Ok(()) => println!("pinged"),
            Err(Error::RateLimit(refused)) => println!("refused: {refused}"),
            Err(error) => println!("{error}"),
        }
    }
}
