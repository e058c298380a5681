//! A function whose results are cached for a minute: `cargo run --example cached_function`

use std::thread::sleep;
use std::time::{Duration, Instant};

use opero::{Error, opero};

opero! { cache: 60s =>
    /// Slow, unless the last minute had a call with the same argument.
    fn area_code(city: &str) -> Result<u32, Error<String>> {
        sleep(Duration::from_millis(300));
        match city {
            "Berlin" => Ok(30),
            "Hamburg" => Ok(40),
            other => Err(format!("no city is called {other}")),
        }
    }
}

fn main() {
    for city in ["Berlin", "Berlin", "Hamburg", "Atlantis", "Atlantis"] {
        let start = Instant::now();
        // An error is not cached: the next call runs the body again.
        let answer = match area_code(city) {
            Ok(code) => format!("area code {code}"),
            Err(error) => error.into_last().unwrap_or_default(),
        };
        println!("{city}: {answer}, after {} ms", start.elapsed().as_millis());
    }
}
