use opero::opero;

fn main() {
    let _ = opero! { retries: 3 => 5 };
    let _ = opero! { retries: 3 => Some(5) };
    let _ = opero! { retries: 3 => async { 5 } };
    let _ = opero! { retries: 3 => async move { 5 } };
    let _ = opero! { retries: 3 => |n: u32| n };
    let _ = opero! { retries: 3 => { println!("done"); } };
}
