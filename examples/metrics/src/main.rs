//! Runs a load and prints its metrics: `cargo run --manifest-path examples/metrics/Cargo.toml`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let exporter = metrics_example::install()?;
    metrics_example::load();
    println!("{}", metrics_example::render(&exporter));
    Ok(())
}
