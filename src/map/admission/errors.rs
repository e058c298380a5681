//! The errors of items for which no operation returned one. Each is created in the observation scope of the map.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::any::Any;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::Admission;
use crate::error::{Configuration, Error, Panicked, Skipped, Text, Timeout};
use crate::map::progress::Report;
use crate::map::stop::StopReason;
use crate::time::Clock;

impl<C: Clock, R: Report> Admission<C, R> {
    /// The error of an item that was not admitted. The progress counts it, except after a cancellation: then no one
    /// takes the result.
    #[cold]
    pub(crate) fn refused<E>(&self, reason: StopReason) -> Error<E> {
        if reason != StopReason::BrokenOff {
            self.note(true);
        }
        let skipped = |reason: Text| Error::Skipped(Skipped::new(self.name.clone(), reason));
        self.inside(|| match reason {
            StopReason::Configuration => {
                let problem = self.problem.clone().unwrap_or_default();
                Error::Configuration(Configuration::new(self.name.clone(), problem))
            }
            StopReason::Deadline => self.timed_out(),
            StopReason::MaxFailures => skipped(Text::Owned(format!(
                "`max_failures: {}` was reached",
                self.limits.max_failures.unwrap_or_default()
            ))),
            StopReason::BrokenOff => skipped("the map was cancelled".into()),
        })
    }

    /// The error of an item that was running at the deadline of the map.
    #[cold]
    pub(crate) fn timed_out<E>(&self) -> Error<E> {
        self.inside(|| Error::Timeout(Timeout::new(self.name.clone(), self.deadline.limit())))
    }

    /// The error of an item whose operation panicked.
    #[cold]
    pub(crate) fn panicked<E>(&self, payload: Box<dyn Any + Send>) -> Error<E> {
        let message: Text = match payload.downcast_ref::<&'static str>() {
            Some(text) => (*text).into(),
            None => match payload.downcast_ref::<String>() {
                Some(text) => text.clone().into(),
                None => "the panic has no message".into(),
            },
        };
        // If dropping the payload panics, ignore that second panic and leak its payload.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(core::mem::forget);
        self.inside(|| Error::Panicked(Panicked::new(self.name.clone(), message)))
    }
}
