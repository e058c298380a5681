//! A service behind a call.

use alloc::boxed::Box;
#[cfg(feature = "cache")]
use alloc::sync::Arc;
use core::future::{Future, poll_fn};
#[cfg(feature = "cache")]
use core::hash::Hash;
use core::ops::ControlFlow::Break;
use core::pin::Pin;
use core::task::{Context, Poll};

use tower_service::Service;

#[cfg(feature = "cache")]
use super::Keyed;
use super::{ResilienceLayer, Unkeyed};
use crate::Call;
#[cfg(feature = "cache")]
use crate::cache::{
    Store,
    backing::{Own, Shared, Value},
    layer::CacheLayer,
    slots::Slots,
};
use crate::call::Name;
use crate::error::Error;
use crate::layer::Layers;
use crate::policy::ErrorPolicy;
use crate::rate::{RateLayer, Scoped};
use crate::time::AsyncDefault;

/// A service inside the call of a [`ResilienceLayer`].
///
/// Its error is [`Error`] over the error of the service. Each request allocates a box for its future. Requests, and
/// with a cache the responses, are cloned.
///
/// # Panics
/// If the service panics, the future propagates the panic.
///
/// # Cancel safety
/// Dropping the future of a response drops the running attempt or the wait, gives back the permit that it waited for,
/// and lets the next request with its key go to the service.
#[derive(Clone, Debug)]
pub struct Resilience<S, P, K = Unkeyed> {
    pub(super) inner: S,
    pub(super) layer: ResilienceLayer<P, K>,
}

type Response<T, E> = Pin<Box<dyn Future<Output = Result<T, Error<E>>> + Send>>;

/// The service of a call with these layers. One impl for each set of layers, because the compiler sees that a future
/// is `Send` only if it sees its concrete types.
macro_rules! service {
    ([$($generics:tt)*] $key:ty, |$this:ident, $request:ident| $keyed:expr, $layers:ty, [$($bounds:tt)*]) => {
        impl<S, R, N, J, $($generics)*> Service<R> for Resilience<S, Call<S::Error, N, AsyncDefault, J, $layers>, $key>
        where
            S: Service<R, Response: Send, Error: Send + 'static, Future: Send> + Clone + Send + 'static,
            R: Clone + Send + 'static,
            N: Name + Clone + Send + Sync + 'static,
            J: ErrorPolicy<S::Error> + Clone + Send + 'static,
            $($bounds)*
        {
            type Response = S::Response;
            type Error = Error<S::Error>;
            type Future = Response<S::Response, S::Error>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, $request: R) -> Self::Future {
                let $this = &self.layer;
                let (owned, parts) = $keyed.split();
                let service = self.inner.clone();
                Box::pin(async move {
                    let mut journey = parts.journey(&owned);
                    loop {
                        if let Break(outcome) = journey.turn(ask(service.clone(), $request.clone())).await {
                            return outcome;
                        }
                    }
                })
            }
        }
    };
}

async fn ask<S: Service<R>, R>(mut service: S, request: R) -> Result<S::Response, S::Error> {
    poll_fn(|context| service.poll_ready(context)).await?;
    service.call(request).await
}

service! { [] Unkeyed, |layer, request| layer.call.clone(), Layers, [] }
service! { [] Unkeyed, |layer, request| layer.call.clone(), Layers<(), RateLayer<Scoped>>, [] }

/// The services that have a key for each request.
#[cfg(feature = "cache")]
macro_rules! keyed_service {
    ([$($generics:tt)*] $layers:ty, [$($bounds:tt)*]) => {
        service! {
            [F, H, $($generics)*] Keyed<F>, |layer, request| layer.call.clone().key(&(layer.key.0)(&request)), $layers,
            [F: Fn(&R) -> H, H: Hash, $($bounds)*]
        }
    };
}

#[cfg(feature = "cache")]
type Cache<M, S> = CacheLayer<Arc<Slots>, M, S>;

#[cfg(feature = "cache")]
keyed_service! { [] Layers<(), RateLayer<Scoped>>, [] }
#[cfg(feature = "cache")]
keyed_service! { [M] Layers<Cache<M, Own>>, [M: Name + Clone + Send + Sync + 'static, S::Response: Value] }
#[cfg(feature = "cache")]
keyed_service! {
    [M] Layers<Cache<M, Own>, RateLayer<Scoped>>, [M: Name + Clone + Send + Sync + 'static, S::Response: Value]
}
#[cfg(feature = "cache")]
keyed_service! {
    [M, T] Layers<Cache<M, Shared<T, S::Response>>>,
    [M: Name + Clone + Send + Sync + 'static, T: Store<S::Response> + Clone + 'static, S::Response: Value]
}
#[cfg(feature = "cache")]
keyed_service! {
    [M, T] Layers<Cache<M, Shared<T, S::Response>>, RateLayer<Scoped>>,
    [M: Name + Clone + Send + Sync + 'static, T: Store<S::Response> + Clone + 'static, S::Response: Value]
}
