//! The words that option `jitter` knows, in scope where its value stands.

#![allow(non_upper_case_globals, missing_docs, reason = "each is a word of the grammar, documented at `Jitter`")]

use crate::policy::Jitter;

pub const none: Jitter = Jitter::None;
pub const full: Jitter = Jitter::Full;
pub const equal: Jitter = Jitter::Equal;
pub const decorrelated: Jitter = Jitter::Decorrelated;
