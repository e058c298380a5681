use opero::opero;

fn main() {
    let _ = opero! { retries: -1 => "1".parse::<u32>() };
    let _ = opero! { retries: 1.5 => "1".parse::<u32>() };
    let _ = opero! { retries: "3" => "1".parse::<u32>() };
    let _ = opero! { retries: 3s => "1".parse::<u32>() };
    let _ = opero! { backoff: 0.5 => "1".parse::<u32>() };
    let _ = opero! { backoff: 2x => "1".parse::<u32>() };
    let _ = opero! { backoff: 1e-1 => "1".parse::<u32>() };
    let _ = opero! { backoff: 1e400 => "1".parse::<u32>() };
    let _ = opero! { backoff: 2f32 => "1".parse::<u32>() };
    let _ = opero! { min_delay: 1e3ms => "1".parse::<u32>() };
    let _ = opero! { timeout: 1e3 => "1".parse::<u32>() };
    let _ = opero! { rate: 1e3/s => "1".parse::<u32>() };
}
