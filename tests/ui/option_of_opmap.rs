use opero::opero;

fn main() {
    let _ = opero! { ordered: 3 => "1".parse::<u32>() };
    let _ = opero! { retries: 3, workers: 8, progress => "1".parse::<u32>() };
}
