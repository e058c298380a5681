use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

use proptest::prelude::*;

use super::*;

#[test]
fn durations_are_parsed() {
    let cases = [
        ("60s", Duration::from_secs(60)),
        ("250ms", Duration::from_millis(250)),
        ("1.5s", Duration::from_millis(1500)),
        ("5m", Duration::from_secs(300)),
        ("2h", Duration::from_secs(7200)),
        ("1d", Duration::from_secs(86_400)),
        ("10us", Duration::from_micros(10)),
        ("100ns", Duration::from_nanos(100)),
        ("1h30m", Duration::from_secs(5400)),
        ("1_000ms", Duration::from_secs(1)),
        ("0s", Duration::ZERO),
        ("5sec", Duration::from_secs(5)),
        ("1hour30mins", Duration::from_secs(5400)),
        ("18446744073709551615.999999999s", Duration::MAX),
    ];
    for (text, expected) in cases {
        assert_eq!(duration(text), Ok(expected), "{text}");
    }
}

#[test]
fn an_invalid_duration_is_quoted_with_what_is_accepted() {
    let cases = [
        ("5x", "is not a duration"),
        ("60", "is not a duration"),
        ("", "is not a duration"),
        ("s", "is not a duration"),
        ("1.5.2s", "is not a duration"),
        ("1.s", "is not a duration"),
        ("1e3s", "is not a duration"),
        ("30m1h", "is not a duration"),
        ("1h1h", "is not a duration"),
        ("1min1m", "is not a duration"),
        ("5secon", "is not a duration"),
        ("5S", "is not a duration"),
        ("second", "is not a duration"),
        ("1 s", "is not a duration"),
        ("-3s", "is negative"),
        ("0.5ns", "is finer than a nanosecond"),
        ("18446744073709551616s", "is longer than a duration can be"),
        ("340282366920938463463374607431768211456s", "is longer than a duration can be"),
        ("213503982334602d", "is longer than a duration can be"),
    ];
    for (text, problem) in cases {
        let sentence = duration(text).unwrap_err().to_string();
        assert!(sentence.starts_with(&format!("`{text}` {problem}")), "{sentence}");
        assert!(sentence.contains("`250ms`"), "{sentence}");
    }
}

/// The words for each unit of time, and its nanoseconds.
const UNITS: [(&[&str], u64); 7] = [
    (&["ns"], 1),
    (&["us"], 1_000),
    (&["ms"], 1_000_000),
    (&["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
    (&["m", "min", "mins", "minute", "minutes"], 60_000_000_000),
    (&["h", "hour", "hours"], 3_600_000_000_000),
    (&["d", "day", "days"], 86_400_000_000_000),
];

proptest! {
    #[test]
    fn a_unit_is_the_same_in_a_duration_and_in_a_rate(count in 1..=100_u32, unit in 0..UNITS.len(), word in 0..5_usize) {
        let (words, nanos) = UNITS[unit];
        let word = words[word % words.len()];
        let period = Duration::from_nanos(nanos * u64::from(count));
        let (time, per_unit, per_time) = (format!("{count}{word}"), format!("{count}/{word}"), format!("7/{count}{word}"));
        prop_assert_eq!(duration(&time), Ok(period));
        prop_assert_eq!(rate(&per_unit), Ok(Rate::new(count, Duration::from_nanos(nanos))));
        prop_assert_eq!(rate(&per_time), Ok(Rate::new(7, period)));
    }

    #[test]
    fn rates_and_durations_accept_the_same_units(word in "[a-z]{1,8}") {
        let is_unit = UNITS.iter().any(|(words, _)| words.contains(&&*word));
        let (time, per_unit) = (format!("1{word}"), format!("1/{word}"));
        prop_assert_eq!(duration(&time).is_ok(), is_unit);
        prop_assert_eq!(rate(&per_unit).is_ok(), is_unit);
    }
}

#[test]
fn rates_are_parsed() {
    let cases = [
        ("10/s", Rate::new(10, Duration::from_secs(1))),
        ("10 / s", Rate::new(10, Duration::from_secs(1))),
        ("100/min", Rate::new(100, Duration::from_secs(60))),
        ("1000/h", Rate::new(1000, Duration::from_secs(3600))),
        ("1/day", Rate::new(1, Duration::from_secs(86_400))),
        ("3/2days", Rate::new(3, Duration::from_secs(172_800))),
        ("10/250ms", Rate::new(10, Duration::from_millis(250))),
    ];
    for (text, expected) in cases {
        assert_eq!(rate(text), Ok(expected), "{text}");
    }
    for text in ["10/", "10", "/s", "0/s", "10/0s", "-1/s", "10/x", "1.5/s", "4294967296/s", "10/s/s", "10/sx"] {
        let sentence = rate(text).unwrap_err().to_string();
        assert!(sentence.starts_with(&format!("`{text}` ")) && sentence.contains("`10/250ms`"), "{sentence}");
    }
}

#[test]
fn sizes_counts_and_factors() {
    assert_eq!(size("1000MB"), Ok(1_000_000_000));
    assert_eq!(size("512KiB"), Ok(524_288));
    assert_eq!(size("16777215.5TiB"), Ok((16_777_215 << 40) + (1 << 39)));
    for text in ["1000", "MB", "1.5B", "-1MB", "16777216TiB", "1Mb", "1MBx"] {
        assert!(size(text).is_err(), "{text}");
    }
    assert_eq!(count("3"), Ok(3));
    assert_eq!(count("3u32"), Ok(3));
    assert_eq!(count("0xff"), Ok(255));
    assert_eq!(count("1_000"), Ok(1000));
    assert_eq!(count("4294967295"), Ok(u32::MAX));
    for text in ["-1", "4294967296", "3.0", "3s", "\"3\"", "true", "0x", "3u64", "3u32x"] {
        assert!(count(text).is_err(), "{text}");
    }
    for (text, expected) in [("2", 2.0), ("1.5", 1.5), ("1.0", 1.0), ("2f64", 2.0), ("1.1", 1.1)] {
        assert_eq!(factor(text).map(f64::to_bits), Ok(f64::to_bits(expected)), "{text}");
    }
    for text in
        ["0.99", "0", "-2", "2x", "1.5.2", "NaN", "1e", "1e+", "1e-1", "1e309", "0e9", "2f32", "1.e1", "1e-9999999999"]
    {
        assert!(factor(text).is_err(), "{text}");
    }
}

#[test]
fn a_factor_may_be_written_as_any_number_of_rust() {
    let numbers = [
        "1e1",
        "1E1",
        "1_0.5",
        "10e0",
        "1e+1",
        "1.5e2",
        "15e-1",
        "1_0e1_0",
        "2.",
        "1e1f64",
        "12345678901234567890",
        "1e22",
        "1e30",
        "1000000000000000000000000000000000000001e-38",
        "1.000000000000000000000000000000000000000001",
        "123456789e-8",
        "9007199254740993",
        "9007199254740993.000000000000000000000000000000000001",
        "1.7976931348623157e308",
    ];
    for text in numbers {
        let number: f64 = text.replace('_', "").trim_end_matches("f64").parse().unwrap();
        let read = factor(text).unwrap();
        assert!((read / number - 1.0).abs() < 1e-13, "{text}: {read} and {number}");
        if number < 1e38 {
            assert_eq!(read.to_bits(), number.to_bits(), "{text}: {read} and {number}");
        }
    }
}

#[test]
fn an_exponent_in_a_duration_a_rate_or_a_size_is_reported() {
    for sentence in [duration("1e3ms").unwrap_err(), rate("1e3/s").unwrap_err(), size("1e3MB").unwrap_err()] {
        assert!(sentence.to_string().contains("exponent"), "{sentence}");
    }
    assert!(rate("10/1e3ms").unwrap_err().to_string().contains("exponent"));
}

/// The same value, computed with the arithmetic of the standard library.
fn expected_nanos(parts: &[(u32, &str)]) -> u128 {
    parts
        .iter()
        .map(|&(n, unit)| {
            let one = match unit {
                "d" => Duration::from_secs(86_400),
                "h" => Duration::from_secs(3600),
                "m" => Duration::from_secs(60),
                "s" => Duration::from_secs(1),
                "ms" => Duration::from_millis(1),
                "us" => Duration::from_micros(1),
                _ => Duration::from_nanos(1),
            };
            one.as_nanos() * u128::from(n)
        })
        .sum()
}

proptest! {
    #[test]
    fn any_mix_of_units_adds_up(numbers in prop::array::uniform7(prop::option::of(any::<u32>()))) {
        let units = ["d", "h", "m", "s", "ms", "us", "ns"];
        let parts: alloc::vec::Vec<_> =
            numbers.iter().zip(units).filter_map(|(n, unit)| n.map(|n| (n, unit))).collect();
        let text = parts.iter().fold(String::new(), |text, (n, unit)| text + &format!("{n}{unit}"));
        prop_assume!(!text.is_empty());
        prop_assert_eq!(duration(&text).map(|d| d.as_nanos()), Ok(expected_nanos(&parts)));
    }

    #[test]
    fn a_fraction_is_read_exactly(secs in any::<u32>(), nanos in 0u32..1_000_000_000) {
        let text = format!("{secs}.{nanos:09}s");
        prop_assert_eq!(duration(&text), Ok(Duration::new(u64::from(secs), nanos)));
    }

    #[test]
    fn no_text_panics(text in "[-0-9._a-zA-Zµ/ ]{0,12}") {
        let _ = (duration(&text), rate(&text), size(&text), count(&text), factor(&text));
    }

    #[test]
    fn a_factor_is_what_rust_reads(whole in 1u32.., fraction in 0u32..1_000_000) {
        let text = format!("{whole}.{fraction:06}");
        prop_assert_eq!(factor(&text).map(f64::to_bits), Ok(text.parse::<f64>().unwrap().to_bits()));
    }

    #[test]
    fn a_factor_with_many_digits_is_the_nearest_number(digits in "[1-9][0-9]{0,24}", fraction in "[0-9]{1,30}", shift in -9_i32..9) {
        let text = format!("{digits}.{fraction}e{shift}");
        let number: f64 = text.parse().unwrap();
        let read = factor(&text).map(f64::to_bits);
        prop_assert_eq!(read.ok(), (number >= 1.0).then_some(number.to_bits()));
    }
}
