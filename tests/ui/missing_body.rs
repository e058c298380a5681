use opero::opero;

fn main() {
    let _ = opero! { retries: 3 };
    let _ = opero! { retries: 3, };
    let _ = opero! { retries };
    let _ = opero! { retries: 3 => };
    let _ = opero! { retries: 3, "1".parse::<u32>() };
    let _ = opero! {};
}
