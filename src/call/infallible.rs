//! A call that cannot fail: it has only a cache, and its body always runs to its end.
//!
//! It uses the drivers of all calls, with an error type that has no values. No limit ends it ([`Unlimited`]), and the cache
//! always lets it in (`cache/layer/infallible.rs`), so its outcome is always a value.

// A target without a system has no default clock. There a use has to name a clock, and then runs as a call of the builder.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod literal;

use core::convert::Infallible;
use core::future::Future;
use core::ops::ControlFlow::{Break, Continue};
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project_lite::pin_project;

use super::course::Source;
use super::journey::Journey;
use super::latency::LatencyProbe;
use super::limits::Deadline;
use super::name::{Name, NameRef};
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::plan::Plan;
use super::run::{Built, Owned, Parts};
use super::traced::BlockingSpan;
use super::tuned::Tuned;
use super::turn::Timer;
use super::{Call, Rest, through};
use crate::cache::backing::{Backing, Value};
use crate::cache::layer::{CacheLayer, CannotFail};
use crate::cache::slots::SlotsHandle;
use crate::error::Error;
use crate::layer::{Layer, Layers};
use crate::policy::Always;
use crate::time::Clock;

/// A call that cannot fail. [`Call::infallible`] returns it.
#[must_use = "a call does nothing until it is run"]
#[derive(Debug)]
pub struct InfallibleCall<N, C, K>(Call<Infallible, N, C, Always, Layers<K>>);

impl<N, C, H, M, S> Call<Infallible, N, C, Always, Layers<CacheLayer<H, M, S>>> {
    /// Turns it into a call that cannot fail: the body returns a plain `T`, and so does the call.
    ///
    /// Set the options of the [cache](Call::cache), [`name`](Call::name) and [`clock`](Call::clock) before it. A call with a
    /// rate, a predicate, a listener or a layer does not have this method. Retries, a fallback and limits have no effect.
    ///
    /// If anything goes wrong, the body runs without the cache. An error of the store is counted as usual. An invalid option,
    /// such as a `capacity` of 0 or a missing [`key`](Call::key), counts as such an error in each call
    /// ([`Stats::errors`](crate::cache::Stats::errors)). If the body around the call has a limit, a call that waits for the run
    /// of another waits until that limit, and then runs the body itself.
    ///
    /// It caches every value. If the value is a `Result`, it also caches an `Err`.
    ///
    /// # Examples
    /// ```
    /// # use core::time::Duration;
    /// use opero::Call;
    ///
    /// let squares = Call::new("squares").cache(Duration::from_secs(60));
    /// let first = squares.clone().key(&12).infallible().run(|| 144);
    /// let again = squares.clone().key(&12).infallible().run(|| unreachable!("it is in the cache"));
    /// assert_eq!((first, again), (144, 144));
    /// ```
    #[inline]
    pub fn infallible(self) -> InfallibleCall<N, C, CacheLayer<H, M, S, CannotFail>> {
        let Call { name, clock, policy, layers, rest, error } = self;
        let layers = layers.map_cache(|cache| cache.infallible_if_sound(rest.plan.bad_read));
        let rest = Rest { plan: Plan::NEW, candidates: 1, deadline: Deadline::NONE, ..rest };
        InfallibleCall(Call { name, clock, policy, layers, rest, error })
    }
}

impl<N: Name, C: Clock, H, M, S> InfallibleCall<N, C, CacheLayer<H, M, S, CannotFail>> {
    /// Returns the value of an entry, or runs `op` and caches its value.
    ///
    /// # Panics
    /// If `op` panics. Nothing is cached.
    #[inline]
    pub fn run<T, F>(self, op: F) -> T
    where
        T: Value,
        H: SlotsHandle,
        M: Name,
        S: Backing<T>,
        F: FnOnce() -> T,
    {
        let Call { name, clock, policy, layers, rest, .. } = self.0;
        let span = BlockingSpan::open(name.name());
        let _current = span.enter();
        let source = Unlimited(Built::blocking(&name, &clock, &rest, policy));
        run(source, Layer::<T, Infallible>::of::<F>(layers), op)
    }

    /// Returns the value of an entry, or awaits the future of `op` and caches its value.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running body, and nothing is cached. A call that waits for its value then runs the body.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// # futures_lite::future::block_on(async {
    /// let square = Call::new_async("square")
    ///     .cache(None)
    ///     .key(&12)
    ///     .infallible()
    ///     .run_async(async || 144).await;
    /// assert_eq!(square, 144);
    /// # });
    /// ```
    pub fn run_async<T, F>(self, op: F) -> impl Future<Output = T>
    where
        T: Value,
        H: SlotsHandle,
        M: Name,
        S: Backing<T>,
        F: AsyncFnOnce() -> T,
    {
        let (owned, parts) = self.split();
        async move { parts.run(&owned, op()).await }
    }
}

impl<N, C, K> InfallibleCall<N, C, K> {
    /// Splits it into what the future of the call borrows and what it owns.
    #[doc(hidden)]
    #[inline]
    pub fn split(self) -> (Owned<N, C>, InfallibleParts<K>) {
        let (owned, parts) = self.0.split();
        (owned, InfallibleParts(parts))
    }
}

/// What the future of an async call owns.
#[derive(Debug)]
pub struct InfallibleParts<K>(Parts<Infallible, Always, Layers<K>>);

impl<H, M, S> InfallibleParts<CacheLayer<H, M, S, CannotFail>> {
    /// Returns the value of an entry, or that of the body.
    #[allow(clippy::inline_always, reason = "out of line, the future is moved once more")]
    #[inline(always)]
    pub fn run<T, N, C, F>(self, owned: &Owned<N, C>, body: F) -> impl Future<Output = T> + use<'_, T, N, C, F, H, M, S>
    where
        T: Value,
        H: SlotsHandle,
        M: Name,
        S: Backing<T>,
        N: Name,
        C: Clock,
        F: Future<Output = T>,
    {
        let (source, layers) = self.0.source_and_layers(owned);
        Sure { future: Journey::new(Unlimited(source), 1, Deadline::NONE, layers).once(Body { future: body }) }
    }
}

/// Goes through the layers, and runs the body if they do not answer.
#[inline]
fn run<T, P, L>(mut source: P, layers: L, op: impl FnOnce() -> T) -> T
where
    P: Source<Infallible>,
    L: Layer<T, Infallible>,
{
    value(match through::enter(&mut source, 1, Deadline::NONE, layers) {
        Break(outcome) => outcome,
        Continue(entered) => entered.run_once(source, 1, |_| Ok(op())),
    })
}

/// The value of a call that cannot fail. An error could come from the body, a limit or a layer: the body has none, there are no
/// limits, and the cache lets the call in.
#[inline]
fn value<T>(outcome: Result<T, Error<Infallible>>) -> T {
    match outcome {
        Ok(value) => value,
        Err(_) => unreachable!("nothing ends a call that cannot fail before its body"),
    }
}

/// The source of a call that no limit ends, not even a tuned one.
struct Unlimited<P>(P);

impl<P: Source<Infallible>> Source<Infallible> for Unlimited<P> {
    type Clock = P::Clock;
    type Policy = P::Policy;

    #[inline]
    fn name(&self) -> NameRef<'_> {
        self.0.name()
    }

    #[inline]
    fn clock(&self) -> &P::Clock {
        self.0.clock()
    }

    #[inline]
    fn written(&self) -> Plan {
        Plan::NEW
    }

    #[inline]
    fn tuned(&self) -> Tuned {
        self.0.tuned()
    }

    #[inline]
    fn plan(&self) -> Plan {
        Plan::NEW
    }

    #[inline]
    fn deadline(&self) -> u64 {
        Plan::NEVER
    }

    #[inline]
    fn timeout(&self) -> u64 {
        Plan::NEVER
    }

    #[inline]
    fn memory(&self) -> u64 {
        Plan::NEVER
    }

    #[inline]
    fn is_plain(&self) -> bool {
        true
    }

    #[inline]
    fn of_item(&self) -> bool {
        false
    }

    #[inline]
    fn probe(&self) -> Option<&'static LatencyProbe> {
        self.0.probe()
    }

    #[inline]
    fn policy(&mut self) -> &mut P::Policy {
        self.0.policy()
    }

    #[cfg(feature = "observe")]
    #[inline]
    fn name_and_policy(&mut self) -> (NameRef<'_>, &mut P::Policy) {
        self.0.name_and_policy()
    }

    #[cfg(feature = "observe")]
    #[inline]
    fn origin(&self) -> Option<&'static Origin> {
        self.0.origin()
    }
}

impl<P: Timer> Timer for Unlimited<P> {
    type Sleep = P::Sleep;

    fn sleep(&self, pause: Duration) -> P::Sleep {
        self.0.sleep(pause)
    }
}

pin_project! {
    /// Wraps the body of a call that cannot fail into one that could.
    struct Body<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Body<F> {
    type Output = Result<F::Output, Infallible>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(context).map(Ok)
    }
}

pin_project! {
    /// Unwraps the outcome of a call that cannot fail.
    struct Sure<F> {
        #[pin]
        future: F,
    }
}

impl<T, F: Future<Output = Result<T, Error<Infallible>>>> Future for Sure<F> {
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.project().future.poll(context).map(value)
    }
}
