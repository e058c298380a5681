//! A small near store before a far one.

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

/// How long the near store answers for unless `near_for` says otherwise.
const NEAR: Duration = Duration::from_secs(10);
/// How long a miss of the far one is remembered unless `misses_for` says otherwise.
const MISSES: Duration = Duration::from_secs(1);

/// Two stores as one: a small near one that answers first, and a far one that others share, as
/// `Tiered::new(Memory::new(), redis)`.
///
/// What the far one answers is kept in the near one for at most [`near_for`](Tiered::near_for), and never longer than the far entry
/// has left. What the far one does not have is remembered for [`misses_for`](Tiered::misses_for). So an entry that *another* process
/// has changed is seen after these times at the latest, and one that is changed by way of this store at once.
///
/// A `Redis` (feature `redis`) that is the far one tells of changes within some
/// milliseconds, on a connection and a thread of its own from the first question on. While nobody hears it, changes are seen after
/// the times above; where the connection is lost, and when it is there again, the near one is emptied.
///
/// | method | near | far |
/// |---|---|---|
/// | `get`, `contains` | asked first | asked where the near one has nothing, and no miss is remembered |
/// | `set` | has the value for `near_for` or its own time, where the far one has failed too | has the value for its own time |
/// | `remove`, `clear` | without the entries | without them, unless it fails |
///
/// An error of the far one is the answer, even where the near one has done its part: a call counts it and goes on. What the near
/// one has is answered while the far one is down. The near store should be one in memory, as it is asked first by every call.
/// An error that a near store has when it is asked counts as nothing there.
///
/// In the near one entries keep the age that the far one tells, where it is a [`Memory`](super::Memory); the time they have left is that
/// for which the near one answers. Calls that are given one `Tiered`, or its far store, share their runs.
///
/// # Cancel safety
/// A `set_async`, `remove_async` or `clear_async` that is dropped may have reached the far store or not; nothing old stays in the
/// near one.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use opero::cache::{Key, Memory, Store, Tiered};
/// use opero::opero;
///
/// fn ask(model: &str, n: u32) -> Result<u32, String> { Ok(model.len() as u32 + n) }
///
/// // In earnest the far one is a `Redis`, a `Sqlite` or a `Disk`.
/// let store = Tiered::new(Memory::with_capacity(1000), Memory::new()).near_for(Duration::from_secs(5));
/// assert_eq!(opero! { cache: 60s, store: &store, name: "ask" => ask("a", 1) }, Ok(2));
/// let key = Key::new("opero", "ask", &("a", 1));
/// assert!(store.near().get(&key).unwrap().unwrap().time_left() <= Some(Duration::from_secs(5)));
/// assert!(store.far().contains(&key).unwrap());
/// ```
pub struct Tiered<N, F, C = System> {
    near: N,
    far: F,
    near_for: Duration,
    misses_for: Duration,
    clock: C,
    state: Arc<State>,
    /// Ends when it is dropped. There is none where the far store tells nothing.
    watch: OnceLock<Option<Box<dyn Any + Send + Sync>>>,
}

impl<N, F> Tiered<N, F> {
    /// A store that asks `near` before `far`. Both are given by value, or by reference or `Arc` where others use them too.
    #[must_use]
    pub fn new(near: N, far: F) -> Self {
        let (state, watch) = (Arc::default(), OnceLock::new());
        Tiered { near, far, near_for: NEAR, misses_for: MISSES, clock: System, state, watch }
    }
}

impl<N, F, C: Clock> Tiered<N, F, C> {
    /// How long the near store answers for an entry before the far one is asked again: 10 s by default. It is never longer than
    /// the entry has left.
    #[must_use]
    pub fn near_for(mut self, time: Duration) -> Self {
        self.near_for = time;
        self
    }

    /// How long it is remembered that the far store has no entry: 1 s by default, and `Duration::ZERO` is not at all. A `set`,
    /// `remove` or `clear` of this store ends it. The last 4,096 misses are remembered, in some 200 KiB.
    #[must_use]
    pub fn misses_for(mut self, time: Duration) -> Self {
        self.misses_for = time;
        self
    }

    /// Tells by `clock` how long misses are remembered. The stores have clocks of their own.
    #[must_use]
    pub fn clock<D: Clock>(self, clock: D) -> Tiered<N, F, D> {
        let Tiered { near, far, near_for, misses_for, clock: _, state, watch } = self;
        Tiered { near, far, near_for, misses_for, clock, state, watch }
    }

    /// The near store, as to read its `stats`.
    #[must_use]
    pub const fn near(&self) -> &N {
        &self.near
    }

    /// The far store.
    #[must_use]
    pub const fn far(&self) -> &F {
        &self.far
    }

    /// How long the near store may answer for an entry that has so much time left.
    fn near_time(&self, left: Option<Duration>) -> Duration {
        left.map_or(self.near_for, |left| left.min(self.near_for))
    }

    /// What the far store has no entry of, that is remembered.
    fn missed(&self, asking: Asking, place: Fingerprint) {
        self.state.missed(asking, place, self.clock.recent(), self.misses_for);
    }

    /// Listens to the far store from the first question on.
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
