//! A call as a tower layer, for services that already use tower.
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
//! All options are those of [`Call`](crate::Call), with the same names and the same order of layers: cache → rate →
//! retry → the service. `deadline` covers all of it. Each attempt clones the request and the service, and waits
//! within the attempt until the service is ready. So an inner layer, such as a concurrency limit, delays the attempt
//! and counts towards its `timeout`. The layer itself is always ready.
//!
//! Layers of [`Call::layer`](crate::Call::layer) are not for services: use tower's layers instead.
//!
//! The permits and the entries belong to the call: all services made by one layer, and their clones, share them. If
//! the services answer differently, give each its own layer, or make the difference part of the key.

use core::fmt;

mod service;

pub use self::service::Resilience;

/// Puts a [`Call`](crate::Call) around a service: its attempts, its limits and its layers.
///
/// `P` is the type of the call, and `K` says how requests are keyed. The call must be made by
/// [`Call::new_async`](crate::Call::new_async) and keep its clock. The candidates of a `fallback` do not reach the
/// service, so each candidate is one more attempt.
///
/// # Examples
/// ```
/// use opero::{Call, tower::ResilienceLayer};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # futures_lite::future::block_on(async {
/// let call = Call::new_async("half").retries(1).min_delay(core::time::Duration::ZERO);
/// let layer = ResilienceLayer::new(call);
/// let half = async |n: u32| if n % 2 == 0 { Ok(n / 2) } else { Err("odd") };
/// let half = layer.layer(service_fn(half));
/// assert_eq!(half.clone().oneshot(8).await, Ok(4));
/// let error = half.oneshot(3).await.unwrap_err();
/// assert_eq!((error.attempts().len(), error.into_last()), (2, Some("odd")));
/// # });
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing without a service"]
pub struct ResilienceLayer<P, K = Unkeyed> {
    call: P,
    #[cfg_attr(not(feature = "cache"), allow(dead_code, reason = "only a key that is hashed is read"))]
    key: K,
}

/// Requests have no key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unkeyed;

/// Requests are keyed by the result of `F`.
#[derive(Clone, Copy)]
pub struct Keyed<F>(F);

impl<P> ResilienceLayer<P> {
    /// Creates a layer that makes each request such a call.
    pub const fn new(call: P) -> Self {
        ResilienceLayer { call, key: Unkeyed }
    }

    /// Keys requests by the result of `key`: required for a call with a `cache`, and for one with a `rate` for each
    /// key.
    ///
    /// The key must contain everything that makes responses differ, such as the user.
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
