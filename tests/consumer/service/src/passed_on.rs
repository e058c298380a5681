//! The macro as re-exported by another library: by its crate, by its name, by another name.

use std::num::ParseIntError;

use facade::opero::Error;

/// By the crate.
///
/// # Errors
/// The text is not a number.
pub fn by_crate(text: &str) -> Result<u32, Error<ParseIntError>> {
    facade::opero::opero! { retries: 1, min_delay: 0s, fallback: base in [2, 10] => u32::from_str_radix(text, *base) }
}

/// By the macro.
///
/// # Errors
/// The text is not a number.
pub async fn by_macro(text: &str) -> Result<u32, Error<ParseIntError>> {
    facade::opero! { retries: 1, min_delay: 0s, jitter: full => async { text.parse::<u32>() } }.await
}

facade::resilient! { retries: 1, min_delay: 0s =>
    /// By another name.
    ///
    /// # Errors
    /// The text is not a number.
    pub fn by_another_name(text: &str) -> Result<u32, Error<ParseIntError>> { text.parse() }
}

/// Maps, by the crate, by the macro and by another name.
pub async fn maps(texts: &[&str]) -> Vec<Vec<Result<u32, Error<ParseIntError>>>> {
    let by_crate = facade::opero::opmap! { text in texts, retries: 1, min_delay: 0s => text.parse() };
    let by_macro = facade::opmap! { text in texts, mode: rayon, cache, key: text => text.parse() };
    let by_another_name = facade::resilient_map! { &text in texts, fallback: base in [2, 10] => async {
        u32::from_str_radix(text, *base)
    } };
    vec![by_crate, by_macro, by_another_name.await]
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
    fn each_way_maps() {
        let results = futures_lite::future::block_on(maps(&["12", "x"]));
        for results in &results {
            assert_eq!((&results[0], results[1].is_err()), (&Ok(12), true));
        }
        assert_eq!(
            results.iter().map(|results| results[1].as_ref().unwrap_err().attempts().len()).sum::<usize>(),
            2 + 1 + 2
        );
    }

    #[test]
    fn both_names_are_one_crate() {
        let error: resil::Error<ParseIntError> = by_crate("x").unwrap_err();
        assert!(error.is_all_failed());
    }
}
