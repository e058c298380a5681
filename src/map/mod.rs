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
//! | [`thread`](Map::thread) | a list | that of all results |
//! | [`thread_each`](Map::thread_each) | to a closure of the caller, one by one | bounded |
//! | [`thread_stream`](Map::thread_stream) | an iterator; nothing may borrow | bounded |
//! | `process`, with feature `process` | a list | that of all results |
//! | `process_each` | to a closure of the caller, one by one | bounded |
//! | `process_stream` | an iterator; nothing may borrow | bounded |
//! | `rayon`, with feature `rayon` | a list | that of all items and results |
//! | `rayon_each` | to a closure of the caller, one by one | bounded |
//! | `rayon_stream` | an iterator; nothing may borrow | bounded |
//! | `future`, with feature `async` | a list | that of all results |
//! | `future_each`, `future_each_async` | to a closure in the task of the caller, one by one | bounded |
//! | `future_stream` | a stream, free to borrow | bounded |
//! | `future_process`, with features `async` and `process` | a list | that of all results |
//! | `future_process_each`, `future_process_each_async` | to a closure in the task of the caller, one by one | bounded |
//! | `future_process_stream` | a stream, free to borrow | bounded |
//!
//! # Guarantees
//! - Each item that was pulled from the input has one result, in the order of the items or of completion.
//! - A panic of an operation is the result of its item, [`Error::Panicked`](crate::Error::Panicked); other items go on.
//! - A map inside a map finishes, in any modes, with any number of workers and with any lock held. Its caller can run all
//!   items itself, and a thread that waits for its map takes up nothing else.
//! - No item is pulled before a worker is free to run it, except in a chunk of items so quick that it does not matter.

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
