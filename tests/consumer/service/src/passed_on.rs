//! The macro as another library passes it on: by its crate, by its name, by another name.

use std::num::ParseIntError;

use facade::opero::Error;

/// By the crate.
///
/// # Errors
/// The text is no number.
pub fn by_crate(text: &str) -> Result<u32, Error<ParseIntError>> {
    facade::opero::opero! { retries: 1, min_delay: 0s, fallback: base in [2, 10] => u32::from_str_radix(text, *base) }
}

/// By the macro.
///
/// # Errors
/// The text is no number.
pub async fn by_macro(text: &str) -> Result<u32, Error<ParseIntError>> {
    facade::opero! { retries: 1, min_delay: 0s, jitter: full => async { text.parse::<u32>() } }.await
}

facade::resilient! { retries: 1, min_delay: 0s =>
    /// By another name.
    ///
    /// # Errors
    /// The text is no number.
    pub fn by_another_name(text: &str) -> Result<u32, Error<ParseIntError>> { text.parse() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_works() {
        assert_eq!(by_crate("12"), Ok(12));
        assert_eq!(by_crate("x").unwrap_err().attempts().len(), 4);
        assert_eq!(futures_lite::future::block_on(by_macro("12")), Ok(12));
        assert_eq!(by_another_name("x").unwrap_err().name(), "by_another_name");
    }

    #[test]
    fn both_names_are_one_crate() {
        let error: resil::Error<ParseIntError> = by_crate("x").unwrap_err();
        assert!(error.is_all_failed());
    }
}
