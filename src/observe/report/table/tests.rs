use core::time::Duration;

use super::super::Report;
use super::*;
use crate::observe::{Counts, Latency};

const MS: fn(u64) -> Duration = Duration::from_millis;

fn row(name: &str, counts: Counts, latencies: &[Duration]) -> Row {
    let mut latency = Latency::default();
    for each in latencies {
        latency.record(*each);
    }
    Row { name: name.into(), counts, latency: Some(latency) }
}

fn table(rows: &[Row]) -> String {
    Report { rows: rows.to_vec() }.to_string()
}

fn plain(name: &str) -> Row {
    row(name, Counts { calls: 3, successes: 3, ..Counts::default() }, &[Duration::from_nanos(40)])
}

fn busy() -> Row {
    let counts = Counts {
        calls: 123_456,
        successes: 123_400,
        failures: 52,
        after_retry: 500,
        after_fallback: 12,
        retries: 701,
        hits: 70_000,
        shared: 12,
        misses: 53_388,
        rate_waited: MS(61_500),
        cache_waited: MS(1500),
        refusals: 7,
        abandoned: 4,
        panicked: 1,
        store_faults: 2,
        ..Counts::default()
    };
    row("ask", counts, &[MS(200), MS(204), MS(1210)])
}

#[test]
fn an_empty_report_says_that_nothing_has_run() {
    assert_eq!(table(&[]), "No use of opero! or opmap! has run yet.");
}

#[test]
fn a_plain_site_has_the_plain_columns_and_no_total() {
    let expected = "\
site   calls  success  failed    p50    p99
plain      3     100%       0  40 ns  40 ns";
    assert_eq!(table(&[plain("plain")]), expected);
}

#[test]
fn several_sites_are_aligned_and_added_up() {
    let failing = Counts { calls: 2, failures: 2, all_failed: 2, retries: 4, ..Counts::default() };
    let expected = "\
site         calls  success  saved  failed  retries     p50    p99   hits   waited  refused
ask           123k    99.9%    512      52      701  203 ms  1.2 s  56.7%  1.1 min        7
plain            3     100%      -       0        -   40 ns  40 ns      -        -        -
failing          2       0%      -       2        4    3 ms   3 ms      -        -        -
cached           5     100%      -       0        -       -      -   100%        -        -
───────────────────────────────────────────────────────────────────────────────────────────
all 4 sites   123k    99.9%    512      54      705                 56.7%  1.1 min        7

ask: 4 abandoned, 1 panicked, 2 store faults";
    let cached = row("cached", Counts { calls: 5, successes: 5, hits: 5, ..Counts::default() }, &[]);
    assert_eq!(table(&[busy(), plain("plain"), row("failing", failing, &[MS(3), MS(3)]), cached]), expected);
}

#[test]
fn a_long_name_is_cut_to_fit_a_line_of_100_characters() {
    let long = "my_service::clients::of_the_weather::forecasts::ask_for_tomorrow:128";
    let text = table(&[Row { name: long.into(), ..busy() }, plain(&"ü".repeat(300))]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].starts_with("my_service…orrow:128   123k"), "{text}");
    assert!(lines[2].starts_with("üüüüüüüüüü…üüüüüüüüü      3"), "{text}");
    assert!(lines[..5].iter().all(|line| length(line) <= WIDTH), "{text}");
    assert_eq!(length(lines[3]), WIDTH);
}

#[test]
fn a_name_cannot_break_its_line() {
    let text = table(&[plain("a\nb\tc\u{1b}[31m")]);
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains("\na\u{fffd}b\u{fffd}c\u{fffd}[31m  "), "{text}");
}

#[test]
fn large_counts_are_shortened() {
    let greatest = Counts {
        calls: u64::MAX,
        successes: u64::MAX / 2,
        failures: u64::MAX / 2,
        retries: u64::MAX,
        after_retry: u64::MAX,
        after_fallback: u64::MAX,
        hits: u64::MAX,
        misses: u64::MAX,
        rate_waited: Duration::MAX,
        cache_waited: Duration::MAX,
        ..Counts::default()
    };
    let great = row("great", greatest, &[Duration::MAX]);
    let text = table(&[great.clone(), great]);
    assert!(text.contains("\ngreat          18E    50.0%"), "{text}");
}
