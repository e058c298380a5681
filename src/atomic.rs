//! Atomic words of 64 bits on every target: its own, or where it has none those of a lock around two halves.

pub(crate) use core::sync::atomic::Ordering;

#[cfg(target_has_atomic = "64")]
pub(crate) use core::sync::atomic::AtomicU64;
#[cfg(not(target_has_atomic = "64"))]
pub(crate) use portable_atomic::AtomicU64;
