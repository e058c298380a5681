//! The names of the spans, events and fields that calls emit through the crate `tracing`.
//!
//! Needs feature `tracing`. There is nothing to install: a call uses the subscriber of the program, or of the thread.
//!
//! ```
//! use opero::opero;
//!
//! // With a subscriber this call has a span `opero.call`, and in it an event `retry`.
//! let answer = opero! {
//!     name: "ask", retries: 1, min_delay: 0s, attempt: n
//!     => if n == 1 { Err("busy") } else { Ok(n) }
//! };
//! assert_eq!(answer, Ok(2));
//! ```
//!
//! # Spans
//! Every call is a span [`opero.call`](SPAN) with target [`opero`](TARGET) at level `DEBUG`. It covers the whole call,
//! from before the cache and the rate limit to the end, with all attempts, delays and waits. It is the current span
//! while the body runs, so spans and events of the body are inside it. An async call enters its span at every poll, on
//! whatever thread, and leaves it afterwards. Its span begins with the first poll. What a body drops when it is cut or
//! abandoned is outside the span.
//!
//! The items of a map, in every mode, are children of the span in which the map began. The subscriber of a single
//! thread, such as the one set by `tracing::subscriber::with_default`, sees no items on other threads. A body in a
//! child process runs without the span, which is in the parent, around each attempt of the item.
//!
//! | field | type | |
//! |---|---|---|
//! | `opero.name` | text | the name of the call |
//! | `opero.correlation_id` | text | the [id](super::correlation) of the scope around it, if there is one |
//! | `opero.outcome` | text | at the end: the [`Outcome`](super::Outcome), such as `success` |
//! | `opero.attempts` | number | at the end: the number of attempts; 0 if a layer answered or refused |
//! | `opero.cache` | text | `hit`, `miss` or `wait`, if a cache was read |
//! | `error.type` | text | of a failed call: the type of the last error if all attempts failed, else the outcome |
//! | `error.message` | text | of a failed call: the last error of its body, if there is one |
//! | `otel.status_code` | text | `ERROR`, if the call failed |
//!
//! # Events
//! Events have target `opero`, and their kind as message. All have `opero.name` and `opero.correlation_id`. Times are
//! in seconds.
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
//! `error.type`, `error.message` and `otel.status_code` are names of OpenTelemetry, which has none for the others.
//! Names, levels and types of fields do not change before the next major version; new fields may be added.
//!
//! # Cost
//! If no subscriber takes spans at `DEBUG`, a call that succeeds pays one load more than without the feature, and a
//! call that fails pays a few. Nothing is formatted, allocated or timed for an event that no subscriber takes.
//!
//! If a subscriber panics in a new span or an event, no result changes. Calls that a subscriber makes have no span.

/// The target of all spans and events.
pub const TARGET: &str = "opero";

/// The name of the span of a call.
pub const SPAN: &str = "opero.call";
