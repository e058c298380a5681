//! Integers of any type.

use alloc::format;

use super::reading::{Readable, Refusal};

/// The integer types: `u8` to `u128`, `i8` to `i128`, `usize` and `isize`.
#[allow(private_bounds, reason = "it is implemented for the integer types only")]
pub trait Int: Readable {}

macro_rules! ints {
    ($($int:ty)*) => {$(
        impl Int for $int {}

        impl Readable for $int {
            fn read(text: &str) -> Result<Self, Refusal> {
                let of = |is_negative, size: u128| {
                    if is_negative {
                        0_i128.checked_sub_unsigned(size).and_then(|number| number.try_into().ok())
                    } else {
                        size.try_into().ok()
                    }
                };
                let problem = match digits(text) {
                    Some((is_negative, size)) => match size.and_then(|size| of(is_negative, size)) {
                        Some(number) => return Ok(number),
                        None if is_negative && <$int>::MIN == 0 => "is negative",
                        None if is_negative => "is too small",
                        None => "is too large",
                    },
                    None => "is not a whole number",
                };
                let accepted = format!("write a whole number from {} to {}, as in `3`", <$int>::MIN, <$int>::MAX);
                Err(Refusal { problem, accepted: accepted.into() })
            }
        }
    )*};
}

ints! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// Parses an integer literal without a suffix. Returns whether it is negative, and its absolute value, `None` if no
/// type can hold it.
fn digits(text: &str) -> Option<(bool, Option<u128>)> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |size| (true, size));
    let radixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    let (text, radix) =
        radixes.iter().find_map(|(prefix, radix)| Some((text.strip_prefix(prefix)?, *radix))).unwrap_or((text, 10));
    if text.starts_with('_') {
        return None;
    }
    let (mut size, mut has_digits) = (Some(0_u128), false);
    for character in text.chars().filter(|character| *character != '_') {
        let digit = u128::from(character.to_digit(radix)?);
        size = size.and_then(|size| size.checked_mul(radix.into())?.checked_add(digit));
        has_digits = true;
    }
    has_digits.then_some((is_negative, size))
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use proptest::prelude::*;

    use super::*;
    use crate::literal;

    #[test]
    fn each_type_has_its_range() {
        assert_eq!(u8::read("255"), Ok(255));
        assert_eq!(i8::read("-128"), Ok(-128));
        assert_eq!(u128::read(&u128::MAX.to_string()), Ok(u128::MAX));
        assert_eq!(i128::read(&i128::MIN.to_string()), Ok(i128::MIN));
        assert_eq!(usize::read("10_000"), Ok(10_000));
        assert_eq!(u32::read("0xF_f"), Ok(255));
        assert_eq!(i32::read("-0b11"), Ok(-3));
        assert_eq!(u32::read("-0"), Ok(0));
        let refused = |refusal: Result<u8, Refusal>| {
            let Refusal { problem, accepted } = refusal.unwrap_err();
            (problem, accepted.into_owned())
        };
        let accepted = "write a whole number from 0 to 255, as in `3`";
        for (text, problem) in [
            ("256", "is too large"),
            ("999999999999999999999999999999999999999999", "is too large"),
            ("-1", "is negative"),
            ("", "is not a whole number"),
            ("-", "is not a whole number"),
            ("--1", "is not a whole number"),
            ("+1", "is not a whole number"),
            ("_1", "is not a whole number"),
            ("0x", "is not a whole number"),
            ("0x_f", "is not a whole number"),
            ("1.0", "is not a whole number"),
            ("3u8", "is not a whole number"),
            (" 3", "is not a whole number"),
            ("٣", "is not a whole number"),
        ] {
            assert_eq!(refused(u8::read(text)), (problem, String::from(accepted)), "{text}");
        }
        assert_eq!(i8::read("-129").unwrap_err().problem, "is too small");
        assert_eq!(i128::read("-170141183460469231731687303715884105729").unwrap_err().problem, "is too small");
        assert_eq!(i8::read("-129").unwrap_err().accepted, "write a whole number from -128 to 127, as in `3`");
    }

    proptest! {
        #[test]
        fn a_number_is_parsed_as_by_rust(number in any::<i64>(), size in any::<u64>()) {
            prop_assert_eq!(i64::read(&number.to_string()), Ok(number));
            prop_assert_eq!(u64::read(&size.to_string()), Ok(size));
            prop_assert_eq!(u64::read(&format!("{size:#x}")), Ok(size));
            prop_assert_eq!(u64::read(&format!("{size:#o}")), Ok(size));
            prop_assert_eq!(u64::read(&format!("{size:#b}")), Ok(size));
            prop_assert_eq!(i32::read(&number.to_string()).ok(), i32::try_from(number).ok());
            prop_assert_eq!(u16::read(&number.to_string()).ok(), u16::try_from(number).ok());
        }

        #[test]
        fn any_text_is_a_count_if_it_is_one_to_the_macro(text in "-?(0[xob])?[0-9a-fA-F_]{0,12}") {
            prop_assert_eq!(u32::read(&text).ok().filter(|_| !text.starts_with('-')), literal::count(&text).ok());
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = (u8::read(&text), i128::read(&text), u128::read(&text));
        }
    }
}
