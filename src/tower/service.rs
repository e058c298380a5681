//! A service behind the policies.

use alloc::boxed::Box;
use core::future::{Future, poll_fn};
#[cfg(feature = "cache")]
use core::hash::Hash;
#[cfg(feature = "cache")]
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context as Task, Poll};

use tower_service::Service;

#[cfg(feature = "cache")]
use super::ByKey;
use super::{ResilienceLayer, Turns, Uncached};
#[cfg(feature = "cache")]
use crate::__private::{Cached, Entered};
use crate::Call;
use crate::call::{Context, Name};
use crate::error::Error;
use crate::policy::{ErrorPolicy, Execution};
use crate::time::AsyncDefault;

/// A service with the policies of a [`ResilienceLayer`] around it.
///
/// Its error is [`Error`] over that of the service. A request costs the box of its future. Requests, and with a cache the
/// responses, are cloned.
///
/// # Panics
/// The future does where the service does: the panic passes through.
///
/// # Cancel safety
/// Dropping the future of a response drops the running attempt or the wait, gives the permit that it waited for back, and
/// lets the next request with its key go to the service.
#[derive(Clone, Debug)]
pub struct Resilience<S, P, K = Uncached> {
    pub(super) inner: S,
    pub(super) layer: ResilienceLayer<P, K>,
}

type Response<T, E> = Pin<Box<dyn Future<Output = Result<T, Error<E>>> + Send>>;

impl<S, R, N, J> Service<R> for Resilience<S, Call<S::Error, N, AsyncDefault, J>>
where
    S: Service<R, Response: Send, Error: Send + 'static, Future: Send> + Clone + Send + 'static,
    R: Clone + Send + 'static,
    N: Name + Clone + Send + Sync + 'static,
    J: ErrorPolicy<S::Error> + Clone + Send + 'static,
{
    type Response = S::Response;
    type Error = Error<S::Error>;
    type Future = Response<S::Response, S::Error>;

    fn poll_ready(&mut self, _: &mut Task<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let ResilienceLayer { policy, turns, key: Uncached } = self.layer.clone();
        let service = self.inner.clone();
        Box::pin(async move {
            let (context, call) = policy.split();
            ask(service, request, &context, call, turns).await
        })
    }
}

#[cfg(feature = "cache")]
impl<S, R, N, J, H, F> Service<R> for Resilience<S, Call<S::Error, N, AsyncDefault, J>, ByKey<F>>
where
    S: Service<R, Response: Clone + Send + Sync + 'static, Error: Send + 'static, Future: Send>
        + Clone
        + Send
        + 'static,
    R: Clone + Send + 'static,
    N: Name + Clone + Send + Sync + 'static,
    J: ErrorPolicy<S::Error> + Clone + Send + 'static,
    H: Hash,
    F: Fn(&R) -> H + Clone,
{
    type Response = S::Response;
    type Error = Error<S::Error>;
    type Future = Response<S::Response, S::Error>;

    fn poll_ready(&mut self, _: &mut Task<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let ResilienceLayer { policy, turns, key: ByKey { key, slots, time_to_live, capacity } } = self.layer.clone();
        let service = self.inner.clone();
        // A number, so that the key itself need not be `Send`.
        let print = Cached::new(&slots, "opero").key(|hasher| key(&request).hash(hasher)).fingerprint;
        Box::pin(async move {
            let (context, call) = policy.split();
            // Where one layer is for services that differ in their response, each response has entries of its own.
            let mut cached = Cached::new(&slots, "opero").of(&PhantomData::<S::Response>).capacity(capacity);
            cached.fingerprint = print;
            if let Some(time) = time_to_live {
                cached = cached.cache(time);
            }
            if let Some(response) = cached.look_at_once(&context) {
                return Ok(response);
            }
            match cached.enter(&context).await? {
                Entered::Answered(response) => Ok(response),
                Entered::Runner(landing) => {
                    let response = ask(service, request, &context, call, turns).await?;
                    Ok(landing.land(response, &context).await)
                }
            }
        })
    }
}

/// Everything further in than the cache.
async fn ask<S, R, N, J>(
    service: S,
    request: R,
    context: &Context<N, AsyncDefault>,
    call: Call<S::Error, (), (), J>,
    turns: Option<Turns>,
) -> Result<S::Response, Error<S::Error>>
where
    S: Service<R> + Clone,
    R: Clone,
    N: Name,
    J: ErrorPolicy<S::Error>,
{
    let now = match &turns {
        Some(turns) => turns.pass(context).await?,
        None => None,
    };
    let op = move |_: Execution| {
        let (mut service, request) = (service.clone(), request.clone());
        async move {
            poll_fn(|task| service.poll_ready(task)).await?;
            service.call(request).await
        }
    };
    crate::__drive!(run @limited call.within(context, now), op)
}
