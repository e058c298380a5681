use opero::opero;

fn main() {
    let _ = opero! { retries: 3 backoff: 2 => "1".parse::<u32>() };
    let _ = opero! { retries backoff: 2 => "1".parse::<u32>() };
    let _ = opero! { min_delay: 1s max_delay: 2s => "1".parse::<u32>() };
    let _ = opero! { jitter: full retries: 2 => "1".parse::<u32>() };
    let _ = opero! { fallback: text in ["1", "2"] retries: 2 => text.parse::<u32>() };
    let _ = opero! { attempt: n retries: 2 => Err::<(), _>(n) };
    let _ = opero! { retry_on: 1 | 2 retries: 2 => Err::<(), _>(1) };
    let _ = opero! { retries = 3 => Err::<(), _>(1) };
    let _ = opero! { retries: => Err::<(), _>(1) };
}
