//! A small load, and its metrics in the format of Prometheus.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use opero::observe::metrics::{BUCKETS, Publisher};
use opero::{Error, opero};

/// The publisher of the metrics.
static METRICS: Publisher = Publisher::new();

/// Installs the exporter for the whole process.
///
/// # Errors
/// If an exporter is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let seconds = Matcher::Suffix("_seconds".into());
    PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS)?.install_recorder()
}

/// Renders the answer to `GET /metrics`.
#[must_use]
pub fn render(exporter: &PrometheusHandle) -> String {
    METRICS.publish();
    exporter.render()
}

/// Makes calls of each kind: they succeed, fail, are retried, are answered from the cache, wait for permits and are
/// refused.
pub fn load() {
    for question in 0..60_u32 {
        let _ = ask(question % 20);
        let _ = ask_within(Duration::from_millis(10));
    }
    let _ = ask_within(Duration::ZERO);
}

/// A backend that is down for one question in five, and busy at the first attempt for one in three.
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

/// An upload that is limited to 1000 calls per second.
fn ask_within(max_wait: Duration) -> Result<(), Error<String>> {
    opero! { name: "upload", rate: 1000/s, max_wait: max_wait => Ok(()) }
}
