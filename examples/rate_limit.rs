//! Calls that are spaced evenly, and calls that do not wait: `cargo run --example rate_limit`

use std::time::Instant;

use opero::{Error, opero};

/// Waits until it may run: 10 times a second, the first 3 at once.
fn send(letter: u32) -> Result<u32, Error<String>> {
    opero! { rate: 10/s, burst: 3 => Ok(letter) }
}

/// Runs twice a second at most, and does not wait.
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
