//! The context of a caller that a closure inherits on its thread.

use core::time::Duration;

#[cfg(feature = "cache")]
use crate::cache::Bodies;
use crate::time::{Clock, Left, System, Until, remaining, within};

pub(super) struct Around {
    /// When the nearest limit ends, by the machine's clock.
    end: Option<Duration>,
    /// The bodies that wait for the closure.
    #[cfg(feature = "cache")]
    bodies: Bodies,
    #[cfg(feature = "tokio")]
    runtime: Option<tokio::runtime::Handle>,
}

impl Around {
    /// Returns the context of this thread.
    pub(super) fn here() -> Self {
        Around {
            end: remaining().map(|left| System.now().saturating_add(left)),
            #[cfg(feature = "cache")]
            bodies: Bodies::here(),
            #[cfg(feature = "tokio")]
            runtime: tokio::runtime::Handle::try_current().ok(),
        }
    }

    /// Runs a closure inside this context.
    pub(super) fn run<T>(self, work: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tokio")]
        let _runtime = self.runtime.as_ref().map(tokio::runtime::Handle::enter);
        #[cfg(feature = "cache")]
        let _bodies = self.bodies.enter();
        let until = self.end.map(|end| Until { clock: &System, end });
        within(until.as_ref().map(|until| until as &dyn Left), work)
    }
}
