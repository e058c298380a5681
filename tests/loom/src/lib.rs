//! The limiter of opero on atomics that loom watches.
#![cfg(test)]

use opero::policy;

mod atomic;
mod rate;
