//! A small near store in front of a far one.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::time::Duration;

#[cfg(feature = "redis")]
pub(super) use self::inbox::Change;
pub(super) use self::inbox::Tell;
use self::shard::Asking;
use self::state::State;
use super::Store;
use super::key::Fingerprint;
use crate::sync::OnceLock;
use crate::time::{Clock, System};

mod inbox;
mod misses;
mod shard;
mod state;
mod store;

/// How long the near store answers unless `near_for` is set.
const NEAR: Duration = Duration::from_secs(10);
/// How long a miss of the far store is remembered unless `misses_for` is set.
const MISSES: Duration = Duration::from_secs(1);

/// Two stores as one: a small near store that answers first, and a far store that others share, as
/// `Tiered::new(Memory::new(), redis)`.
///
/// Answers of the far store are kept in the near one for at most [`near_for`](Tiered::near_for), and never longer
/// than the far entry has left. Misses of the far store are remembered for [`misses_for`](Tiered::misses_for). So a
/// change by *another* process is seen after these times at the latest, and a change through this store at once.
///
/// A far `Redis` (feature `redis`) reports changes within a few milliseconds, on a connection and a thread of their
/// own that start with the first request. While no reports arrive, changes are seen after the times above. When the
/// connection is lost, and when it is back, the near store is emptied.
///
/// | method | near | far |
/// | `get`, `contains` | asked first | asked if the near store has no entry and no miss is remembered |
/// | `set` | gets the value for `near_for`, or for its own time to live, even if the far store has failed | gets the value for its own time to live |
/// | `remove`, `clear` | the entries are removed | the entries are removed, unless it fails |
///
/// An error of the far store is returned, even if the near store has done its part: a call counts it and goes on.
/// While the far store is down, the near store still answers. The near store should be in memory, since every call
/// asks it first. An error of the near store when it is asked counts as a miss there.
///
/// If the near store is a [`Memory`](super::Memory), its entries keep the age that the far store reports; their time
/// left is the time for which the near store answers. Calls with one `Tiered`, or with its far store, share their
/// runs.
///
/// # Cancel safety
/// If a `set_async`, `remove_async` or `clear_async` is dropped, it may have reached the far store or not. No old
/// entry stays in the near store.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use opero::cache::{Key, Memory, Store, Tiered};
/// use opero::opero;
///
/// fn ask(model: &str, n: u32) -> Result<u32, String> { Ok(model.len() as u32 + n) }
///
/// // In production the far store is a `Redis`, a `Sqlite` or a `Disk`.
/// let (near, far) = (Memory::with_capacity(1000), Memory::new());
/// let store = Tiered::new(near, far).near_for(Duration::from_secs(5));
/// assert_eq!(opero! { cache: 60s, store: &store, name: "ask" => ask("a", 1) }, Ok(2));
/// let key = Key::new("opero", "ask", &("a", 1));
/// assert!(
///     store.near().get(&key).unwrap().unwrap().time_left() <= Some(Duration::from_secs(5))
/// );
/// assert!(store.far().contains(&key).unwrap());
/// ```
pub struct Tiered<N, F, C = System> {
    near: N,
    far: F,
    near_for: Duration,
    misses_for: Duration,
    clock: C,
    state: Arc<State>,
    /// Ends the watch when it is dropped. `None` if the far store reports no changes.
    watch: OnceLock<Option<Box<dyn Any + Send + Sync>>>,
}

impl<N, F> Tiered<N, F> {
    /// Creates a store that asks `near` before `far`. Pass each by value, or by reference or `Arc` if others use it
    /// too.
    #[must_use]
    pub fn new(near: N, far: F) -> Self {
        let (state, watch) = (Arc::default(), OnceLock::new());
        Tiered { near, far, near_for: NEAR, misses_for: MISSES, clock: System, state, watch }
    }
}

impl<N, F, C: Clock> Tiered<N, F, C> {
    /// Sets how long the near store answers with an entry before the far store is asked again: 10 s by default. It is
    /// never longer than the time the entry has left.
    #[must_use]
    pub fn near_for(mut self, time: Duration) -> Self {
        self.near_for = time;
        self
    }

    /// Sets how long to remember that the far store has no entry: 1 s by default; `Duration::ZERO` turns this off. A
    /// `set`, `remove` or `clear` of this store ends it. The last 4,096 misses are remembered, in some 200 KiB.
    #[must_use]
    pub fn misses_for(mut self, time: Duration) -> Self {
        self.misses_for = time;
        self
    }

    /// Sets the clock that limits how long misses are remembered. The stores have their own clocks.
    #[must_use]
    pub fn clock<D: Clock>(self, clock: D) -> Tiered<N, F, D> {
        let Tiered { near, far, near_for, misses_for, clock: _, state, watch } = self;
        Tiered { near, far, near_for, misses_for, clock, state, watch }
    }

    /// Returns the near store, for example to read its `stats`.
    #[must_use]
    pub const fn near(&self) -> &N {
        &self.near
    }

    /// Returns the far store.
    #[must_use]
    pub const fn far(&self) -> &F {
        &self.far
    }

    /// Returns how long the near store may answer with an entry that has `left` time left.
    fn near_time(&self, left: Option<Duration>) -> Duration {
        left.map_or(self.near_for, |left| left.min(self.near_for))
    }

    /// Remembers that the far store has no entry.
    fn missed(&self, asking: Asking, place: Fingerprint) {
        self.state.missed(asking, place, self.clock.recent(), self.misses_for);
    }

    /// Watches the far store from the first request on.
    fn listen<V: Send>(&self)
    where
        F: Store<V>,
    {
        self.watch.get_or_init(|| self.far.__watch(self.state.tell()));
    }
}

impl<N: fmt::Debug, F: fmt::Debug, C> fmt::Debug for Tiered<N, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tiered { near, far, near_for, misses_for, .. } = self;
        let mut out = f.debug_struct("Tiered");
        out.field("near", near).field("far", far).field("near_for", near_for).field("misses_for", misses_for);
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
