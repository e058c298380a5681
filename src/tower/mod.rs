//! A call as a layer of tower, for services that have tower already.
//!
//! ```
//! use core::time::Duration;
//! use std::convert::Infallible;
//!
//! use opero::{Call, policy::Rate, tower::ResilienceLayer};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # futures_lite::future::block_on(async {
//! let call = Call::new_async("length")
//!     .retries(3)
//!     .timeout(Duration::from_secs(2))
//!     .rate(Rate::new(100, Duration::from_secs(1)))
//!     .burst(10)
//!     .cache(Duration::from_secs(60));
//! let service = ServiceBuilder::new()
//!     .layer(ResilienceLayer::new(call).key(|text: &String| text.clone()))
//!     .service(service_fn(async |text: String| Ok::<_, Infallible>(text.len())));
//! assert_eq!(service.oneshot(String::from("four")).await, Ok(4));
//! # });
//! ```
//!
//! All options are those of a [`Call`](crate::Call), under their names, and so is the order of layers: cache → rate → retry →
//! the service. `deadline` is for all of it. A request is cloned for each attempt, and so is the service, which is awaited
//! until it is ready within the attempt: what stands further in, as a limit of concurrency, holds the attempt up and counts
//! for its `timeout`. The layer itself is always ready.
//!
//! What [`Call::layer`](crate::Call::layer) adds is not for services: what else stands around one is a layer of tower.
//!
//! The permits and the entries belong to the call: all services that were made by one layer, and their clones, share them.
//! Where they answer differently, give each its own layer, or make what tells them apart part of the key.

use core::fmt;

mod service;

pub use self::service::Resilience;

/// Puts a [`Call`](crate::Call) around a service: its attempts, its limits and its layers.
///
/// `P` is the type of the call, and `K` says how requests are told apart. The call must be one of
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
pub struct ResilienceLayer<P, K = Unkeyed> {
    call: P,
    #[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "only a key that is hashed is read"))]
    key: K,
}

/// Requests are not told apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unkeyed;

/// Requests are told apart by what `F` says of them.
#[derive(Clone, Copy)]
pub struct Keyed<F>(F);

impl<P> ResilienceLayer<P> {
    /// A layer that makes each request such a call.
    pub const fn new(call: P) -> Self {
        ResilienceLayer { call, key: Unkeyed }
    }

    /// Tells requests apart by what `key` says of them: for a call with a `cache`, which needs it, and for one with a `rate`
    /// of its own for each key.
    ///
    /// Put all that tells one response from another into the key, who asks included.
    #[cfg(feature = "cache")]
    pub fn key<R, H: core::hash::Hash, F: Fn(&R) -> H>(self, key: F) -> ResilienceLayer<P, Keyed<F>> {
        ResilienceLayer { call: self.call, key: Keyed(key) }
    }
}

impl<S, P: Clone, K: Clone> tower_layer::Layer<S> for ResilienceLayer<P, K> {
    type Service = Resilience<S, P, K>;

    fn layer(&self, inner: S) -> Self::Service {
        Resilience { inner, layer: self.clone() }
    }
}

impl<P: fmt::Debug, K> fmt::Debug for ResilienceLayer<P, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResilienceLayer").field("call", &self.call).finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Keyed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}
