//! Axes that end at round numbers.

use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

use super::super::report::units;

const SECOND: u64 = 1_000_000_000;

/// The upper end of an axis from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Top {
    /// In nanoseconds.
    Time(u64),
    /// In thousandths of a call per second.
    Rate(u64),
}

impl Top {
    /// The end of an axis of times up to `longest`.
    pub(super) fn of_times(longest: u64) -> Self {
        const NICE: [u64; 18] = [2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60, 90, 120, 240, 480, 600, 1200, 1800];
        if longest <= SECOND {
            return Top::Time(nice(longest));
        }
        let seconds = longest.div_ceil(SECOND);
        let hours = seconds.div_ceil(3600).next_power_of_two().saturating_mul(3600);
        let seconds = NICE.into_iter().find(|nice| *nice >= seconds).unwrap_or(hours);
        Top::Time(seconds.saturating_mul(SECOND))
    }

    /// The end of an axis of rates, for `most` calls in a slot of `seconds` seconds.
    pub(super) fn of_calls(most: u64, seconds: u64) -> Self {
        Top::Rate(nice(thousandths(most, seconds)))
    }

    pub(super) const fn value(self) -> u64 {
        match self {
            Top::Time(top) | Top::Rate(top) => top,
        }
    }

    /// The label at `part` of `of` equal parts of the axis.
    pub(super) fn mark(self, part: u64, of: u64) -> String {
        match self {
            _ if part == 0 => "0".to_string(),
            Top::Time(top) => units::duration(Duration::from_nanos(top / of * part)),
            Top::Rate(top) => format!("{}/s", rate(top / of * part)),
        }
    }
}

/// Calls per second, in thousandths.
pub(super) const fn thousandths(calls: u64, seconds: u64) -> u64 {
    calls.saturating_mul(1000) / if seconds == 0 { 1 } else { seconds }
}

fn rate(thousandths: u64) -> String {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    match rest {
        _ if whole >= 1000 => units::number(whole),
        0 => whole.to_string(),
        _ => format!("{whole}.{rest:03}").trim_end_matches('0').to_string(),
    }
}

/// The smallest of 20, 30, 40, 60, 80, 100, 150, 200, … that is not below the value. Half of it is a short number, too.
fn nice(value: u64) -> u64 {
    let mut power = 10_u64;
    loop {
        for digit in [2, 3, 4, 6, 8, 10, 15] {
            match power.checked_mul(digit) {
                Some(nice) if nice >= value => return nice,
                Some(_) => {}
                None => return u64::MAX,
            }
        }
        power = power.saturating_mul(10);
    }
}

/// The label of a time axis: how long ago.
pub(super) fn ago(seconds: u64) -> String {
    if seconds == 0 {
        return "now".to_string();
    }
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s ago"),
        (minutes, 0) => format!("{minutes} min ago"),
        (minutes, seconds) => format!("{minutes}:{seconds:02} min ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_times_ends_at_a_round_time() {
        let table = [
            (0, "20 ns", "10 ns"),
            (41, "60 ns", "30 ns"),
            (1001, "1.5 µs", "750 ns"),
            (204_000_000, "300 ms", "150 ms"),
            (SECOND, "1 s", "500 ms"),
            (SECOND + 1, "2 s", "1 s"),
            (21 * SECOND, "30 s", "15 s"),
            (61 * SECOND, "1.5 min", "45 s"),
            (1801 * SECOND, "1 h", "30 min"),
            (3 * 3600 * SECOND, "4 h", "2 h"),
        ];
        for (longest, top, middle) in table {
            let axis = Top::of_times(longest);
            assert_eq!((axis.mark(2, 2).as_str(), axis.mark(1, 2).as_str()), (top, middle), "{longest}");
            assert!(axis.value() >= longest);
        }
        assert_eq!(Top::of_times(u64::MAX).mark(0, 2), "0");
        assert_eq!(Top::of_times(u64::MAX).value(), u64::MAX);
        assert_eq!(Top::of_times(u64::MAX).mark(2, 2), "213504 d");
    }

    #[test]
    fn an_axis_of_rates_ends_at_a_round_rate() {
        let table = [
            (0, 1, "0.02/s", "0.01/s"),
            (3, 1, "3/s", "1.5/s"),
            (3, 32, "0.1/s", "0.05/s"),
            (1_000_000, 2, "600k/s", "300k/s"),
            (u64::MAX, 1, "18P/s", "9.2P/s"),
        ];
        for (most, seconds, top, middle) in table {
            let axis = Top::of_calls(most, seconds);
            assert_eq!((axis.mark(2, 2).as_str(), axis.mark(1, 2).as_str()), (top, middle), "{most} in {seconds}");
        }
    }

    #[test]
    fn past_times_are_labelled_as_ago() {
        let table = [(0, "now"), (45, "45 s ago"), (60, "1 min ago"), (90, "1:30 min ago"), (3840, "64 min ago")];
        for (seconds, text) in table {
            assert_eq!(ago(seconds), text);
        }
    }
}
