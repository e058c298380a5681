//! Each kind of outcome is counted separately; the text of the summary.

use alloc::string::ToString;
use alloc::{format, vec};
use core::time::Duration;

use super::*;
use crate::error::{Cache, Configuration, Panicked, RateLimit, Skipped, Timeout};
use crate::{Call, time::ManualClock};

type Outcome = Result<u8, Error<&'static str>>;

fn failed(retries: u32) -> Outcome {
    Call::new("ask").clock(ManualClock::new()).retries(retries).run(|_| Err("down"))
}

/// One result of every kind.
fn every_kind() -> Vec<Outcome> {
    vec![
        Ok(1),
        failed(1),
        Err(Error::Configuration(Configuration::new("ask", ""))),
        Err(Error::Cache(Cache::new("ask", ""))),
        Err(Error::RateLimit(RateLimit::new(crate::call::NameRef::Static("ask"), Duration::ZERO))),
        Err(Error::Timeout(Timeout::new("ask", Duration::ZERO))),
        Err(Error::Panicked(Panicked::new("ask", ""))),
        Err(Error::Skipped(Skipped::new("ask", ""))),
    ]
}

#[test]
fn each_kind_is_counted_separately() {
    type Count = fn(&Summary) -> usize;
    let counts: [Count; 8] = [
        Summary::succeeded,
        Summary::all_failed,
        Summary::configuration,
        Summary::cache,
        Summary::rate_limit,
        Summary::timeout,
        Summary::panicked,
        Summary::skipped,
    ];
    for (kind, result) in every_kind().iter().enumerate() {
        let summary = Summary::of([result, result]);
        for (other, count) in counts.iter().enumerate() {
            assert_eq!(count(&summary), if other == kind { 2 } else { 0 }, "{result:?} as {other}");
        }
        assert_eq!((summary.total(), summary.failed()), (2, if kind == 0 { 0 } else { 2 }));
    }
}

#[test]
fn retried_counts_failures_after_a_retry_only() {
    let saved = Call::new("ask").clock(ManualClock::new()).retries(1).run(|attempt| match attempt.number() {
        1 => Err("down"),
        _ => Ok(1),
    });
    let candidates = Call::new("ask").fallback("model", 3).run(|_| Err("down"));
    let late = Call::new("ask").clock(ManualClock::new()).deadline(Duration::from_millis(200));
    let late = late.retries(2).run(|_| Err("down"));
    assert!(late.as_ref().is_err_and(Error::is_timeout));
    for (result, retried) in [(failed(0), 0), (saved, 0), (candidates, 0), (failed(1), 1), (failed(9), 1), (late, 1)] {
        assert_eq!(Summary::of([&result]).retried(), retried, "{result:?}");
    }
}

#[test]
fn it_displays_as_three_lines() {
    let none: [Outcome; 0] = [];
    #[rustfmt::skip]
    let table: [(Vec<Outcome>, &str); 4] = [
        (none.into(), "0 items: 0 succeeded, 0 failed\nfailures: none\nretried in vain: none"),
        (vec![Ok(1)], "1 item: 1 succeeded, 0 failed\nfailures: none\nretried in vain: none"),
        (vec![failed(2), Ok(1), failed(1)],
         "3 items: 1 succeeded, 2 failed\nfailures: 2 failed every attempt\nretried in vain: 2"),
        (every_kind(),
         "8 items: 1 succeeded, 7 failed\n\
          failures: 1 failed every attempt, 1 timed out, 1 beyond the rate limit, 1 without an answer from the cache, \
          1 panicked, 1 with an invalid configuration, 1 skipped\n\
          retried in vain: 1"),
    ];
    for (results, text) in table {
        assert_eq!(Summary::of(&results).to_string(), text);
    }
}

#[test]
fn a_fourth_line_counts_saved_items() {
    #[rustfmt::skip]
    let table = [
        (0, 0, 0, ""),
        (2, 0, 0, "saved: 2 by a retry"),
        (0, 1, 0, "saved: 1 by a fallback"),
        (2, 1, 0, "saved: 2 by a retry, 1 by a fallback"),
        (0, 0, 3, "saved: 3 from the cache"),
        (2, 1, 3, "saved: 2 by a retry, 1 by a fallback; 3 from the cache"),
    ];
    for (saved_by_retry, saved_by_fallback, from_cache, line) in table {
        let summary = Summary { saved_by_retry, saved_by_fallback, from_cache, ..Summary::new() }.to_string();
        assert_eq!(summary.lines().nth(3).unwrap_or_default(), line);
    }
}

#[test]
fn only_values_count_as_saved() {
    let mut summary = Summary::new();
    let mut take = |result, saved| _ = summary.take::<u8, &str>(Noted { result, saved });
    take(Ok(1), Some(Saved::ByRetry));
    take(Ok(1), Some(Saved::ByFallback));
    take(Ok(1), Some(Saved::FromCache));
    take(Ok(1), None);
    take(failed(1), Some(Saved::ByRetry));
    assert_eq!((summary.succeeded(), summary.retried()), (4, 1));
    assert_eq!((summary.saved_by_retry(), summary.saved_by_fallback(), summary.from_cache()), (1, 1, 1));
}

#[test]
fn it_collects_lists_references_and_iterators_alike() {
    let results = every_kind();
    let mut noted = Summary::new();
    for result in &results {
        noted.note(result);
    }
    assert_eq!(Summary::of(&results), noted);
    assert_eq!(results.iter().collect::<Summary>(), noted);
    assert_eq!(results.into_iter().collect::<Summary>(), noted);
    noted.extend([Outcome::Ok(1)]);
    assert_eq!((noted.total(), noted.succeeded()), (9, 2));
}

#[test]
fn split_keeps_the_order_and_the_positions_of_errors() {
    let results = (0..6).map(|n| if n % 3 == 2 { Err(format!("no {n}")) } else { Ok(n) });
    let (values, errors) = split(results);
    assert_eq!(values, [0, 1, 3, 4]);
    assert_eq!(errors, [(2, "no 2".to_string()), (5, "no 5".to_string())]);
}
