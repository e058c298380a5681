//! What subscribers of the crate [`tracing`](https://docs.rs/tracing) see of calls: the names of spans, events and fields.
//!
//! Needs feature `tracing`. There is nothing to install: a call asks the subscriber of the program, or of the thread.
//!
//! ```
//! use opero::opero;
//!
//! // With a subscriber this call has a span `opero.call`, and in it an event `retry`.
//! let answer = opero! { name: "ask", retries: 1, min_delay: 0s, attempt: n => if n == 1 { Err("busy") } else { Ok(n) } };
//! assert_eq!(answer, Ok(2));
//! ```
//!
//! # Spans
//! Every call is a span [`opero.call`](SPAN) with target [`opero`](TARGET), at level `DEBUG`: from before its cache and its rate to
//! its end, with all attempts, delays and waits. It is the current span while the body runs, so that spans and events of the body
//! are in it. An async call enters it with every poll, on whatever thread, and leaves it with it; its span begins with the first
//! poll. What a body drops when it is cut or abandoned is outside of it.
//!
//! The items of a map, in every mode, are children of the span that the map began in. A subscriber of one thread alone, as that of
//! `tracing::subscriber::with_default`, sees no items on other threads. A body in a child process runs where nobody has heard of the
//! span: that is in the parent, around each attempt of the item.
//!
//! | field | type | |
//! |---|---|---|
//! | `opero.name` | text | the name of the call |
//! | `opero.correlation_id` | text | the [id](super::correlation) of the scope around it, where there is one |
//! | `opero.outcome` | text | at the end: an [`Outcome`](super::Outcome), as `success` |
//! | `opero.attempts` | number | at the end: how many attempts there were; 0 where a layer answered or refused |
//! | `opero.cache` | text | `hit`, `miss` or `wait`, where a cache was asked |
//! | `error.type` | text | of a call that failed: the type of the last error where all attempts failed, else the outcome |
//! | `error.message` | text | of a call that failed: the last error of its body, where there is one |
//! | `otel.status_code` | text | `ERROR`, where the call failed |
//!
//! # Events
//! They have target `opero`, and their kind for a message. All have `opero.name` and `opero.correlation_id`. Times are in seconds.
//!
//! | message | level | fields |
//! |---|---|---|
//! | `retry` | `WARN` | `opero.attempt`, `opero.candidate`, `opero.delay`, `error.type`, `error.message` |
//! | `fallback` | `WARN` | the same, and `opero.next_candidate` |
//! | `timeout` | `WARN` | `opero.attempt`, `opero.candidate`, `opero.limit`, `error.type` = `timeout` |
//! | `refused` | `WARN` | `opero.layer`: `rate` or `layer`; `opero.retry_after` |
//! | `store_fault` | `WARN` | `opero.layer` = `cache`, `error.message` |
//! | `waited` | `DEBUG` | `opero.layer`: `rate` or `cache`; `opero.wait` |
//!
//! `error.type`, `error.message` and `otel.status_code` are those of OpenTelemetry; for the others it has no name. Names, levels and
//! types of fields stay as they are until the next major version; new fields may come.
//!
//! # Cost
//! Where no subscriber takes spans at `DEBUG`, a call that succeeds pays for one load more than without the feature, and one
//! that fails for a few. Nothing is formatted, allocated or timed for an event that no subscriber takes.
//!
//! A subscriber that panics changes no result while it is told of a new span or an event. The calls that it makes itself have no
//! span.

/// The target of all spans and events.
pub const TARGET: &str = "opero";

/// The name of the span of a call.
pub const SPAN: &str = "opero.call";
