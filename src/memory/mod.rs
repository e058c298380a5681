//! The memory use of the process, and when to slow down because of it.
//!
//! ```
//! use opero::memory::Monitor;
//!
//! let monitor = Monitor::new(4 << 30);
//! # let mut workers = 8;
//! if monitor.should_throttle() {
//!     workers /= 2;
//! }
//! # assert!(workers > 0);
//! ```
//!
//! # What is measured
//! The resident size of the process: its physical memory, including shared libraries and the memory of other crates;
//! on Windows the working set. An allocator may keep freed memory for later; then the size does not fall. The Linux
//! kernel may leave out the latest few pages of each thread or processor.
//!
//! A reading is shared by the whole process and is valid for 10 ms. A new one is taken earlier only after cache
//! entries were freed. A reading takes some 10 µs on Linux, however large the process is.
//!
//! If the size is unknown it is 0, and nothing is ever throttled. This is so on platforms other than Linux, Android,
//! macOS, iOS, FreeBSD and Windows, and on Linux without `/proc`.

pub use self::monitor::Monitor;
pub(crate) use self::relief::pause;
#[cfg(feature = "cache")]
pub(crate) use self::relief::sweep_by;

mod monitor;
mod reading;
mod relief;
