//! One call for each item, four at a time, each with its own retries: `cargo run --example map`

use std::thread::sleep;
use std::time::{Duration, Instant};

use opero::map::split;
use opero::opmap;

/// Takes 100 ms, and fails for multiples of 7.
fn square(number: u32) -> Result<u32, String> {
    sleep(Duration::from_millis(100));
    if number % 7 == 0 { Err("not today".to_owned()) } else { Ok(number * number) }
}

fn main() {
    let start = Instant::now();
    let results = opmap! { number in 1..=12, mode: thread, workers: 4, retries: 1, min_delay: 20ms => square(number) };
    println!("12 items of 100 ms took {} ms", start.elapsed().as_millis());

    // Each item has its own result, in the order of the items.
    let (squares, errors) = split(results);
    println!("{squares:?}");
    for (index, error) in errors {
        println!("item {index}: {error}");
    }
}
