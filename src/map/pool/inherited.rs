//! What the workers of a map inherit from its caller.

#[cfg(feature = "cache")]
use crate::cache::Bodies;

/// The bodies that the caller of a map is running. The caller waits for the items, so the items run inside these bodies
/// too, and must not wait for anything that waits for the bodies.
#[derive(Debug)]
pub(super) struct Inherited {
    #[cfg(feature = "cache")]
    bodies: Bodies,
}

impl Inherited {
    /// The bodies of this thread.
    pub(super) fn here() -> Self {
        Inherited {
            #[cfg(feature = "cache")]
            bodies: Bodies::here(),
        }
    }

    /// Makes this thread run inside these bodies until the returned guard is dropped.
    #[cfg(feature = "cache")]
    pub(super) fn enter(&self) -> impl Drop + use<> {
        self.bodies.enter()
    }

    #[cfg(not(feature = "cache"))]
    #[allow(clippy::unused_self, reason = "without `cache` there are no bodies")]
    pub(super) fn enter(&self) {}
}
