//! Restores the context of a call around its body in a child.

use core::time::Duration;

use super::frame::Around;
#[cfg(feature = "observe")]
use crate::observe::ambient::Ambient;
use crate::time::{Clock, Left, System, Until, apart};

/// The context of a body in this process.
pub(super) struct Surroundings {
    /// The end of its time, by the system clock.
    end: Option<Duration>,
    #[cfg(feature = "observe")]
    ambient: Ambient,
}

impl From<Around> for Surroundings {
    /// The remaining time counts from now.
    fn from(around: Around) -> Self {
        Surroundings {
            end: around.left.map(|left| System.now().saturating_add(Duration::from_nanos(left))),
            #[cfg(feature = "observe")]
            ambient: Ambient { id: around.id, ..Ambient::default() },
        }
    }
}

impl Surroundings {
    /// Runs a part of the body in this context.
    pub(super) fn within<R>(&self, part: impl FnOnce() -> R) -> R {
        let until = self.end.map(|end| Until { clock: &System, end });
        let part = || apart(until.as_ref().map(|until| until as &dyn Left), part);
        #[cfg(feature = "observe")]
        return self.ambient.within(part);
        #[cfg(not(feature = "observe"))]
        part()
    }
}
