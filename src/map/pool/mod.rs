//! The threads of maps, kept from one map to the next.
//!
//! A map starts a thread only if no idle one is left, so no map ever waits for another one's threads, however maps are
//! nested. Threads are kept: a second map of the same shape starts none.

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
/// A map needs none of them to get on: its caller runs the items itself where no worker comes.
pub(super) trait Workers: Send + Sync {
    /// Has a worker begin soon, on another thread: see [`Scope::begin`]. False if there is no thread to be had.
    fn request(&self, scope: &Arc<Scope>) -> bool;

    /// Forgets the requests for this scope, as far as they can be found. Those that cannot end at once.
    fn cancel(&self, scope: &Arc<Scope>);

    /// How long a caller waits for a worker that it has requested before it does the work itself. `None` where a request
    /// gets a thread whatever other maps do.
    fn patience(&self) -> Option<Duration>;

    /// May the caller's thread run items as one of the workers?
    fn is_own_thread(&self) -> bool;
}

/// Ends the idle threads of the pool and the child processes without work, and waits until they have ended.
///
/// Threads at work stay, so it may be called from anywhere, and maps that begin meanwhile are not disturbed: they start
/// threads anew.
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
