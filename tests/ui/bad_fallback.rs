use opero::opero;

fn main() {
    let _ = opero! { fallback: ["1", "2"] => "1".parse::<u32>() };
    let _ = opero! { fallback: text => "1".parse::<u32>() };
    let _ = opero! { fallback => "1".parse::<u32>() };
    let _ = opero! { fallback: text in 3 => "1".parse::<u32>() };
    let _ = opero! { fallback: n in 1..3 => u32::try_from(n) };
    let _ = opero! { fallback_on: _ => "1".parse::<u32>() };
    let _ = opero! { fallback_delay: 1s, retries: 3 => "1".parse::<u32>() };
}
