//! Where and when an error was made, for those who look at it later.

use std::time::SystemTime;

use crate::observe::correlation::{Id, current};

/// The moment and the scope that an error was made in.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    at: SystemTime,
    correlation: Correlation,
}

/// Which request it belongs to.
#[derive(Clone, Debug)]
enum Correlation {
    /// That of the scope around.
    Given(Id),
    /// No other knows of it: the number of its id, which is only written down for who asks.
    Own(u64),
}

impl Origin {
    /// That of an error which is made now, on this thread.
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

    /// The same each time.
    pub(crate) fn id(&self) -> Id {
        match &self.correlation {
            Correlation::Given(id) => id.clone(),
            Correlation::Own(number) => Id::of_number(*number),
        }
    }
}

/// The time of the system.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn now() -> SystemTime {
    SystemTime::now()
}

/// There is no system that could tell it.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH
}
