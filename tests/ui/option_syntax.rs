//! Values in the syntax of other languages and crates.

use opero::{opero, opmap};

fn work(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    let _ = opero! { retries = 3 => work(1) };
    let _ = opero! { retries(3) => work(1) };
    let _ = opero! { retries: 3; cache => work(1) };
    let _ = opero! { "retries": 3 => work(1) };
    let _ = opero! { retries: -1 => work(1) };
    let _ = opero! { retries: "3" => work(1) };
    let _ = opero! { retries: => work(1) };
    let _ = opero! { , retries: 3 => work(1) };
    let _ = opero! { retries: 3 -> work(1) };
    let _ = opero! { retries: 3, work(1) };
    let _ = opero! { work(1) };
    let _ = opero! { work(1), retries: 3 };
    let _ = opero! { fallback: ["a", "b"] => work(1) };
    let _ = opero! { fallback: n in 1, 2 => work(n) };
    let _ = opero! { rate: 10 => work(1) };
    let _ = opero! { rate: 10 per second => work(1) };
    let _ = opero! { rate: "10/s" => work(1) };
    let _ = opero! { rate: 0.5/s => work(1) };
    let _ = opero! { rate: 10/s/client => work(1) };
    let _ = opero! { rate: 10s => work(1) };
    let _ = opero! { cache: "60s" => work(1) };
    let _ = opero! { cache: true => work(1) };
    let _ = opero! { cache: false => work(1) };
    let _ = opero! { jitter: true => work(1) };
    let _ = opero! { jitter: "full" => work(1) };
    let _ = opero! { jitter: 0.1 => work(1) };
    let _ = opero! { attempt: "n" => work(1) };
    let _ = opero! { backoff: exponential => work(1) };
    let _ = opero! { backoff: "exponential" => work(1) };
    let _ = opero! { rate: 10/s, scope: global() => work(1) };
    let _ = opero! { rate: 10/s, scope: "global" => work(1) };
    let _ = opero! { namespace => work(1) };
    let _ = opero! { burst => work(1) };
    let _ = opero! { capacity => work(1) };
    let _ = opmap! { (0..3) => work(1) };
    let _ = opmap! { n: 0..3 => work(n) };
    let _ = opmap! { 0..3, |n| work(n) };
    let _ = opmap! { n in 0..3, mode: threads => work(n) };
    let _ = opmap! { n in 0..3, mode: tokio => work(n) };
    let _ = opmap! { n in 0..3, mode: "thread" => work(n) };
    let _ = opmap! { n in 0..3, mode => work(n) };
    let _ = opmap! { n in 0..3, workers: 0 => work(n) };
    let _ = opmap! { n in 0..3, workers: "8" => work(n) };
    let _ = opmap! { n in 0..3, workers => work(n) };
    let _ = opmap! {};
}
