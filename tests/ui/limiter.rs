use opero::{Limiter, opero};

static SHARED: Limiter = Limiter::new();

fn work(_: u32) -> Result<u32, String> {
    Ok(1)
}

fn main() {
    let _ = opero! { limiter: &SHARED => work(1) };
    let _ = opero! { limiter: &SHARED, on_fault: open => work(1) };
    let _ = opero! { rate: 10/s, on_fault: closed => work(1) };
    let _ = opero! { rate: 10/s, limiter => work(1) };
    let _ = opero! { rate: 10/s, limiter: &SHARED, on_fault => work(1) };
    let _ = opero! { rate: 10/s, limiter: "redis://127.0.0.1" => work(1) };
    let _ = opero! { rate: 10/s, limiter: &SHARED, scope: per_args => work(1) };
    let _ = opero! { rate: 10/s, scope: global, limiter: &SHARED => work(1) };
    let _ = opero! { rate: 10/s, rate_limiter: &SHARED => work(1) };
    let _ = opero! { rate: 10/s, limiter: &SHARED, fail_open: true => work(1) };
}
