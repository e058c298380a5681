//! Parses the bytes of a literal in one pass, in const context: numbers, units, and what is wrong with them.
//!
//! rustc runs this for each literal while it checks a user's crate, where a function call takes as long as parsing a whole word.
//! So this takes bytes off with patterns, and calls no function for a single byte.

use core::time::Duration;

use crate::policy::Rate;

const NANOS_PER_SEC: u128 = 1_000_000_000;

/// A fraction has at most 27 digits, enough for a nanosecond of any unit.
const FINEST: u128 = 10u128.pow(27);

#[derive(Clone, Copy)]
pub(super) enum Problem {
    Form,
    Negative,
    TooLarge,
    TooFine,
    Exponent,
    Zero,
}

/// `mantissa / divisor`. The divisor is a power of ten.
#[derive(Clone, Copy)]
struct Number {
    mantissa: u128,
    divisor: u128,
}

impl Number {
    /// Returns the number times `unit`, which must be a whole number.
    const fn times(self, unit: u128) -> Result<u128, Problem> {
        if self.mantissa > u128::MAX / unit {
            return Err(Problem::TooLarge);
        }
        let product = self.mantissa * unit;
        if product % self.divisor != 0 {
            return Err(Problem::TooFine);
        }
        Ok(product / self.divisor)
    }
}

pub(super) struct Reader<'t> {
    rest: &'t [u8],
}

impl<'t> Reader<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Reader { rest: text.as_bytes() }
    }

    pub(super) const fn duration(mut self) -> Result<Duration, Problem> {
        let mut nanos: u128 = 0;
        let mut last_unit = u128::MAX;
        loop {
            let number = match self.number() {
                Ok(number) => number,
                Err(problem) => return Err(problem),
            };
            let (unit, rest) = match unit_of_time(self.rest) {
                Some(read) => read,
                None if matches!(self.rest, [b'e' | b'E', ..]) => return Err(Problem::Exponent),
                None => return Err(Problem::Form),
            };
            self.rest = rest;
            if unit >= last_unit || !matches!(rest, [] | [b'0'..=b'9', ..]) {
                return Err(Problem::Form);
            }
            last_unit = unit;
            let part = match number.times(unit) {
                Ok(part) => part,
                Err(problem) => return Err(problem),
            };
            if part > u128::MAX - nanos {
                return Err(Problem::TooLarge);
            }
            nanos += part;
            if rest.is_empty() {
                return from_nanos(nanos);
            }
        }
    }

    pub(super) const fn rate(mut self) -> Result<Rate, Problem> {
        let permits = match self.whole() {
            Ok(permits) => permits,
            Err(problem) => return Err(problem),
        };
        self.skip_spaces();
        let [b'/', rest @ ..] = self.rest else {
            return Err(if let [b'e' | b'E', ..] = self.rest { Problem::Exponent } else { Problem::Form });
        };
        self.rest = rest;
        self.skip_spaces();
        let per = match self.period() {
            Ok(per) => per,
            Err(problem) => return Err(problem),
        };
        if permits == 0 || per.is_zero() {
            return Err(Problem::Zero);
        }
        Ok(Rate::new(permits, per))
    }

    /// Parses a duration, or only a unit.
    const fn period(self) -> Result<Duration, Problem> {
        match unit_of_time(self.rest) {
            Some((nanos, b"")) => from_nanos(nanos),
            _ => self.duration(),
        }
    }

    pub(super) const fn size(mut self) -> Result<u64, Problem> {
        let number = match self.number() {
            Ok(number) => number,
            Err(problem) => return Err(problem),
        };
        let unit = match self.rest {
            b"B" => 1,
            b"KB" | b"kB" => 1_000,
            b"MB" => 1_000_000,
            b"GB" => 1_000_000_000,
            b"TB" => 1_000_000_000_000,
            b"KiB" => 1 << 10,
            b"MiB" => 1 << 20,
            b"GiB" => 1 << 30,
            b"TiB" => 1 << 40,
            [b'e' | b'E', ..] => return Err(Problem::Exponent),
            _ => return Err(Problem::Form),
        };
        match number.times(unit) {
            #[allow(clippy::cast_possible_truncation, reason = "the guard bounds it")]
            Ok(bytes) if bytes <= u64::MAX as u128 => Ok(bytes as u64),
            Ok(_) => Err(Problem::TooLarge),
            Err(problem) => Err(problem),
        }
    }

    pub(super) const fn count(mut self) -> Result<u32, Problem> {
        let value = match self.whole() {
            Ok(value) => value,
            Err(problem) => return Err(problem),
        };
        match self.rest {
            b"" | b"u32" => Ok(value),
            [b'.', ..] => Err(Problem::TooFine),
            _ => Err(Problem::Form),
        }
    }

    /// Parses digits with `_` between them and an optional fraction.
    const fn number(&mut self) -> Result<Number, Problem> {
        let mut number = Number { mantissa: 0, divisor: 1 };
        match self.rest {
            [b'0'..=b'9', ..] => {}
            [b'-', ..] => return Err(Problem::Negative),
            _ => return Err(Problem::Form),
        }
        let mut in_fraction = false;
        loop {
            match self.rest {
                [digit @ b'0'..=b'9', rest @ ..] => {
                    if number.mantissa >= u128::MAX / 10 || number.divisor >= FINEST {
                        return Err(Problem::TooLarge);
                    }
                    number.mantissa = number.mantissa * 10 + (*digit - b'0') as u128;
                    if in_fraction {
                        number.divisor *= 10;
                    }
                    self.rest = rest;
                }
                [b'_', rest @ ..] => self.rest = rest,
                [b'.', rest @ ..] if !in_fraction && matches!(rest, [b'0'..=b'9', ..]) => {
                    in_fraction = true;
                    self.rest = rest;
                }
                _ => return Ok(number),
            }
        }
    }

    /// Parses a `u32` in any of Rust's four radixes.
    const fn whole(&mut self) -> Result<u32, Problem> {
        let (radix, mut rest) = match self.rest {
            [b'-', ..] => return Err(Problem::Negative),
            [b'0', b'x', rest @ ..] => (16, rest),
            [b'0', b'o', rest @ ..] => (8, rest),
            [b'0', b'b', rest @ ..] => (2, rest),
            rest => (10, rest),
        };
        let mut value: u32 = 0;
        let mut has_digits = false;
        while let [byte, after @ ..] = rest {
            let digit = match *byte {
                b'0'..=b'9' => *byte - b'0',
                b'a'..=b'f' => *byte - b'a' + 10,
                b'A'..=b'F' => *byte - b'A' + 10,
                b'_' if has_digits => {
                    rest = after;
                    continue;
                }
                _ => break,
            } as u32;
            if digit >= radix {
                break;
            }
            if value > (u32::MAX - digit) / radix {
                return Err(Problem::TooLarge);
            }
            value = value * radix + digit;
            has_digits = true;
            rest = after;
        }
        self.rest = rest;
        if has_digits { Ok(value) } else { Err(Problem::Form) }
    }

    const fn skip_spaces(&mut self) {
        while let [b' ', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

/// Returns the unit that a text begins with, in nanoseconds, and what follows its letters. All units of time are here.
const fn unit_of_time(text: &[u8]) -> Option<(u128, &[u8])> {
    let mut rest = text;
    while let [b'a'..=b'z', after @ ..] = rest {
        rest = after;
    }
    let nanos = match text.split_at(text.len() - rest.len()).0 {
        b"ns" => 1,
        b"us" => 1_000,
        b"ms" => 1_000_000,
        b"s" | b"sec" | b"secs" | b"second" | b"seconds" => NANOS_PER_SEC,
        b"m" | b"min" | b"mins" | b"minute" | b"minutes" => 60 * NANOS_PER_SEC,
        b"h" | b"hour" | b"hours" => 3_600 * NANOS_PER_SEC,
        b"d" | b"day" | b"days" => 86_400 * NANOS_PER_SEC,
        _ => return None,
    };
    Some((nanos, rest))
}

const fn from_nanos(nanos: u128) -> Result<Duration, Problem> {
    let secs = nanos / NANOS_PER_SEC;
    if secs > u64::MAX as u128 {
        return Err(Problem::TooLarge);
    }
    #[allow(clippy::cast_possible_truncation, reason = "bounded by the line above and by the remainder")]
    Ok(Duration::new(secs as u64, (nanos % NANOS_PER_SEC) as u32))
}
