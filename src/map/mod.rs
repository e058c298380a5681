//! Maps: one operation over many items, several at a time, each with its own result.
//!
//! ```
//! use opero::{Call, map::Map};
//!
//! # fn fetch(url: &str) -> Result<usize, String> { Ok(url.len()) }
//! let urls = ["http://a.example", "http://b.example/long"];
//! let sizes = Map::new("fetch").workers(8).max_failures(10).thread(urls, |url, _| {
//!     Call::new("fetch").retries(2).run(|_| fetch(url))
//! });
//! assert_eq!(sizes, [Ok(16), Ok(21)]);
//! ```
//!
//! `opmap!` writes these same calls; use [`Map`] where a macro does not fit.
//!
//! # Where the results go
//! | method | results | memory |
//! |---|---|---|
//! | [`thread`](Map::thread) | a list | grows with the results |
//! | [`thread_each`](Map::thread_each) | passed to a closure, one by one | bounded |
//! | [`thread_stream`](Map::thread_stream) | an iterator; no borrows | bounded |
//! | `process`, with feature `process` | a list | grows with the results |
//! | `process_each` | passed to a closure, one by one | bounded |
//! | `process_stream` | an iterator; no borrows | bounded |
//! | `rayon`, with feature `rayon` | a list | grows with the items and results |
//! | `rayon_each` | passed to a closure, one by one | bounded |
//! | `rayon_stream` | an iterator; no borrows | bounded |
//! | `future`, with feature `async` | a list | grows with the results |
//! | `future_each`, `future_each_async` | passed to a closure in the caller's task, one by one | bounded |
//! | `future_stream` | a stream; may borrow | bounded |
//! | `future_process`, with features `async` and `process` | a list | grows with the results |
//! | `future_process_each`, `future_process_each_async` | passed to a closure in the caller's task, one by one | bounded |
//! | `future_process_stream` | a stream; may borrow | bounded |
//!
//! # Guarantees
//! - Each item that is pulled from the input has exactly one result. Results come in the order of the items or in the
//!   order of completion.
//! - If an operation panics, the result of its item is [`Error::Panicked`](crate::Error::Panicked). The other items go
//!   on.
//! - A map inside a map always finishes: in any combination of modes, with any number of workers, with any lock held.
//!   The calling thread can run all items itself, and a thread that waits for its own map runs nothing else.
//! - An item is pulled only when a worker is free to run it. Chunks are the exception: a worker pulls several items at
//!   once if they are very quick.

pub use self::builder::Map;
use self::builder::Shape;
pub use self::flow::Flow;
#[cfg(feature = "async")]
#[doc(hidden)]
pub use self::future::Input;
#[cfg(feature = "async")]
pub use self::future::Items;
#[cfg(all(feature = "async", feature = "process", unix))]
pub(crate) use self::future::Signals;
pub use self::item_context::ItemContext;
pub use self::progress::{Progress, Report, Sink};
pub(crate) use self::saved::leave_word;
pub use self::source::SendInput;
pub use self::stop::StopReason;
pub use self::stream::Results;
pub use self::summary::{Summary, split};
#[cfg(feature = "async")]
pub use crate::bridge::block_on;

mod admission;
mod builder;
mod each;
mod flow;
#[cfg(feature = "async")]
mod future;
mod item_context;
mod nested;
mod order;
mod outcome;
mod pipeline;
pub mod pool;
#[cfg(all(feature = "process", unix))]
mod process;
mod progress;
#[cfg(feature = "rayon")]
mod rayon;
mod saved;
mod sizes;
mod source;
mod stop;
mod stream;
mod summary;
mod thread;
