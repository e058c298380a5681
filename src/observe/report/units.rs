//! Formats numbers for people: a few digits and a unit.

use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

/// Units in nanoseconds, and how many of each make the next.
const TIMES: [(u128, u128, &str); 7] = [
    (1, 1000, "ns"),
    (1000, 1000, "µs"),
    (1_000_000, 1000, "ms"),
    (1_000_000_000, 60, "s"),
    (60_000_000_000, 60, "min"),
    (3_600_000_000_000, 24, "h"),
    (86_400_000_000_000, u128::MAX, "d"),
];

const NUMBERS: [(u128, u128, &str); 6] = [
    (1000, 1000, "k"),
    (1_000_000, 1000, "M"),
    (1_000_000_000, 1000, "G"),
    (1_000_000_000_000, 1000, "T"),
    (1_000_000_000_000_000, 1000, "P"),
    (1_000_000_000_000_000_000, u128::MAX, "E"),
];

/// Numbers below this are written in full.
const LONG: u64 = 100_000;

/// A duration: `1.2 µs`, `204 ms`, `3 min`.
pub(in crate::observe) fn duration(duration: Duration) -> String {
    match duration.as_nanos() {
        0 => "0 s".to_string(),
        nanos => in_units(nanos, &TIMES, " "),
    }
}

/// A count: `99999`, `100k`, `1.2M`.
pub(in crate::observe) fn number(number: u64) -> String {
    if number < LONG { number.to_string() } else { in_units(number.into(), &NUMBERS, "") }
}

/// Uses the first unit in which the number stays below the next unit, with one decimal below ten.
fn in_units(amount: u128, units: &[(u128, u128, &str)], space: &str) -> String {
    let fits = |(unit, most, _): &&(u128, u128, &str)| rounded(amount, *unit) < *most;
    let (unit, _, name) = units.iter().find(fits).copied().unwrap_or((1, u128::MAX, ""));
    let tenths = rounded(amount.saturating_mul(10), unit);
    match (tenths / 10, tenths % 10) {
        (whole @ 0..10, tenth @ 1..) => format!("{whole}.{tenth}{space}{name}"),
        _ => format!("{}{space}{name}", rounded(amount, unit)),
    }
}

fn rounded(amount: u128, unit: u128) -> u128 {
    amount.saturating_add(unit / 2) / unit
}

/// A share: `99.2%`. Only all is 100% and only none is 0%. `None` if the whole is 0.
pub(in crate::observe) fn percent(part: u64, whole: u64) -> Option<String> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let thousandths = rounded(part * 1000, whole.max(1)).clamp(1, 999);
    match part {
        _ if whole == 0 => None,
        0 => Some("0%".to_string()),
        _ if part >= whole => Some("100%".to_string()),
        _ => Some(format!("{}.{}%", thousandths / 10, thousandths % 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_in_the_unit_that_fits() {
        let table = [
            (0, "0 s"),
            (1, "1 ns"),
            (999, "999 ns"),
            (1000, "1 µs"),
            (1_240, "1.2 µs"),
            (9_949, "9.9 µs"),
            (9_951, "10 µs"),
            (999_499, "999 µs"),
            (999_500, "1 ms"),
            (204_400_000, "204 ms"),
            (1_250_000_000, "1.3 s"),
            (59_499_999_999, "59 s"),
            (59_500_000_000, "1 min"),
            (90_000_000_000, "1.5 min"),
            (3_600_000_000_000, "1 h"),
            (86_400_000_000_000, "1 d"),
            (u64::MAX, "213504 d"),
        ];
        for (nanos, text) in table {
            assert_eq!(duration(Duration::from_nanos(nanos)), text, "{nanos}");
        }
        assert_eq!(duration(Duration::MAX), "213503982334601 d");
    }

    #[test]
    fn a_large_number_is_shortened() {
        let table = [
            (0, "0"),
            (99_999, "99999"),
            (100_000, "100k"),
            (999_499, "999k"),
            (999_500, "1M"),
            (1_234_567, "1.2M"),
            (12_345_678, "12M"),
            (u64::MAX, "18E"),
        ];
        for (count, text) in table {
            assert_eq!(number(count), text);
        }
    }

    #[test]
    fn only_all_is_100_percent_and_only_none_is_0() {
        let table = [
            (0, 0, None),
            (0, 7, Some("0%")),
            (1, 1_000_000, Some("0.1%")),
            (1, 3, Some("33.3%")),
            (1, 2, Some("50.0%")),
            (999_999, 1_000_000, Some("99.9%")),
            (7, 7, Some("100%")),
            (u64::MAX, u64::MAX, Some("100%")),
        ];
        for (part, whole, text) in table {
            assert_eq!(percent(part, whole).as_deref(), text, "{part} of {whole}");
        }
    }
}
