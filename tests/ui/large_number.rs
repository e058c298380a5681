use opero::opero;

fn main() {
    let _ = opero! { retries: 4294967296 => "1".parse::<u32>() };
}
