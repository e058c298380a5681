//! Durations and rates as one would write them in a use.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use crate::policy::Rate;

/// `60s`, `1.5s`, `250ms`. Whole minutes, hours and days above one of their unit are `5m`, `1h`, `2d`.
pub(super) fn duration(length: Duration) -> String {
    const UNITS: [(u64, char); 3] = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let seconds = length.as_secs();
    let whole = UNITS.into_iter().find(|(unit, _)| length.subsec_nanos() == 0 && seconds % unit == 0 && seconds > 60);
    match whole {
        Some((unit, letter)) if seconds >= unit => format!("{}{letter}", seconds / unit),
        _ => format!("{length:?}").replace('µ', "u"),
    }
}

/// `10/sec`, `100/min`, `1000/hour`, `10/250ms`.
pub(super) fn per(rate: Rate) -> String {
    let permits = rate.permits();
    match rate.per().as_nanos() {
        1_000_000_000 => format!("{permits}/sec"),
        60_000_000_000 => format!("{permits}/min"),
        3_600_000_000_000 => format!("{permits}/hour"),
        86_400_000_000_000 => format!("{permits}/day"),
        _ => format!("{permits}/{}", duration(rate.per())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_in_a_use() {
        let seconds = [1, 60, 90, 120, 300, 3600, 5400, 7200, 86_400, 90_000].map(Duration::from_secs);
        assert_eq!(seconds.map(duration), ["1s", "60s", "90s", "2m", "5m", "1h", "90m", "2h", "1d", "25h"]);
        let short = [1_500, 250, 1].map(Duration::from_millis);
        assert_eq!(short.map(duration), ["1.5s", "250ms", "1ms"]);
        assert_eq!(duration(Duration::from_micros(10)), "10us");
        assert_eq!(duration(Duration::ZERO), "0ns");
    }

    #[test]
    fn rates_are_written_with_the_word_of_their_unit() {
        let rates = [1, 60, 3600, 86_400, 90].map(|seconds| Rate::new(10, Duration::from_secs(seconds)));
        assert_eq!(rates.map(per), ["10/sec", "10/min", "10/hour", "10/day", "10/90s"]);
        assert_eq!(per(Rate::new(10, Duration::from_millis(250))), "10/250ms");
    }
}
