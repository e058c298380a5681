//! Where and when an error was created.

use std::time::SystemTime;

use crate::observe::correlation::{Id, current};

/// The time and the scope in which an error was created.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    at: SystemTime,
    correlation: Correlation,
}

/// The request that it belongs to.
#[derive(Clone, Debug)]
enum Correlation {
    /// The correlation id of the current scope.
    Given(Id),
    /// An id of its own, which is only formatted on request.
    Own(u64),
}

impl Origin {
    /// The origin of an error that is created now, on this thread.
    #[cold]
    pub(super) fn here() -> Self {
        Origin {
            at: now(),
            correlation: current().map_or_else(|| Correlation::Own(fastrand::u64(..)), Correlation::Given),
        }
    }

    pub(crate) const fn at(&self) -> SystemTime {
        self.at
    }

    /// Returns the same id each time.
    pub(crate) fn id(&self) -> Id {
        match &self.correlation {
            Correlation::Given(id) => id.clone(),
            Correlation::Own(number) => Id::of_number(*number),
        }
    }
}

/// The system time.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn now() -> SystemTime {
    SystemTime::now()
}

/// This target has no system clock.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH
}
