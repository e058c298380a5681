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

/// A store in memory, for at most so many entries.
///
/// What has not been used lately, or only once, makes room first (`quick_cache`'s variant of CLOCK-Pro). A macro use
/// without `store` has one of its own; make one to share entries between uses, to look into it, or to cache by hand with
/// [`get_or_run`](Memory::get_or_run) and [`get_or_run_async`](Memory::get_or_run_async).
///
/// [`remove`](Store::remove) and [`clear`](Store::clear) reach what runs meanwhile, by hand or for a call: its value is not
/// kept, and who asks later runs anew. A value that is [`set`](Store::set) during a run stays.
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

    /// Gives back the memory of the entries that have expired by its clock, and says how many there were.
    ///
    /// An expired entry answers nobody, but its memory is given back only when its key is asked for again or when it makes
    /// room. It looks at every entry, a million in some 50 ms.
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
    #[allow(clippy::must_use_candidate, reason = "the count is for those who care")]
    pub fn sweep(&self) -> usize {
        self.table.sweep(self.clock.now())
    }

    /// What became of the calls of [`get`](Store::get), [`get_or_run`](Memory::get_or_run) and its async twin.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.counters.stats()
    }

    /// The value of an entry, or else that of `op`, which is then kept. Of concurrent calls for one key one runs `op`, and
    /// the others block until it is done; where it fails or panics, the one that has waited longest runs its own. They share
    /// a run with calls that have this memory as their store.
    ///
    /// The value is not kept where the key was [removed](Store::remove) or [set](Store::set), or its namespace
    /// [cleared](Store::clear), while `op` ran. A call that is made inside of `op` for its own key runs its own `op`, the value
    /// of which is not kept.
    ///
    /// # Errors
    /// Those of `op`. They are not kept.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through.
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

    /// The same for an async `op`: of concurrent calls for one key one runs `op`, and the others await it.
    ///
    /// # Errors
    /// Those of `op`. They are not kept.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through.
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

    /// The turn of who has to run, or the value that has come meanwhile.
    fn joined(&self, fingerprint: &Fingerprint, joined: Joined<V>) -> Result<Turn<V>, V> {
        let turn = match joined {
            Joined::Landed(value) => {
                count(&self.counters.waits);
                return Err(value);
            }
            Joined::Runner(turn) => turn,
        };
        // A run that ended between the look-up and now has left its value.
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
