use opero::opero;

fn main() {
    let half = 0.5_f32;
    let _ = opero! { retries: half => "1".parse::<u32>() };
    let _ = opero! { min_delay: half => "1".parse::<u32>() };
    let _ = opero! { jitter: fulll => "1".parse::<u32>() };
    let _ = opero! { jitter: 3 => "1".parse::<u32>() };
    let _ = opero! { retry_if: true => "1".parse::<u32>() };
    let _ = opero! { retry_if: |error| 3 => "1".parse::<u32>() };
    let _ = opero! { retry_after: 3 => "1".parse::<u32>() };
    let _ = opero! { retry_after: |_| 3 => "1".parse::<u32>() };
}
