//! Where the values of a use are kept: with the use, or in a store.

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

/// Where an entry is.
pub struct Place<'s, 'n, V> {
    pub(super) entries: &'s Entries<V>,
    /// That of its key.
    hash: u128,
    names: Names<'n>,
    fault: Fault,
}

impl<'s, 'n, V> Place<'s, 'n, V> {
    #[inline]
    pub(super) const fn new(entries: &'s Entries<V>, hash: u128, names: Names<'n>) -> Self {
        Place { entries, hash, names, fault: Fault::none() }
    }

    /// Its place among the entries of the use.
    #[inline]
    fn fingerprint(&self) -> Fingerprint {
        self.entries.fingerprint(self.hash, &self.names)
    }

    /// Its name in a store.
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

    /// What a store has answered; a failure is counted, and is no answer.
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

    /// What the store could not do, if anything.
    pub(super) const fn fault(&self) -> &Fault {
        &self.fault
    }
}

/// A value that can be kept.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cached: a cached value must be `Clone + Send + Sync + 'static`",
    label = "cannot be cached",
    note = "a hit gives a clone, on any thread: wrap it in an `Arc`, or return an owned part of it"
)]
pub trait Value: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Send + Sync + 'static> Value for V {}

/// Says how the keys of a backing are hashed.
pub trait Hashed {
    /// The fingerprint of a key.
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
    /// May it have to be awaited?
    const WAITS: bool;

    /// What it is called: `memory`, or the type of the store in lower case.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    fn backend() -> alloc::string::String;

    /// The flights that the calls of this place share, and where it is among them.
    #[doc(hidden)]
    fn flights(&self, place: &Place<'_, '_, V>) -> (Arc<Flights<V>>, Fingerprint);

    /// The value that is there.
    #[doc(hidden)]
    fn look(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V>;

    /// Gives the value to all who wait, and keeps it.
    #[doc(hidden)]
    fn keep(&self, place: &Place<'_, '_, V>, turn: Turn<V>, value: V, time: Option<Duration>, clock: &impl Clock);

    /// The value that is there, without blocking.
    #[doc(hidden)]
    fn look_async(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> impl Future<Output = Option<V>>;

    /// Gives the value to all who wait, and keeps it, without blocking.
    #[doc(hidden)]
    fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        turn: Turn<V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    ) -> impl Future<Output = ()>;

    /// The leases that processes bring their runs together by.
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

    /// The same without blocking, and without an end.
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
        // Nobody asks for the age of these, so without an end the clock is not read.
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

/// The look of a call that has missed: out of line, so that the first one is not.
#[cold]
#[inline(never)]
fn look_again<V: Value>(place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V> {
    Own.look(place, clock)
}

/// A store of the user. The entries of the use only bring concurrent calls together.
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
        // The last word of the path, without a reference before it or types after it.
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
        // What was cleared while the store was busy may have been put in after that.
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
        // Who runs alone does so inside of the body that holds the lease, or of one that waits for it.
        let Some(flight) = turn.flight() else { return Leased::Run(None) };
        lease::take_async(leases, &self.store, place, flight, clock).await
    }
}
