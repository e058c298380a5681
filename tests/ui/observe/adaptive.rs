use opero::policy::Retry;
use opero::{opero, opmap};

fn main() {
    let policies = [Retry::new(), Retry::new().retries(1)];
    let _ = opero! { retries: 3, adaptive: policies, jitter: full => "1".parse::<u32>() };
    let _ = opmap! { n in 0..3, adaptive: policies, min_delay: 1s => n.to_string().parse::<u32>() };
    let _ = opero! { adaptive => "1".parse::<u32>() };
    let _ = opero! { adaptive: 3 => "1".parse::<u32>() };
    let _ = opero! { adaptive: policies, adaptive: policies => "1".parse::<u32>() };
    let _ = opero! { adaptive: policies, key: 3 => "1".parse::<u32>() };
}
