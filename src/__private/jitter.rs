//! The words of option `jitter`. They are in scope in its value.

#![allow(non_upper_case_globals, missing_docs, reason = "these are words of the grammar, documented at `Jitter`")]

use crate::policy::Jitter;

pub const none: Jitter = Jitter::None;
pub const full: Jitter = Jitter::Full;
pub const equal: Jitter = Jitter::Equal;
pub const decorrelated: Jitter = Jitter::Decorrelated;
