//! A cached value outlives what it borrows from.

use opero::{Error, opero};

fn first(text: &str) -> Result<&str, String> {
    text.split(' ').next().ok_or_else(|| "empty".to_owned())
}

fn expression(text: &str) -> usize {
    opero! { cache => first(text) }.map_or(0, str::len)
}

fn with_key(text: &str) -> usize {
    opero! { cache: 60s, key: text => first(text) }.map_or(0, str::len)
}

fn returned(text: &str) -> Result<&str, Error<String>> {
    opero! { cache: 60s => first(text) }
}

opero! { cache: 60s => fn decorated(text: &str) -> Result<&str, Error<String>> { first(text) } }

opero! { cache, infallible => fn plain(text: &str) -> &str { text.trim() } }

async fn later(text: &str) -> Result<&str, String> {
    first(text)
}

async fn not_blocking(text: &str) -> usize {
    opero! { cache => async { later(text).await } }.await.map_or(0, str::len)
}

fn main() {}
