//! `?` on the result of the body: the body is then not a `Result`.

use opero::opero;

fn ask(text: &str) -> Result<u32, String> {
    Err(text.to_owned())
}

fn main() {
    let _ = opero! { retries: 3 => ask("x")? };
    let _ = opero! { rate: 10/s => ask("x")? };
    let _ = opero! { cache, key: "x" => ask("x")? };
}
