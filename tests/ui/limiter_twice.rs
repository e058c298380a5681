use opero::{Limiter, opero};

static SHARED: Limiter = Limiter::new();

fn main() {
    let _ = opero! { limiter: &SHARED, rate: 10/s, limiter: &SHARED => "1".parse::<u32>() };
    let _ = opero! { rate: 10/s, limiter: &SHARED, on_fault: open, on_fault: open => "1".parse::<u32>() };
}
