//! The growth of delays in integers: on processors without `f64`, its arithmetic is 3 KiB of code.

/// A factor of at least 1: `mantissa / 2^63 × 2^exponent`, where the highest bit of the mantissa is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Growth {
    mantissa: u64,
    exponent: u32,
}

impl Growth {
    pub(super) const ONE: Self = Growth { mantissa: 1 << 63, exponent: 0 };

    /// Returns `None` if the factor is below 1, infinite or NaN.
    #[inline]
    pub(super) const fn new(factor: f64) -> Option<Self> {
        const ONE: u64 = 1_f64.to_bits();
        const INFINITY: u64 = f64::INFINITY.to_bits();
        let bits = factor.to_bits();
        // The bits of positive floats, read as integers, are ordered like the floats; those of negative floats come
        // after infinity.
        if bits < ONE || bits >= INFINITY {
            return None;
        }
        // 52 bits of fraction, after an implied one; above them the exponent, biased by 1023.
        let exponent = ((bits - ONE) >> 52) as u32;
        Some(Growth { mantissa: (1 << 63) | (bits << 11), exponent })
    }

    /// Multiplies two factors; bits that do not fit into the mantissa are dropped.
    pub(super) fn times(self, other: Self) -> Self {
        let product = u128::from(self.mantissa) * u128::from(other.mantissa);
        let carry = u32::from(product >> 127 == 1);
        #[allow(clippy::cast_possible_truncation, reason = "shifted to 64 bits")]
        let mantissa = (product >> (63 + carry)) as u64;
        Growth { mantissa, exponent: self.exponent.saturating_add(other.exponent).saturating_add(carry) }
    }

    /// Multiplies `nanos`, rounded; `u64::MAX` if the product is too large.
    pub(super) fn of(self, nanos: u64) -> u64 {
        let Some(shift) = 63_u32.checked_sub(self.exponent) else {
            return if nanos == 0 { 0 } else { u64::MAX };
        };
        let half = (1 << shift) >> 1;
        let product = (u128::from(nanos) * u128::from(self.mantissa) + half) >> shift;
        u64::try_from(product).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn growth(factor: f64) -> Growth {
        Growth::new(factor).expect("at least 1")
    }

    #[test]
    fn only_numbers_from_one_on_are_factors() {
        for none in [f64::NAN, -f64::NAN, f64::INFINITY, -f64::INFINITY, -2.0, -0.0, 0.0, 1.0 - f64::EPSILON / 2.0] {
            assert_eq!(Growth::new(none), None, "{none}");
        }
        assert_eq!(growth(1.0), Growth::ONE);
        assert_eq!(growth(1.5), Growth { mantissa: 3 << 62, exponent: 0 });
        assert_eq!(growth(f64::MAX).exponent, 1023);
    }

    #[test]
    fn products_are_rounded_and_saturate() {
        let table = [
            (1.0, u64::MAX, u64::MAX),
            (1.5, 3, 5),
            (1.5, 1, 2),
            (1.25, 1, 1),
            (2.0, u64::MAX / 2, u64::MAX - 1),
            (2.0, u64::MAX / 2 + 1, u64::MAX),
            (9_223_372_036_854_775_808.0, 1, 1 << 63),
            (18_446_744_073_709_551_616.0, 1, u64::MAX),
            (f64::MAX, 0, 0),
            (f64::MAX, 1, u64::MAX),
        ];
        for (factor, nanos, grown) in table {
            assert_eq!(growth(factor).of(nanos), grown, "{factor} times {nanos}");
        }
        let huge = Growth { mantissa: u64::MAX, exponent: u32::MAX };
        assert_eq!((huge.times(huge).of(1), huge.times(huge).of(0)), (u64::MAX, 0));
    }

    proptest! {
        #[test]
        fn products_match_those_of_floats(a in 1.0..1e9_f64, b in 1.0..1e9_f64, nanos in 0_u64..1 << 53) {
            #[allow(clippy::cast_precision_loss, reason = "an error of the test is allowed for")]
            let (wanted, grown) = (a * b * nanos as f64, growth(a).times(growth(b)).of(nanos) as f64);
            if wanted < 1.8e19 {
                prop_assert!((wanted - grown).abs() <= wanted * 1e-15 + 1.0, "{wanted} and {grown}");
            }
        }
    }
}
