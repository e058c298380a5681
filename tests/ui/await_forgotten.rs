//! The call of an async body is a future, which does nothing until it is awaited.

use opero::{Error, opero};

async fn ask(n: u32) -> Result<u32, String> {
    Ok(n)
}

async fn question_mark() -> Result<u32, Error<String>> {
    let n = opero! { retries: 3 => async { ask(1).await } }?;
    Ok(n)
}

async fn returned() -> Result<u32, Error<String>> {
    opero! { retries: 3, cache: 60s => async { ask(1).await } }
}

fn blocking() -> Result<u32, Error<String>> {
    opero! { retries: 3, rate: 10/s => async { ask(1).await } }
}

fn main() {}
