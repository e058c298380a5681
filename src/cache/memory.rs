//! The built-in store.

use alloc::sync::Arc;
use core::convert::Infallible;
use core::fmt;
use core::time::Duration;

use super::entry::Lifespan;
use super::key::Fingerprint;
use super::stats::{Counters, count};
use super::table::{Flight, Joined, Stored, Table};
use super::{CAPACITY, Entry, Key, Stats, Store};
use crate::time::{Clock, System};

/// A store in memory, for at most so many entries.
///
/// What has not been used lately, or only once, makes room first (`quick_cache`'s variant of CLOCK-Pro). A macro use
/// without `store` has one of its own; make one to share entries between uses, to look into it, or to cache by hand with
/// [`get_or_run`](Memory::get_or_run) and [`get_or_run_async`](Memory::get_or_run_async).
///
/// An entry takes its value and 64 bytes, rounded up.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use opero::cache::{Key, Memory, Store};
/// use opero::opero;
///
/// fn ask(model: &str, n: u32) -> Result<u32, String> { Ok(model.len() as u32 + n) }
///
/// let shared = Memory::new();
/// assert_eq!(opero! { cache: 60s, store: &shared, name: "ask" => ask("a", 1) }, Ok(2));
///
/// let entry = shared.get(&Key::new("opero", "ask", &("a", 1))).unwrap().unwrap();
/// assert_eq!(*entry.value(), 2);
/// assert!(entry.time_left() <= Some(Duration::from_secs(60)) && entry.age().is_some());
/// ```
pub struct Memory<V, C = System> {
    table: Table<V>,
    counters: Arc<Counters>,
    clock: C,
}

impl<V: Clone> Memory<V> {
    /// A store for 10,000 entries.
    #[must_use]
    pub fn new() -> Self {
        Memory::with_capacity(CAPACITY)
    }

    /// A store for `capacity` entries; 0 counts as 1.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let counters = Arc::<Counters>::default();
        Memory { table: Table::new(capacity.max(1), counters.clone()), counters, clock: System }
    }
}

impl<V: Clone> Default for Memory<V> {
    fn default() -> Self {
        Memory::new()
    }
}

impl<V: Clone, C: Clock> Memory<V, C> {
    /// Tells the time by `clock`.
    #[must_use]
    pub fn clock<D: Clock>(self, clock: D) -> Memory<V, D> {
        let Memory { table, counters, clock: _ } = self;
        Memory { table, counters, clock }
    }

    /// How many entries there are, those not counted as expired yet included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Is there no entry?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What became of the calls of [`get`](Store::get), [`get_or_run`](Memory::get_or_run) and its async twin.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats()
    }

    /// The value of an entry, or else that of `op`, which is then kept. Of concurrent calls for one key one runs `op`, and
    /// the others block until it is done; where it fails or panics, the next one runs its own.
    ///
    /// # Errors
    /// Those of `op`. They are not kept.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through. Where `op` asks for its own key, it waits for itself without end.
    ///
    /// # Examples
    /// ```
    /// use opero::cache::{Key, Memory};
    ///
    /// let memory = Memory::new();
    /// let key = Key::new("opero", "answer", &());
    /// assert_eq!(memory.get_or_run(&key, None, || Ok::<_, String>(42)), Ok(42));
    /// assert_eq!(memory.get_or_run(&key, None, || Err("not asked")), Ok(42));
    /// ```
    pub fn get_or_run<E>(
        &self,
        key: &Key<'_>,
        time_to_live: Option<Duration>,
        op: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let fingerprint = Self::fingerprint(key);
        if let Some(value) = self.lookup(&fingerprint) {
            return Ok(value);
        }
        let flight = match self.table.join(&fingerprint, || self.clock.now()) {
            Joined::Landed(value) => {
                count(&self.counters.waits);
                return Ok(value);
            }
            Joined::Runner(flight) => flight,
        };
        count(&self.counters.misses);
        let value = op()?;
        Ok(self.land(flight, value, time_to_live))
    }

    /// The same for an async `op`: of concurrent calls for one key one runs `op`, and the others await it.
    ///
    /// # Errors
    /// Those of `op`. They are not kept.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through. Where `op` asks for its own key, it waits for itself without end.
    ///
    /// # Cancel safety
    /// Dropping the future while `op` runs lets the next one who waits run its own; dropping one who waits gives up its place.
    ///
    /// # Examples
    /// ```
    /// use opero::cache::{Key, Memory};
    ///
    /// let memory = Memory::new();
    /// let key = Key::new("opero", "answer", &());
    /// futures_lite::future::block_on(async {
    ///     assert_eq!(memory.get_or_run_async(&key, None, async || Ok::<_, String>(42)).await, Ok(42));
    ///     assert_eq!(memory.get_or_run_async(&key, None, async || Err("not asked")).await, Ok(42));
    /// });
    /// ```
    pub async fn get_or_run_async<E>(
        &self,
        key: &Key<'_>,
        time_to_live: Option<Duration>,
        op: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let fingerprint = Self::fingerprint(key);
        if let Some(value) = self.lookup(&fingerprint) {
            return Ok(value);
        }
        let flight = match self.table.join_async(&fingerprint, || self.clock.now()).await {
            Joined::Landed(value) => {
                count(&self.counters.waits);
                return Ok(value);
            }
            Joined::Runner(flight) => flight,
        };
        count(&self.counters.misses);
        let value = op().await?;
        Ok(self.land(flight, value, time_to_live))
    }

    fn land(&self, flight: Flight<'_, V>, value: V, time_to_live: Option<Duration>) -> V {
        count(&self.counters.insertions);
        self.table.land(flight, value.clone(), self.span(time_to_live));
        value
    }

    fn lookup(&self, fingerprint: &Fingerprint) -> Option<V> {
        let value = self.table.get(fingerprint, || self.clock.recent())?;
        self.counters.hits.count();
        Some(value)
    }

    /// The fixed fingerprint of the key hashed again: in memory nobody shall be able to choose where an entry lies.
    fn fingerprint(key: &Key<'_>) -> Fingerprint {
        Fingerprint::new(key, key.namespace())
    }

    fn span(&self, time_to_live: Option<Duration>) -> Lifespan {
        Lifespan::new(self.clock.now(), time_to_live)
    }
}

impl<V: Clone + Send + Sync, C: Clock + Send + Sync> Store<V> for Memory<V, C> {
    type Error = Infallible;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, Infallible> {
        let now = self.clock.recent();
        let Some(Stored { value, span }) = self.table.find(&Self::fingerprint(key), || now) else {
            count(&self.counters.misses);
            return Ok(None);
        };
        self.counters.hits.count();
        Ok(Some(span.tell(value, now)))
    }

    fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), Infallible> {
        count(&self.counters.insertions);
        self.table.insert(Self::fingerprint(key), value, self.span(time_to_live));
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        Ok(self.table.remove(&Self::fingerprint(key), || self.clock.now()))
    }

    fn contains(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        Ok(self.table.get(&Self::fingerprint(key), || self.clock.recent()).is_some())
    }

    fn clear(&self, namespace: &str) -> Result<usize, Infallible> {
        Ok(self.table.clear(Some(Fingerprint::namespace(namespace))))
    }
}

impl<V, C> fmt::Debug for Memory<V, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("stats", &self.counters.stats()).finish_non_exhaustive()
    }
}
