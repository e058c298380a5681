//! The options that can be tuned, and the values each accepts.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use core::time::Duration;

use super::number::{Kind, Number};
use crate::env::Quoted;
use crate::error::Rounded;
use crate::literal::{self, LiteralError};
use crate::policy::Rate;

/// Why a value is not accepted.
pub(super) type Problem = Cow<'static, str>;

/// An option that can be tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tunable {
    Retries,
    Backoff,
    MinDelay,
    MaxDelay,
    FallbackDelay,
    Timeout,
    Deadline,
    #[cfg(feature = "memory")]
    Memory,
    Rate,
    Burst,
    MaxWait,
    #[cfg(feature = "cache")]
    Cache,
}

/// The tuned value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Count(u32),
    Factor(f64),
    Time(Duration),
    Rate(Rate),
    #[cfg(feature = "memory")]
    Bytes(u64),
}

impl Tunable {
    pub(super) const ALL: &'static [Tunable] = &[
        Tunable::Retries,
        Tunable::Backoff,
        Tunable::MinDelay,
        Tunable::MaxDelay,
        Tunable::FallbackDelay,
        Tunable::Timeout,
        Tunable::Deadline,
        #[cfg(feature = "memory")]
        Tunable::Memory,
        Tunable::Rate,
        Tunable::Burst,
        Tunable::MaxWait,
        #[cfg(feature = "cache")]
        Tunable::Cache,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Tunable::Retries => "retries",
            Tunable::Backoff => "backoff",
            Tunable::MinDelay => "min_delay",
            Tunable::MaxDelay => "max_delay",
            Tunable::FallbackDelay => "fallback_delay",
            Tunable::Timeout => "timeout",
            Tunable::Deadline => "deadline",
            #[cfg(feature = "memory")]
            Tunable::Memory => "memory",
            Tunable::Rate => "rate",
            Tunable::Burst => "burst",
            Tunable::MaxWait => "max_wait",
            #[cfg(feature = "cache")]
            Tunable::Cache => "cache",
        }
    }

    /// Returns the option with this name.
    pub(super) fn named(name: &str) -> Result<Self, Problem> {
        Self::ALL.iter().copied().find(|tunable| tunable.name() == name).ok_or_else(|| {
            let names: alloc::vec::Vec<_> = Self::ALL.iter().map(|tunable| tunable.name()).collect();
            format!("it is not a number that can be tuned, which are `{}`", names.join("`, `")).into()
        })
    }

    /// Converts a number to the value of this option. Accepts the same values as the macro.
    pub(super) fn value(self, number: &Number) -> Result<Value, Problem> {
        let name = self.name();
        match self {
            Tunable::Retries => Ok(Value::Count(read(number, literal::count)?)),
            Tunable::Burst => match read(number, literal::count)? {
                0 => Err("`burst` is 0; it must be at least 1".into()),
                burst => Ok(Value::Count(burst)),
            },
            Tunable::Backoff => match number.0 {
                Kind::Real(factor) if factor.is_finite() && factor >= 1.0 => Ok(Value::Factor(factor)),
                _ => Ok(Value::Factor(read(number, literal::factor)?)),
            },
            Tunable::MinDelay | Tunable::MaxDelay | Tunable::FallbackDelay | Tunable::MaxWait => {
                Ok(Value::Time(time(number)?))
            }
            Tunable::Timeout | Tunable::Deadline => match time(number)? {
                Duration::ZERO => Err(format!("`{name}` is 0s; it must be longer than 0s").into()),
                limit => Ok(Value::Time(limit)),
            },
            #[cfg(feature = "cache")]
            Tunable::Cache => match time(number)? {
                Duration::ZERO => Err("`cache` is 0s; a time to live must be longer".into()),
                time => Ok(Value::Time(time)),
            },
            Tunable::Rate => match number.0 {
                Kind::Rate(rate) if rate.permits() > 0 && !rate.per().is_zero() => Ok(Value::Rate(rate)),
                Kind::Rate(rate) => {
                    let (permits, per) = (rate.permits(), Rounded(rate.per()));
                    Err(format!("`rate` is {permits} in {per}; both must be more than 0").into())
                }
                _ => Ok(Value::Rate(read(number, literal::rate)?)),
            },
            #[cfg(feature = "memory")]
            Tunable::Memory => match number.0 {
                Kind::Whole(0) => Err("`memory` is 0 bytes; it must be more than 0".into()),
                Kind::Whole(bytes) if u64::try_from(bytes).is_ok() => {
                    Ok(Value::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)))
                }
                _ => Ok(Value::Bytes(read(number, literal::memory)?)),
            },
        }
    }
}

fn time(number: &Number) -> Result<Duration, Problem> {
    match number.0 {
        Kind::Time(time) => Ok(time),
        _ => read(number, literal::duration),
    }
}

/// Parses a number like the macro parses its text.
fn read<T>(number: &Number, read: impl FnOnce(&str) -> Result<T, LiteralError<'_>>) -> Result<T, Problem> {
    let text = number.to_string();
    read(&text).map_err(|error| {
        let (problem, accepted) = error.sentence();
        format!("`{}` {problem}; {accepted}", Quoted(&text)).into()
    })
}

impl From<Value> for Number {
    fn from(value: Value) -> Self {
        match value {
            Value::Count(count) => count.into(),
            Value::Factor(factor) => factor.into(),
            Value::Time(time) => time.into(),
            Value::Rate(rate) => rate.into(),
            #[cfg(feature = "memory")]
            Value::Bytes(bytes) => bytes.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    fn value(option: &str, number: impl Into<Number>) -> Result<Value, String> {
        Tunable::named(option).and_then(|tunable| tunable.value(&number.into())).map_err(Cow::into_owned)
    }

    const SEC: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn every_option_takes_what_the_macro_takes() {
        for option in ["retries", "burst"] {
            assert_eq!(value(option, 5), Ok(Value::Count(5)));
            assert_eq!(value(option, "1_000"), Ok(Value::Count(1000)));
        }
        assert_eq!(value("retries", 0_u64), Ok(Value::Count(0)));
        for backoff in [Number::from(2), 2.0.into(), "2".into(), "2.0".into()] {
            assert_eq!(value("backoff", backoff), Ok(Value::Factor(2.0)));
        }
        for option in ["min_delay", "max_delay", "fallback_delay", "timeout", "deadline", "max_wait"] {
            assert_eq!(value(option, "1m30s"), Ok(Value::Time(SEC(90))), "{option}");
            assert_eq!(value(option, SEC(90)), Ok(Value::Time(SEC(90))), "{option}");
        }
        for option in ["min_delay", "max_delay", "fallback_delay", "max_wait"] {
            assert_eq!(value(option, "0s"), Ok(Value::Time(SEC(0))), "{option}");
        }
        assert_eq!(value("rate", "10/s"), Ok(Value::Rate(Rate::new(10, SEC(1)))));
        assert_eq!(value("rate", Rate::new(1, SEC(3))), Ok(Value::Rate(Rate::new(1, SEC(3)))));
    }

    #[test]
    fn values_that_the_macro_rejects_are_rejected_with_the_same_text() {
        let refused = |option, number: Number| value(option, number).unwrap_err();
        let count = "write a whole number from 0 to 4294967295, as in `3`";
        assert_eq!(refused("retries", (-1).into()), format!("`-1` is negative, and a count is not; {count}"));
        assert_eq!(refused("retries", 2.5.into()), format!("`2.5` is not a whole number; {count}"));
        assert_eq!(refused("retries", u64::MAX.into()), format!("`{}` is too large a count; {count}", u64::MAX));
        assert_eq!(refused("retries", SEC(1).into()), format!("`1s` is not a count; {count}"));
        assert_eq!(refused("burst", 0.into()), "`burst` is 0; it must be at least 1");
        let factor = "write a number of at least 1, as in `2` or `1.5`";
        assert_eq!(refused("backoff", 0.5.into()), format!("`0.5` is a factor below 1; {factor}"));
        assert_eq!(refused("backoff", f64::NAN.into()), format!("`NaN` is not a factor; {factor}"));
        assert_eq!(refused("backoff", f64::INFINITY.into()), format!("`inf` is not a factor; {factor}"));
        assert_eq!(refused("timeout", "0s".into()), "`timeout` is 0s; it must be longer than 0s");
        assert_eq!(refused("deadline", Duration::ZERO.into()), "`deadline` is 0s; it must be longer than 0s");
        assert!(refused("min_delay", 5.into()).starts_with("`5` is not a duration; write a number and its unit"));
        assert_eq!(refused("rate", Rate::new(0, SEC(1)).into()), "`rate` is 0 in 1 s; both must be more than 0");
        assert!(
            refused("rate", "0/s".into()).starts_with("`0/s` would let nothing through; write a count and a period")
        );
    }

    #[test]
    fn a_long_text_is_not_quoted_in_full() {
        let refused = value("retries", "sk-0123456789012345678901234567890").unwrap_err();
        assert!(refused.starts_with("`sk-012345678901234567890…` is not a count"), "{refused}");
    }

    #[test]
    fn other_options_cannot_be_tuned() {
        for option in ["", "jitter", "capacity", "Retries", "workers", "retries "] {
            let refused = value(option, 1).unwrap_err();
            assert!(refused.starts_with("it is not a number that can be tuned, which are `retries`, `backoff`,"));
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_number_panics(text in any::<String>(), real in any::<f64>(), whole in any::<i64>()) {
            for tunable in Tunable::ALL {
                for number in [Number::from(&text), real.into(), whole.into(), Number::from(text.as_str())] {
                    let _ = tunable.value(&number);
                }
            }
        }

        #[test]
        fn a_displayed_value_is_parsed_as_the_same_value(retries in any::<u32>(), backoff in 1.0..1e15_f64, nanos in 1..=u64::MAX) {
            for (option, number) in
                [("retries", Number::from(retries)), ("backoff", backoff.into()), ("timeout", Duration::from_nanos(nanos).into())]
            {
                let first = value(option, number);
                let shown = Number::from(first.clone().unwrap()).to_string();
                prop_assert_eq!(value(option, shown), first);
            }
        }
    }
}
