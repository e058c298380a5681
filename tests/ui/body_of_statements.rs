use opero::opero;

fn main() {
    let _ = opero! { retries: 3 => let text = "1"; text.parse::<u32>() };
    let _ = opero! { retries: 3 => "1".parse::<u32>(); };
    let _ = opero! { retries: 3 => async { "1".parse::<u32>() }.await };
}
