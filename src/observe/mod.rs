//! What calls do: events, counters, and what is made of them.
//!
//! - [`listen`] is told of every call of the process, option `on_event` of those of one use, and [`record`] keeps the events of a
//!   scope, for tests. See [`Event`].
//! - [`Adaptive`] says which of several configurations has done best lately.
//! - [`sites`] lists the uses that have run, with their counters; [`analyze`] says what one is made of.
//! - [`report`] prints what has become of their calls as a table, and [`html()`] is a page with charts of it over time.
//! - [`site`] finds those of one name, and [tunes](Uses::tune) them: their numbers are changed while the program runs.
//! - [`correlation`] gives the calls of one request an id, which crosses await points, threads and processes.
//! - `metrics` (feature `metrics`): the counters, for an exporter.
//! - `tracing` (feature `tracing`): a span for each call, and events in it.
//! - [`ErrorContext`] is what an error tells a log or a service that collects errors.
//!
//! Needs feature `observe`. Without it a call pays for nothing of this; with it every use counts what becomes of its calls, which takes
//! a few nanoseconds each, and nothing more is done until somebody listens.

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
