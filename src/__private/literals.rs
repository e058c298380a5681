//! Literals in an expansion. Each is judged in the type of a [`Literal`], so that rustc underlines the name of its option where
//! it is wrong, and read once more for its value, inside the static of the use.

use core::marker::PhantomData;

/// A literal of the kind `K`, well-formed or not.
#[derive(Debug)]
pub struct Literal<K, const OK: bool>(PhantomData<K>);

impl<K, const OK: bool> Literal<K, OK> {
    /// Its value.
    pub const HERE: Self = Literal(PhantomData);
}

/// `Result::ok`, which is not const.
macro_rules! ok {
    ($read:expr) => {
        match $read {
            Ok(value) => Some(value),
            Err(_) => None,
        }
    };
}

/// The kinds of literals: what one is worth in a plan, and a type that gives it where it is worth something.
macro_rules! literals {
    ($($kind:ident: $word:ty = $read:expr, $message:literal, $label:literal, $($name:ident)*;)*) => {$(
        /// A kind of literal.
        pub mod $kind {
            use super::Literal;

            /// The kind.
            #[derive(Debug)]
            pub enum Kind {}

            const fn read(text: &str) -> Option<$word> {
                $read(text)
            }

            /// Is the text a literal of this kind?
            #[must_use]
            pub const fn is(text: &str) -> bool {
                read(text).is_some()
            }

            /// Holds for the well-formed.
            #[diagnostic::on_unimplemented(message = $message, label = $label)]
            pub trait WellFormed {}

            impl WellFormed for Literal<Kind, true> {}

            impl<const OK: bool> Literal<Kind, OK>
            where
                Self: WellFormed,
            {$(
                /// What the literal is worth.
                ///
                /// # Panics
                /// Never: rustc refuses a malformed literal before it evaluates one.
                #[must_use]
                pub const fn $name(self, text: &str) -> $word {
                    match read(text) {
                        Some(word) => word,
                        None => unreachable!(),
                    }
                }
            )*}
        }
    )*};
}

literals! {
    duration: u64 = super::nanos,
        "a duration is a number and its unit, as in `60s`, `250ms`, `1.5s` or `1h30m`", "not a duration",
        min_delay max_delay fallback_delay max_wait;
    time_to_live: u64 = super::some_time,
        "a time to live is longer than none, as in `60s`, `250ms` or `1h30m`", "not a time to live",
        cache;
    limit: u64 = super::some_time,
        "a limit is longer than none, as in `2s`, `250ms` or `1m30s`", "not a time limit",
        timeout deadline;
    memory: u64 = super::memory_of,
        "a size is a number of bytes and its unit, as in `1000MB` or `512KiB`, more than none", "not a size",
        memory;
    rate: crate::policy::Rate = super::rate_of,
        "a rate is a count and a time, as in `10/s`, `100/min` or `10/250ms`, neither of them 0", "not a rate",
        rate;
    burst: u32 = super::burst_of,
        "a burst is a whole number of at least 1, as in `5`", "not a burst",
        burst;
    entries: usize = super::entries_of,
        "a capacity is a whole number of at least 1, as in `10_000`", "not a capacity",
        capacity;
    several: usize = super::several_of,
        "this is a whole number of at least 1, as in `8`", "not a whole number of at least 1",
        workers chunk_size max_failures;
    factor: f64 = super::factor_of,
        "a factor is a number from 1 up, as in `2` or `1.5`", "not a factor",
        backoff;
}

/// A duration in nanoseconds.
const fn nanos(text: &str) -> Option<u64> {
    if let Some(nanos) = quick_nanos(text) {
        return Some(nanos);
    }
    match crate::literal::duration(text) {
        Ok(duration) => Some(crate::time::nanos(duration)),
        Err(_) => None,
    }
}

/// The same, longer than none.
const fn some_time(text: &str) -> Option<u64> {
    match nanos(text) {
        Some(0) => None,
        nanos => nanos,
    }
}

/// Digits and one of the usual units: the interpreter of rustc takes a tenth of the time for them.
const fn quick_nanos(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes() {
        [digits @ .., b'm', b's'] => (digits, 1_000_000),
        [digits @ .., b's'] => (digits, 1_000_000_000),
        [digits @ .., b'm'] => (digits, 60_000_000_000),
        [digits @ .., b'h'] => (digits, 3_600_000_000_000),
        _ => return None,
    };
    match quick_number(digits) {
        Some(number) => Some(number as u64 * unit),
        None => None,
    }
}

/// One digit to six.
const fn quick_number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    let (mut number, mut rest) = (0, digits);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        number = number * 10 + (*digit - b'0') as u32;
        rest = after;
    }
    if rest.is_empty() { Some(number) } else { None }
}

const fn rate_of(text: &str) -> Option<crate::policy::Rate> {
    if let [digits @ .., b'/', b's'] = text.as_bytes() {
        if let Some(permits @ 1..) = quick_number(digits) {
            return Some(crate::policy::Rate::new(permits, core::time::Duration::from_secs(1)));
        }
    }
    ok!(crate::literal::rate(text))
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
    fn the_quick_way_reads_what_the_long_way_reads() {
        for text in ["60s", "250ms", "5m", "2h", "0s", "999999h", "1.5s", "1h30m", "10us", "1_000ms", "s", "ms", "6x"] {
            let long = crate::literal::duration(text).ok().map(crate::time::nanos);
            assert_eq!(nanos(text), long, "{text}");
            if let Some(quick) = quick_nanos(text) {
                assert_eq!(Some(quick), long, "{text}");
            }
        }
        for text in ["10/s", "999999/s", "0/s", "/s", "10/min", "10/250ms", "10 / s"] {
            assert_eq!(rate_of(text), crate::literal::rate(text).ok(), "{text}");
        }
        assert_eq!((some_time("0s"), quick_nanos("60s")), (None, Some(60_000_000_000)));
    }
}
