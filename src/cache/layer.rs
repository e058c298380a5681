//! How a call goes through the cache.

use alloc::format;
use core::any::TypeId;
use core::time::Duration;

use super::backing::{Backing, Own, Place, Seeded, Shared, Value};
use super::running::Running;
use super::slots::{Names, Slots};
use super::stats::count;
use super::table::{Flight, Joined};
use super::{CAPACITY, Store};
use crate::call::{Context, Fixed, Name};
use crate::error::{Cache, Configuration, Error, Text};
use crate::key::{Fingerprinter, Keyed};
use crate::time::Clock;

/// The cache layer of one call: its options, and where its entries are.
#[derive(Debug)]
pub struct Cached<'s, N, S = Own> {
    slots: &'s Slots,
    instance: TypeId,
    pub(crate) fingerprint: u128,
    time_to_live: Option<Duration>,
    capacity: usize,
    namespace: N,
    store: S,
}

impl<'s> Cached<'s, Fixed> {
    /// A cache without expiry.
    #[inline]
    #[must_use]
    pub fn new(slots: &'s Slots, namespace: &'static str) -> Self {
        let instance = TypeId::of::<()>();
        Cached {
            slots,
            instance,
            fingerprint: 0,
            time_to_live: None,
            capacity: CAPACITY,
            namespace: Fixed(namespace),
            store: Own,
        }
    }

    /// That of an item of a map, whose entries are apart from those of other calls.
    #[inline]
    #[must_use]
    pub fn of_map(mut self) -> Self {
        self.namespace = Fixed("opero_opmap_item");
        self
    }
}

impl<N, S> Keyed for Cached<'_, N, S> {
    #[inline]
    fn fingerprint(&self) -> u128 {
        self.fingerprint
    }

    #[inline]
    fn capacity(&self) -> usize {
        self.capacity
    }
}

impl<'s, N, S> Cached<'s, N, S> {
    /// Option `cache`.
    #[inline]
    #[must_use]
    pub fn cache(mut self, time_to_live: Duration) -> Self {
        self.time_to_live = Some(time_to_live);
        self
    }

    /// Option `capacity`.
    #[inline]
    #[must_use]
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// Option `namespace`.
    #[inline]
    pub fn namespace<M: Name>(self, namespace: M) -> Cached<'s, M, S> {
        let Cached { slots, instance, fingerprint, time_to_live, capacity, namespace: _, store } = self;
        Cached { slots, instance, fingerprint, time_to_live, capacity, namespace, store }
    }

    /// Option `store`. The type of its values is found with the body's; it is here so that what is no store is blamed itself.
    #[inline]
    pub fn store<V: Send, T: Store<V>>(self, store: T) -> Cached<'s, N, Shared<T, V>> {
        let Cached { slots, instance, fingerprint, time_to_live, capacity, namespace, store: _ } = self;
        Cached { slots, instance, fingerprint, time_to_live, capacity, namespace, store: Shared::new(store) }
    }
}

impl<N, S: Seeded> Cached<'_, N, S> {
    /// Option `key`, or what stands for it: feeds a hasher with all that tells this call from others.
    #[inline]
    #[must_use]
    pub fn key(mut self, feed: impl FnOnce(&mut Fingerprinter)) -> Self {
        let mut hasher = S::seed().hasher();
        feed(&mut hasher);
        self.fingerprint = hasher.finish128();
        self
    }

    /// Tells by the body which instance of a generic function this is.
    #[inline]
    #[must_use]
    pub fn of<Op>(mut self, _op: &Op) -> Self {
        self.instance = typeid::of::<Op>();
        self
    }
}

impl<'s, N: Name, S> Cached<'s, N, S> {
    /// Answers the call from an entry, if there is one. All of a hit is here, so that it pays for nothing else.
    #[allow(
        clippy::inline_always,
        reason = "out of line a hit takes a quarter more time: its options go by way of memory"
    )]
    #[inline(always)]
    pub fn look<V, M, C>(&self, context: &Context<M, C>) -> Option<V>
    where
        V: Value,
        M: Name,
        C: Clock,
        S: Backing<V>,
    {
        let place = self.place(context)?;
        self.store.look(&place, &context.clock).map(|value| place.hit(value))
    }

    /// The same where it takes no waiting.
    #[inline]
    pub fn look_at_once<V, M, C>(&self, context: &Context<M, C>) -> Option<V>
    where
        V: Value,
        M: Name,
        C: Clock,
        S: Backing<V>,
    {
        if S::MAY_HAVE_CHANGED { None } else { self.look(context) }
    }

    /// Answers the call from another's run, or else runs `op` and keeps its value.
    ///
    /// # Errors
    /// Those of `op`; [`Error::Cache`] where the body asks for its own entry; [`Error::Timeout`] where the call is over
    /// before another's run is; [`Error::Configuration`].
    #[cold]
    #[inline(never)]
    pub fn run<V, E, M, C>(
        self,
        context: &Context<M, C>,
        op: impl FnOnce() -> Result<V, Error<E>>,
    ) -> Result<V, Error<E>>
    where
        V: Value,
        M: Name,
        C: Clock,
        S: Backing<V>,
    {
        let place = self.place(context).ok_or_else(|| self.misconfigured(context.name.text()))?;
        let Some(_running) = Running::new(place.id()) else {
            let problem = "the body asks for the very entry it is run for; give the inner call another key";
            return Err(Error::Cache(Cache::new(context.name.text(), problem)));
        };
        let flight = match place.entries.table.join_until(context.limits.end, &place.print, || context.clock.now()) {
            Some(Joined::Landed(value)) => return Ok(place.waited(value)),
            Some(Joined::Runner(flight)) => flight,
            None => return Err(context.timed_out()),
        };
        if S::MAY_HAVE_CHANGED {
            if let Some(value) = self.store.look(&place, &context.clock) {
                place.share(flight, value.clone());
                return Ok(place.hit(value));
            }
        }
        count(&place.entries.counters.misses);
        let value = op()?;
        self.store.keep(&place, flight, value.clone(), self.time_to_live, &context.clock);
        Ok(value)
    }

    /// The same up to the point where `op` would run.
    ///
    /// # Errors
    /// [`Error::Timeout`] where the call is over before another's run is; [`Error::Configuration`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the place in the queue to the next.
    pub async fn enter<V, E, M, C>(self, context: &Context<M, C>) -> Result<Entered<'s, V, S>, Error<E>>
    where
        V: Value,
        M: Name,
        C: Clock,
        S: Backing<V>,
    {
        let place = self.place(context).ok_or_else(|| self.misconfigured(context.name.text()))?;
        if let Some(value) = self.store.look_async(&place).await {
            return Ok(Entered::Answered(place.hit(value)));
        }
        let joined = place.entries.table.join_async(&place.print, || context.clock.now());
        let flight = match context.until_over(joined).await {
            Some(Joined::Landed(value)) => return Ok(Entered::Answered(place.waited(value))),
            Some(Joined::Runner(flight)) => flight,
            None => return Err(context.timed_out()),
        };
        if let Some(value) = self.store.look_async(&place).await {
            place.share(flight, value.clone());
            return Ok(Entered::Answered(place.hit(value)));
        }
        count(&place.entries.counters.misses);
        Ok(Entered::Runner(Landing { place, flight, time_to_live: self.time_to_live, store: self.store }))
    }

    /// Where the entry of this call is, or would be; `None` where an option has a value it cannot have.
    #[allow(clippy::inline_always, reason = "as `look`")]
    #[inline(always)]
    fn place<V, M, C>(&self, context: &Context<M, C>) -> Option<Place<'s, V>>
    where
        V: Value,
        M: Name,
        C: Clock,
        S: Backing<V>,
    {
        if self.capacity == 0 || self.time_to_live.is_some_and(|time| time.is_zero()) {
            return None;
        }
        let names = Names {
            namespace: self.namespace.as_str(),
            name: context.name.as_str(),
            are_given: !(Fixed::is::<M>() && Fixed::is::<N>()),
        };
        let entries = self.slots.entries::<V, C>(self.instance, self.capacity, names)?;
        Some(self.store.place(entries, self.fingerprint, names))
    }

    #[cold]
    fn misconfigured<E>(&self, name: Text) -> Error<E> {
        let problem = match (self.capacity, self.time_to_live) {
            (0, _) => "`capacity` is 0; it must be at least 1".into(),
            (_, Some(Duration::ZERO)) => "`cache` is 0s; a time to live must be longer".into(),
            _ => Text::Owned(format!(
                "the use has changed the type of its values in namespace {}",
                self.namespace.as_str()
            )),
        };
        Error::Configuration(Configuration::new(name, problem))
    }
}

/// What becomes of an async call at the cache.
pub enum Entered<'s, V, S> {
    /// There is an answer.
    Answered(V),
    /// The body is to be run.
    Runner(Landing<'s, V, S>),
}

/// The place a value is awaited at. Dropped without one, it passes to the next who waits.
pub struct Landing<'s, V, S> {
    place: Place<'s, V>,
    flight: Flight<'s, V>,
    time_to_live: Option<Duration>,
    store: S,
}

impl<V: Value, S: Backing<V>> Landing<'_, V, S> {
    /// Keeps the value of the body.
    pub async fn land<M, C: Clock>(self, value: V, context: &Context<M, C>) -> V {
        self.store.keep_async(&self.place, self.flight, value.clone(), self.time_to_live, &context.clock).await;
        value
    }
}
