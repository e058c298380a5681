//! A variable, which is read once for each type.

use alloc::borrow::Cow;
use alloc::string::String;
use core::time::Duration;
use std::env::var_os;
use std::ffi::OsString;

use super::error::EnvError;
use super::table::remembered;
use crate::literal::{self, LiteralError};
use crate::policy::Rate;

/// A type that a variable can be read as.
pub(super) trait Readable: Clone + Send + Sync + Sized + 'static {
    fn read(text: &str) -> Result<Self, Refusal>;
}

/// Why a text is not a value of the type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) problem: &'static str,
    pub(super) accepted: Cow<'static, str>,
}

impl From<LiteralError<'_>> for Refusal {
    fn from(error: LiteralError<'_>) -> Self {
        let (problem, accepted) = error.sentence();
        Refusal { problem, accepted: accepted.into() }
    }
}

/// The result of reading a variable as one type; `None` if it is not set.
type Reading<T> = Result<Option<T>, EnvError>;

/// What was found in the environment for a name.
#[derive(Clone)]
struct Found(Option<OsString>);

/// Returns the value of a variable; `None` if it is not set.
#[inline]
pub(super) fn read<T: Readable>(name: &str) -> Reading<T> {
    remembered(name, || read_from(name, remembered(name, || Found(var_os(name))).0))
}

#[cold]
fn read_from<T: Readable>(name: &str, found: Option<OsString>) -> Reading<T> {
    let Some(text) = found else { return Ok(None) };
    let Some(text) = text.to_str() else {
        return Err(EnvError::new(name, &text.to_string_lossy(), "is not valid Unicode", "write it in UTF-8"));
    };
    let refused = |Refusal { problem, accepted }: Refusal| EnvError::new(name, text, problem, &accepted);
    T::read(text).map(Some).map_err(refused)
}

impl Readable for bool {
    fn read(text: &str) -> Result<Self, Refusal> {
        let is_one_of = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is_one_of(["1", "true", "yes", "on"]) {
            Ok(true)
        } else if is_one_of(["0", "false", "no", "off"]) {
            Ok(false)
        } else {
            let accepted = "write `1`, `true`, `yes` or `on`, or `0`, `false`, `no` or `off`";
            Err(Refusal { problem: "is neither true nor false", accepted: accepted.into() })
        }
    }
}

impl Readable for f64 {
    fn read(text: &str) -> Result<Self, Refusal> {
        let problem = match text.parse::<f64>() {
            Ok(number) if number.is_finite() => return Ok(number),
            Ok(_) => "is not a finite number",
            Err(_) => "is not a number",
        };
        Err(Refusal { problem, accepted: "write a number, as in `2` or `1.5`".into() })
    }
}

impl Readable for Duration {
    fn read(text: &str) -> Result<Self, Refusal> {
        literal::duration(text).map_err(Refusal::from)
    }
}

impl Readable for Rate {
    fn read(text: &str) -> Result<Self, Refusal> {
        literal::rate(text).map_err(Refusal::from)
    }
}

/// A size, as a type distinct from the number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bytes(pub(super) u64);

impl Readable for Bytes {
    fn read(text: &str) -> Result<Self, Refusal> {
        literal::size(text).map(Bytes).map_err(Refusal::from)
    }
}

impl Readable for String {
    fn read(text: &str) -> Result<Self, Refusal> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    /// An error as the parsers of literals write it.
    fn sentence(text: &str, refusal: &Refusal) -> String {
        format!("`{text}` {}; {}", refusal.problem, refusal.accepted)
    }

    fn is_as_read_by<T: Readable + PartialEq>(text: &str, literal: Result<T, LiteralError<'_>>) -> bool {
        match (T::read(text), literal) {
            (Ok(value), Ok(literal)) => value == literal,
            (Err(refusal), Err(error)) => sentence(text, &refusal) == error.to_string(),
            _ => false,
        }
    }

    #[test]
    fn a_bool_has_four_words_each_way_in_any_case() {
        for text in ["1", "true", "yes", "on", "TRUE", "Yes", "oN"] {
            assert_eq!(bool::read(text), Ok(true), "{text}");
        }
        for text in ["0", "false", "no", "off", "FALSE", "No", "oFF"] {
            assert_eq!(bool::read(text), Ok(false), "{text}");
        }
        for text in ["", "2", "t", "y", "ja", "true ", " on", "ＯＮ", "-1", "01"] {
            let refusal = bool::read(text).unwrap_err();
            assert!(sentence(text, &refusal).starts_with(&format!("`{text}` is neither true nor false; write `1`")));
        }
    }

    #[test]
    fn a_float_is_finite() {
        for (text, number) in [("1.5", 1.5), ("2", 2.0), ("-0.5", -0.5), ("1e3", 1000.0)] {
            assert_eq!(f64::read(text).map(f64::to_bits), Ok(f64::to_bits(number)), "{text}");
        }
        for text in ["", "x", "1,5", "NaN", "inf", "-infinity", "1e999", " 1"] {
            assert!(f64::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_missing_unit_is_reported_as_by_the_macro() {
        let refusal = Duration::read("60").unwrap_err();
        assert_eq!(sentence("60", &refusal), literal::duration("60").unwrap_err().to_string());
        assert!(refusal.accepted.contains("`250ms`"));
        assert!(Rate::read("10").is_err() && Bytes::read("512").is_err());
        assert_eq!(Rate::read("10/sec"), Ok(Rate::new(10, Duration::from_secs(1))));
        assert_eq!(Bytes::read("512KiB"), Ok(Bytes(524_288)));
        assert_eq!(Duration::read("1h30m"), Ok(Duration::from_secs(5400)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_by_the_macro(text in "[-0-9._a-zA-Z/ ]{0,8}") {
            prop_assert!(is_as_read_by(&text, literal::duration(&text)));
            prop_assert!(is_as_read_by(&text, literal::rate(&text)));
            prop_assert!(is_as_read_by(&text, literal::size(&text).map(Bytes)));
        }

        #[test]
        fn any_well_formed_literal_is_read_as_by_the_macro(number in "[0-9]{1,6}(\\.[0-9]{1,3})?", unit in "(ns|us|ms|s|m|h|d|B|KB|MiB|GB|/s|/min|/250ms)") {
            let text = format!("{number}{unit}");
            prop_assert!(is_as_read_by(&text, literal::duration(&text)));
            prop_assert!(is_as_read_by(&text, literal::rate(&text)));
            prop_assert!(is_as_read_by(&text, literal::size(&text).map(Bytes)));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = (bool::read(&text), f64::read(&text), Duration::read(&text), Rate::read(&text), Bytes::read(&text));
            prop_assert_eq!(String::read(&text), Ok(text));
        }
    }
}
