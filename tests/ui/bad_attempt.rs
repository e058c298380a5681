use opero::opero;

fn main() {
    let _ = opero! { attempt => "1".parse::<u32>() };
    let _ = opero! { attempt: 3 => "1".parse::<u32>() };
    let _ = opero! { retry_after => "1".parse::<u32>() };
}
