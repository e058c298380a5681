use opero::opero;

opero! { retries: 3 => fn plain(text: &str) -> Result<u32, String> { text.parse().map_err(|_| text.into()) } }

opero! { retries: 3 => async fn later(text: &str) -> Result<u32, String> { Err(text.into()) } }

opero! { retries: 3 => fn number(text: &str) -> usize { Ok(text.len()) } }

opero! { retries: 3 => fn nothing(text: &str) { drop(text) } }

opero! { retries: 3 => fn declared(text: &str) -> Result<u32, opero::Error<String>>; }

opero! { retries: 3 => fn block(text: &str) -> Result<usize, opero::Error<String>> { text.len() } }

opero! { retries: 3 => async fn later_block(text: &str) -> Result<usize, opero::Error<String>> { text.len() } }

fn main() {
    let _ = opero! { retries: 3 => |n: u32| -> u32 { Ok(n) } };
}
