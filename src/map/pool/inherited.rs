//! What the workers of a map have in common with its caller.

#[cfg(feature = "cache")]
use crate::cache::Bodies;

/// The bodies that the caller of a map is in the midst of. It waits for the items, so they are inside of these bodies too,
/// and must not wait for what waits for them.
#[derive(Debug)]
pub(super) struct Inherited {
    #[cfg(feature = "cache")]
    bodies: Bodies,
}

impl Inherited {
    /// That of this thread.
    pub(super) fn here() -> Self {
        Inherited {
            #[cfg(feature = "cache")]
            bodies: Bodies::here(),
        }
    }

    /// Puts this thread into the midst of them until what is returned is dropped.
    #[cfg(feature = "cache")]
    pub(super) fn enter(&self) -> impl Drop + use<> {
        self.bodies.enter()
    }

    #[cfg(not(feature = "cache"))]
    #[allow(clippy::unused_self, reason = "there is nothing to be inside of")]
    pub(super) fn enter(&self) {}
}
