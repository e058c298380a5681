//! The numbers of a site in the report.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::units;
use crate::observe::{Counts, Latency, Site};

/// A line of the report.
#[derive(Clone, Debug, Default)]
pub(in crate::observe) struct Row {
    pub(in crate::observe) name: String,
    pub(in crate::observe) counts: Counts,
    /// `None` in the total of several sites, where it would mean nothing.
    pub(in crate::observe) latency: Option<Latency>,
}

impl Row {
    pub(in crate::observe) fn of(site: Site) -> Self {
        Row { name: site.name().into(), counts: site.counts(), latency: Some(site.latency()) }
    }

    pub(super) fn total(rows: &[Row]) -> Self {
        let mut counts = Counts::default();
        for row in rows {
            counts.add(&row.counts);
        }
        Row { name: format!("all {} sites", rows.len()), counts, latency: None }
    }

    pub(in crate::observe) fn saved(&self) -> u64 {
        self.counts.after_retry.saturating_add(self.counts.after_fallback)
    }

    /// The share of calls that succeeded, without abandoned calls.
    pub(in crate::observe) fn success(&self) -> Option<String> {
        let Counts { successes, failures, .. } = self.counts;
        units::percent(successes, successes.saturating_add(failures))
    }

    /// The share of calls that the cache answered, among calls that read the cache.
    pub(in crate::observe) fn hits(&self) -> Option<String> {
        let Counts { hits, shared, misses, .. } = self.counts;
        let spared = hits.saturating_add(shared);
        units::percent(spared, spared.saturating_add(misses))
    }

    pub(in crate::observe) fn waited(&self) -> Duration {
        self.counts.rate_waited.saturating_add(self.counts.cache_waited)
    }

    /// A quantile of the latency of the calls that ran the body.
    pub(in crate::observe) fn quantile(&self, quantile: f64) -> Option<Duration> {
        let latency = self.latency.as_ref().filter(|latency| latency.count() > 0)?;
        Some(latency.quantile(quantile))
    }

    /// The numbers with their names. Numbers that not every site has are omitted if they are zero.
    pub(in crate::observe) fn facts(&self) -> Vec<(&'static str, String)> {
        let count = |count: u64| (count > 0).then(|| units::number(count));
        let facts = [
            ("Calls", Some(units::number(self.counts.calls))),
            ("Success", self.success()),
            ("Saved", count(self.saved())),
            ("Failed", Some(units::number(self.counts.failures))),
            ("Retries", count(self.counts.retries)),
            ("p50", self.quantile(0.5).map(units::duration)),
            ("p99", self.quantile(0.99).map(units::duration)),
            ("Cache hits", self.hits()),
            ("Waited", Some(self.waited()).filter(|waited| !waited.is_zero()).map(units::duration)),
            ("Refused", count(self.counts.refusals)),
        ];
        facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Counts that are too rare for a column but should be seen: `3 abandoned, 1 panicked`.
    pub(in crate::observe) fn notes(&self) -> String {
        let counts = &self.counts;
        let notes = [
            (counts.timed_out, "over their deadline"),
            (counts.abandoned, "abandoned"),
            (counts.panicked, "panicked"),
            (counts.misconfigured, "misconfigured"),
            (counts.store_faults, "store faults"),
        ];
        let seen = notes.into_iter().filter(|(count, _)| *count > 0);
        let texts: Vec<_> = seen.map(|(count, what)| format!("{} {what}", units::number(count))).collect();
        texts.join(", ")
    }
}

/// Returns the rows of all sites. Sites with the same name are distinguished by their lines.
pub(in crate::observe) fn rows(sites: &[Site]) -> Vec<Row> {
    let mut rows: Vec<_> = sites.iter().copied().map(Row::of).collect();
    for (row, site) in rows.iter_mut().zip(sites) {
        if sites.iter().filter(|other| other.name() == site.name()).count() > 1 {
            row.name = format!("{}:{}", site.name(), site.line());
        }
    }
    rows
}
