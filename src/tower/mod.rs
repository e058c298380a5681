//! The policies as a layer of tower, for services that have tower already.
//!
//! ```
//! use core::time::Duration;
//! use std::convert::Infallible;
//!
//! use opero::{Call, policy::Rate, tower::ResilienceLayer};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # futures_lite::future::block_on(async {
//! let policy = Call::new_async("length").retries(3).timeout(Duration::from_secs(2));
//! let layer = ResilienceLayer::new(policy)
//!     .rate(Rate::new(100, Duration::from_secs(1)), 10)
//!     .cache(|text: &String| text.clone())
//!     .time_to_live(Duration::from_secs(60));
//! let service = ServiceBuilder::new()
//!     .layer(layer)
//!     .service(service_fn(async |text: String| Ok::<_, Infallible>(text.len())));
//! assert_eq!(service.oneshot(String::from("four")).await, Ok(4));
//! # });
//! ```
//!
//! What shall happen is said by a [`Call`](crate::Call); the order of layers is that of `opero!`: cache → rate → retry → the
//! service. `deadline` is for all of it. A request is cloned for each attempt, and so is the service, which is awaited until
//! it is ready within the attempt: what stands further in, as a limit of concurrency, holds the attempt up and counts for
//! its `timeout`. The layer itself is always ready.
//!
//! The permits and the entries belong to the layer: all services that were made by one, and their clones, share them. Where
//! they answer differently, give each its own layer, or make what tells them apart part of the key.

use alloc::sync::Arc;
use core::fmt;
#[cfg(feature = "cache")]
use core::hash::Hash;
use core::time::Duration;

#[cfg(feature = "cache")]
use crate::cache::{CAPACITY, slots::Slots};
use crate::call::{Context, Name};
use crate::error::Error;
use crate::policy::Rate;
use crate::rate::{Limiter, Rated};
use crate::time::AsyncDefault;

mod service;

pub use self::service::Resilience;

/// Puts the policies of a [`Call`](crate::Call) around a service; with [`rate`](ResilienceLayer::rate) and
/// [`cache`](ResilienceLayer::cache) where they are named.
///
/// `P` is the type of the call, and `K` says how requests are told apart in the cache. The call must be one of
/// [`Call::new_async`](crate::Call::new_async) and keep to its clock; of a `fallback` there is nothing to choose, so each
/// candidate is one more attempt.
///
/// # Examples
/// ```
/// use opero::{Call, tower::ResilienceLayer};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # futures_lite::future::block_on(async {
/// let layer = ResilienceLayer::new(Call::new_async("half").retries(1).min_delay(core::time::Duration::ZERO));
/// let half = layer.layer(service_fn(async |n: u32| if n % 2 == 0 { Ok(n / 2) } else { Err("odd") }));
/// assert_eq!(half.clone().oneshot(8).await, Ok(4));
/// let error = half.oneshot(3).await.unwrap_err();
/// assert_eq!((error.attempts().len(), error.into_last()), (2, Some("odd")));
/// # });
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it has a service"]
pub struct ResilienceLayer<P, K = Uncached> {
    policy: P,
    turns: Option<Turns>,
    key: K,
}

/// Every request is for the service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uncached;

/// Requests that have equal keys have one answer.
#[cfg(feature = "cache")]
#[derive(Clone)]
pub struct ByKey<F> {
    key: F,
    slots: Arc<Slots>,
    time_to_live: Option<Duration>,
    capacity: usize,
}

/// The queue for permits, and how it moves.
#[derive(Clone, Debug)]
struct Turns {
    rate: Rate,
    burst: u32,
    max_wait: Option<Duration>,
    limiter: Arc<Limiter>,
}

impl<P> ResilienceLayer<P> {
    /// A layer with the policies of a call.
    pub const fn new(policy: P) -> Self {
        ResilienceLayer { policy, turns: None, key: Uncached }
    }

    /// Answers a request from the response to an earlier one with an equal key. Only responses are kept, and no errors; of
    /// concurrent requests with one key one goes to the service. Without [`time_to_live`](ResilienceLayer::time_to_live) an
    /// entry does not expire.
    ///
    /// Put all that tells one response from another into the key, who asks included.
    #[cfg(feature = "cache")]
    pub fn cache<R, H: Hash, F: Fn(&R) -> H>(self, key: F) -> ResilienceLayer<P, ByKey<F>> {
        let ResilienceLayer { policy, turns, key: Uncached } = self;
        let key = ByKey { key, slots: Arc::new(Slots::new()), time_to_live: None, capacity: CAPACITY };
        ResilienceLayer { policy, turns, key }
    }
}

impl<P, K> ResilienceLayer<P, K> {
    /// Lets requests through evenly spaced and in order, `burst` of them at once. The attempts of one request share its
    /// permit. A rate of nothing, or a burst of 0, gives [`Error::Configuration`].
    pub fn rate(mut self, rate: Rate, burst: u32) -> Self {
        self.turns = Some(Turns { rate, burst, max_wait: None, limiter: Arc::new(Limiter::new()) });
        self
    }

    /// A request that had to wait longer for its permit gets [`Error::RateLimit`] at once. Default no bound; without
    /// [`rate`](ResilienceLayer::rate) before it, it says nothing.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        if let Some(turns) = &mut self.turns {
            turns.max_wait = Some(max_wait);
        }
        self
    }
}

#[cfg(feature = "cache")]
impl<P, F> ResilienceLayer<P, ByKey<F>> {
    /// How long a response is kept. Default without end; zero gives [`Error::Configuration`].
    pub fn time_to_live(mut self, time: Duration) -> Self {
        self.key.time_to_live = Some(time);
        self
    }

    /// How many responses are kept at most. Default 10,000; 0 gives [`Error::Configuration`].
    pub fn capacity(mut self, entries: usize) -> Self {
        self.key.capacity = entries;
        self
    }
}

impl<S, P: Clone, K: Clone> tower_layer::Layer<S> for ResilienceLayer<P, K> {
    type Service = Resilience<S, P, K>;

    fn layer(&self, inner: S) -> Self::Service {
        Resilience { inner, layer: self.clone() }
    }
}

impl Turns {
    /// Waits for a permit, and gives the time where it was read for that.
    async fn pass<E, N: Name>(&self, context: &Context<N, AsyncDefault>) -> Result<Option<Duration>, Error<E>> {
        let rated = Rated::new(&*self.limiter).rate(self.rate).burst(self.burst);
        match self.max_wait {
            Some(max_wait) => rated.max_wait(max_wait).pass_async(context).await,
            None => rated.pass_async(context).await,
        }
    }
}

impl<P: fmt::Debug, K> fmt::Debug for ResilienceLayer<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResilienceLayer")
            .field("policy", &self.policy)
            .field("turns", &self.turns)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "cache")]
impl<F> fmt::Debug for ByKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByKey")
            .field("time_to_live", &self.time_to_live)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
