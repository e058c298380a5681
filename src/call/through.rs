//! A call with layers around it: into them, through the course, and out again. Every end of such a call passes here.

use core::future::Future;
use core::ops::ControlFlow::{self, Break, Continue};
use core::time::Duration;

use super::blocking;
use super::context::Context;
use super::course::{BoxedLog, Course, Log, Source, is_quick, misconfigured};
use super::limits::Deadline;
use super::plan::{Plan, tell};
use super::recovery::Recovery;
use crate::error::{Error, Failure};
use crate::layer::{Layer, Pass, Step};
use crate::policy::Execution;

/// What the layers have said of a call that they have let in.
pub(super) struct Entered<G> {
    /// The time, where they have read the clock.
    now: Option<Duration>,
    deadline: Deadline,
    pass: G,
}

/// A call inside its layers.
pub struct Inside<E, P, G, B> {
    pub(super) course: Course<E, P, B>,
    deadline: Deadline,
    pub(super) pass: G,
}

/// Enters the layers: `Break` where one of them has answered or refused the call.
#[allow(
    clippy::inline_always,
    reason = "out of line, what it gives goes by way of memory: a permit takes twice the time"
)]
#[inline(always)]
pub(super) fn enter<T, E, P: Source<E>, L: Layer<T, E>>(
    source: &P,
    candidates: usize,
    deadline: Deadline,
    layers: L,
) -> ControlFlow<Result<T, Error<E>>, Entered<L::Pass>> {
    if candidates == 0 {
        return Break(Err(misconfigured(source.name(), source.plan(), 0)));
    }
    let has_looked = source.deadline() == Plan::NEVER && deadline.end().is_none();
    if has_looked {
        match layers.enter_at_once(source.name(), source.clock()) {
            Some(Ok((step, now))) => return entered(source, now, deadline, Ok(step)),
            Some(Err(error)) => return Break(Err(error)),
            None => {}
        }
    }
    let mut context = context(source, deadline);
    context.has_looked = has_looked;
    let step = layers.enter(&mut context);
    let Context { now, deadline, .. } = context;
    entered(source, now, deadline, step)
}

/// What comes of the step of the layers.
#[inline]
fn entered<T, E, P: Source<E>, G>(
    source: &P,
    now: Option<Duration>,
    deadline: Deadline,
    step: Result<Step<T, G>, Error<E>>,
) -> ControlFlow<Result<T, Error<E>>, Entered<G>> {
    match step {
        Ok(Step::Inward(pass)) => Continue(Entered { now, deadline, pass }),
        Ok(Step::Answer(value)) => {
            tell(source.of_item(), None);
            Break(Ok(value))
        }
        Err(error) => Break(Err(error)),
    }
}

/// The context of a call that begins now.
#[inline]
fn context<E, P: Source<E>>(source: &P, deadline: Deadline) -> Context<'_, P::Clock> {
    let mut context = Context::new(source.name(), source.clock(), deadline);
    context.begin(source.deadline());
    context
}

impl<G> Entered<G> {
    /// Runs `op`, as often as the options say. A quick use that succeeds has no course.
    #[inline]
    pub(super) fn run<T, E, P: Source<E>>(
        self,
        source: P,
        candidates: usize,
        mut op: impl FnMut(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        if !is_quick(&source, candidates, self.deadline) {
            return self.drive(source, candidates, None, op);
        }
        match op(Execution::FIRST) {
            Ok(value) => self.leave_at_once(&source, value),
            Err(error) => self.drive(source, candidates, Some(error), op),
        }
    }

    /// Runs `op` once.
    #[inline]
    pub(super) fn run_once<T, E, P: Source<E>>(
        self,
        source: P,
        candidates: usize,
        op: impl FnOnce(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        if !is_quick(&source, candidates, self.deadline) {
            return self.drive_once(source, candidates, op);
        }
        match op(Execution::FIRST) {
            Ok(value) => self.leave_at_once(&source, value),
            Err(error) => self.give_up(source, candidates, error),
        }
    }

    #[inline]
    fn leave_at_once<T, E, P: Source<E>>(self, source: &P, value: T) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let context = Context::new(source.name(), source.clock(), self.deadline);
        self.pass.leave(Ok(value), &Context { execution: Some(Execution::FIRST), ..context })
    }

    #[cfg_attr(feature = "std", inline(never))]
    fn drive<T, E, P: Source<E>>(
        self,
        source: P,
        candidates: usize,
        first: Option<E>,
        op: impl FnMut(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let mut inside = self.inside::<_, _, Recovery<E>>(source, candidates);
        let outcome = blocking::run(&mut inside.course, first, op);
        inside.leave(outcome)
    }

    #[cfg_attr(feature = "std", inline(never))]
    fn drive_once<T, E, P: Source<E>>(
        self,
        source: P,
        candidates: usize,
        op: impl FnOnce(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let mut inside = self.inside::<_, _, Recovery<E>>(source, candidates);
        let outcome = blocking::run_once(&mut inside.course, op);
        inside.leave(outcome)
    }

    #[cold]
    fn give_up<T, E, P: Source<E>>(self, source: P, candidates: usize, error: E) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let mut inside = self.inside::<_, _, Recovery<E>>(source, candidates);
        let outcome = Err(inside.course.give_up(Failure::Error(error)));
        inside.leave(outcome)
    }

    /// The call with its course.
    #[inline]
    fn inside<E, P: Source<E>, B: Log<E>>(self, source: P, candidates: usize) -> Inside<E, P, G, B> {
        let Entered { now, deadline, pass } = self;
        Inside { course: Course::within(source, candidates, now, deadline), deadline, pass }
    }
}

impl<E, P: Source<E>, G> Inside<E, P, G, Recovery<E>> {
    fn leave<T>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>>
    where
        G: Pass<T, E>,
    {
        let Inside { course, deadline, pass } = self;
        let context = context_at_end(&course, deadline, &outcome);
        pass.leave(outcome, &context)
    }
}

/// The context of a call that has come to its end.
fn context_at_end<'p, T, E, P: Source<E>, B: Log<E>>(
    course: &'p Course<E, P, B>,
    deadline: Deadline,
    outcome: &Result<T, Error<E>>,
) -> Context<'p, P::Clock> {
    let source = &course.source;
    let context = Context::new(source.name(), source.clock(), deadline);
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
    layers.check(&Context::new(source.name(), source.clock(), Deadline::NONE))
}

/// [`enter`] without blocking, and after a [`check`].
///
/// # Cancel safety
/// That of the layers: dropping the future gives back what it has been handed out.
#[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
pub(super) fn enter_async<T, E, P: Source<E>, L: Layer<T, E>>(
    source: P,
    candidates: usize,
    deadline: Deadline,
    layers: L,
) -> impl Future<Output = ControlFlow<Result<T, Error<E>>, Inside<E, P, L::Pass, BoxedLog<E>>>> {
    async move {
        if let Err(error) = check(&source, candidates, &layers) {
            return Break(Err(error));
        }
        let mut context = context(&source, deadline);
        let step = layers.enter_async(&mut context).await;
        let Context { now, deadline, .. } = context;
        entered(&source, now, deadline, step).map_continue(|entered| entered.inside(source, candidates))
    }
}

/// Leaves the layers without blocking.
#[allow(clippy::manual_async_fn, reason = "an `async fn` holds twice what it is handed by value")]
pub(super) fn leave_async<T, E, P: Source<E>, G: Pass<T, E>>(
    inside: Inside<E, P, G, BoxedLog<E>>,
    outcome: Result<T, Error<E>>,
) -> impl Future<Output = Result<T, Error<E>>> {
    async move {
        let Inside { course, deadline, pass } = inside;
        let context = context_at_end(&course, deadline, &outcome);
        pass.leave_async(outcome, &context).await
    }
}
