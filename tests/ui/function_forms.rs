//! Functions that a macro cannot decorate: their form or their result does not allow it.

use opero::{Error, opero};

fn ask(n: u32) -> Result<u32, String> {
    Ok(n)
}

opero! { retries: 3 => unsafe fn not_safe(n: u32) -> Result<u32, Error<String>> { ask(n) } }

opero! { retries: 3 => pub unsafe extern "C" fn not_safe_foreign(n: u32) -> Result<u32, Error<String>> { ask(n) } }

opero! { retries: 3 => extern "C" fn foreign(n: u32) -> Result<u32, Error<String>> { ask(n) } }

opero! { retries: 3 => pub const fn constant(n: u32) -> Result<u32, Error<String>> { ask(n) } }

opero! { retries: 3 => fn no_result(n: u32) { ask(n) } }

opero! { retries: 3 => fn plain(n: u32) -> u32 { n } }

opero! { retries: 3 => fn own_error(n: u32) -> Result<u32, String> { ask(n) } }

opero! { retries: 3 => fn option(n: u32) -> Option<u32> { Some(n) } }

opero! { retries: 3 => fn hidden(n: u32) -> impl Iterator<Item = u32> { 0..n } }

opero! { retries: 3 => fn hidden_value(n: u32) -> Result<impl Iterator<Item = u32>, Error<String>> { Ok(0..n) } }

opero! { retries: 3 => fn two(n: u32) -> Result<u32, Error<String>> { ask(n) } fn more() {} }

opero! { retries: 3 => struct Client; }

opero! { retries: 3 => impl Client {} }

fn main() {}
