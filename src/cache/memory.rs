//! The built-in store.

use alloc::sync::Arc;
use core::convert::Infallible;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::time::Duration;

use super::entry::Lifespan;
use super::flights::{Flights, Joined, Turn};
use super::key::Fingerprint;
use super::stats::{Counters, count};
use super::table::{Stored, Table};
use super::{CAPACITY, Entry, Key, Stats, Store};
use crate::time::{Clock, System};

/// A store in memory with a bounded number of entries.
///
/// Entries that have not been used lately, or only once, are evicted first (`quick_cache`'s variant of CLOCK-Pro). A
/// macro use without `store` has its own. Create one to share entries between uses, to inspect them, or to cache by
/// hand with [`get_or_run`](Memory::get_or_run) and [`get_or_run_async`](Memory::get_or_run_async).
///
/// [`remove`](Store::remove) and [`clear`](Store::clear) also affect runs that are under way, of a call or by hand:
/// the value of such a run is not kept, and later calls run again. A value that is [`set`](Store::set) during a run
/// stays.
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
    /// Creates a store for 10,000 entries.
    #[must_use]
    pub fn new() -> Self {
        Memory::with_capacity(CAPACITY)
    }

    /// Creates a store for `capacity` entries; 0 counts as 1.
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
    /// Sets the clock that the store reads.
    #[must_use]
    pub fn clock<D: Clock>(self, clock: D) -> Memory<V, D> {
        let Memory { table, counters, clock: _ } = self;
        Memory { table, counters, clock }
    }

    /// Returns the number of entries. Expired entries count until their memory is freed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Returns whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frees the memory of the entries that have expired by the clock of the store, and returns how many there were.
    ///
    /// An expired entry is never returned, but its memory is freed only when its key is looked up or when the store
    /// needs room. `sweep` looks at every entry: a million take some 50 ms.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use opero::cache::{Key, Memory, Store};
    /// use opero::time::ManualClock;
    ///
    /// let clock = ManualClock::new();
    /// let memory = Memory::new().clock(&clock);
    /// memory.set(&Key::new("opero", "page", &1), "old", Some(Duration::from_secs(60)))?;
    /// memory.set(&Key::new("opero", "page", &2), "new", Some(Duration::from_secs(90)))?;
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!((memory.sweep(), memory.len()), (1, 1));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[allow(clippy::must_use_candidate, reason = "the count is optional information")]
    pub fn sweep(&self) -> usize {
        self.table.sweep(self.clock.now())
    }

    /// Returns the counters of [`get`](Store::get), [`get_or_run`](Memory::get_or_run) and `get_or_run_async`.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats()
    }

    /// Returns the value of an entry, or runs `op` and keeps its value.
    ///
    /// Of concurrent calls for one key one runs `op`, and the others block until it is done. If it fails or panics,
    /// the call that has waited longest runs its own `op`. Calls that have this memory as their store share the run.
    ///
    /// The value is not kept if the key was [removed](Store::remove) or [set](Store::set), or its namespace
    /// [cleared](Store::clear), while `op` ran. A call inside `op` for the same key runs its own `op`, whose value is
    /// not kept.
    ///
    /// # Errors
    /// Those of `op`. They are not kept.
    ///
    /// # Panics
    /// If `op` panics, the panic is propagated.
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
        let fingerprint = Fingerprint::of_key(key);
        if let Some(value) = self.lookup(&fingerprint) {
            return Ok(value);
        }
        let joined = self.table.flights.join(&fingerprint);
        let turn = match self.joined(&fingerprint, joined) {
            Ok(turn) => turn,
            Err(value) => return Ok(value),
        };
        let value = op()?;
        Ok(self.land(fingerprint, turn, value, time_to_live))
    }

    /// Returns the value of an entry, or runs an async `op` and keeps its value.
    ///
    /// Like [`get_or_run`](Memory::get_or_run), but concurrent calls await the one that runs.
    ///
    /// # Errors
    /// Those of `op`. They are not kept.
    ///
    /// # Panics
    /// If `op` panics, the panic is propagated.
    ///
    /// # Cancel safety
    /// Dropping the future while `op` runs lets the one that has waited longest run its own. Dropping one that waits gives up
    /// its place, and passes on a turn that it has been given.
    ///
    /// # Examples
    /// ```
    /// use opero::cache::{Key, Memory};
    ///
    /// let memory = Memory::new();
    /// let key = Key::new("opero", "answer", &());
    /// futures_lite::future::block_on(async {
    ///     assert_eq!(
    ///         memory.get_or_run_async(&key, None, async || Ok::<_, String>(42)).await,
    ///         Ok(42),
    ///     );
    ///     assert_eq!(memory.get_or_run_async(&key, None, async || Err("not asked")).await, Ok(42));
    /// });
    /// ```
    pub async fn get_or_run_async<E>(
        &self,
        key: &Key<'_>,
        time_to_live: Option<Duration>,
        op: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let fingerprint = Fingerprint::of_key(key);
        if let Some(value) = self.lookup(&fingerprint) {
            return Ok(value);
        }
        let joined = self.table.flights.join_async(&fingerprint).await;
        let turn = match self.joined(&fingerprint, joined) {
            Ok(turn) => turn,
            Err(value) => return Ok(value),
        };
        let mut running = pin!(op());
        let value = poll_fn(|context| {
            let _polled = turn.polled();
            running.as_mut().poll(context)
        })
        .await?;
        Ok(self.land(fingerprint, turn, value, time_to_live))
    }

    /// Returns the turn to run, or the value that has been inserted meanwhile.
    fn joined(&self, fingerprint: &Fingerprint, joined: Joined<V>) -> Result<Turn<V>, V> {
        let turn = match joined {
            Joined::Landed(value) => {
                count(&self.counters.waits);
                return Err(value);
            }
            Joined::Runner(turn) => turn,
        };
        // A run that ended between the look-up and now has left its value in the cache.
        if let Some(value) = self.lookup(fingerprint) {
            turn.share(value.clone());
            return Err(value);
        }
        count(&self.counters.misses);
        Ok(turn)
    }

    fn land(&self, fingerprint: Fingerprint, turn: Turn<V>, value: V, time_to_live: Option<Duration>) -> V {
        self.table.land(fingerprint, turn, value.clone(), self.span(time_to_live));
        value
    }

    fn lookup(&self, fingerprint: &Fingerprint) -> Option<V> {
        let value = self.table.get(fingerprint, || self.clock.recent())?;
        self.counters.hits.count();
        Some(value)
    }

    fn span(&self, time_to_live: Option<Duration>) -> Lifespan {
        Lifespan::new(self.clock.now(), time_to_live)
    }
}

impl<V: Clone + Send + Sync, C: Clock + Send + Sync> Store<V> for Memory<V, C> {
    type Error = Infallible;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<V>>, Infallible> {
        let now = self.clock.recent();
        let Some(Stored { value, span }) = self.table.find(&Fingerprint::of_key(key), || now) else {
            count(&self.counters.misses);
            return Ok(None);
        };
        self.counters.hits.count();
        Ok(Some(span.tell(value, now)))
    }

    fn set(&self, key: &Key<'_>, value: V, time_to_live: Option<Duration>) -> Result<(), Infallible> {
        self.table.insert(Fingerprint::of_key(key), value, self.span(time_to_live));
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        Ok(self.table.remove(&Fingerprint::of_key(key), || self.clock.now()))
    }

    fn contains(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        Ok(self.table.get(&Fingerprint::of_key(key), || self.clock.recent()).is_some())
    }

    fn clear(&self, namespace: &str) -> Result<usize, Infallible> {
        Ok(self.table.clear(Some(Fingerprint::namespace(namespace))))
    }

    fn __flights(&self) -> Option<Arc<Flights<V>>> {
        Some(self.table.flights.clone())
    }

    fn __take(&self, key: &Key<'_>, value: V, time_to_live: Duration, age: Duration) -> Option<V> {
        self.table.insert(Fingerprint::of_key(key), value, self.span(Some(time_to_live)).aged(age));
        None
    }

    fn __empty(&self) -> bool {
        self.table.clear(None);
        true
    }
}

impl<V, C> fmt::Debug for Memory<V, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("stats", &self.counters.stats()).finish_non_exhaustive()
    }
}
