//! A number without a unit, and other mistakes in a duration.

use opero::opero;

fn work() -> Result<u32, String> {
    Ok(1)
}

fn main() {
    let _ = opero! { timeout: 5 => work() };
    let _ = opero! { timeout: 5.0 => work() };
    let _ = opero! { timeout: 0.5 => work() };
    let _ = opero! { timeout: "5s" => work() };
    let _ = opero! { timeout: 5 s => work() };
    let _ = opero! { timeout: 5 seconds => work() };
    let _ = opero! { timeout: 5_seconds => work() };
    let _ = opero! { timeout: 5min30 => work() };
    let _ = opero! { min_delay: 0.1 => work() };
    let _ = opero! { min_delay: 2 * 50ms => work() };
    let _ = opero! { min_delay: 50ms * 2 => work() };
    let _ = opero! { timeout: Some(5) => work() };
    let _ = opero! { timeout: std::time::Duration::from_secs(5), deadline: 5 => work() };
    let _ = opero! { timeout: none => work() };
}
