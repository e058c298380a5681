//! A future or a callable that leaves the function, and borrows from it.

use std::future::Future;

use opero::{Error, opero};

async fn ask(text: &str) -> Result<u32, String> {
    Ok(text.len() as u32)
}

fn spawn<T>(_: impl Future<Output = T> + 'static) {}

fn returned(text: String) -> impl Future<Output = Result<u32, Error<String>>> {
    opero! { retries: 3 => async { ask(&text).await } }
}

fn cached(text: String) -> impl Future<Output = Result<u32, Error<String>>> {
    opero! { cache: 60s, key: &text => async { ask(&text).await } }
}

fn spawned(text: String) {
    spawn(opero! { timeout: 1s => async { ask(&text).await } });
}

fn callable(length: u32) -> impl Fn(u32) -> Result<u32, Error<String>> {
    opero! { retries: 3 => |n: u32| Ok(n + length) }
}

fn cached_callable(length: u32) -> impl FnMut(u32) -> Result<u32, Error<String>> {
    opero! { cache => |n: u32| Ok(n + length) }
}

fn async_callable(length: u32) -> impl AsyncFn(u32) -> Result<u32, Error<String>> {
    opero! { retries: 3 => async |n: u32| Ok(n + length) }
}

fn thread(text: String) {
    std::thread::spawn(|| opero! { retries: 3 => text.parse::<u32>() });
}

fn main() {}
