//! `?` on the result of the body, which is left without one.

use opero::opero;

fn ask(text: &str) -> Result<u32, String> {
    Err(text.to_owned())
}

fn main() {
    let _ = opero! { retries: 3 => ask("x")? };
    let _ = opero! { rate: 10/s => ask("x")? };
    let _ = opero! { cache, key: "x" => ask("x")? };
}
