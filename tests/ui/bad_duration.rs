use opero::opero;

fn main() {
    let _ = opero! { min_delay: 5x => "1".parse::<u32>() };
    let _ = opero! { max_delay: 60 => "1".parse::<u32>() };
    let _ = opero! { min_delay: 1.5.2s => "1".parse::<u32>() };
    let _ = opero! { retries: 2, min_delay: -3s => "1".parse::<u32>() };
    let _ = opero! { fallback: text in ["1"], fallback_delay: 999999999999999999d => text.parse::<u32>() };
    let _ = opero! { min_delay: "1s" => "1".parse::<u32>() };
}
