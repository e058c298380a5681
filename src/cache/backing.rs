//! Where the values of a use are kept: with the use, or in a store.

use core::future::Future;
use core::hash::Hash;
use core::marker::PhantomData;
use core::time::Duration;

use super::entry::Lifespan;
use super::key::{Fingerprint, Key};
use super::slots::{Entries, Names};
use super::stats::count;
use super::table::Flight;
use super::{Entry, Store};
use crate::key::{Fingerprint as _, InMemory, InStore};
use crate::time::Clock;

/// Where an entry is.
pub struct Place<'s, 'n, V> {
    pub(super) entries: &'s Entries<V>,
    pub(super) fingerprint: Fingerprint,
    /// Its name, where it is kept in a store.
    key: Option<Key<'n>>,
}

impl<V> Place<'_, '_, V> {
    #[inline]
    pub(super) fn hit(&self, value: V) -> V {
        self.entries.counters.hits.count();
        value
    }

    pub(super) fn waited(&self, value: V) -> V {
        count(&self.entries.counters.waits);
        value
    }

    pub(super) fn id(&self) -> (usize, Fingerprint) {
        (core::ptr::from_ref(self.entries).addr(), self.fingerprint)
    }

    /// Gives the value to all who wait and to nobody else.
    pub(super) fn share(&self, flight: Flight<'_, V>, value: V)
    where
        V: Value,
    {
        self.entries.table.land(flight, value, Lifespan::ENDLESS);
        self.entries.table.remove(&self.fingerprint, || Duration::ZERO);
    }

    /// What a store has answered; a failure is counted, and is no answer.
    fn checked<E>(&self, answer: Result<Option<Entry<V>>, E>) -> Option<V> {
        let answer = answer.unwrap_or_else(|_| {
            count(&self.entries.counters.errors);
            None
        });
        answer.map(Entry::into_value)
    }

    fn count_insertion<E>(&self, outcome: &Result<(), E>) {
        let counters = &self.entries.counters;
        count(if outcome.is_ok() { &counters.insertions } else { &counters.errors });
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
    /// May an entry have come from elsewhere since it was looked for?
    const MAY_HAVE_CHANGED: bool;

    /// The place of the entry whose key has this hash.
    #[doc(hidden)]
    fn place<'s, 'n>(&self, entries: &'s Entries<V>, hash: u128, names: Names<'n>) -> Place<'s, 'n, V>;

    /// The value that is there.
    #[doc(hidden)]
    fn look(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V>;

    /// Gives the value to all who wait, and keeps it.
    #[doc(hidden)]
    fn keep(
        &self,
        place: &Place<'_, '_, V>,
        flight: Flight<'_, V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    );

    /// The value that is there, without blocking, where looking takes waiting; else it has been looked for at once.
    #[doc(hidden)]
    fn look_async(&self, _place: &Place<'_, '_, V>) -> impl Future<Output = Option<V>> {
        core::future::ready(None)
    }

    /// Gives the value to all who wait, and keeps it, without blocking.
    #[doc(hidden)]
    fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        flight: Flight<'_, V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    ) -> impl Future<Output = ()>;
}

/// The entries of the use itself.
#[derive(Clone, Copy, Debug)]
pub struct Own;

impl<V: Value> Backing<V> for Own {
    const MAY_HAVE_CHANGED: bool = false;

    #[inline]
    fn place<'s, 'n>(&self, entries: &'s Entries<V>, hash: u128, names: Names<'n>) -> Place<'s, 'n, V> {
        Place { entries, fingerprint: entries.fingerprint(hash, &names), key: None }
    }

    #[inline]
    fn look(&self, place: &Place<'_, '_, V>, clock: &impl Clock) -> Option<V> {
        place.entries.table.get(&place.fingerprint, || clock.recent())
    }

    fn keep(
        &self,
        place: &Place<'_, '_, V>,
        flight: Flight<'_, V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    ) {
        count(&place.entries.counters.insertions);
        // Nobody asks for the age of these, so without an end the clock is not read.
        let span = time.map_or(Lifespan::ENDLESS, |time| Lifespan::new(clock.now(), Some(time)));
        place.entries.table.land(flight, value, span);
    }

    async fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        flight: Flight<'_, V>,
        value: V,
        time: Option<Duration>,
        clock: &impl Clock,
    ) {
        self.keep(place, flight, value, time, clock);
    }
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
    const MAY_HAVE_CHANGED: bool = true;

    fn place<'s, 'n>(&self, entries: &'s Entries<V>, hash: u128, names: Names<'n>) -> Place<'s, 'n, V> {
        let fingerprint = entries.fingerprint(hash, &names);
        Place { entries, fingerprint, key: Some(Key::with(names.namespace, names.name, hash)) }
    }

    fn look(&self, place: &Place<'_, '_, V>, _: &impl Clock) -> Option<V> {
        place.checked(self.store.get(place.key.as_ref()?))
    }

    fn keep(&self, place: &Place<'_, '_, V>, flight: Flight<'_, V>, value: V, time: Option<Duration>, _: &impl Clock) {
        if let Some(key) = &place.key {
            place.count_insertion(&self.store.set(key, value.clone(), time));
        }
        place.share(flight, value);
    }

    async fn look_async(&self, place: &Place<'_, '_, V>) -> Option<V> {
        place.checked(self.store.get_async(place.key.as_ref()?).await)
    }

    async fn keep_async(
        &self,
        place: &Place<'_, '_, V>,
        flight: Flight<'_, V>,
        value: V,
        time: Option<Duration>,
        _: &impl Clock,
    ) {
        if let Some(key) = &place.key {
            place.count_insertion(&self.store.set_async(key, value.clone(), time).await);
        }
        place.share(flight, value);
    }
}
