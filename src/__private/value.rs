//! The types of plain values. Each has the name of its option.

#![allow(non_camel_case_types, missing_docs, reason = "these are names of options")]

use core::time::Duration;

use crate::policy::Rate;

pub type retries = u32;
pub type backoff = f64;
pub type min_delay = Duration;
pub type max_delay = Duration;
pub type fallback_delay = Duration;
pub type timeout = Duration;
pub type deadline = Duration;
pub type memory = u64;
pub type capacity = usize;
pub type rate = Rate;
pub type burst = u32;
pub type max_wait = Duration;
pub type workers = usize;
pub type ordered = bool;
pub type chunk_size = usize;
pub type max_failures = usize;

/// Returns a time to live; `None` if entries do not expire.
#[inline]
pub fn cache(time: impl Into<Option<Duration>>) -> Option<Duration> {
    time.into()
}
pub type recycle_after = usize;
pub type max_child_memory = u64;
