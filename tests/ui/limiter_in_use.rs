//! A limiter is lent to a use, so that calls share it.

use opero::opero;

fn work(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    let _ = opero! { rate: 10/s, limiter: Limiter::new() => work(1) };
    let _ = opero! { rate: 10/s, limiter: "redis://localhost" => work(1) };
}
