//! A call with layers: enters them, runs the course, and leaves them. Every end of such a call passes here.

use core::future::Future;
use core::marker::PhantomData;
use core::ops::ControlFlow::{self, Break, Continue};
use core::time::Duration;

use super::blocking;
use super::context::Context;
use super::course::{BoxedLog, Course, Log, Source, misconfigured, quick};
use super::failed::Failed;
use super::limits::Deadline;
use super::observed::{Seen, tell_entered, tell_left, tell_refused};
use super::plan::{Plan, tell};
use super::recovery::Recovery;
use super::traced::CallSpan;
use crate::error::Error;
use crate::layer::{Layer, Pass, Step};
use crate::policy::{CurrentAttempt, SealedPolicy};

/// The answer of the layers to a call that they have let in.
pub(super) struct Entered<G> {
    /// The time, if they have read the clock.
    now: Option<Duration>,
    deadline: Deadline,
    pass: G,
}

/// A call inside its layers.
pub(super) struct Inside<E, P: Source<E>, G, B: Log<E>> {
    pub(super) course: Course<E, P, B>,
    deadline: Deadline,
    pub(super) pass: G,
}

/// Enters the layers: `Break` if one of them has answered or refused the call.
#[allow(
    clippy::inline_always,
    reason = "out of line, its result is passed through memory: a permit takes twice the time"
)]
#[inline(always)]
pub(super) fn enter<T, E, P: Source<E>, L: Layer<T, E>>(
    source: &mut P,
    candidates: usize,
    deadline: Deadline,
    layers: L,
) -> ControlFlow<Result<T, Error<E>>, Entered<L::Pass>> {
    #[cfg(feature = "observe")]
    introduce(source, candidates, &layers);
    if candidates == 0 {
        let error = misconfigured(source.name(), source.plan(), 0);
        return entered::<T, _, _, _>(source, None, deadline, &Seen::new(), Err(error));
    }
    let has_looked = source.tuned().is_none() && source.deadline() == Plan::NEVER && deadline.end().is_none();
    if has_looked {
        match layers.enter_at_once(source.name(), source.clock()) {
            Some(Ok((step, now))) => {
                let seen = Seen::at_once(matches!(step, Step::Answer(_)), L::TAKES_PERMIT);
                return entered(source, now, deadline, &seen, Ok(step));
            }
            Some(Err(error)) => return entered(source, None, deadline, &Seen::new(), Err(error)),
            None => {}
        }
    }
    let mut context = context(source, deadline);
    context.has_looked = has_looked;
    let step = layers.enter(&mut context);
    let Context { now, deadline, seen, .. } = context;
    entered(source, now, deadline, &seen, step)
}

/// Converts the decision of the layers.
#[inline]
fn entered<T, E, P: Source<E>, G>(
    source: &mut P,
    now: Option<Duration>,
    deadline: Deadline,
    seen: &Seen,
    step: Result<Step<T, G>, Error<E>>,
) -> ControlFlow<Result<T, Error<E>>, Entered<G>> {
    tell_entered(source, seen, &step);
    match step {
        Ok(Step::Inward(pass)) => Continue(Entered { now, deadline, pass }),
        Ok(Step::Answer(value)) => {
            tell(source.of_item(), None);
            Break(Ok(value))
        }
        Err(error) => Break(Err(error)),
    }
}

/// Registers the use as one that has run.
#[cfg(feature = "observe")]
#[inline]
fn introduce<T, E, P: Source<E>, L: Layer<T, E>>(source: &P, candidates: usize, layers: &L) {
    super::observed::introduce(source, candidates, || {
        let mut list = alloc::vec::Vec::new();
        layers.describe(&mut list);
        list
    });
}

/// Creates the context of a call that begins now.
#[inline]
fn context<E, P: Source<E>>(source: &P, deadline: Deadline) -> Context<'_, P::Clock> {
    let mut context = outside(source, deadline);
    context.begin(source.deadline());
    context
}

/// Creates the context of a call that has not begun.
#[inline]
fn outside<E, P: Source<E>>(source: &P, deadline: Deadline) -> Context<'_, P::Clock> {
    Context { tuned: source.tuned(), ..Context::new(source.name(), source.clock(), deadline) }
}

impl<G> Entered<G> {
    /// Runs `op`, as often as the options say. A quick use that succeeds needs no course.
    #[inline]
    pub(super) fn run<T, E, P: Source<E>>(
        self,
        mut source: P,
        candidates: usize,
        mut op: impl FnMut(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let Some(quick) = quick(&source, candidates, self.deadline) else {
            return self.drive(source, candidates, None, op);
        };
        match quick.run(|| op(CurrentAttempt::FIRST)) {
            Ok(value) => self.leave_at_once(&mut source, value),
            Err(error) => self.drive(source, candidates, Some(error), op),
        }
    }

    /// Runs `op` once.
    #[inline]
    pub(super) fn run_once<T, E, P: Source<E>>(
        self,
        mut source: P,
        candidates: usize,
        op: impl FnOnce(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let Some(quick) = quick(&source, candidates, self.deadline) else {
            return self.drive_once(source, candidates, op);
        };
        match quick.run(|| op(CurrentAttempt::FIRST)) {
            Ok(value) => self.leave_at_once(&mut source, value),
            Err(error) => self.give_up(source, candidates, error),
        }
    }

    #[inline]
    fn leave_at_once<T, E, P: Source<E>>(self, source: &mut P, value: T) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let context = Context::new(source.name(), source.clock(), self.deadline);
        let context = Context { attempt: Some(CurrentAttempt::FIRST), ..context };
        let outcome = self.pass.leave(Ok(value), &context);
        let seen = context.seen;
        tell_left(source, &seen);
        outcome
    }

    #[cfg_attr(feature = "std", inline(never))]
    fn drive<T, E, P: Source<E>>(
        self,
        source: P,
        candidates: usize,
        first: Option<E>,
        op: impl FnMut(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let mut inside = self.inside::<T, _, _, Recovery<E>>(source, candidates);
        let outcome = blocking::run(&mut inside.course, first, op);
        inside.leave(outcome)
    }

    #[cfg_attr(feature = "std", inline(never))]
    fn drive_once<T, E, P: Source<E>>(
        self,
        source: P,
        candidates: usize,
        op: impl FnOnce(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let mut inside = self.inside::<T, _, _, Recovery<E>>(source, candidates);
        let outcome = blocking::run_once(&mut inside.course, op);
        inside.leave(outcome)
    }

    #[cold]
    fn give_up<T, E, P: Source<E>>(self, source: P, candidates: usize, error: E) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let mut inside = self.inside::<T, _, _, Recovery<E>>(source, candidates);
        let outcome = Err(inside.course.give_up(Failed::Error(error)));
        inside.leave(outcome)
    }

    /// Creates the course of a call inside its layers.
    #[inline]
    fn inside<T, E, P: Source<E>, B: Log<E>>(self, mut source: P, candidates: usize) -> Inside<E, P, G, B>
    where
        G: Pass<T, E>,
    {
        let Entered { now, deadline, pass } = self;
        if let Some(retry) = pass.chosen() {
            source.policy().adapt(retry);
        }
        Inside { course: Course::within(source, candidates, now, deadline), deadline, pass }
    }
}

impl<E, P: Source<E>, G> Inside<E, P, G, Recovery<E>> {
    fn leave<T>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let Inside { mut course, deadline, pass } = self;
        let context = context_at_end(&course, deadline, &outcome);
        let outcome = pass.leave(outcome, &context);
        let seen = context.seen;
        tell_left(&mut course.source, &seen);
        outcome
    }
}

/// Returns the context of a call that has ended.
fn context_at_end<'p, T, E, P: Source<E>, B: Log<E>>(
    course: &'p Course<E, P, B>,
    deadline: Deadline,
    outcome: &Result<T, Error<E>>,
) -> Context<'p, P::Clock> {
    let source = &course.source;
    let context = Context::new(source.name(), source.clock(), deadline);
    Context { attempt: course.last(outcome), ..context }
}

/// Refuses a call with an invalid option, of its own or of a layer, before any wait and before a permit is spent.
///
/// # Errors
/// [`Error::Configuration`].
pub(super) fn check<T, E, P: Source<E>, L: Layer<T, E>>(
    source: &P,
    candidates: usize,
    layers: &L,
) -> Result<(), Error<E>> {
    if candidates == 0 || !source.plan().is_sound() {
        return Err(misconfigured(source.name(), source.plan(), candidates));
    }
    layers.check(&outside(source, Deadline::NONE))
}

/// Like `check`, and reports a call that is refused.
///
/// # Errors
/// [`Error::Configuration`].
pub(super) fn check_at_once<T, E, P: Source<E>, L: Layer<T, E>>(
    source: &mut P,
    candidates: usize,
    layers: &L,
) -> Result<(), Error<E>> {
    #[cfg(feature = "observe")]
    introduce(source, candidates, layers);
    let checked = check(source, candidates, layers);
    tell_refused(source, &checked);
    checked
}

/// An async call that enters its layers. With feature `observe` it reports if it is dropped there.
pub(super) struct Entering<E, P: Source<E>> {
    source: Option<P>,
    error: PhantomData<fn(E)>,
}

impl<E, P: Source<E>> Entering<E, P> {
    const fn new(source: P) -> Self {
        Entering { source: Some(source), error: PhantomData }
    }

    /// Returns its source, until it has entered or was refused.
    pub(super) const fn source(&mut self) -> Option<&mut P> {
        self.source.as_mut()
    }

    /// Takes the source: the call has entered or was refused.
    const fn end(&mut self) -> Option<P> {
        self.source.take()
    }
}

/// Like [`enter`], without blocking the thread, and after a [`check`].
///
/// # Cancel safety
/// That of the layers: dropping the future gives back what they handed out.
#[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
pub(super) fn enter_async<T, E, P: Source<E>, L: Layer<T, E>>(
    source: P,
    candidates: usize,
    deadline: Deadline,
    layers: L,
) -> impl Future<Output = ControlFlow<Result<T, Error<E>>, Inside<E, P, L::Pass, BoxedLog<E>>>> {
    async move {
        let span = CallSpan::begin(source.name());
        let mut entering = Entering::new(source);
        let Some(source) = entering.source() else { unreachable!("it has not ended") };
        let checked = {
            let _current = span.enter();
            check_at_once(source, candidates, &layers)
        };
        if let Err(error) = checked {
            entering.end();
            return Break(Err(error));
        }
        let mut context = context(source, deadline);
        let step = span.around_entering(layers.enter_async(&mut context)).await;
        let Context { now, deadline, seen, .. } = context;
        let _current = span.enter();
        let entered = entered(source, now, deadline, &seen, step);
        let Some(source) = entering.end() else { unreachable!("it has not ended") };
        entered.map_continue(|entered| {
            let mut inside = entered.inside::<T, _, _, _>(source, candidates);
            inside.course.span = span;
            inside
        })
    }
}

/// Leaves the layers without blocking the thread.
#[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
pub(super) fn leave_async<T, E, P: Source<E>, G: Pass<T, E>>(
    inside: Inside<E, P, G, BoxedLog<E>>,
    outcome: Result<T, Error<E>>,
) -> impl Future<Output = Result<T, Error<E>>> {
    async move {
        let Inside { mut course, deadline, pass } = inside;
        let context = context_at_end(&course, deadline, &outcome);
        let outcome = course.span.around_leaving(pass.leave_async(outcome, &context)).await;
        let _current = course.span.enter();
        let seen = context.seen;
        tell_left(&mut course.source, &seen);
        outcome
    }
}
