//! A small load, and what Prometheus would fetch of it.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use opero::observe::metrics::{BUCKETS, Publisher};
use opero::{Error, opero};

/// What has been counted and has to be handed on.
static METRICS: Publisher = Publisher::new();

/// Installs the exporter for the whole process.
///
/// # Errors
/// There is one already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let seconds = Matcher::Suffix("_seconds".into());
    PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS)?.install_recorder()
}

/// What a handler of `GET /metrics` answers.
#[must_use]
pub fn render(exporter: &PrometheusHandle) -> String {
    METRICS.publish();
    exporter.render()
}

/// Some calls of each kind: they succeed, fail, are tried again, find their answer in the cache, wait for permits and are refused.
pub fn load() {
    for question in 0..60_u32 {
        let _ = ask(question % 20);
        let _ = ask_within(Duration::from_millis(10));
    }
    let _ = ask_within(Duration::ZERO);
}

/// A backend that is down for one question in five, and always busy at first for one in three.
fn ask(question: u32) -> Result<u32, Error<&'static str>> {
    opero! {
        name: "ask", cache: 60s, key: question, retries: 1, min_delay: 1ms, fallback: backend in ["main", "spare"], attempt: n
        => match (question % 5, question % 3, backend) {
            (0, ..) => Err("down"),
            (_, 0, _) if n == 1 => Err("busy"),
            (_, 1, "main") if n < 3 => Err("busy"),
            _ => Ok(question * 2),
        }
    }
}

/// One that takes no more than 1000 calls a second.
fn ask_within(max_wait: Duration) -> Result<(), Error<String>> {
    opero! { name: "upload", rate: 1000/s, max_wait: max_wait => Ok(()) }
}
