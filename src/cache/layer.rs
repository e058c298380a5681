//! How a call goes through the cache.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use core::any::TypeId;
use core::future::Future;
use core::hash::Hash;
use core::time::Duration;

use super::backing::{Backing, Hashed, Own, Place, Shared, Value};
use super::flights::{Joined, Turn};
use super::lease::{Lease, Leased};
use super::slots::{Entries, Names, Slots, SlotsHandle};
use super::stats::count;
use super::{CAPACITY, Store};
use crate::call::{Context, Name, NameRef, Part, Plan, StaticName, Stopwatch, words};
use crate::error::{Error, Text};
use crate::layer::{AtOnce, Layer, Pass, Step};
use crate::time::{Clock, nanos};

use self::infallible::MayFail;
pub(crate) use self::infallible::{CannotFail, Kind};

mod infallible;

/// What a use with a cache keeps between its calls: its literal options, and its entries.
#[derive(Debug)]
pub struct CacheSite {
    cache: u64,
    capacity: usize,
    namespace: &'static str,
    slots: Slots,
}

impl CacheSite {
    /// Creates a cache with no option set.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made in a static by the macros only")]
    pub const fn new() -> Self {
        CacheSite { cache: Plan::NEVER, capacity: CAPACITY, namespace: "opero", slots: Slots::new() }
    }

    /// Creates the cache of the items of a map, whose entries are separate from those of other calls.
    #[must_use]
    pub const fn of_map() -> Self {
        CacheSite::new().namespace("opero_opmap_item")
    }

    words!(cache: u64, capacity: usize, namespace: &'static str);
}

impl Part for CacheSite {
    type Layer = CacheLayer<&'static Slots>;
    type Told = Self::Layer;

    #[inline]
    fn layer(&'static self, key: u128) -> Self::Layer {
        CacheLayer { key: Some(key), ..self.told() }
    }

    #[inline]
    fn told(&'static self) -> Self::Told {
        CacheLayer::new(&self.slots, self.cache, self.capacity, self.namespace)
    }
}

/// The cache layer of one call: its options, and a handle of its entries.
#[derive(Clone)]
pub struct CacheLayer<H, M = StaticName, S = Own, I = MayFail> {
    slots: H,
    instance: TypeId,
    pub(crate) key: Option<u128>,
    /// In nanoseconds.
    time_to_live: u64,
    pub(crate) capacity: usize,
    namespace: M,
    store: S,
    /// Was `key` set before `store`? A store needs another hash of it.
    is_early: bool,
    kind: I,
}

impl<H> CacheLayer<H> {
    /// Creates a cache whose entries are in `slots`.
    #[inline]
    fn new(slots: H, time_to_live: u64, capacity: usize, namespace: &'static str) -> Self {
        CacheLayer {
            slots,
            instance: TypeId::of::<()>(),
            key: None,
            time_to_live,
            capacity,
            namespace: StaticName(NameRef::Static(namespace)),
            store: Own,
            is_early: false,
            kind: MayFail,
        }
    }
}

impl CacheLayer<Arc<Slots>> {
    /// Creates a cache whose entries are shared by the clones of the layer.
    pub(crate) fn shared() -> Self {
        CacheLayer::new(Arc::new(Slots::new()), Plan::NEVER, CAPACITY, "opero")
    }
}

impl<H, M, S> CacheLayer<H, M, S> {
    /// Option `cache`.
    pub(crate) fn time_to_live(mut self, time: Option<Duration>) -> Self {
        self.time_to_live = time.map_or(Plan::NEVER, nanos);
        self
    }

    /// Option `namespace`.
    pub(crate) fn namespace<L: Name>(self, namespace: L) -> CacheLayer<H, L, S> {
        let CacheLayer { slots, instance, key, time_to_live, capacity, namespace: _, store, is_early, kind } = self;
        CacheLayer { slots, instance, key, time_to_live, capacity, namespace, store, is_early, kind }
    }

    /// Option `store`. `V` is inferred from the body. The bound is here so that the error for a type that is no store
    /// is at the store.
    pub(crate) fn store<V: Send, T: Store<V>>(self, store: T) -> CacheLayer<H, M, Shared<T, V>> {
        let CacheLayer { slots, instance, key, time_to_live, capacity, namespace, kind, .. } = self;
        let is_early = key.is_some();
        let store = Shared::new(store);
        CacheLayer { slots, instance, key, time_to_live, capacity, namespace, store, is_early, kind }
    }

    /// Replaces the handle of the entries.
    pub(crate) fn slots<I>(self, slots: I) -> CacheLayer<I, M, S> {
        let CacheLayer { slots: _, instance, key, time_to_live, capacity, namespace, store, is_early, kind } = self;
        CacheLayer { slots, instance, key, time_to_live, capacity, namespace, store, is_early, kind }
    }
}

impl<H, M, S, I> CacheLayer<H, M, S, I> {
    fn time(&self) -> Option<Duration> {
        (self.time_to_live != Plan::NEVER).then(|| Duration::from_nanos(self.time_to_live))
    }

    #[inline]
    const fn is_sound(&self, time_to_live: u64) -> bool {
        self.capacity != 0 && time_to_live != 0 && self.key.is_some() && !self.is_early
    }

    #[cold]
    fn problem(&self) -> Text
    where
        M: Name,
    {
        match (self.capacity, self.time_to_live) {
            (0, _) => "`capacity` is 0; it must be at least 1".into(),
            (_, 0) => "`cache` is 0s; a time to live must be longer than 0s".into(),
            _ if self.key.is_none() => "a cache needs a key: set `key` to what the result depends on".into(),
            _ if self.is_early => "set the `store` before the `key`: a store hashes keys differently".into(),
            _ => Text::Owned(format!(
                "the type of the values of this use has changed in namespace {}",
                self.namespace.name().as_str()
            )),
        }
    }
}

impl<H, M, S: Hashed> CacheLayer<H, M, S> {
    /// Option `key`.
    #[inline]
    pub(crate) fn key<T: Hash + ?Sized>(mut self, key: &T) -> Self {
        self.key = Some(S::hash(key));
        self.is_early = false;
        self
    }
}

impl<H: SlotsHandle, M: Name, S, I: Kind> CacheLayer<H, M, S, I> {
    #[inline]
    fn names<'n>(&'n self, name: NameRef<'n>) -> Names<'n> {
        Names::new(self.namespace.name(), name)
    }

    /// Returns the entries of this use, in this instance of a generic function.
    #[inline]
    fn entries<V: Value, C: Clock>(&self, name: NameRef<'_>) -> Option<&Entries<V>> {
        self.slots.entries::<V, C>(self.instance, self.capacity, self.names(name))
    }

    /// Like `entries`, but owned, to be kept for as long as the call runs.
    fn shared_entries<V: Value, E, C: Clock>(&self, context: &Context<'_, C>) -> Result<Arc<Entries<V>>, Error<E>> {
        let entries = self.slots.shared_entries::<V, C>(self.instance, self.capacity, self.names(context.name));
        entries.ok_or_else(|| context.misconfigured_as(self.problem()))
    }

    #[inline]
    fn place<'p, V>(&'p self, entries: &'p Entries<V>, name: NameRef<'p>) -> Place<'p, 'p, V> {
        Place::new(entries, self.key.unwrap_or_default(), self.names(name))
    }

    /// Answers the call from an entry, if there is one. All code of a hit is here, so that a hit pays for nothing
    /// else.
    #[allow(
        clippy::inline_always,
        reason = "out of line a hit takes a quarter more time: its options are passed through memory"
    )]
    #[inline(always)]
    fn look<V: Value, C: Clock>(&self, name: NameRef<'_>, clock: &C) -> Option<V>
    where
        S: Backing<V>,
    {
        let place = self.place(self.entries::<V, C>(name)?, name);
        self.store.look(&place, clock).map(|value| place.hit(value))
    }

    /// Waits for the run of another call, or returns the turn to run.
    #[cold]
    #[inline(never)]
    fn miss<V: Value, E, C: Clock>(self, context: &mut Context<'_, C>) -> Result<Entered<V, H, M, S, I>, Error<E>>
    where
        S: Backing<V>,
    {
        let entries = self.shared_entries(context)?;
        let place = self.place(&entries, context.name);
        let (flights, fingerprint) = self.store.flights(&place);
        let end = context.end();
        let left = || end.map(|end| end.saturating_sub(context.clock.now()));
        let watch = Stopwatch::start(context.clock);
        let turn = match flights.join_within(&fingerprint, left) {
            Some(Joined::Landed(value)) => {
                return Ok(shared(place.waited(value), watch, context));
            }
            Some(Joined::Runner(turn)) => turn,
            None => I::turn_at_end(context)?,
        };
        // A run that ended between the look-up and now has left its value in the cache.
        if let Some(value) = self.store.look(&place, context.clock) {
            turn.share(value.clone());
            return Ok(hit(place.hit(value), context));
        }
        context.seen.fault(place.fault());
        let leased = match if S::WAITS { self.store.leases() } else { None } {
            Some(leases) => self.store.take_lease(&leases, &place, &turn, context.clock, end),
            None => Leased::Run(None),
        };
        self.take_off(entries, turn, leased, context)
    }

    /// Takes the lease, if the store has leases, and returns the turn to run, unless another process has run.
    fn take_off<V: Value, E, C: Clock>(
        mut self,
        entries: Arc<Entries<V>>,
        turn: Turn<V>,
        leased: Leased<V>,
        context: &mut Context<'_, C>,
    ) -> Result<Entered<V, H, M, S, I>, Error<E>> {
        let lease = match leased {
            Leased::Run(lease) => lease,
            Leased::Answer(value) => {
                turn.share(value.clone());
                return Ok(hit(value, context));
            }
            Leased::Over => {
                I::go_on_at_end(context)?;
                None
            }
        };
        if I::IS_INFALLIBLE {
            context.without_end();
        }
        count(&entries.counters().misses);
        context.seen.miss();
        self.time_to_live = context.tuned.time_to_live(self.time_to_live);
        Ok(Step::Inward(Landing { lease, turn, entries, layer: self }))
    }
}

type Entered<V, H, M, S, I> = Step<V, Landing<V, H, M, S, I>>;

/// An entry answers the call.
#[inline]
fn hit<V, P, C>(value: V, context: &mut Context<'_, C>) -> Step<V, P> {
    context.seen.hit();
    Step::Answer(value)
}

/// The run of another call answers it, after a wait that began at `since`.
fn shared<V, P, C: Clock>(value: V, since: Stopwatch, context: &mut Context<'_, C>) -> Step<V, P> {
    context.seen.shared(since.elapsed(context.clock));
    Step::Answer(value)
}

impl<V, E, H, M, S, I> Layer<V, E> for CacheLayer<H, M, S, I>
where
    V: Value,
    H: SlotsHandle,
    M: Name,
    S: Backing<V>,
    I: Kind,
{
    type Pass = Landing<V, H, M, S, I>;

    #[cfg(feature = "observe")]
    fn describe(&self, layers: &mut alloc::vec::Vec<crate::observe::LayerInfo>) {
        layers.push(crate::observe::LayerInfo::Cache {
            backend: S::backend(),
            time_to_live: self.time(),
            capacity: self.capacity,
            namespace: self.namespace.name().as_str().into(),
        });
    }

    fn of<Body>(mut self) -> Self {
        self.instance = H::instance::<V, Body>();
        self
    }

    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        let time_to_live = context.tuned.time_to_live(self.time_to_live);
        if !self.is_sound(time_to_live) && !I::IS_INFALLIBLE {
            return Err(context.misconfigured_as(self.problem()));
        }
        Ok(())
    }

    #[allow(clippy::inline_always, reason = "out of line, the options of the call are passed through memory")]
    #[inline(always)]
    fn enter_at_once<C: Clock>(&self, name: NameRef<'_>, clock: &C) -> Option<AtOnce<V, Self::Pass, E>> {
        if self.kind.is_off() {
            return None;
        }
        self.look(name, clock).map(|value| Ok((Step::Answer(value), None)))
    }

    #[inline]
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Entered<V, H, M, S, I>, Error<E>> {
        if self.kind.is_off() {
            return self.go_without(context);
        }
        let found = if context.has_looked { None } else { self.look(context.name, context.clock) };
        match found {
            Some(value) => Ok(hit(value, context)),
            None => self.miss(context),
        }
    }

    #[allow(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Entered<V, H, M, S, I>, Error<E>>> {
        async move {
            if self.kind.is_off() {
                return self.go_without(context);
            }
            if !S::WAITS {
                if let Some(value) = self.look(context.name, context.clock) {
                    return Ok(hit(value, context));
                }
            }
            let entries = self.shared_entries(context)?;
            let place = self.place(&entries, context.name);
            if S::WAITS {
                if let Some(value) = self.store.look_async(&place, context.clock).await {
                    return Ok(hit(place.hit(value), context));
                }
            }
            let (flights, fingerprint) = self.store.flights(&place);
            let watch = Stopwatch::start(context.clock);
            let turn = match context.until_over(flights.join_async(&fingerprint)).await {
                Some(Joined::Landed(value)) => {
                    return Ok(shared(place.waited(value), watch, context));
                }
                Some(Joined::Runner(turn)) => turn,
                None => I::turn_at_end(context)?,
            };
            if let Some(value) = self.store.look_async(&place, context.clock).await {
                turn.share(value.clone());
                return Ok(hit(place.hit(value), context));
            }
            context.seen.fault(place.fault());
            let leased = match if S::WAITS { self.store.leases() } else { None } {
                Some(leases) => {
                    // Boxed, so that a future that waits for no lease does not grow.
                    let take = Box::pin(self.store.take_lease_async(leases, &place, &turn, context.clock));
                    context.until_over(take).await.unwrap_or(Leased::Over)
                }
                None => Leased::Run(None),
            };
            self.take_off(entries, turn, leased, context)
        }
    }
}

/// The right to fill an entry that others wait for. If it is dropped without a value, the right passes to the next
/// waiter.
pub struct Landing<V, H, M, S, I> {
    /// Declared first, so dropped first: the next to run takes the lease.
    lease: Option<Box<Lease>>,
    /// Declared, and so dropped, before the layer, which may own the store.
    turn: Turn<V>,
    entries: Arc<Entries<V>>,
    layer: CacheLayer<H, M, S, I>,
}

impl<V, E, H, M, S, I> Pass<V, E> for Landing<V, H, M, S, I>
where
    V: Value,
    H: SlotsHandle,
    M: Name,
    S: Backing<V>,
    I: Kind,
{
    fn polled(&self) -> impl Sized {
        self.turn.polled()
    }

    fn leave<C: Clock>(self, outcome: Result<V, Error<E>>, context: &Context<'_, C>) -> Result<V, Error<E>> {
        let value = outcome?;
        let Landing { lease, turn, entries, layer } = self;
        let place = layer.place(&entries, context.name);
        layer.store.keep(&place, turn, value.clone(), layer.time(), context.clock);
        context.seen.fault(place.fault());
        drop(lease);
        Ok(value)
    }

    #[allow(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn leave_async<C: Clock>(
        self,
        outcome: Result<V, Error<E>>,
        context: &Context<'_, C>,
    ) -> impl Future<Output = Result<V, Error<E>>> {
        async move {
            let value = outcome?;
            let Landing { lease, turn, entries, layer } = self;
            let place = layer.place(&entries, context.name);
            layer.store.keep_async(&place, turn, value.clone(), layer.time(), context.clock).await;
            context.seen.fault(place.fault());
            drop(lease);
            Ok(value)
        }
    }
}
