//! The layers of a call that is built by its methods.

#[cfg(feature = "cache")]
use alloc::sync::Arc;
#[cfg(feature = "cache")]
use core::hash::Hash;
use core::time::Duration;

#[cfg(feature = "cache")]
use super::Name;
use super::{BadRead, Call, NameRef, Part, Site, StaticName};
#[cfg(feature = "cache")]
use crate::cache::Store;
#[cfg(feature = "cache")]
use crate::cache::backing::{Hashed, Shared};
#[cfg(feature = "cache")]
use crate::cache::layer::CacheLayer;
#[cfg(feature = "cache")]
use crate::cache::slots::Slots;
use crate::layer::Layers;
#[cfg(feature = "observe")]
use crate::observe::{Candidates, Policies};
#[cfg(feature = "observe")]
use crate::policy::Adapted;
use crate::policy::{Always, Rate};
use crate::rate::RateLayer;
#[cfg(feature = "cache")]
use crate::rate::{InProcessKey, PerKey, TakesKey};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use crate::rate::{Scope, Scoped};
use crate::time::{AsyncDefault, BlockingDefault, nanos};

impl<K: Part, R: Part> Site<K, R> {
    /// Creates a call of this use, for options that are not literals.
    #[inline]
    pub fn call<E>(&'static self) -> Call<E, StaticName, BlockingDefault, Always, Layers<K::Told, R::Told>> {
        BadRead::begin();
        let name = StaticName(NameRef::of_use(&self.name));
        Call::with(name, BlockingDefault::NEW, self.told(), self.plan(), Some(&self.probe)).of_use(self)
    }

    /// Like `call`, for an async body.
    #[inline]
    pub fn call_async<E>(&'static self) -> Call<E, StaticName, AsyncDefault, Always, Layers<K::Told, R::Told>> {
        BadRead::begin();
        let name = StaticName(NameRef::of_use(&self.name));
        Call::with(name, AsyncDefault::NEW, self.told(), self.plan(), Some(&self.probe)).of_use(self)
    }
}

impl<E, N, C, J, L> Call<E, N, C, J, L> {
    /// Creates a call of this use.
    #[cfg_attr(not(feature = "observe"), allow(unused_mut, reason = "nothing is counted"))]
    #[inline]
    fn of_use<K, R>(mut self, site: &'static Site<K, R>) -> Self {
        #[cfg(feature = "observe")]
        {
            self.rest.origin = Some(&site.origin);
        }
        let _ = site;
        self
    }
}

impl<E, N, C, J, K, R, O> Call<E, N, C, J, Layers<K, R, O>> {
    /// Adds a layer of your own around the call, inside the cache, the rate and the layers added before: see
    /// [`layer`](crate::layer).
    #[inline]
    pub fn layer<L>(self, layer: L) -> Call<E, N, C, J, Layers<K, R, (O, L)>> {
        self.map_layers(|layers| layers.with(layer))
    }
}

/// The policy is chosen for each call.
#[cfg(feature = "observe")]
impl<E, N, C, J, K, R, O> Call<E, N, C, J, Layers<K, R, O>> {
    /// Chooses for each call one of these retry policies in place of its own, and learns which of them does best.
    ///
    /// The policies first take turns, until each has 5 samples and all together have 10. After that, calls run with
    /// the policy that [`Adaptive::suggest`](crate::observe::Adaptive::suggest) picks from the last hour. If that
    /// hour has too few samples, the previous policy stays; at first it is the first of the list. Every tenth call
    /// tries another policy, each one five times in a row, so that a change is noticed after about 50 calls for each.
    /// The choice uses no randomness.
    ///
    /// A sample is the outcome of a call and how long it took by its clock. That includes delays and fallback, but
    /// not the cache, the rate and the layers that were added before. A call that is abandoned, or that ends before
    /// its first attempt, gives no sample. A policy whose calls are abandoned 20 times is no longer waited for.
    ///
    /// Calls of the same name share their samples in the whole process, so give different uses different names. The
    /// 1,000 names that ran last are kept. [`observe::adaptive`](crate::observe::adaptive) shows the choice. Choosing
    /// and recording take about 2 µs a call.
    ///
    /// An empty list, or a policy whose backoff is below 1 or not a number, gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    ///
    /// # Examples
    /// ```
    /// use opero::policy::Retry;
    /// use opero::{Call, observe};
    ///
    /// let hasty = Retry::new().retries(0);
    /// let patient = Retry::new().retries(2).min_delay(core::time::Duration::ZERO);
    /// let policies = [hasty, patient];
    /// let ask = Call::new("flaky").adaptive(policies);
    /// for _ in 0..11 {
    ///     // The first attempt of each call fails.
    ///     let _ = ask
    ///         .clone()
    ///         .run(|attempt| if attempt.number() == 1 { Err("busy") } else { Ok(42) });
    /// }
    /// assert_eq!(observe::adaptive("flaky").unwrap().retry, Some(policies[1]));
    /// ```
    #[inline]
    pub fn adaptive<A: Policies>(self, candidates: A) -> Call<E, N, C, Adapted<J>, Layers<K, R, (O, Candidates<A>)>> {
        self.wrap(|rest| Adapted { retry: None, rest }).layer(Candidates::new(candidates))
    }
}

/// The option that turns the cache on.
#[cfg(feature = "cache")]
impl<E, N, C, J, R, O> Call<E, N, C, J, Layers<(), R, O>> {
    /// Answers from the entry of an earlier call with the same [`key`](Call::key), if it is younger than
    /// `time_to_live`; with `None` an entry does not expire.
    ///
    /// The clones of a call share their entries, so create the call once and run clones of it. Separately created
    /// calls have separate entries, unless they share a [`store`](Call::store). See [`cache`](crate::cache).
    ///
    /// A call without `key`, or with a time to live of zero, gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    ///
    /// # Examples
    /// ```
    /// # use core::time::Duration;
    /// use opero::Call;
    ///
    /// let load = Call::new("numbers").cache(Duration::from_secs(60));
    /// let first = load.clone().key("a").run(|_| Ok::<_, String>(1));
    /// let again = load.clone().key("a").run(|_| Err("not asked".into()));
    /// assert_eq!((first, again), (Ok(1), Ok(1)));
    /// ```
    #[inline]
    pub fn cache(
        mut self,
        time_to_live: impl Into<Option<Duration>>,
    ) -> Call<E, N, C, J, Layers<CacheLayer<Arc<Slots>>, R, O>> {
        self.look();
        let cache = CacheLayer::shared().time_to_live(time_to_live.into());
        self.map_layers(|layers| layers.map_cache(|()| cache))
    }
}

/// The options of the cache.
#[cfg(feature = "cache")]
impl<E, N, C, J, H, M, S, R, O> Call<E, N, C, J, Layers<CacheLayer<H, M, S>, R, O>> {
    /// Replaces the time to live.
    #[inline]
    pub fn cache(mut self, time_to_live: impl Into<Option<Duration>>) -> Self {
        self.look();
        self.map_layers(|layers| layers.map_cache(|cache| cache.time_to_live(time_to_live.into())))
    }

    /// Sets the namespace of the entries, which is part of their identity; [`cache::clear`](crate::cache::clear)
    /// clears one namespace. Default `"opero"`.
    #[inline]
    pub fn namespace<P: Name>(mut self, namespace: P) -> Call<E, N, C, J, Layers<CacheLayer<H, P, S>, R, O>> {
        self.look();
        self.map_layers(|layers| layers.map_cache(|cache| cache.namespace(namespace)))
    }

    /// Keeps the entries in a store, by value or by reference: see [`Store`]. Set it before the [`key`](Call::key),
    /// because a store needs another hash of the key; otherwise the call gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn store<V: Send, T: Store<V>>(
        self,
        store: T,
    ) -> Call<E, N, C, J, Layers<CacheLayer<H, M, Shared<T, V>>, R, O>> {
        self.map_layers(|layers| layers.map_cache(|cache| cache.store(store)))
    }

    /// Sets the maximum number of entries, and of keys with their own rate. Default 10,000; 0 gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn capacity(mut self, entries: usize) -> Self
    where
        R: TakesKey,
    {
        self.look();
        self.layers.cache.capacity = entries;
        self.layers.rate.set_capacity(entries);
        self
    }

    /// Sets what the result depends on: the key of the entry and, with [`Scope::PerArgs`](crate::Scope::PerArgs), of
    /// the rate.
    #[inline]
    pub fn key<T: Hash + ?Sized>(mut self, key: &T) -> Self
    where
        S: Hashed,
        R: TakesKey,
    {
        self.layers.rate.set_key(key);
        self.map_layers(|layers| layers.map_cache(|cache| cache.key(key)))
    }

    /// Sets the fingerprint of the key.
    #[doc(hidden)]
    #[inline]
    pub fn keyed(mut self, fingerprint: u128) -> Self
    where
        R: TakesKey,
    {
        self.layers.rate.set_fingerprint(fingerprint);
        self.layers.cache.key = Some(fingerprint);
        self
    }

    /// Uses the entries stored beside a callable.
    #[doc(hidden)]
    #[inline]
    pub fn slots<I>(self, slots: I) -> Call<E, N, C, J, Layers<CacheLayer<I, M, S>, R, O>> {
        self.map_layers(|layers| layers.map_cache(|cache| cache.slots(slots)))
    }
}

/// The option that turns the rate on.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<E, N, C, J, K, O> Call<E, N, C, J, Layers<K, (), O>> {
    /// Lets calls through in order and evenly spaced: each call waits for one permit, however many attempts it makes.
    ///
    /// The clones of a call share their permits, so create the call once and run clones of it.
    ///
    /// A rate of zero permits, or a period of zero, gives [`Error::Configuration`](crate::Error::Configuration).
    ///
    /// # Examples
    /// ```
    /// # use core::time::Duration;
    /// use opero::{Call, policy::Rate};
    ///
    /// let ask = Call::new("ask")
    ///     .rate(Rate::new(1, Duration::from_secs(3600)))
    ///     .max_wait(Duration::ZERO);
    /// assert_eq!(ask.clone().run(|_| Ok::<_, String>(42)), Ok(42));
    /// assert!(ask.clone().run(|_| Ok::<_, String>(42)).is_err_and(|error| error.is_rate_limit()));
    /// ```
    #[inline]
    pub fn rate(mut self, rate: Rate) -> Call<E, N, C, J, Layers<K, RateLayer<Scoped>, O>> {
        self.look();
        self.map_layers(|layers| layers.map_rate(|()| RateLayer::new(rate, Scoped::new())))
    }
}

/// The options of the rate.
impl<E, N, C, J, K, Q, O> Call<E, N, C, J, Layers<K, RateLayer<Q>, O>> {
    /// Replaces the rate.
    #[inline]
    pub fn rate(mut self, rate: Rate) -> Self {
        self.look();
        self.layers.rate.options = self.layers.rate.options.rate(rate);
        self
    }

    /// Sets how many permits may be taken at once. Default 1; 0 gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn burst(mut self, burst: u32) -> Self {
        self.look();
        self.layers.rate.options = self.layers.rate.options.burst(burst);
        self
    }

    /// Sets the longest wait for a permit. A call that would have to wait longer gets
    /// [`Error::RateLimit`](crate::Error::RateLimit) at once, and takes no permit. Default: no bound.
    #[inline]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.look();
        self.layers.rate.options = self.layers.rate.options.max_wait(nanos(max_wait));
        self
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<E, N, C, J, K, O> Call<E, N, C, J, Layers<K, RateLayer<Scoped>, O>> {
    /// Sets which calls share the permits. Default [`Scope::PerFunction`]: the clones of this call.
    #[inline]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.layers.rate.source.scope = scope;
        self
    }
}

#[cfg(feature = "cache")]
impl<E, N, C, J, K, Q, O> Call<E, N, C, J, Layers<K, RateLayer<PerKey<Q>>, O>> {
    /// Sets the fingerprint of the value that has its own rate.
    #[doc(hidden)]
    #[inline]
    pub fn per_key(mut self, fingerprint: InProcessKey) -> Self {
        self.layers.rate.source.key = Some(fingerprint.0);
        self
    }
}

/// The options of a rate for each key, without a cache.
#[cfg(feature = "cache")]
impl<E, N, C, J, Q, O> Call<E, N, C, J, Layers<(), RateLayer<Q>, O>>
where
    RateLayer<Q>: TakesKey,
{
    /// Sets the maximum number of keys with their own rate. Default 10,000; 0 gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn capacity(mut self, rates: usize) -> Self {
        self.look();
        self.layers.rate.set_capacity(rates);
        self
    }

    /// Sets the key: calls with different keys have separate rates.
    #[inline]
    pub fn key<T: Hash + ?Sized>(mut self, key: &T) -> Self {
        self.layers.rate.set_key(key);
        self
    }

    /// Sets the fingerprint of the key.
    #[doc(hidden)]
    #[inline]
    pub fn keyed(mut self, fingerprint: u128) -> Self {
        self.layers.rate.set_fingerprint(fingerprint);
        self
    }
}
