//! What stands around a call, as it tells of itself.

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
        /// Where the entries are: `memory`, or the type of the store.
        backend: String,
        /// For how long they answer; `None` where that has no end.
        time_to_live: Option<Duration>,
        /// How many there are at most, in memory.
        capacity: usize,
        /// What they are cleared by.
        namespace: String,
    },
    /// Option `rate`.
    #[non_exhaustive]
    Rate {
        /// The rate.
        rate: Rate,
        /// How many permits may be taken at once.
        burst: u32,
        /// The longest wait; `None` where there is no bound.
        max_wait: Option<Duration>,
    },
    /// Option `adaptive`, which stands in the place of the retries.
    #[non_exhaustive]
    Adaptive {
        /// How many policies there are to choose from.
        policies: usize,
    },
    /// A layer of the user's, by the name of its type.
    Own(String),
}

impl LayerInfo {
    /// That of a layer of the user's: its type without the modules.
    pub(crate) fn own<L>() -> Self {
        LayerInfo::Own(type_text::<L>())
    }

    /// `cache`, `rate`, `retry`, or the name of the type.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            LayerInfo::Own(name) => name,
            layer => layer.kind(),
        }
    }

    /// `cache`, `rate`, `retry`, or `layer` for one of the user's.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            LayerInfo::Cache { .. } => "cache",
            LayerInfo::Rate { .. } => "rate",
            LayerInfo::Adaptive { .. } => "retry",
            LayerInfo::Own(_) => "layer",
        }
    }
}
