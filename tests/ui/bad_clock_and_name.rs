use opero::opero;

fn main() {
    let _ = opero! { clock: 3 => "1".parse::<u32>() };
    let _ = opero! { name: 3 => "1".parse::<u32>() };
    let _ = opero! { name => "1".parse::<u32>() };
    let _ = opero! { clock, retries: 3 => "1".parse::<u32>() };
}
