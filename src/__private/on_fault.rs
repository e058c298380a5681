//! The words that option `on_fault` knows, in scope where its value stands.

#![allow(non_upper_case_globals, missing_docs, reason = "each is a word of the grammar, documented at `OnFault`")]

use crate::rate::OnFault;

pub const local: OnFault = OnFault::Local;
pub const open: OnFault = OnFault::Open;
pub const closed: OnFault = OnFault::Closed;
