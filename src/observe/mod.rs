//! Observation of calls: events, counters, and what is built on them.
//!
//! - [`listen`] receives the events of every call of the process. Option `on_event` receives those of one use.
//!   [`record`] collects the events of a scope, for tests. See [`Event`].
//! - [`Adaptive`] finds which of several configurations has done best lately.
//! - [`sites`] lists the uses that have run, with their counters. [`analyze`] describes the options and layers of one
//!   use.
//! - [`report`] prints the outcomes of their calls as a table. [`html()`] is a page with charts of them over time.
//! - [`site`] finds the uses of one name. [`tune`](Uses::tune) changes their numbers while the program runs.
//! - [`correlation`] gives the calls of one request an id, which crosses await points, threads and processes.
//! - `metrics` (feature `metrics`): the counters, for an exporter.
//! - `tracing` (feature `tracing`): a span for each call, with its events.
//! - [`ErrorContext`] is an error as data for a log or an error tracker.
//!
//! Needs feature `observe`. Without it a call pays nothing for observation. With it every use counts the outcomes of
//! its calls, which takes a few nanoseconds per call. Events are created only while there is a listener.

pub use self::adaptive::{Adaptive, Candidates, Choice, Policies, Record, Score, adaptive};
pub use self::analysis::{Analysis, Info, analyze, explain, info};
pub use self::counts::Counts;
pub use self::error_context::{ErrorContext, FailedAttempt};
pub use self::event::{Event, EventError};
pub use self::histogram::Latency;
pub use self::html::html;
pub use self::layer_info::LayerInfo;
pub use self::listen::{Listener, listen};
pub use self::map_info::MapInfo;
pub use self::outcome::Outcome;
pub use self::recorder::{record, record_with};
pub use self::report::{Report, report};
pub use self::site::{Site, sites};
pub use self::tuning::{Number, TuneError, Uses, site};
pub use self::value::Value;

mod adaptive;
pub(crate) mod ambient;
mod analysis;
pub(crate) mod attention;
pub mod correlation;
pub(crate) mod counters;
mod counts;
pub(crate) mod description;
mod error_context;
mod event;
mod histogram;
mod history;
mod html;
mod info_map;
pub(crate) mod known;
mod layer_info;
pub(crate) mod listen;
pub(crate) mod map_info;
#[cfg(feature = "metrics")]
pub mod metrics;
mod outcome;
mod recorder;
mod report;
mod rfc3339;
pub(crate) mod site;
#[cfg_attr(not(feature = "tracing"), path = "unheard.rs")]
pub(crate) mod spans;
mod text;
#[cfg(feature = "tracing")]
pub mod tracing;
pub(crate) mod tuning;
mod value;
