//! A future as a statement does nothing.

#![deny(unused_must_use)]

use opero::opero;

async fn ask(n: u32) -> Result<u32, String> {
    Ok(n)
}

async fn forgotten() {
    opero! { retries: 3 => async { ask(1).await } };
    opero! { cache: 60s => async { ask(1).await } };
    opero! { timeout: 1s => async { ask(1).await } };
    opero! { retries: 3, timeout: std::time::Duration::MAX => async { ask(1).await } };
}

fn main() {}
