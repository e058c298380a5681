//! How a call that is built by its methods is run.

use core::fmt;
use core::future::Future;
use core::ops::ControlFlow::{Break, Continue};
use core::time::Duration;

use super::blocking;
use super::course::{BoxedLog, Course, Source};
use super::failed::Failed;
use super::journey::Journey;
use super::latency::LatencyProbe;
use super::name::{Name, NameRef};
use super::observed::Quick;
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::plan::Plan;
use super::recovery::Recovery;
use super::through;
use super::traced::BlockingSpan;
use super::tuned::Tuned;
use super::turn::Timer;
use super::{Call, Rest};
use crate::error::Error;
use crate::layer::{Layer, Layers};
use crate::policy::{CurrentAttempt, ErrorPolicy};
use crate::time::Clock;

/// A call that is built by its methods, as its course sees it. Its timers are futures `S`.
pub struct Built<'c, C, J, S> {
    name: NameRef<'c>,
    clock: &'c C,
    plan: &'c Plan,
    tuned: Tuned,
    probe: Option<&'static LatencyProbe>,
    #[cfg(feature = "observe")]
    origin: Option<&'static Origin>,
    policy: J,
    sleep: fn(&'c C, Duration) -> S,
}

impl<E, C: Clock, J: ErrorPolicy<E>, S> Source<E> for Built<'_, C, J, S> {
    type Clock = C;
    type Policy = J;

    #[inline]
    fn name(&self) -> NameRef<'_> {
        self.name
    }

    #[inline]
    fn clock(&self) -> &C {
        self.clock
    }

    #[inline]
    fn written(&self) -> Plan {
        let mut plan = *self.plan;
        if let Some(retry) = self.policy.adapted() {
            plan.set_retry(retry);
        }
        plan
    }

    #[inline]
    fn tuned(&self) -> Tuned {
        self.tuned
    }

    #[inline]
    fn deadline(&self) -> u64 {
        self.tuned.deadline(self.plan.deadline)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn timeout(&self) -> u64 {
        self.tuned.timeout(self.plan.timeout)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn memory(&self) -> u64 {
        self.tuned.memory(self.plan.memory)
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn is_plain(&self) -> bool {
        if self.tuned.is_none() {
            self.plan.is_sound() && !self.plan.has_limits()
        } else {
            let plan = Source::<E>::plan(self);
            plan.is_sound() && !plan.has_limits()
        }
    }

    #[cfg_attr(not(feature = "std"), inline(always))]
    fn of_item(&self) -> bool {
        self.plan.of_item
    }

    #[inline]
    fn probe(&self) -> Option<&'static LatencyProbe> {
        self.probe
    }

    #[inline]
    fn policy(&mut self) -> &mut J {
        &mut self.policy
    }

    #[cfg(feature = "observe")]
    #[inline]
    fn name_and_policy(&mut self) -> (NameRef<'_>, &mut J) {
        (self.name, &mut self.policy)
    }

    #[cfg(feature = "observe")]
    #[inline]
    fn origin(&self) -> Option<&'static Origin> {
        self.origin
    }
}

impl<C: Clock, J, S: Future<Output = ()>> Timer for Built<'_, C, J, S> {
    type Sleep = S;

    fn sleep(&self, pause: Duration) -> S {
        (self.sleep)(self.clock, pause)
    }
}

impl Rest {
    /// Returns the tuned numbers of the use, in a call of this name.
    #[cfg_attr(not(feature = "observe"), allow(clippy::unused_self, reason = "nothing can be tuned"))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn tuned(&self, name: NameRef<'_>) -> Tuned {
        #[cfg(feature = "observe")]
        if let Some(origin) = self.origin {
            return origin.tuned(name);
        }
        let _ = name;
        Tuned::NONE
    }

    /// Returns the probe, if it may decide: a call with limits is always timed.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn probe(&self) -> Option<&'static LatencyProbe> {
        let is_plain = self.deadline.end().is_none() && self.plan.is_sound() && !self.plan.has_limits();
        self.probe.filter(|_| is_plain)
    }

    #[inline]
    fn quick(&self) -> Option<Quick> {
        if self.candidates == 0 || !self.probe().is_some_and(LatencyProbe::is_quick) {
            return None;
        }
        #[cfg(feature = "observe")]
        return self.origin.and_then(Origin::quick);
        #[cfg(not(feature = "observe"))]
        Some(Quick)
    }
}

impl<E, N: Name, C: Clock, J: ErrorPolicy<E>, L> Call<E, N, C, J, L> {
    /// Runs `op` until it succeeds or the call gives up, sleeping on this thread between attempts.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with every failed attempt; [`Error::Timeout`] with those until
    /// [`deadline`](Call::deadline); [`Error::Configuration`] before the first attempt; those of the layers.
    ///
    /// # Panics
    /// If `op` panics, the panic is propagated.
    #[inline]
    pub fn run<T>(self, mut op: impl FnMut(CurrentAttempt) -> Result<T, E>) -> Result<T, Error<E>>
    where
        L: Layer<T, E>,
    {
        match if L::IS_NONE { self.rest.quick() } else { None } {
            Some(quick) => match quick.run(|| op(CurrentAttempt::FIRST)) {
                Ok(value) => Ok(value),
                Err(error) => self.outlined().drive(Some(error), op),
            },
            None => self.outlined().drive(None, op),
        }
    }

    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn drive<T, F>(self, first: Option<E>, op: F) -> Result<T, Error<E>>
    where
        L: Layer<T, E>,
        F: FnMut(CurrentAttempt) -> Result<T, E>,
    {
        let Call { name, clock, policy, layers, rest, .. } = self;
        let span = BlockingSpan::open(name.name());
        let _current = span.enter();
        let mut source = Built::blocking(&name, &clock, &rest, policy);
        if L::IS_NONE {
            return blocking::run(&mut Course::within(source, rest.candidates, None, rest.deadline), first, op);
        }
        let layers = layers.of::<F>();
        through::check_at_once(&mut source, rest.candidates, &layers)?;
        match through::enter(&mut source, rest.candidates, rest.deadline, layers) {
            Break(outcome) => outcome,
            Continue(entered) => entered.run(source, rest.candidates, op),
        }
    }

    /// Runs `op` once, whatever the options say about retries and fallback, so `op` may consume what it captures.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with the only attempt; [`Error::Timeout`] after [`deadline`](Call::deadline);
    /// [`Error::Configuration`] before it; those of the layers.
    ///
    /// # Panics
    /// If `op` panics, the panic is propagated.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// let names = vec![String::from("a")];
    /// let first = Call::new("first").run_once(|_| names.into_iter().next().ok_or("no names"));
    /// assert_eq!(first, Ok("a".into()));
    /// ```
    #[inline]
    pub fn run_once<T, F>(self, op: F) -> Result<T, Error<E>>
    where
        L: Layer<T, E>,
        F: FnOnce(CurrentAttempt) -> Result<T, E>,
    {
        match if L::IS_NONE { self.rest.quick() } else { None } {
            Some(quick) => match quick.run(|| op(CurrentAttempt::FIRST)) {
                Ok(value) => Ok(value),
                Err(error) => Err(self.outlined().give_up(error)),
            },
            None => self.outlined().drive_once(op),
        }
    }

    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn give_up(self, error: E) -> Error<E> {
        let Call { name, clock, policy, rest, .. } = self;
        let source = Built::blocking(&name, &clock, &rest, policy);
        Course::<E, _, Recovery<E>>::within(source, rest.candidates, None, rest.deadline).give_up(Failed::Error(error))
    }

    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn drive_once<T, F>(self, op: F) -> Result<T, Error<E>>
    where
        L: Layer<T, E>,
        F: FnOnce(CurrentAttempt) -> Result<T, E>,
    {
        let Call { name, clock, policy, layers, rest, .. } = self;
        let span = BlockingSpan::open(name.name());
        let _current = span.enter();
        let mut source = Built::blocking(&name, &clock, &rest, policy);
        if L::IS_NONE {
            return blocking::run_once(&mut Course::within(source, rest.candidates, None, rest.deadline), op);
        }
        let layers = layers.of::<F>();
        through::check_at_once(&mut source, rest.candidates, &layers)?;
        match through::enter(&mut source, rest.candidates, rest.deadline, layers) {
            Break(outcome) => outcome,
            Continue(entered) => entered.run_once(source, rest.candidates, op),
        }
    }

    /// Moves `self` out of line: in a rarely taken branch, LLVM then need not write its fields to memory before the
    /// branch.
    #[inline]
    fn outlined(self) -> Self {
        self.wrap(|policy| policy)
    }

    /// Runs `op` until it succeeds or the call gives up, awaiting the clock between attempts.
    ///
    /// The compiler cannot prove that this future is `Send` if `op` borrows. The future of `opero!` is `Send` if its
    /// body is.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with every failed attempt; [`Error::Timeout`] with those until
    /// [`deadline`](Call::deadline); [`Error::Configuration`] before the first attempt; those of the layers.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running attempt or the wait, and starts nothing further.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// # futures_lite::future::block_on(async {
    /// let answer = Call::new_async("ask")
    ///     .retries(2)
    ///     .run_async(async |_| Ok::<_, String>(42)).await;
    /// assert_eq!(answer, Ok(42));
    /// # });
    /// ```
    pub fn run_async<T, F>(self, mut op: F) -> impl Future<Output = Result<T, Error<E>>>
    where
        L: Layer<T, E>,
        F: AsyncFnMut(CurrentAttempt) -> Result<T, E>,
    {
        // Not an `async fn`, which would store its arguments twice.
        let (owned, parts) = self.split();
        async move {
            let mut journey = parts.journey(&owned);
            loop {
                let attempt = journey.attempt();
                if let Break(outcome) = journey.turn(op(attempt)).await {
                    return outcome;
                }
            }
        }
    }

    /// Runs `op` once, whatever the options say about retries and fallback, so `op` may consume what it captures.
    ///
    /// # Errors
    /// [`Error::AllFailed`] with the only attempt; [`Error::Timeout`] after [`deadline`](Call::deadline);
    /// [`Error::Configuration`] before it; those of the layers.
    ///
    /// # Cancel safety
    /// Dropping the future drops the running attempt.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// # futures_lite::future::block_on(async {
    /// let names = vec![String::from("a")];
    /// let first = Call::new_async("first")
    ///     .run_once_async(async |_| names.into_iter().next().ok_or("no names")).await;
    /// assert_eq!(first, Ok("a".into()));
    /// # });
    /// ```
    pub fn run_once_async<T, F>(self, op: F) -> impl Future<Output = Result<T, Error<E>>>
    where
        L: Layer<T, E>,
        F: AsyncFnOnce(CurrentAttempt) -> Result<T, E>,
    {
        let (owned, parts) = self.split();
        async move { parts.journey(&owned).once(op(CurrentAttempt::FIRST)).await }
    }
}

impl<E, N, C, J, L> Call<E, N, C, J, L> {
    /// Splits the call into what the course of an async call borrows and what it owns.
    #[doc(hidden)]
    #[inline]
    pub fn split(self) -> (Owned<N, C>, Parts<E, J, L>) {
        let Call { name, clock, policy, layers, rest, error } = self;
        (Owned { name, clock, plan: rest.plan }, Parts { policy, layers, rest, error })
    }
}

/// What the course of an async call borrows.
#[derive(Debug)]
pub struct Owned<N, C> {
    name: N,
    clock: C,
    plan: Plan,
}

/// What the course of an async call owns.
#[derive(Debug)]
pub struct Parts<E, J, L> {
    policy: J,
    layers: L,
    rest: Rest,
    error: core::marker::PhantomData<fn(E)>,
}

impl<E, J, L> Parts<E, J, L> {
    /// Creates the course of a call with layers.
    #[inline]
    pub fn journey<N: Name, C: Clock, G>(
        self,
        owned: &Owned<N, C>,
    ) -> Journey<E, Built<'_, C, J, impl Future<Output = ()>>, L, G>
    where
        J: ErrorPolicy<E>,
    {
        let source = Built::asynchronous(owned, self.rest, self.policy, C::limit_async);
        Journey::new(source, self.rest.candidates, self.rest.deadline, self.layers)
    }

    /// Returns the source and the layers of a call that cannot fail.
    #[cfg(feature = "cache")]
    #[inline]
    pub(super) fn source_and_layers<N: Name, C: Clock>(
        self,
        owned: &Owned<N, C>,
    ) -> (Built<'_, C, J, impl Future<Output = ()>>, L) {
        (Built::asynchronous(owned, self.rest, self.policy, C::limit_async), self.layers)
    }
}

impl<E, J> Parts<E, J, Layers> {
    /// Creates the course of a call without layers.
    #[inline]
    pub fn course<N: Name, C: Clock>(
        self,
        owned: &Owned<N, C>,
    ) -> Course<E, Built<'_, C, J, impl Future<Output = ()>>, BoxedLog<E>>
    where
        J: ErrorPolicy<E>,
    {
        let source = Built::asynchronous(owned, self.rest, self.policy, C::limit_async);
        Course::within(source, self.rest.candidates, None, self.rest.deadline)
    }
}

impl<'c, C, J> Built<'c, C, J, ()> {
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn blocking(name: &'c impl Name, clock: &'c C, rest: &'c Rest, policy: J) -> Self {
        Built {
            name: name.name(),
            clock,
            plan: &rest.plan,
            tuned: rest.tuned(name.name()),
            probe: rest.probe(),
            #[cfg(feature = "observe")]
            origin: rest.origin,
            policy,
            sleep: |_, _| (),
        }
    }
}

impl<'c, C, J, S> Built<'c, C, J, S> {
    fn asynchronous(owned: &'c Owned<impl Name, C>, rest: Rest, policy: J, sleep: fn(&'c C, Duration) -> S) -> Self {
        Built {
            name: owned.name.name(),
            clock: &owned.clock,
            plan: &owned.plan,
            tuned: rest.tuned(owned.name.name()),
            probe: rest.probe(),
            #[cfg(feature = "observe")]
            origin: rest.origin,
            policy,
            sleep,
        }
    }
}

impl<C, J, S> fmt::Debug for Built<'_, C, J, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Built").field("name", &self.name).field("plan", &self.plan).finish_non_exhaustive()
    }
}
