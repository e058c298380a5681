//! The value an option can be tuned to.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use crate::policy::Rate;

/// A number to which an option is [tuned](super::Uses::tune): any value that the macro takes for the option, or a text,
/// which is parsed like a literal in the macro.
///
/// `Display` writes it as a literal of the macro.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::observe::Number;
/// use opero::policy::Rate;
///
/// assert_eq!(Number::from(Duration::from_millis(1500)).to_string(), "1.5s");
/// assert_eq!(Number::from(Rate::new(10, Duration::from_secs(60))).to_string(), "10/min");
/// assert_eq!(Number::from("1m30s").to_string(), "1m30s");
/// assert_eq!(Number::from(5).to_string(), "5");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Number(pub(super) Kind);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Whole(i128),
    Real(f64),
    Time(Duration),
    Rate(Rate),
    Text(String),
}

macro_rules! whole {
    ($($type:ty)*) => {$(
        impl From<$type> for Number {
            fn from(number: $type) -> Self {
                Number(Kind::Whole(number.into()))
            }
        }
    )*};
}

whole! { i32 i64 u32 u64 }

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        // No target has addresses of more than 64 bits.
        Number(Kind::Whole(number as i128))
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Number(Kind::Real(number))
    }
}

impl From<Duration> for Number {
    fn from(time: Duration) -> Self {
        Number(Kind::Time(time))
    }
}

impl From<Rate> for Number {
    fn from(rate: Rate) -> Self {
        Number(Kind::Rate(rate))
    }
}

impl From<&str> for Number {
    fn from(text: &str) -> Self {
        Number(Kind::Text(text.into()))
    }
}

impl From<String> for Number {
    fn from(text: String) -> Self {
        Number(Kind::Text(text))
    }
}

impl From<&String> for Number {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Whole(number) => number.fmt(f),
            Kind::Real(number) => number.fmt(f),
            Kind::Time(time) => Time(*time).fmt(f),
            Kind::Rate(rate) => match rate.per().as_nanos() {
                1_000_000_000 => write!(f, "{}/s", rate.permits()),
                60_000_000_000 => write!(f, "{}/min", rate.permits()),
                3_600_000_000_000 => write!(f, "{}/h", rate.permits()),
                86_400_000_000_000 => write!(f, "{}/day", rate.permits()),
                _ => write!(f, "{}/{}", rate.permits(), Time(rate.per())),
            },
            Kind::Text(text) => f.write_str(text),
        }
    }
}

/// Writes a duration in the largest unit that is not longer than it.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let (unit, name) = match nanos {
            0 => return f.write_str("0s"),
            1..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "us"),
            1_000_000..1_000_000_000 => (1_000_000, "ms"),
            _ => (1_000_000_000, "s"),
        };
        write!(f, "{}", nanos / unit)?;
        let mut rest = nanos % unit;
        if rest > 0 {
            f.write_str(".")?;
        }
        let mut unit = unit;
        while rest > 0 {
            unit /= 10;
            write!(f, "{}", rest / unit)?;
            rest %= unit;
        }
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;
    use crate::literal;

    #[test]
    fn durations_are_in_the_units_of_the_macro() {
        let shown = |nanos| Number::from(Duration::from_nanos(nanos)).to_string();
        assert_eq!(shown(0), "0s");
        assert_eq!(shown(999), "999ns");
        assert_eq!(shown(1_500), "1.5us");
        assert_eq!(shown(20_000_001), "20.000001ms");
        assert_eq!(shown(90_000_000_000), "90s");
        assert_eq!(shown(1_000_000_001), "1.000000001s");
    }

    proptest! {
        #[test]
        fn the_macro_parses_what_is_displayed(seconds in 0..=u64::MAX, nanos in 0..1_000_000_000_u32, permits in 1..=u32::MAX) {
            for time in [Duration::new(seconds, nanos), Duration::from_nanos(u64::from(nanos))] {
                let text = Number::from(time).to_string();
                prop_assert_eq!(literal::duration(&text), Ok(time));
                if !time.is_zero() {
                    let rate = Rate::new(permits, time);
                    let text = Number::from(rate).to_string();
                    prop_assert_eq!(literal::rate(&text), Ok(rate));
                }
            }
        }
    }
}
