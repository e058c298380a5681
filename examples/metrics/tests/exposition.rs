//! Tests that a parser of the Prometheus format accepts the output of the exporter, and that the dashboard queries only
//! existing metrics. It is one test, because a process has one exporter.

use std::collections::BTreeSet;

use prometheus_parse::{Sample, Scrape, Value};
use serde_json::Value as Json;

fn count(scrape: &Scrape, metric: &str, labels: &[(&str, &str)]) -> f64 {
    let has_labels = |sample: &&Sample| {
        sample.metric == metric && labels.iter().all(|(label, value)| sample.labels.get(label) == Some(value))
    };
    let values = scrape.samples.iter().filter(has_labels).map(|sample| match &sample.value {
        Value::Counter(count) => *count,
        Value::Histogram(buckets) => buckets.last().map_or(0.0, |last| last.count),
        other => panic!("{metric} is {other:?}"),
    });
    values.sum()
}

#[test]
fn prometheus_can_read_the_metrics_and_the_dashboard_asks_for_them() {
    let exporter = metrics_example::install().unwrap();
    metrics_example::load();
    let text = metrics_example::render(&exporter);
    let scrape = Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap();
    assert!(scrape.docs.contains_key("opero_calls_total"), "{text}");

    let calls = |name, outcome| count(&scrape, "opero_calls_total", &[("name", name), ("outcome", outcome)]);
    // Of 20 questions 4 fail each time. The others run once and are found in the cache twice.
    assert_eq!((calls("ask", "success"), calls("ask", "all_failed")), (48.0, 12.0));
    assert_eq!(calls("upload", "success") + calls("upload", "rate_limit"), 61.0);
    assert_eq!(count(&scrape, "opero_refusals_total", &[("reason", "rate")]), calls("upload", "rate_limit"));
    let cache = |result| count(&scrape, "opero_cache_requests_total", &[("name", "ask"), ("result", result)]);
    assert_eq!((cache("hit"), cache("miss"), cache("wait"), cache("error")), (32.0, 28.0, 0.0, 0.0));
    assert_eq!(count(&scrape, "opero_call_duration_seconds", &[("name", "ask")]), 28.0);
    assert!(count(&scrape, "opero_retries_total", &[]) > 0.0 && count(&scrape, "opero_fallbacks_total", &[]) > 0.0);
    assert!(count(&scrape, "opero_wait_seconds", &[("name", "upload"), ("layer", "rate")]) > 0.0);

    let dashboard: Json = serde_json::from_str(include_str!("../../grafana/opero.json")).unwrap();
    let asked = queries(&dashboard).flat_map(metrics_in).collect::<BTreeSet<_>>();
    let there = scrape.samples.iter().map(|sample| metric(&sample.metric)).collect::<BTreeSet<_>>();
    assert_eq!(asked, there, "the dashboard shows every metric and queries no other");

    let labels: BTreeSet<_> = scrape.samples.iter().flat_map(|sample| sample.labels.keys().cloned()).collect();
    for label in queries(&dashboard).flat_map(labels_in).filter(|label| *label != "le") {
        assert!(labels.contains(label), "{label}");
    }
}

fn queries(dashboard: &Json) -> impl Iterator<Item = &str> {
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.iter().all(|panel| panel["title"].is_string() && panel["gridPos"].is_object()));
    panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap()).map(|target| target["expr"].as_str().unwrap())
}

/// The metrics that a query uses.
fn metrics_in(query: &str) -> impl Iterator<Item = String> {
    let words = query.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("opero_")).map(metric)
}

/// The labels that a query groups and filters by.
fn labels_in(query: &str) -> impl Iterator<Item = &str> {
    let grouped =
        query.split("by (").skip(1).filter_map(|rest| rest.split_once(')')).flat_map(|(by, _)| by.split(", "));
    let parts = query.split(&['{', '}', ','][..]).filter_map(|part| part.split_once("=~"));
    grouped.chain(parts.map(|(label, _)| label.trim()))
}

/// The metric of a series: its name without the suffixes that Prometheus appends for the parts of a histogram.
fn metric(series: &str) -> String {
    let parts = ["_bucket", "_count", "_sum"];
    parts.iter().find_map(|part| series.strip_suffix(part)).unwrap_or(series).to_owned()
}
