//! One pass over the bytes of a literal, in const context: numbers, units, and what is wrong with them.

use core::time::Duration;

use crate::policy::Rate;

const NANOS_PER_SEC: u128 = 1_000_000_000;

#[derive(Clone, Copy)]
pub(super) enum Problem {
    Form,
    Negative,
    TooLarge,
    TooFine,
    Zero,
}

/// `mantissa / 10^decimals`.
#[derive(Clone, Copy)]
struct Number {
    mantissa: u128,
    decimals: u32,
}

impl Number {
    /// The number times `unit`, which must come out whole.
    const fn times(self, unit: u128) -> Result<u128, Problem> {
        let Some(product) = self.mantissa.checked_mul(unit) else {
            return Err(Problem::TooLarge);
        };
        let divisor = 10u128.pow(self.decimals);
        if product % divisor != 0 {
            return Err(Problem::TooFine);
        }
        Ok(product / divisor)
    }
}

pub(super) struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Reader { bytes: text.as_bytes(), at: 0 }
    }

    pub(super) const fn duration(mut self) -> Result<Duration, Problem> {
        if matches!(self.peek(), b'-') {
            return Err(Problem::Negative);
        }
        let mut nanos: u128 = 0;
        let mut last_unit = u128::MAX;
        while !self.is_done() {
            let number = match self.number() {
                Ok(number) => number,
                Err(problem) => return Err(problem),
            };
            let Some(unit) = unit_nanos(self.word()) else {
                return Err(Problem::Form);
            };
            if unit >= last_unit {
                return Err(Problem::Form);
            }
            last_unit = unit;
            let part = match number.times(unit) {
                Ok(part) => part,
                Err(problem) => return Err(problem),
            };
            let Some(sum) = nanos.checked_add(part) else {
                return Err(Problem::TooLarge);
            };
            nanos = sum;
        }
        if last_unit == u128::MAX {
            return Err(Problem::Form);
        }
        from_nanos(nanos)
    }

    pub(super) const fn rate(mut self) -> Result<Rate, Problem> {
        if matches!(self.peek(), b'-') {
            return Err(Problem::Negative);
        }
        let permits = match self.whole() {
            Ok(permits) => permits,
            Err(problem) => return Err(problem),
        };
        self.skip_spaces();
        if self.peek() != b'/' {
            return Err(Problem::Form);
        }
        self.at += 1;
        self.skip_spaces();
        let per = if self.peek().is_ascii_digit() {
            match self.duration() {
                Ok(per) => per,
                Err(problem) => return Err(problem),
            }
        } else {
            let word = self.word();
            match (period_nanos(word), self.is_done()) {
                (Some(nanos), true) => Duration::from_nanos(nanos),
                _ => return Err(Problem::Form),
            }
        };
        if permits == 0 || per.is_zero() {
            return Err(Problem::Zero);
        }
        Ok(Rate::new(permits, per))
    }

    pub(super) const fn size(mut self) -> Result<u64, Problem> {
        if matches!(self.peek(), b'-') {
            return Err(Problem::Negative);
        }
        let number = match self.number() {
            Ok(number) => number,
            Err(problem) => return Err(problem),
        };
        let word = self.word();
        let (Some(unit), true) = (unit_bytes(word), self.is_done()) else {
            return Err(Problem::Form);
        };
        match number.times(unit) {
            #[allow(clippy::cast_possible_truncation, reason = "the guard bounds it")]
            Ok(bytes) if bytes <= u64::MAX as u128 => Ok(bytes as u64),
            Ok(_) => Err(Problem::TooLarge),
            Err(problem) => Err(problem),
        }
    }

    pub(super) const fn count(mut self) -> Result<u32, Problem> {
        if matches!(self.peek(), b'-') {
            return Err(Problem::Negative);
        }
        let value = match self.whole() {
            Ok(value) => value,
            Err(problem) => return Err(problem),
        };
        if self.peek() == b'.' {
            return Err(Problem::TooFine);
        }
        if self.is_done() || matches!(self.word(), b"u32") && self.is_done() { Ok(value) } else { Err(Problem::Form) }
    }

    pub(super) const fn factor(mut self) -> Result<f64, Problem> {
        if matches!(self.peek(), b'-') {
            return Err(Problem::Negative);
        }
        let number = match self.number() {
            Ok(number) => number,
            Err(problem) => return Err(problem),
        };
        let ends = self.is_done() || matches!(self.word(), b"f64") && self.is_done();
        if !ends {
            return Err(Problem::Form);
        }
        // Up to here both sides of the division are exact, so its result is the nearest f64.
        if number.mantissa >= 1 << 53 || number.decimals > 22 {
            return Err(Problem::TooLarge);
        }
        #[allow(clippy::cast_precision_loss, reason = "both are below 2^53 or an exact power of ten")]
        let value = number.mantissa as f64 / 10u128.pow(number.decimals) as f64;
        if value < 1.0 { Err(Problem::TooFine) } else { Ok(value) }
    }

    /// Digits with `_` between them and perhaps a fraction.
    const fn number(&mut self) -> Result<Number, Problem> {
        let mut number = Number { mantissa: 0, decimals: 0 };
        if !self.peek().is_ascii_digit() {
            return Err(Problem::Form);
        }
        let mut in_fraction = false;
        loop {
            match self.peek() {
                digit @ b'0'..=b'9' => {
                    let shifted = match number.mantissa.checked_mul(10) {
                        Some(shifted) if number.decimals < 27 => shifted,
                        _ => return Err(Problem::TooLarge),
                    };
                    number.mantissa = match shifted.checked_add((digit - b'0') as u128) {
                        Some(sum) => sum,
                        None => return Err(Problem::TooLarge),
                    };
                    number.decimals += in_fraction as u32;
                }
                b'_' => {}
                b'.' if !in_fraction && self.peek_after().is_ascii_digit() => in_fraction = true,
                _ => return Ok(number),
            }
            self.at += 1;
        }
    }

    /// A `u32` in any of Rust's four radixes.
    const fn whole(&mut self) -> Result<u32, Problem> {
        let radix: u32 = match (self.peek(), self.peek_after()) {
            (b'0', b'x') => 16,
            (b'0', b'o') => 8,
            (b'0', b'b') => 2,
            _ => 10,
        };
        if radix != 10 {
            self.at += 2;
        }
        let mut value: u32 = 0;
        let mut digits = 0;
        loop {
            let byte = self.peek();
            if let Some(digit) = (byte as char).to_digit(radix) {
                value = match value.checked_mul(radix) {
                    Some(shifted) if shifted <= u32::MAX - digit => shifted + digit,
                    _ => return Err(Problem::TooLarge),
                };
                digits += 1;
            } else if byte != b'_' || digits == 0 {
                return if digits == 0 { Err(Problem::Form) } else { Ok(value) };
            }
            self.at += 1;
        }
    }

    /// The letters up to the next digit or sign; a type like `u32` may end in digits.
    const fn word(&mut self) -> &'t [u8] {
        let start = self.at;
        while self.peek().is_ascii_alphabetic() {
            self.at += 1;
        }
        let letters = self.bytes.split_at(start).1.split_at(self.at - start).0;
        if !matches!(letters, b"u" | b"f") {
            return letters;
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.bytes.split_at(start).1.split_at(self.at - start).0
    }

    const fn skip_spaces(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    const fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// The next byte, 0 at the end.
    const fn peek(&self) -> u8 {
        if self.at < self.bytes.len() { self.bytes[self.at] } else { 0 }
    }

    const fn peek_after(&self) -> u8 {
        if self.at + 1 < self.bytes.len() { self.bytes[self.at + 1] } else { 0 }
    }
}

const fn from_nanos(nanos: u128) -> Result<Duration, Problem> {
    let secs = nanos / NANOS_PER_SEC;
    if secs > u64::MAX as u128 {
        return Err(Problem::TooLarge);
    }
    #[allow(clippy::cast_possible_truncation, reason = "bounded by the line above and by the remainder")]
    Ok(Duration::new(secs as u64, (nanos % NANOS_PER_SEC) as u32))
}

const fn unit_nanos(word: &[u8]) -> Option<u128> {
    Some(match word {
        b"ns" => 1,
        b"us" => 1_000,
        b"ms" => 1_000_000,
        b"s" => NANOS_PER_SEC,
        b"m" => 60 * NANOS_PER_SEC,
        b"h" => 3_600 * NANOS_PER_SEC,
        b"d" => 86_400 * NANOS_PER_SEC,
        _ => return None,
    })
}

/// A period may also be written in words, since `10/m` could be read as ten in a month.
const fn period_nanos(word: &[u8]) -> Option<u64> {
    let unit = match word {
        b"sec" | b"second" => b"s",
        b"min" | b"minute" => b"m",
        b"hour" => b"h",
        b"day" => b"d",
        _ => word,
    };
    match unit_nanos(unit) {
        #[allow(clippy::cast_possible_truncation, reason = "the largest unit is a day")]
        Some(nanos) => Some(nanos as u64),
        None => None,
    }
}

const fn unit_bytes(word: &[u8]) -> Option<u128> {
    Some(match word {
        b"B" => 1,
        b"KB" | b"kB" => 1_000,
        b"MB" => 1_000_000,
        b"GB" => 1_000_000_000,
        b"TB" => 1_000_000_000_000,
        b"KiB" => 1 << 10,
        b"MiB" => 1 << 20,
        b"GiB" => 1 << 30,
        b"TiB" => 1 << 40,
        _ => return None,
    })
}
