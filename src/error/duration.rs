//! Durations in the texts of errors.

use core::fmt;
use core::time::Duration;

/// A duration for people: `204 ms`, `1.2 s`, `2 min 5 s`, `1 h 30 min`, `3 d`.
///
/// It is rounded by less than 1 %, and the text of a longer time never names a shorter one.
#[derive(Clone, Copy)]
pub(crate) struct Rounded(pub(crate) Duration);

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match below_a_minute(self.0) {
            Some(nanos) => write_decimal(f, nanos),
            None => write_parts(f, whole_seconds(self.0)),
        }
    }
}

/// The time in nanoseconds, rounded to three digits, if it is less than a minute.
fn below_a_minute(time: Duration) -> Option<u64> {
    if time.as_secs() >= MINUTE {
        return None;
    }
    let nanos = time.as_secs() * SECOND + u64::from(time.subsec_nanos());
    let mut step = 1;
    while nanos / step >= 1000 {
        step *= 10;
    }
    Some(to_nearest(nanos, step)).filter(|nanos| *nanos < MINUTE * SECOND)
}

/// The time in seconds, rounded to a step that depends on its size.
fn whole_seconds(time: Duration) -> u64 {
    let half = u64::from(time.subsec_nanos() >= 500_000_000);
    let seconds = time.as_secs().saturating_add(half);
    let step = match seconds {
        ..HOUR => 1,
        HOUR..DAY => MINUTE,
        _ if seconds < 3 * DAY => 10 * MINUTE,
        _ if seconds < 100 * DAY => HOUR,
        _ => DAY,
    };
    to_nearest(seconds, step)
}

fn to_nearest(value: u64, step: u64) -> u64 {
    let below = value - value % step;
    // The last step of the range cannot be rounded up.
    if value - below >= step.div_ceil(2) { below.checked_add(step).unwrap_or(below) } else { below }
}

/// In the largest unit that fits, with at most two decimals.
fn write_decimal(f: &mut fmt::Formatter<'_>, nanos: u64) -> fmt::Result {
    let (unit, name) = match nanos {
        ..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..SECOND => (1_000_000, "ms"),
        _ => (SECOND, "s"),
    };
    write!(f, "{}", nanos / unit)?;
    match nanos % unit * 100 / unit {
        0 => {}
        tenths if tenths % 10 == 0 => write!(f, ".{}", tenths / 10)?,
        hundredths => write!(f, ".{hundredths:02}")?,
    }
    write!(f, " {name}")
}

/// Writes the time in days, hours, minutes and seconds, without those that are zero.
fn write_parts(f: &mut fmt::Formatter<'_>, seconds: u64) -> fmt::Result {
    let mut left = seconds;
    let mut space = "";
    for (unit, name) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s")] {
        let count = left / unit;
        left %= unit;
        if count > 0 {
            write!(f, "{space}{count} {name}")?;
            space = " ";
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use proptest::prelude::*;

    use super::*;

    fn text(time: Duration) -> String {
        Rounded(time).to_string()
    }

    #[test]
    fn durations_read_as_a_person_says_them() {
        let table = [
            (Duration::ZERO, "0 ns"),
            (Duration::from_nanos(35), "35 ns"),
            (Duration::from_nanos(999), "999 ns"),
            (Duration::from_micros(1), "1 µs"),
            (Duration::from_micros(35), "35 µs"),
            (Duration::from_nanos(35_049), "35 µs"),
            (Duration::from_nanos(999_499), "999 µs"),
            (Duration::from_nanos(999_500), "1 ms"),
            (Duration::from_micros(1_234), "1.23 ms"),
            (Duration::from_micros(204_300), "204 ms"),
            (Duration::from_millis(204), "204 ms"),
            (Duration::from_millis(1_050), "1.05 s"),
            (Duration::from_millis(1_200), "1.2 s"),
            (Duration::from_millis(1_204), "1.2 s"),
            (Duration::from_millis(1_500), "1.5 s"),
            (Duration::from_secs(10), "10 s"),
            (Duration::from_millis(59_949), "59.9 s"),
            (Duration::from_millis(59_950), "1 min"),
            (Duration::from_secs(60), "1 min"),
            (Duration::from_secs(90), "1 min 30 s"),
            (Duration::from_secs(125), "2 min 5 s"),
            (Duration::from_nanos(3_599_999_998_357), "1 h"),
            (Duration::from_secs(3_600), "1 h"),
            (Duration::from_secs(3_629), "1 h"),
            (Duration::from_secs(3_630), "1 h 1 min"),
            (Duration::from_secs(5_400), "1 h 30 min"),
            (Duration::from_secs(86_399), "1 d"),
            (Duration::from_secs(86_400), "1 d"),
            (Duration::from_secs(91_800), "1 d 1 h 30 min"),
            (Duration::from_secs(7 * 86_400), "7 d"),
            (Duration::from_secs(365 * 86_400), "365 d"),
        ];
        for (time, expected) in table {
            assert_eq!(text(time), expected, "{time:?}");
        }
        assert!(text(Duration::MAX).ends_with(" d"));
    }

    /// Parses a text into nanoseconds.
    fn read(text: &str) -> f64 {
        let words: alloc::vec::Vec<_> = text.split(' ').collect();
        let part = |part: &[&str]| {
            let unit = match part[1] {
                "ns" => 1.0,
                "µs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "min" => 60e9,
                "h" => 3_600e9,
                "d" => 86_400e9,
                unit => panic!("no unit: {unit}"),
            };
            part[0].parse::<f64>().unwrap() * unit
        };
        words.chunks(2).map(part).sum()
    }

    /// Times of every order of magnitude.
    fn times() -> impl Strategy<Value = Duration> {
        (any::<bool>(), 0_u32..64, any::<u64>(), 0_u32..1_000_000_000).prop_map(|(is_short, bits, value, nanos)| {
            if is_short { Duration::from_nanos(value >> bits) } else { Duration::new(value >> bits, nanos) }
        })
    }

    proptest! {
        #[test]
        fn a_text_is_off_by_less_than_a_hundredth(time in times()) {
            let exact = time.as_secs_f64() * 1e9;
            prop_assert!((read(&text(time)) - exact).abs() <= exact / 100.0, "{time:?} reads {}", text(time));
        }

        #[test]
        fn a_longer_time_never_reads_as_a_shorter_one(one in times(), other in times(), little in 0_u64..1_000_000_000) {
            for other in [other, one.saturating_add(Duration::from_nanos(little))] {
                let (short, long) = (one.min(other), one.max(other));
                prop_assert!(read(&text(short)) <= read(&text(long)), "{} and {}", text(short), text(long));
            }
        }
    }
}
