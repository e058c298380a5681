//! A call with layers around it: into them, through the course, and out again. Every end of such a call passes here.

use core::future::Future;
use core::ops::ControlFlow::{self, Break, Continue};
use core::time::Duration;

use super::blocking;
use super::context::Context;
use super::course::{BoxedLog, Course, Log, Source, misconfigured};
use super::recovery::Recovery;
use crate::error::Error;
use crate::layer::{Layer, Pass, Step};
use crate::policy::Execution;

/// A call that its layers have let in.
pub struct Inside<E, P, G, B> {
    pub(super) course: Course<E, P, B>,
    end: Option<Duration>,
    pub(super) pass: G,
}

/// Enters the layers: `Break` where one of them has answered or refused the call.
#[inline]
pub(super) fn enter<T, E, P: Source<E>, L: Layer<T, E>>(
    source: P,
    candidates: usize,
    end: Option<Duration>,
    layers: L,
) -> ControlFlow<Result<T, Error<E>>, Inside<E, P, L::Pass, Recovery<E>>> {
    if candidates == 0 {
        return Break(Err(misconfigured(source.name(), source.plan(), 0)));
    }
    let mut context = context(&source, end);
    let step = layers.enter(&mut context);
    let Context { now, end, .. } = context;
    entered(source, candidates, now, end, step)
}

/// What comes of the step of the layers.
#[inline]
fn entered<T, E, P: Source<E>, G, B: Log<E>>(
    source: P,
    candidates: usize,
    now: Option<Duration>,
    end: Option<Duration>,
    step: Result<Step<T, G>, Error<E>>,
) -> ControlFlow<Result<T, Error<E>>, Inside<E, P, G, B>> {
    match step {
        Ok(Step::Inward(pass)) => Continue(Inside { course: Course::within(source, candidates, now, end), end, pass }),
        Ok(Step::Answer(value)) => {
            source.plan().tell(None);
            Break(Ok(value))
        }
        Err(error) => Break(Err(error)),
    }
}

/// The context of a call that begins now.
#[inline]
fn context<E, P: Source<E>>(source: &P, end: Option<Duration>) -> Context<'_, P::Clock> {
    let mut context = Context::new(source.name(), source.clock(), source.deadline(), end);
    context.begin();
    context
}

impl<E, P: Source<E>, G> Inside<E, P, G, Recovery<E>> {
    #[inline]
    pub(super) fn run<T>(mut self, op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let outcome = blocking::run(&mut self.course, None, op);
        self.leave(outcome)
    }

    #[inline]
    pub(super) fn run_once<T>(mut self, op: impl FnOnce(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let outcome = blocking::run_once(&mut self.course, op);
        self.leave(outcome)
    }

    fn leave<T>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let Inside { course, end, pass } = self;
        let context = context_at_end(&course, end, &outcome);
        pass.leave(outcome, &context)
    }
}

/// The context of a call that has come to its end.
fn context_at_end<'p, T, E, P: Source<E>, B: Log<E>>(
    course: &'p Course<E, P, B>,
    end: Option<Duration>,
    outcome: &Result<T, Error<E>>,
) -> Context<'p, P::Clock> {
    let source = &course.source;
    let context = Context::new(source.name(), source.clock(), source.deadline(), end);
    Context { execution: course.last(outcome), ..context }
}

/// Refuses a call that an option of its own or of a layer has a value for that it cannot have: before anything is waited
/// for, and before a permit is spent.
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
    layers.check(&Context::new(source.name(), source.clock(), source.deadline(), None))
}

/// [`enter`] without blocking, and after a [`check`].
///
/// # Cancel safety
/// That of the layers: dropping the future gives back what it has been handed out.
#[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
pub(super) fn enter_async<T, E, P: Source<E>, L: Layer<T, E>>(
    source: P,
    candidates: usize,
    end: Option<Duration>,
    layers: L,
) -> impl Future<Output = ControlFlow<Result<T, Error<E>>, Inside<E, P, L::Pass, BoxedLog<E>>>> {
    async move {
        if let Err(error) = check(&source, candidates, &layers) {
            return Break(Err(error));
        }
        let mut context = context(&source, end);
        let step = layers.enter_async(&mut context).await;
        let Context { now, end, .. } = context;
        entered(source, candidates, now, end, step)
    }
}

/// Leaves the layers without blocking.
#[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
pub(super) fn leave_async<T, E, P: Source<E>, G: Pass<T, E>>(
    inside: Inside<E, P, G, BoxedLog<E>>,
    outcome: Result<T, Error<E>>,
) -> impl Future<Output = Result<T, Error<E>>> {
    async move {
        let Inside { course, end, pass } = inside;
        let context = context_at_end(&course, end, &outcome);
        pass.leave_async(outcome, &context).await
    }
}
