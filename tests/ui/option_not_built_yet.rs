use opero::opero;

fn main() {
    let _ = opero! { retries: 3, breaker: 5 => "1".parse::<u32>() };
}
