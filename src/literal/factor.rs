//! Parses a factor as Rust writes an `f64`, and rounds it to the nearest one.

use super::reader::Problem;

/// The digits that are kept. Of those after them, rounding needs to know only whether one is not zero.
const KEPT: u128 = 10u128.pow(30);

/// The largest power of ten to divide by. It is below 2^70, so a 128-bit number divided by it has more bits than an `f64` holds.
const LAST_DIVISOR: u32 = 21;

/// `mantissa × 10^exponent`, and a little more if `has_more`.
struct Decimal {
    mantissa: u128,
    exponent: i32,
    has_more: bool,
}

/// Parses the whole text.
pub(super) const fn factor(text: &str) -> Result<f64, Problem> {
    let (mut number, rest) = match digits(text.as_bytes()) {
        Ok(read) => read,
        Err(problem) => return Err(problem),
    };
    let (exponent, rest) = match rest {
        [b'e' | b'E', b'-', rest @ ..] => exponent(rest, -1),
        [b'e' | b'E', b'+', rest @ ..] | [b'e' | b'E', rest @ ..] => exponent(rest, 1),
        rest => (Some(0), rest),
    };
    let (Some(exponent), b"" | b"f64") = (exponent, rest) else {
        return Err(Problem::Form);
    };
    number.exponent += exponent;
    let value = if number.exponent < 0 { number.divided() } else { number.multiplied() };
    if value < 1.0 {
        Err(Problem::TooFine)
    } else if value == f64::INFINITY {
        Err(Problem::TooLarge)
    } else {
        Ok(value)
    }
}

/// Parses digits with `_` between them and an optional fraction. Returns the number and the rest.
const fn digits(mut rest: &[u8]) -> Result<(Decimal, &[u8]), Problem> {
    match rest {
        [b'0'..=b'9', ..] => {}
        [b'-', ..] => return Err(Problem::Negative),
        _ => return Err(Problem::Form),
    }
    let mut number = Decimal { mantissa: 0, exponent: 0, has_more: false };
    let mut in_fraction = false;
    loop {
        rest = match rest {
            [digit @ b'0'..=b'9', rest @ ..] => {
                number.push(*digit - b'0', in_fraction);
                rest
            }
            [b'_', rest @ ..] => rest,
            [b'.', rest @ ..] if !in_fraction && matches!(rest, [] | [b'0'..=b'9', ..]) => {
                in_fraction = true;
                rest
            }
            rest => return Ok((number, rest)),
        }
    }
}

/// Parses the digits of an exponent; `None` if there is no digit.
const fn exponent(mut rest: &[u8], sign: i32) -> (Option<i32>, &[u8]) {
    let mut exponent = None;
    loop {
        rest = match rest {
            [digit @ b'0'..=b'9', rest @ ..] => {
                let before = match exponent {
                    Some(before) => before,
                    None => 0,
                };
                // Beyond this, any factor is zero or too large.
                exponent = Some(if before < 10_000 { before * 10 + (*digit - b'0') as i32 } else { before });
                rest
            }
            [b'_', rest @ ..] => rest,
            rest => {
                let exponent = match exponent {
                    Some(exponent) => Some(sign * exponent),
                    None => None,
                };
                return (exponent, rest);
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "rounding to the nearest is intended")]
impl Decimal {
    const fn push(&mut self, digit: u8, in_fraction: bool) {
        if self.mantissa < KEPT {
            self.mantissa = self.mantissa * 10 + digit as u128;
            self.exponent -= in_fraction as i32;
        } else {
            self.has_more |= digit != 0;
            self.exponent += !in_fraction as i32;
        }
    }

    const fn multiplied(mut self) -> f64 {
        while self.exponent > 0 && self.mantissa <= u128::MAX / 10 && self.mantissa != 0 {
            self.mantissa *= 10;
            self.exponent -= 1;
        }
        let mut value = (self.mantissa | self.has_more as u128) as f64;
        // Beyond 10^38 each step may round. A delay times such a factor is `max_delay` anyway.
        while self.exponent > 0 && value < f64::INFINITY && value > 0.0 {
            value *= 10.0;
            self.exponent -= 1;
        }
        value
    }

    const fn divided(mut self) -> f64 {
        let mut digits = self.exponent.unsigned_abs();
        while digits > LAST_DIVISOR && self.mantissa != 0 {
            self.has_more |= self.mantissa % 10 != 0;
            self.mantissa /= 10;
            digits -= 1;
        }
        if self.mantissa == 0 || self.mantissa < 10u128.pow(digits) {
            return 0.0;
        }
        let shift = self.mantissa.leading_zeros();
        let (shifted, divisor) = (self.mantissa << shift, 10u128.pow(digits));
        let has_more = self.has_more || shifted % divisor != 0;
        ((shifted / divisor) | has_more as u128) as f64 / (1u128 << shift) as f64
    }
}
