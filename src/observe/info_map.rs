//! What is known of a use, for programs.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::time::Duration;

use super::{Counts, Info, Latency, Value};

/// Fields by their names.
type Fields = BTreeMap<String, Value>;

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields.map(|(name, value)| (name.into(), value)).into_iter().collect()
}

fn seconds(time: Duration) -> Value {
    Value::Seconds(time.as_secs_f64())
}

impl Info {
    /// The same as fields by their names: `name`, `module`, `file`, `line`, `macro`, `options` (each as text), `layers`, `counts` (as
    /// in [`Counts`], times in seconds) and `latency` (`count`, and `p50`, `p99`, `mean` and `max` in seconds). It is also what
    /// feature `serde` writes.
    ///
    /// # Examples
    /// ```
    /// use opero::observe::{self, Value};
    /// use opero::opero;
    ///
    /// opero! { name: "mapped", retries: 2 => Ok::<_, String>(()) }?;
    /// let map = observe::info("mapped").unwrap().to_map();
    /// assert_eq!(map["macro"], Value::Text("opero!".into()));
    /// let Value::Map(counts) = &map["counts"] else { panic!() };
    /// assert_eq!(counts["calls"], Value::Integer(1));
    /// # Ok::<(), opero::Error<String>>(())
    /// ```
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, Value> {
        let options = self.options.iter().map(|(name, value)| ((*name).into(), Value::Text(value.clone()))).collect();
        let layers = self.layers.iter().map(|layer| Value::Text(layer.clone())).collect();
        fields([
            ("name", self.name.into()),
            ("module", self.module.into()),
            ("file", self.file.into()),
            ("line", Value::Integer(self.line.into())),
            ("macro", if self.map.is_some() { "opmap!" } else { "opero!" }.into()),
            ("options", Value::Map(options)),
            ("layers", Value::List(layers)),
            ("counts", Value::Map(self.counts.fields())),
            ("latency", Value::Map(self.latency.fields())),
        ])
    }
}

impl Counts {
    fn fields(&self) -> Fields {
        let number = Value::Integer;
        fields([
            ("calls", number(self.calls)),
            ("successes", number(self.successes)),
            ("after_retry", number(self.after_retry)),
            ("after_fallback", number(self.after_fallback)),
            ("failures", number(self.failures)),
            ("all_failed", number(self.all_failed)),
            ("timed_out", number(self.timed_out)),
            ("rate_limited", number(self.rate_limited)),
            ("misconfigured", number(self.misconfigured)),
            ("cache_errors", number(self.cache_errors)),
            ("skipped", number(self.skipped)),
            ("panicked", number(self.panicked)),
            ("abandoned", number(self.abandoned)),
            ("attempts", number(self.attempts)),
            ("failed_attempts", number(self.failed_attempts)),
            ("timeouts", number(self.timeouts)),
            ("retries", number(self.retries)),
            ("fallbacks", number(self.fallbacks)),
            ("hits", number(self.hits)),
            ("misses", number(self.misses)),
            ("shared", number(self.shared)),
            ("store_faults", number(self.store_faults)),
            ("permits", number(self.permits)),
            ("rate_waits", number(self.rate_waits)),
            ("rate_waited", seconds(self.rate_waited)),
            ("cache_waited", seconds(self.cache_waited)),
            ("refusals", number(self.refusals)),
        ])
    }
}

impl Latency {
    fn fields(&self) -> Fields {
        fields([
            ("count", Value::Integer(self.count())),
            ("p50", seconds(self.p50())),
            ("p99", seconds(self.p99())),
            ("mean", seconds(self.mean())),
            ("max", seconds(self.max())),
        ])
    }
}

/// As [`Info::to_map`] has it.
#[cfg(feature = "serde")]
impl serde::Serialize for Info {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.to_map())
    }
}

/// As [`Info::to_map`] has them.
#[cfg(feature = "serde")]
impl serde::Serialize for Counts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}

/// As [`Info::to_map`] has it.
#[cfg(feature = "serde")]
impl serde::Serialize for Latency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}
