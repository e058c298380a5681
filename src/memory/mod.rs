//! How much memory the process takes, and when to start less because of it.
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
//! The resident size of the process: what it has in physical memory, shared libraries and the memory of other crates
//! included; on Windows the working set. An allocator may keep what was freed for later, and then the size does not fall.
//! The Linux kernel may leave out the latest few pages of each thread or processor.
//!
//! One reading serves the whole process for 10 ms; a new one is taken early only where entries of caches were given back.
//! It takes some 10 µs on Linux, however large the process is.
//!
//! Where the size cannot be told it is 0, and nothing is ever throttled: on platforms other than Linux, Android, macOS,
//! iOS, FreeBSD and Windows, and on Linux without `/proc`.

pub use self::monitor::Monitor;
pub(crate) use self::relief::pause;
#[cfg(feature = "cache")]
pub(crate) use self::relief::sweep_by;

mod monitor;
mod reading;
mod relief;
