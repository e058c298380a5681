//! Does not compile: this crate has opero without its feature `cache`, and each option of the cache says so.

use opero::opero;

fn main() {
    let clock = no_std_check::ticks::Ticks::new();
    let _ = opero! { cache: 60s, clock: &clock => "1".parse::<u32>() };
    let _ = opero! { retries: 3, key: (), capacity: 10, clock: &clock => "1".parse::<u32>() };
}
