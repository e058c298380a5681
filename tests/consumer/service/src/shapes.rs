//! Every shape of a body, by the renamed crate.

use std::num::ParseIntError;

use resil::{Error, opero};

/// An expression.
///
/// # Errors
/// The text is not a number.
pub fn expression(text: &str) -> Result<u32, Error<ParseIntError>> {
    opero! { retries: 1, min_delay: 0s => text.parse::<u32>() }
}

/// A block that borrows, and one that owns.
///
/// # Errors
/// One of the texts is not a number.
pub async fn blocks(text: &str) -> Result<u32, Error<ParseIntError>> {
    let owned = text.to_owned();
    let borrowing = opero! { retries: 1, min_delay: 0s => async { text.parse::<u32>() } };
    let owning = opero! { retries: 1, min_delay: 0s => async move { owned.parse::<u32>() } };
    Ok(borrowing.await? + owning.await?)
}

/// Callables, blocking and async.
///
/// # Errors
/// One of the texts is not a number.
pub async fn callables(text: &str) -> Result<u32, Error<ParseIntError>> {
    let more = 1;
    let parse = opero! { retries: 1, min_delay: 0s => |text: &str| text.parse::<u32>().map(|n| n + more) };
    let parse_later = opero! { min_delay: 0s => async move |text: &str| text.parse::<u32>().map(|n| n + more) };
    let constant = opero! { retries => || "1".parse::<u32>() };
    Ok(parse(text)? + parse_later(text).await? + constant()?)
}

opero! { retries: 2, min_delay: 0s =>
    /// A function.
    ///
    /// # Errors
    /// The text is not a number, or not a small one.
    pub fn function<T>(text: T, mut limit: u32) -> Result<u32, Error<String>>
    where
        T: AsRef<str>,
    {
        limit += 1;
        let number = text.as_ref().parse::<u32>().map_err(|error| error.to_string())?;
        if number < limit { Ok(number) } else { Err(format!("{} is too much", text.as_ref())) }
    }
}

opero! { retries: 2, min_delay: 0s, fallback: base in [2, 10] =>
    /// An async function.
    ///
    /// # Errors
    /// The text is not a number in any base.
    pub async fn async_function(text: &str) -> Result<u32, Error<ParseIntError>> {
        u32::from_str_radix(text, *base)
    }
}

/// Methods.
#[derive(Debug, Default)]
pub struct Counter {
    calls: u32,
}

impl Counter {
    opero! { retries: 3, min_delay: 0s =>
        /// Counts its attempts, and succeeds at the third.
        ///
        /// # Errors
        /// None: three attempts are allowed.
        pub fn count(&mut self) -> Result<u32, Error<&'static str>> {
            self.calls += 1;
            if self.calls < 3 { Err("too few") } else { Ok(self.calls) }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::future::block_on;

    use super::*;

    #[test]
    fn every_shape_gives_its_value_and_its_error() {
        assert_eq!(expression("7"), Ok(7));
        assert_eq!(expression("x").unwrap_err().attempts().len(), 2);
        assert_eq!(block_on(blocks("7")), Ok(14));
        assert_eq!(block_on(blocks("x")).unwrap_err().attempts().len(), 2);
        assert_eq!(block_on(callables("7")), Ok(17));
        assert_eq!(block_on(callables("x")).unwrap_err().attempts().len(), 2);
        assert_eq!(function("8", 6), Ok(8), "an argument that an attempt has changed stays changed");
        assert_eq!(function("8", 5).unwrap_err().into_last(), Some("8 is too much".into()));
        assert_eq!(block_on(async_function("101")), Ok(5));
        assert_eq!(block_on(async_function("7")), Ok(7));
        assert_eq!(block_on(async_function("x")).unwrap_err().attempts().len(), 6);
        assert_eq!(Counter::default().count(), Ok(3));
    }
}
