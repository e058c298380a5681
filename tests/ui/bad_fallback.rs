use opero::opero;

struct Models;

fn main() {
    let _ = opero! { fallback: ["1", "2"] => "1".parse::<u32>() };
    let _ = opero! { fallback: text => "1".parse::<u32>() };
    let _ = opero! { fallback => "1".parse::<u32>() };
    let _ = opero! { fallback: text in 3 => "1".parse::<u32>() };
    let _ = opero! { fallback: text in true => "1".parse::<u32>() };
    let _ = opero! { fallback: text in Models => "1".parse::<u32>() };
    let _ = opero! { fallback: text in &3_u8, cache, key: 1 => "1".parse::<u32>() };
    let _ = opero! { fallback_on: _ => "1".parse::<u32>() };
    let _ = opero! { fallback_delay: 1s, retries: 3 => "1".parse::<u32>() };
}
