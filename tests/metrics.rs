//! What calls report to a recorder of `metrics`.

#[path = "support/shared_run.rs"]
mod shared_run;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::future::{block_on, poll_once};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use opero::observe::metrics::Publisher;
use opero::time::ManualClock;
use opero::{opero, opmap};

#[derive(Default)]
struct Told {
    counters: BTreeMap<String, u64>,
    histograms: BTreeMap<String, Vec<f64>>,
    units: BTreeMap<String, Unit>,
}

/// Stores the values it receives, by series as text.
#[derive(Clone, Default)]
struct Keep(Arc<Mutex<Told>>);

struct Series(Keep, String);

impl CounterFn for Series {
    fn increment(&self, _: u64) {
        unreachable!("counters are handed on as they stand");
    }

    fn absolute(&self, value: u64) {
        self.0.0.lock().unwrap().counters.insert(self.1.clone(), value);
    }
}

impl HistogramFn for Series {
    fn record(&self, value: f64) {
        self.0.0.lock().unwrap().histograms.entry(self.1.clone()).or_default().push(value);
    }
}

impl Keep {
    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Series(self.clone(), format!("{} {}", key.name(), labels.join(" "))))
    }

    fn describe(&self, name: &KeyName, unit: Option<Unit>) {
        self.0.lock().unwrap().units.insert(name.as_str().into(), unit.unwrap());
    }

    /// The counters with this name, without zeros.
    fn counters(&self, name: &str) -> Vec<String> {
        let told = self.0.lock().unwrap();
        let of_name = format!(" name={name}");
        let is_of_name = |series: &str| series.ends_with(&of_name) || series.contains(&format!("{of_name} "));
        let counters = told.counters.iter().filter(|(series, value)| is_of_name(series) && **value > 0);
        counters.map(|(series, value)| format!("{} {value}", series.replace(&of_name, ""))).collect()
    }

    fn values(&self, series: &str) -> Vec<f64> {
        self.0.lock().unwrap().histograms.get(series).cloned().unwrap_or_default()
    }
}

impl Recorder for Keep {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        unreachable!("there is none")
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.series(key))
    }
}

fn published() -> Keep {
    let keep = Keep::default();
    metrics::with_local_recorder(&keep, || Publisher::new().publish());
    keep
}

fn near(values: &[f64], expected: &[f64]) -> bool {
    values.len() == expected.len()
        && values.iter().zip(expected).all(|(value, expected)| (value - expected).abs() <= expected * 0.016)
}

#[test]
fn calls_are_counted_by_outcome_with_their_attempts() {
    let clock = ManualClock::new();
    for fails in [0, 1, 2, 9] {
        let _ = opero! {
            name: "asks", retries: 1, min_delay: 1s, fallback: model in ["a", "b"], clock: &clock, attempt: n
            => if n <= fails { Err(model) } else { Ok(n) }
        };
    }
    let keep = published();
    assert_eq!(
        keep.counters("asks"),
        [
            "opero_attempts_total 10",
            "opero_calls_total outcome=all_failed 1",
            "opero_calls_total outcome=success 3",
            "opero_fallbacks_total 4",
            "opero_retries_total 2",
        ]
    );
    let mut durations = keep.values("opero_call_duration_seconds name=asks");
    durations.sort_by(f64::total_cmp);
    assert!(near(&durations, &[0.0, 0.0, 1.0, 1.0]), "{durations:?}");
    let told = keep.0.lock().unwrap();
    assert!(told.counters.contains_key("opero_calls_total name=asks outcome=timeout"), "it is there with zero");
    assert!(!told.counters.keys().any(|series| series.starts_with("opero_cache_requests_total name=asks")));
}

#[test]
fn every_outcome_has_its_label() {
    let clock = ManualClock::new();
    let _ = opero! { name: "ends", deadline: 1s, retries: 5, min_delay: 2s, clock: &clock => Err::<(), _>("busy") };
    let backoff = 0.5;
    let _ = opero! { name: "ends", backoff: backoff => Ok::<_, String>(()) };
    let panics =
        || opero! { name: "ends", retries: 1 => if true { panic!("on purpose") } else { Ok::<_, String>(()) } };
    assert!(std::panic::catch_unwind(panics).is_err());
    let mut dropped = Box::pin(opero! { name: "ends", retries: 1 => async {
        std::future::pending::<()>().await;
        Ok::<_, String>(())
    } });
    block_on(poll_once(&mut dropped));
    drop(dropped);
    assert_eq!(
        published().counters("ends"),
        [
            "opero_attempts_total 1",
            "opero_calls_total outcome=abandoned 1",
            "opero_calls_total outcome=configuration 1",
            "opero_calls_total outcome=panicked 1",
            "opero_calls_total outcome=timeout 1",
        ]
    );
}

#[test]
fn a_rate_reports_refusals_and_waits() {
    let clock = ManualClock::new();
    let ask = |max_wait: u64| {
        let max_wait = Duration::from_millis(max_wait);
        opero! { name: "rated", rate: 1/s, max_wait: max_wait, clock: &clock => Ok::<_, String>(1) }
    };
    let _ = [ask(1000), ask(1000), ask(0)];
    let keep = published();
    let refused = [
        "opero_calls_total outcome=rate_limit 1",
        "opero_calls_total outcome=success 2",
        "opero_refusals_total reason=rate 1",
    ];
    assert_eq!(keep.counters("rated")[1..], refused);
    assert!(near(&keep.values("opero_wait_seconds name=rated layer=rate"), &[1.0]));
}

#[test]
fn a_cache_reports_hits_misses_and_waits() {
    let load = |key: u32| opero! { name: "cached", cache, key: key => Ok::<_, String>(key) };
    let _ = [1, 1, 2, 1].map(load);
    assert_eq!(
        published().counters("cached")[1..3],
        ["opero_cache_requests_total result=hit 2", "opero_cache_requests_total result=miss 2"].map(String::from)
    );

    shared_run::two_at_once();
    let keep = published();
    let requests = ["opero_cache_requests_total result=miss 1", "opero_cache_requests_total result=wait 1"];
    assert_eq!(keep.counters("shared")[1..3], requests);
    assert_eq!(keep.values("opero_wait_seconds name=shared layer=cache").len(), 1);
}

#[test]
fn every_quick_call_is_counted_and_histograms_are_published_once() {
    let quick = |n: u32| opero! { name: "quick", retries: 1 => n.checked_add(1).ok_or("too much") };
    let publisher = Publisher::new();
    let keep = Keep::default();
    for round in 1..=3_u32 {
        (0..1000).for_each(|n| assert_eq!(quick(n), Ok(n + 1)));
        metrics::with_local_recorder(&keep, || publisher.publish());
        let (all, success) = (
            format!("opero_attempts_total {}", 1000 * round),
            format!("opero_calls_total outcome=success {}", 1000 * round),
        );
        assert_eq!(keep.counters("quick"), [all, success]);
    }
    let timed = keep.values("opero_call_duration_seconds name=quick").len();
    assert!((2900..=3100).contains(&timed), "{timed}");
    metrics::with_local_recorder(&keep, || publisher.publish());
    assert_eq!(keep.values("opero_call_duration_seconds name=quick").len(), timed);
}

#[test]
fn uses_with_one_name_are_added_up_and_names_are_bounded() {
    for n in 0..3 {
        opero! { name: "twin", retries: 1 => Ok::<_, String>(n) }.unwrap();
        opero! { name: "twin", retries: 1 => Ok::<_, String>(n) }.unwrap();
        opero! { name: format!("user {n}"), retries: 1 => Ok::<_, String>(n) }.unwrap();
    }
    let keep = published();
    assert_eq!(keep.counters("twin"), ["opero_attempts_total 6", "opero_calls_total outcome=success 6"]);
    assert_eq!(keep.counters("user 0"), ["opero_attempts_total 3", "opero_calls_total outcome=success 3"]);
    assert!(keep.counters("user 1").is_empty());
}

#[test]
fn the_items_of_a_map_are_calls() {
    let results = opmap! { n in 0..20_u32, name: "items", workers: 3, retries: 1, min_delay: 0s, attempt: attempt =>
        if n == 8 && attempt == 1 { Err("busy") } else { Ok(n) }
    };
    assert!(results.iter().all(Result::is_ok));
    let keep = published();
    let expected = ["opero_attempts_total 21", "opero_calls_total outcome=success 20", "opero_retries_total 1"];
    assert_eq!(keep.counters("items"), expected);
    assert_eq!(keep.values("opero_call_duration_seconds name=items").len(), 20);
}

#[test]
fn all_metrics_are_described_with_their_units() {
    let keep = published();
    let units = &keep.0.lock().unwrap().units;
    let of = |name: &str| units[name].as_canonical_label();
    assert_eq!(units.len(), 8);
    assert_eq!((of("opero_call_duration_seconds"), of("opero_wait_seconds")), ("s", "s"));
    for name in ["calls", "attempts", "retries", "fallbacks", "refusals", "cache_requests"] {
        assert_eq!(units[&format!("opero_{name}_total")], Unit::Count);
    }
}
