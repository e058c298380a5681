use opero::opero;

fn main() {
    let _ = opero! { retries: 3 => |text: &str| };
    let _ = opero! { retries: 3 => |text: &str };
}
