//! The information about a use as a map.

use alloc::collections::BTreeMap;
use alloc::string::String;

#[cfg(feature = "serde")]
use super::Counts;
use super::value::fields;
use super::{Info, Latency, Value};

impl Info {
    /// Returns the same as fields by name: `name`, `module`, `file`, `line`, `macro`, `options` (each as text),
    /// `layers`, `counts` (as in [`Counts`](super::Counts), times in seconds) and `latency` (`count`, and `p50`, `p99`,
    /// `mean` and `max` in seconds). Feature `serde` serializes it in the same form.
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
            ("line", u64::from(self.line).into()),
            ("macro", self.kind().into()),
            ("options", Value::Map(options)),
            ("layers", Value::List(layers)),
            ("counts", Value::Map(self.counts.fields())),
            ("latency", Value::Map(self.latency.fields())),
        ])
    }
}

impl Latency {
    fn fields(&self) -> BTreeMap<String, Value> {
        fields([
            ("count", self.count().into()),
            ("p50", self.p50().into()),
            ("p99", self.p99().into()),
            ("mean", self.mean().into()),
            ("max", self.max().into()),
        ])
    }
}

/// In the form of [`Info::to_map`].
#[cfg(feature = "serde")]
impl serde::Serialize for Info {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.to_map())
    }
}

/// In the form of [`Info::to_map`].
#[cfg(feature = "serde")]
impl serde::Serialize for Counts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}

/// In the form of [`Info::to_map`].
#[cfg(feature = "serde")]
impl serde::Serialize for Latency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}
