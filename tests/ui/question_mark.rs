//! `?` in a body, and then a bare `Ok`: rustc cannot infer the type of the error.

use opero::opero;

struct Busy;

fn ask(_text: &str) -> Result<u32, Busy> {
    Err(Busy)
}

async fn later(text: &str) -> Result<u32, Busy> {
    ask(text)
}

fn block() {
    let _ = opero! { retries: 3 => { let n = ask("x")?; Ok(n) } };
}

fn call() {
    let _ = opero! { retries: 3 => Ok(ask("x")?) };
}

fn future() {
    let _ = opero! { retries: 3 => async { Ok(later("x").await?) } };
}

fn callable() {
    let _ = opero! { retries: 3 => |text: &str| Ok(ask(text)?) };
}

fn limited() {
    let _ = opero! { rate: 10/s, deadline: 1m => { let n = ask("x")?; Ok(n) } };
}

fn main() {}
