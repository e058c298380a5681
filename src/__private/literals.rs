//! Literals in an expansion. Each is parsed twice: for a bound on the name of its option, so that rustc underlines the name if the
//! literal is wrong, and for its value, in the static of the use.

use core::time::Duration;

use crate::policy::Rate;

/// `Result::ok`, which is not const.
macro_rules! ok {
    ($read:expr) => {
        match $read {
            Ok(value) => Some(value),
            Err(_) => None,
        }
    };
}

/// Is the text a usual one, which needs no parsing? The interpreter of rustc takes half the time.
macro_rules! is_usual {
    (time, $text:ident) => {
        matches!(
            $text.as_bytes(),
            [b'1'..=b'9', b's' | b'm' | b'h']
                | [b'1'..=b'9', b'0'..=b'9', b's' | b'm']
                | [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', b'm', b's']
        )
    };
    (rate, $text:ident) => {
        matches!($text.as_bytes(), [b'1'..=b'9', b'/', b's'] | [b'1'..=b'9', b'0'..=b'9', b'/', b's'])
    };
    (number, $text:ident) => {
        matches!($text.as_bytes(), [b'1'..=b'9'])
    };
    (none, $text:ident) => {
        false
    };
}

/// The kinds of literals. Each has the type of its value, how to parse it, the value of an invalid literal (until rustc reports it),
/// the message about an invalid literal, the number that the message proposes if the literal has none, and which texts are usual.
macro_rules! literals {
    ($($kind:ident: $word:ty = $read:expr, or $default:expr, $message:literal, $label:literal, $number:literal, $usual:ident;)*) => {$(
        /// A kind of literal.
        pub mod $kind {
            /// Holds if `MISTAKE` is 0, by the bound of a function in the expansion. The second parameter is left to be inferred, since
            /// rustc would propose a bound otherwise.
            #[diagnostic::on_unimplemented(message = $message, label = $label)]
            pub trait Literal<const MISTAKE: u64, Inferred> {
                /// Never read.
                const HERE: ();
            }

            /// Returns 0 for a literal of this kind, else the number to propose: that of the text, if it is a usual one.
            #[must_use]
            pub const fn mistake(text: &str) -> u64 {
                if is_usual!($usual, text) {
                    return 0;
                }
                match $read(text) {
                    Some(_) => 0,
                    None => super::number_in(text, $number),
                }
            }

            /// Returns the value of the literal.
            #[must_use]
            pub const fn read(text: &str) -> $word {
                match $read(text) {
                    Some(word) => word,
                    None => $default,
                }
            }
        }
    )*};
}

literals! {
    duration: u64 = super::nanos, or 0,
        "`{Self}` takes a number and its unit: write `{Self}: {MISTAKE}s`, or a value such as `250ms`, `1.5s` or `1h30m`",
        "not a duration", 1, time;
    time_to_live: u64 = super::some_time, or 0,
        "`{Self}` takes a time to live above zero: write `{Self}: {MISTAKE}s`, a value such as `1h30m`, or only `{Self}` for no expiry",
        "not a time to live", 60, time;
    limit: u64 = super::some_time, or 0,
        "`{Self}` takes a number and its unit, above zero: write `{Self}: {MISTAKE}s`, or a value such as `250ms` or `1m30s`",
        "not a time limit", 2, time;
    memory: u64 = super::memory_of, or 0,
        "`{Self}` takes a number and its unit, above zero: write `{Self}: {MISTAKE}MB`, or a value such as `1.5GB` or `512KiB`",
        "not a size", 1000, none;
    rate: crate::policy::Rate = super::rate_of, or crate::policy::Rate::new(1, core::time::Duration::from_secs(1)),
        "`{Self}` takes a count and a time, both above zero: write `{Self}: {MISTAKE}/s`, or a value such as `100/min` or `1/2s`",
        "not a rate", 10, rate;
    burst: u32 = super::burst_of, or 1,
        "`{Self}` takes a whole number of at least 1: write `{Self}: {MISTAKE}`",
        "not a burst", 5, number;
    entries: usize = super::entries_of, or 1,
        "`{Self}` takes a whole number of at least 1: write `{Self}: {MISTAKE}`",
        "not a capacity", 1000, number;
    several: usize = super::several_of, or 1,
        "`{Self}` takes a whole number of at least 1: write `{Self}: {MISTAKE}`",
        "not a whole number of at least 1", 8, number;
    factor: f64 = super::factor_of, or 1.0,
        "`{Self}` takes a number of at least 1: write `{Self}: 1.5`",
        "not a factor", 2, number;
}

/// Returns the first whole number of a text; `otherwise` if it is 0 or unusually large.
const fn number_in(text: &str, otherwise: u64) -> u64 {
    let (mut rest, mut number) = (text.as_bytes(), 0);
    while let [byte, after @ ..] = rest {
        rest = after;
        match *byte {
            digit @ b'0'..=b'9' if number < 1_000_000 => number = number * 10 + (digit - b'0') as u64,
            b'_' => {}
            b'"' | b'-' | b'+' if number == 0 => {}
            _ => break,
        }
    }
    if number == 0 || number >= 1_000_000 { otherwise } else { number }
}

/// Parses a duration, in nanoseconds.
const fn nanos(text: &str) -> Option<u64> {
    if let Some(nanos) = quick_nanos(text) {
        return Some(nanos);
    }
    match crate::literal::duration(text) {
        Ok(duration) => Some(crate::time::nanos(duration)),
        Err(_) => None,
    }
}

/// Parses a duration above zero.
const fn some_time(text: &str) -> Option<u64> {
    match nanos(text) {
        Some(0) => None,
        nanos => nanos,
    }
}

/// Parses up to three digits and one of the usual units. It has no loop, so the interpreter of rustc takes a tenth of the time.
const fn quick_nanos(text: &str) -> Option<u64> {
    const MS: u64 = 1_000_000;
    const S: u64 = 1_000 * MS;
    match text.as_bytes() {
        [a @ b'0'..=b'9', b's'] => Some(one(*a) * S),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', b's'] => Some(two(*a, *b) * S),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b's'] => Some(three(*a, *b, *c) * S),
        [a @ b'0'..=b'9', b'm', b's'] => Some(one(*a) * MS),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', b'm', b's'] => Some(two(*a, *b) * MS),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'm', b's'] => Some(three(*a, *b, *c) * MS),
        [a @ b'0'..=b'9', b'm'] => Some(one(*a) * 60 * S),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', b'm'] => Some(two(*a, *b) * 60 * S),
        [a @ b'0'..=b'9', b'h'] => Some(one(*a) * 3600 * S),
        _ => None,
    }
}

const fn one(a: u8) -> u64 {
    (a - b'0') as u64
}

const fn two(a: u8, b: u8) -> u64 {
    one(a) * 10 + one(b)
}

const fn three(a: u8, b: u8, c: u8) -> u64 {
    two(a, b) * 10 + one(c)
}

const fn rate_of(text: &str) -> Option<Rate> {
    let permits = match text.as_bytes() {
        [a @ b'1'..=b'9', b'/', b's'] => one(*a),
        [a @ b'1'..=b'9', b @ b'0'..=b'9', b'/', b's'] => two(*a, *b),
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b'/', b's'] => three(*a, *b, *c),
        _ => return ok!(crate::literal::rate(text)),
    };
    #[allow(clippy::cast_possible_truncation, reason = "three digits")]
    Some(Rate::new(permits as u32, Duration::from_secs(1)))
}

const fn memory_of(text: &str) -> Option<u64> {
    ok!(crate::literal::memory(text))
}

const fn burst_of(text: &str) -> Option<u32> {
    ok!(crate::literal::burst(text))
}

const fn entries_of(text: &str) -> Option<usize> {
    ok!(crate::literal::entries(text))
}

const fn several_of(text: &str) -> Option<usize> {
    ok!(crate::literal::several(text))
}

const fn factor_of(text: &str) -> Option<f64> {
    ok!(crate::literal::factor(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parsers_agree() {
        for text in [
            "60s", "250ms", "5m", "2h", "0s", "99h", "999s", "1000s", "1.5s", "1h30m", "10us", "1_000ms", "s", "ms",
            "6x",
        ] {
            let long = crate::literal::duration(text).ok().map(crate::time::nanos);
            assert_eq!(nanos(text), long, "{text}");
            if let Some(quick) = quick_nanos(text) {
                assert_eq!(Some(quick), long, "{text}");
            }
        }
        for text in ["10/s", "999/s", "1000/s", "0/s", "/s", "10/min", "10/250ms", "10 / s"] {
            assert_eq!(rate_of(text), crate::literal::rate(text).ok(), "{text}");
        }
        assert_eq!((some_time("0s"), quick_nanos("60s")), (None, Some(60_000_000_000)));
    }

    #[test]
    fn a_mistake_is_answered_with_its_own_number() {
        for (text, number) in [("5", 5), ("5x", 5), ("-3s", 3), ("\"250ms\"", 250), ("1_500", 1500), ("1.5.2s", 1)] {
            assert_eq!((duration::mistake(text), duration::read(text)), (number, 0), "{text}");
        }
        for text in ["1s", "9h", "10s", "59m", "100ms", "999ms"] {
            assert_eq!(
                (duration::mistake(text), limit::mistake(text), time_to_live::mistake(text)),
                (0, 0, 0),
                "{text}"
            );
            assert!(some_time(text).is_some());
        }
        for text in ["1/s", "90/s"] {
            assert!(rate::mistake(text) == 0 && rate_of(text).is_some(), "{text}");
        }
        let numbers =
            |text| (burst::mistake(text), entries::mistake(text), several::mistake(text), factor::mistake(text));
        for text in ["1", "9"] {
            assert_eq!(numbers(text), (0, 0, 0, 0), "{text}");
            assert!(burst_of(text).is_some() && entries_of(text).is_some() && several_of(text).is_some());
            assert!(factor_of(text).is_some(), "{text}");
        }
        for text in ["", "true", "0x", "0.5", "-", "99999999", "999999999999999999999d"] {
            assert_eq!(duration::mistake(text), 1, "{text}");
        }
        assert_eq!((duration::mistake("5s"), duration::read("5s")), (0, 5_000_000_000));
    }
}
