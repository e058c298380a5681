//! Literals in an expansion. Each is judged in the type of a [`Literal`], so that rustc underlines the name of its option where
//! it is wrong, and read once more for its value, inside the static of the use.

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

/// The kinds of literals: what one is worth in a plan, and a type that gives it where it is worth something.
macro_rules! literals {
    ($($kind:ident: $word:ty = $read:expr, $message:literal, $label:literal, $($name:ident)*;)*) => {$(
        /// A kind of literal.
        pub mod $kind {
            /// A literal of this kind, well-formed or not.
            #[derive(Debug)]
            pub struct Literal<const OK: bool>;

            /// Is the text a literal of this kind?
            #[must_use]
            pub const fn is(text: &str) -> bool {
                $read(text).is_some()
            }

            /// Holds for the well-formed.
            #[diagnostic::on_unimplemented(message = $message, label = $label)]
            pub trait WellFormed {}

            impl WellFormed for Literal<true> {}

            impl<const OK: bool> Literal<OK>
            where
                Self: WellFormed,
            {$(
                /// What the literal is worth.
                ///
                /// # Panics
                /// Never: rustc refuses a malformed literal before it evaluates one.
                #[must_use]
                pub const fn $name(self, text: &str) -> $word {
                    match $read(text) {
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
        memory max_child_memory;
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
        workers chunk_size max_failures recycle_after;
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

/// Up to three digits and one of the usual units, without a loop: the interpreter of rustc takes a tenth of the time for them.
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
    fn the_quick_way_reads_what_the_long_way_reads() {
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
}
