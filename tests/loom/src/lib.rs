//! What threads share in opero, on atomics that loom watches.
#![cfg(test)]

extern crate alloc;

use opero::policy;

mod atomic;
mod map;
mod rate;
