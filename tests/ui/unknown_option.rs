use opero::opero;

fn main() {
    let _ = opero! { retires: 3 => "1".parse::<u32>() };
    let _ = opero! { retries: 3, max_dely: 1s, backof => "1".parse::<u32>() };
    let _ = opero! { color: "red" => "1".parse::<u32>() };
}
