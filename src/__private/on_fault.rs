//! The words of option `on_fault`. They are in scope in its value.

#![allow(non_upper_case_globals, missing_docs, reason = "these are words of the grammar, documented at `OnFault`")]

use crate::rate::OnFault;

pub const local: OnFault = OnFault::Local;
pub const open: OnFault = OnFault::Open;
pub const closed: OnFault = OnFault::Closed;
