//! Does not compile: this crate has opero without its features `cache`, `memory` and `std`, and each option that needs one
//! says so.

use opero::opero;

fn main() {
    let clock = no_std_check::ticks::Ticks::new();
    let _ = opero! { cache: 60s, clock: &clock => "1".parse::<u32>() };
    let _ = opero! { retries: 3, key: (), capacity: 10, clock: &clock => "1".parse::<u32>() };
    let _ = opero! { rate: 10/s, scope: per_args, clock: &clock => "1".parse::<u32>() };
    let _ = opero! { rate: 10/s, scope: global, clock: &clock => "1".parse::<u32>() };
    let _ = opero! { memory: 1000MB, clock: &clock => "1".parse::<u32>() };
}
