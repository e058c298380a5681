use opero::{Limiter, opero};

static SHARED: Limiter = Limiter::new();

fn main() {
    let _ = opero! { rate: 10/s, limiter: &SHARED, on_fault: shut => "1".parse::<u32>() };
}
