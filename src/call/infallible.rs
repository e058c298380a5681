//! A call that cannot fail: it has the cache alone, and its body runs to its end whatever happens around it.
//!
//! It is a call whose body has an error that does not exist, in the drivers that all calls have. No limit ends it
//! ([`Unlimited`]), and the cache lets it in whatever comes (`cache/layer/infallible.rs`): so its outcome is always a value.

// A target without a system has no clock that a use could have unless it names one, which makes it a builder's call.
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

/// A call that cannot fail: what [`Call::infallible`] gives.
#[must_use = "a call does nothing until it is run"]
#[derive(Debug)]
pub struct InfallibleCall<N, C, K>(Call<Infallible, N, C, Always, Layers<K>>);

impl<N, C, H, M, S> Call<Infallible, N, C, Always, Layers<CacheLayer<H, M, S>>> {
    /// Makes it a call of a body that cannot fail: the body gives a plain `T`, and so does the call.
    ///
    /// The options of the [cache](Call::cache) go before it, as do [`name`](Call::name) and [`clock`](Call::clock). It
    /// takes no others: it is no method of a call with a rate, a predicate, a listener or a layer, and retries, a fallback
    /// and limits have no effect.
    ///
    /// Whatever goes wrong, the body runs, and the cache is left out where it has to be. A store that fails is counted, as ever.
    /// An option with a value it cannot have, as a `capacity` of 0 or no [`key`](Call::key), counts as such a failure in each
    /// call ([`Stats::errors`](crate::cache::Stats::errors)). Where the body around the call has a limit, a call that
    /// waits for the run of another waits no longer than that, and then runs the body itself.
    ///
    /// A value is kept whatever it is. A `Result` is one, too: its `Err` is kept.
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
    /// Gives the value of an entry, or else runs `op` and keeps its value.
    ///
    /// # Panics
    /// Where `op` does: the panic passes through, and nothing is kept.
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

    /// Gives the value of an entry, or else awaits what `op` gives and keeps its value.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running body, and nothing is kept. Who waits for its value runs the body then.
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
    /// What the course of an async call borrows, and what it takes along.
    #[doc(hidden)]
    #[inline]
    pub fn split(self) -> (Owned<N, C>, InfallibleParts<K>) {
        let (owned, parts) = self.0.split();
        (owned, InfallibleParts(parts))
    }
}

/// What the course of an async call takes along.
#[derive(Debug)]
pub struct InfallibleParts<K>(Parts<Infallible, Always, Layers<K>>);

impl<H, M, S> InfallibleParts<CacheLayer<H, M, S, CannotFail>> {
    /// Gives the value of an entry, or else that of the body.
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

/// Goes through the layers, and runs the body where they do not answer.
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

/// The value of a call that cannot fail. An error comes of the body, of a limit or of a layer: the body has none, there are no
/// limits, and the cache lets the call in.
#[inline]
fn value<T>(outcome: Result<T, Error<Infallible>>) -> T {
    match outcome {
        Ok(value) => value,
        Err(_) => unreachable!("nothing ends a call that cannot fail before its body"),
    }
}

/// The source of a call that no limit ends, whatever is tuned of its use.
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
    /// A body that cannot fail, as one that could.
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
    /// The outcome of a call that cannot fail, as the value it is.
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
