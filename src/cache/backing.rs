//! Where the values of a use are kept: in the use itself, or in a store.

use alloc::sync::Arc;
use core::fmt::Display;
use core::future::Future;
use core::hash::Hash;
use core::marker::PhantomData;
use core::time::Duration;

use super::entry::Lifespan;
use super::flights::{Flights, Turn};
use super::key::{Fingerprint, Key};
use super::lease::{self, Leased, Leases};
use super::slots::{Entries, Names};
use super::stats::count;
use super::{Entry, Store, store_id};
use crate::call::Fault;
use crate::key::{Fingerprint as _, InMemory, InStore};
use crate::time::Clock;

/// The location of one entry.
pub struct Place<'s, 'n, V> {
    pub(super) entries: &'s Entries<V>,
    /// The hash of its key.
    hash: u128,
    names: Names<'n>,
    fault: Fault,
}

impl<'s, 'n, V> Place<'s, 'n, V> {
    #[inline]
    pub(super) const fn new(entries: &'s Entries<V>, hash: u128, names: Names<'n>) -> Self {
        Place { entries, hash, names, fault: Fault::none() }
    }

    /// Its fingerprint among the entries of the use.
    #[inline]
    fn fingerprint(&self) -> Fingerprint {
        self.entries.fingerprint(self.hash, &self.names)
    }

    /// Its key in a store.
    #[inline]
    pub(super) const fn key(&self) -> Key<'n> {
        Key::with(self.names.namespace, self.names.name, self.hash)
    }

    #[inline]
    pub(super) fn hit(&self, value: V) -> V {
        self.entries.counters().hits.count();
        value
    }

    pub(super) fn waited(&self, value: V) -> V {
        count(&self.entries.counters().waits);
        value
    }

    /// The value in a store's answer. A failure is counted and gives `None`.
    pub(super) fn checked<E: Display>(&self, answer: Result<Option<Entry<V>>, E>) -> Option<V> {
        let answer = answer.unwrap_or_else(|error| {
            self.count_error(&error);
            None
        });
        answer.map(Entry::into_value)
    }

    fn count_insertion<E: Display>(&self, outcome: &Result<(), E>) {
        match outcome {
            Ok(()) => count(&self.entries.counters().insertions),
            Err(error) => self.count_error(error),
        }
    }

    fn count_failure<T, E: Display>(&self, outcome: &Result<T, E>) {
        if let Err(error) = outcome {
            self.count_error(error);
        }
    }

    pub(super) fn count_error(&self, error: &impl Display) {
        count(&self.entries.counters().errors);
        self.fault.note(error);
    }

    /// The last failure of the store, if any.
    pub(super) const fn fault(&self) -> &Fault {
        &self.fault
    }
}

/// A value that can be cached.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cached: a cached value must be `Clone + Send + Sync + 'static`",
    label = "cannot be cached",
    note = "a hit gives a clone, on any thread: wrap it in an `Arc`, or return an owned part of it"
)]
pub trait Value: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Send + Sync + 'static> Value for V {}

/// Says how a backing hashes keys.
pub trait Hashed {
    /// Returns the fingerprint of a key.
    #[doc(hidden)]
    fn hash<T: Hash + ?Sized>(key: &T) -> u128;
}

impl Hashed for Own {
    #[inline]
    fn hash<T: Hash + ?Sized>(key: &T) -> u128 {
        InMemory::of(key)
    }
}

impl<S, V> Hashed for Shared<S, V> {
    #[inline]
    fn hash<T: Hash + ?Sized>(key: &T) -> u128 {
        InStore::of(key)
    }
}

/// Where values are kept: in the use itself, or in a store.
pub trait Backing<V: Value> {
    /// Can a look-up have to wait?
    const WAITS: bool;

    /// Returns its name: `memory`, or the type of the store in lower case.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    fn backend() -> alloc::string::String;

    /// Returns the flights that calls of this entry share, and the fingerprint of the entry among them.
    #[doc(hidden)]
    fn flights(&self, place: &Place<'_, '_, V>) -> (Arc<Flights<V>>, Fingerprint);

    /// Returns the cached value.
    #[doc(hidden)]
    fn look(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V>;

    /// Gives the value to all waiters, and keeps it.
    #[doc(hidden)]
    fn keep(&self, place: &Place<'_, '_, V>, turn: Turn<V>, value: V, time: Option<Duration>, clock: &impl Clock);

    /// Returns the cached value, without blocking the thread.
    #[doc(hidden)]
    fn look_async(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> impl Future<Output = Option<V>>;

    /// Gives the value to all waiters, and keeps it, without blocking the thread.
    #[doc(hidden)]
    fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        turn: Turn<V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    ) -> impl Future<Output = ()>;

    /// Returns the leases that bring the runs of several processes together.
    #[doc(hidden)]
    fn leases(&self) -> Option<Arc<Leases>> {
        None
    }

    /// Takes the lease for a run, or waits until another process has run; until `end` at most.
    #[doc(hidden)]
    fn take_lease(
        &self,
        _leases: &Arc<Leases>,
        _place: &Place<'_, '_, V>,
        _turn: &Turn<V>,
        _clock: &impl Clock,
        _end: Option<Duration>,
    ) -> Leased<V> {
        Leased::Run(None)
    }

    /// Like `take_lease`, without blocking the thread and without an end.
    #[doc(hidden)]
    fn take_lease_async(
        &self,
        _leases: Arc<Leases>,
        _place: &Place<'_, '_, V>,
        _turn: &Turn<V>,
        _clock: &impl Clock,
    ) -> impl Future<Output = Leased<V>> {
        core::future::ready(Leased::Run(None))
    }
}

/// The entries of the use itself.
#[derive(Clone, Copy, Debug)]
pub struct Own;

impl<V: Value> Backing<V> for Own {
    const WAITS: bool = false;

    #[cfg(feature = "observe")]
    fn backend() -> alloc::string::String {
        "memory".into()
    }

    fn flights(&self, place: &Place<'_, '_, V>) -> (Arc<Flights<V>>, Fingerprint) {
        (place.entries.table.flights.clone(), place.fingerprint())
    }

    #[inline]
    fn look(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V> {
        place.entries.table.get(&place.fingerprint(), || clock.recent())
    }

    fn keep(&self, place: &Place<'_, '_, V>, turn: Turn<V>, value: V, time: Option<Duration>, clock: &impl Clock) {
        // Nobody reads the age of these, so without a time to live the clock is not read.
        let span = time.map_or(Lifespan::ENDLESS, |time| Lifespan::new(clock.now(), Some(time)));
        place.entries.table.land(place.fingerprint(), turn, value, span);
    }

    async fn look_async(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V> {
        look_again(place, clock)
    }

    async fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        turn: Turn<V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    ) {
        self.keep(place, turn, value, time, clock);
    }
}

/// Looks again after a miss. Out of line, so that the first look-up stays inline.
#[cold]
#[inline(never)]
fn look_again<V: Value>(place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V> {
    Own.look(place, clock)
}

/// A user's store. The entries of the use only bring concurrent calls together.
#[derive(Clone, Copy, Debug)]
pub struct Shared<S, V> {
    store: S,
    values: PhantomData<fn() -> V>,
}

impl<S, V> Shared<S, V> {
    #[inline]
    pub(super) fn new(store: S) -> Self {
        Shared { store, values: PhantomData }
    }
}

impl<V: Value, S: Store<V>> Backing<V> for Shared<S, V> {
    const WAITS: bool = true;

    #[cfg(feature = "observe")]
    fn backend() -> alloc::string::String {
        // The last segment of the path, without a reference before it or type parameters after it.
        let path = core::any::type_name::<S>().split('<').next().unwrap_or_default();
        path.rsplit([':', '&']).next().unwrap_or_default().to_lowercase()
    }

    fn flights(&self, place: &Place<'_, '_, V>) -> (Arc<Flights<V>>, Fingerprint) {
        let of_store = self.store.__flights().or_else(|| self.store.store_id().map(store_id::flights));
        let flights = of_store.unwrap_or_else(|| place.entries.table.flights.clone());
        (flights, Fingerprint::of_key(&place.key()))
    }

    #[inline]
    fn look(&self, place: &Place<'_, '_, V>, _: &impl Clock) -> Option<V> {
        place.checked(self.store.get(&place.key()))
    }

    fn keep(&self, place: &Place<'_, '_, V>, turn: Turn<V>, value: V, time: Option<Duration>, _: &impl Clock) {
        let is_kept = turn.is_current();
        if is_kept {
            place.count_insertion(&self.store.set(&place.key(), value.clone(), time));
        }
        // If a `clear` ran while the store was writing, the value may have been written after it.
        if !turn.share(value) && is_kept {
            place.count_failure(&self.store.remove(&place.key()));
        }
    }

    async fn look_async(&self, place: &Place<'_, '_, V>, _: &impl Clock) -> Option<V> {
        place.checked(self.store.get_async(&place.key()).await)
    }

    async fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        turn: Turn<V>,
        value: V,
        time: Option<Duration>,
        _: &impl Clock,
    ) {
        let is_kept = turn.is_current();
        if is_kept {
            place.count_insertion(&self.store.set_async(&place.key(), value.clone(), time).await);
        }
        if !turn.share(value) && is_kept {
            place.count_failure(&self.store.remove_async(&place.key()).await);
        }
    }

    fn leases(&self) -> Option<Arc<Leases>> {
        self.store.__leases()
    }

    fn take_lease(
        &self,
        leases: &Arc<Leases>,
        place: &Place<'_, '_, V>,
        turn: &Turn<V>,
        clock: &impl Clock,
        end: Option<Duration>,
    ) -> Leased<V> {
        let Some(flight) = turn.flight() else { return Leased::Run(None) };
        lease::take(leases, &self.store, place, flight, clock, end)
    }

    async fn take_lease_async(
        &self,
        leases: Arc<Leases>,
        place: &Place<'_, '_, V>,
        turn: &Turn<V>,
        clock: &impl Clock,
    ) -> Leased<V> {
        // A call that runs alone is inside the body that holds the lease, or inside one that waits for it.
        let Some(flight) = turn.flight() else { return Leased::Run(None) };
        lease::take_async(leases, &self.store, place, flight, clock).await
    }
}
