//! The description of a layer.

use alloc::string::String;
use core::time::Duration;

use crate::error::type_text;
use crate::policy::Rate;

/// A layer of a use, and its options.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LayerInfo {
    /// Option `cache`.
    #[non_exhaustive]
    Cache {
        /// The storage of the entries: `memory`, or the type of the store.
        backend: String,
        /// The time to live; `None` if entries do not expire.
        time_to_live: Option<Duration>,
        /// The maximum number of entries in memory.
        capacity: usize,
        /// The namespace, by which entries can be cleared.
        namespace: String,
    },
    /// Option `rate`.
    #[non_exhaustive]
    Rate {
        /// The rate.
        rate: Rate,
        /// The number of permits that may be taken at once.
        burst: u32,
        /// The longest wait; `None` if there is no limit.
        max_wait: Option<Duration>,
    },
    /// Option `adaptive`, which takes the place of the retries.
    #[non_exhaustive]
    Adaptive {
        /// The number of policies to choose from.
        policies: usize,
    },
    /// A layer of your own, with the name of its type.
    Own(String),
}

impl LayerInfo {
    /// The description of a user's layer: the name of its type without the modules.
    pub(crate) fn own<L>() -> Self {
        LayerInfo::Own(type_text::<L>())
    }

    /// Returns `cache`, `rate`, `retry`, or the name of the type.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            LayerInfo::Own(name) => name,
            layer => layer.kind(),
        }
    }

    /// Returns `cache`, `rate`, `retry`, or `layer` for a user's layer.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            LayerInfo::Cache { .. } => "cache",
            LayerInfo::Rate { .. } => "rate",
            LayerInfo::Adaptive { .. } => "retry",
            LayerInfo::Own(_) => "layer",
        }
    }
}
