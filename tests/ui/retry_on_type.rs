//! Values that are not patterns, and patterns that match more than they seem to.

use opero::opero;

#[derive(Debug)]
struct Overloaded;

#[derive(Debug)]
enum Fault {
    Io(std::io::Error),
    Busy,
}

fn work() -> Result<u32, Fault> {
    Err(Fault::Busy)
}

fn main() {
    let _ = opero! { retry_on: Fault => work() };
    let _ = opero! { retry_on: Overloaded => work() };
    let _ = opero! { retry_on: Timeout => work() };
    let _ = opero! { retry_on: std::io::Error => work() };
    let _ = opero! { retry_on: |error| true => work() };
    let _ = opero! { retry_on: |error| matches!(error, Fault::Busy) => work() };
    let _ = opero! { retry_on: |_: &Fault| true => work() };
    let _ = opero! { retry_on: is_busy(error) => work() };
    let _ = opero! { retry_on: [Fault::Busy, Fault::Io(_)] => work() };
    let _ = opero! { retry_on: "busy" => work() };
    let _ = opero! { fallback: n in [1, 2], fallback_on: Fault => work().map(|m| m + n) };
    let _ = opero! { fallback: n in [1, 2], fallback_on: |error| true => work().map(|m| m + n) };
    let _ = opero! { retry_if: true => work() };
}
