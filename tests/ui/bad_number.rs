use opero::opero;

fn main() {
    let _ = opero! { retries: -1 => "1".parse::<u32>() };
    let _ = opero! { retries: 1.5 => "1".parse::<u32>() };
    let _ = opero! { retries: "3" => "1".parse::<u32>() };
    let _ = opero! { retries: 3s => "1".parse::<u32>() };
    let _ = opero! { backoff: 0.5 => "1".parse::<u32>() };
    let _ = opero! { backoff: 2x => "1".parse::<u32>() };
}
