//! The threads of maps, kept from one map to the next.
//!
//! A map starts a thread only if no idle one is left, so no map ever waits for the threads of another map, however
//! deeply maps are nested. Threads are kept: a second map of the same size starts none.

use alloc::sync::Arc;
use core::time::Duration;

#[cfg(feature = "rayon")]
pub(super) use self::rayon::RayonPool;
pub(super) use self::scope::Scope;
pub(super) use self::threads::POOL;

#[cfg(all(test, opero_shuttle))]
pub(super) use self::threads::model;

mod inherited;
#[cfg(feature = "rayon")]
mod rayon;
mod scope;
mod threads;

/// Where the workers of a map come from.
///
/// A map can finish without them: if no worker comes, its caller runs the items itself.
pub(super) trait Workers: Send + Sync {
    /// Requests a worker, which begins soon on another thread: see [`Scope::begin`]. Returns false if there can be no
    /// thread.
    fn request(&self, scope: &Arc<Scope>) -> bool;

    /// Cancels the requests of this scope that can still be found. The others find no work and end at once.
    fn cancel(&self, scope: &Arc<Scope>);

    /// How long a caller waits for a worker that it has requested before it runs the items itself. `None` if every
    /// request gets a thread, whatever other maps do.
    fn patience(&self) -> Option<Duration>;

    /// Returns whether the caller's thread may run items as one of the workers.
    fn is_own_thread(&self) -> bool;
}

/// Ends the idle threads of the pool and the idle child processes, and waits until they have ended.
///
/// Busy threads stay, so it can be called from anywhere. Maps that begin meanwhile are not disturbed: they start new
/// threads.
///
/// # Examples
/// ```
/// use opero::map::{Map, pool};
///
/// let results = Map::new("square").thread(1..=3, |n, _| Ok::<_, opero::Error<String>>(n * n));
/// assert_eq!(results, [Ok(1), Ok(4), Ok(9)]);
/// pool::shutdown();
/// ```
pub fn shutdown() {
    POOL.shutdown();
    #[cfg(feature = "rayon")]
    self::rayon::shutdown();
    #[cfg(all(feature = "process", unix))]
    crate::process::shutdown();
}
