//! The threads of maps, kept from one map to the next.
//!
//! A map starts a thread only if no idle one is left, so no map ever waits for another one's threads, however maps are
//! nested. Threads are kept: a second map of the same shape starts none.

#[cfg(feature = "rayon")]
pub(super) use self::rayon::{RayonPool, work_until};
pub(super) use self::threads::{POOL, Scope};

#[cfg(all(test, opero_shuttle))]
pub(super) use self::threads::model;

#[cfg(feature = "rayon")]
mod rayon;
mod threads;

/// Ends the idle threads of the pool, and waits until they have ended.
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
}
