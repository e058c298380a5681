//! The async driver: `tests/call.rs` runs one table of cases through this file and through `blocking.rs`.
//!
//! The body is in a loop of the expansion, and each pass of the loop hands it to a [`Turn`]:
//! ```text
//! loop {
//!     if let Break(outcome) = course.turn(async { body }).await {
//!         break outcome;
//!     }
//! }
//! ```
//! So the body is awaited in one place only, by a future that holds it without a copy. A failure does not wait in its
//! own turn: the turn ends, the loop drops the body, and the next turn waits before it polls its own.

use core::future::Future;
use core::ops::ControlFlow::{self, Break, Continue};
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use pin_project_lite::pin_project;

use super::course::{BoxedLog, Course, Source};
use super::failed::Failed;
use super::traced::Current;
use crate::error::Error;

/// Creates the timers of a course.
#[diagnostic::on_unimplemented(
    message = "the call has no clock it can use",
    label = "needs a clock",
    note = "without feature `async`, name one: `clock: &my_clock`"
)]
pub trait Timer {
    /// The future of a wait.
    type Sleep: Future<Output = ()>;

    /// Returns a wait of this length.
    fn sleep(&self, pause: Duration) -> Self::Sleep;
}

pin_project! {
    /// One pass of the loop: [`Break`] holds the outcome of the call.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub(super) struct Turn<G, F, S> {
        // Dropped first: what the course holds, such as a place in the cache, must not be given back while there is a
        // body.
        #[pin]
        body: F,
        // A pause, and then the limit of the body, set when the body first has to wait.
        #[pin]
        alarm: Option<S>,
        course: G,
    }
}

impl<G, F, S> Turn<G, F, S> {
    #[inline]
    pub(super) const fn new(course: G, body: F) -> Self {
        Turn { course, body, alarm: None }
    }

    /// Returns the fields of a pinned turn.
    #[inline]
    pub(super) fn parts(self: Pin<&mut Self>) -> (&mut G, Pin<&mut F>, Pin<&mut Option<S>>) {
        let this = self.project();
        (this.course, this.body, this.alarm)
    }
}

/// The futures are opaque, since rustc looks at every part of a named type in each function that awaits it.
impl<E, P: Source<E> + Timer> Course<E, P, BoxedLog<E>> {
    /// Polls `body` to its end, within its limit, once the pause before it is over.
    #[inline]
    pub fn turn<T, F: Future<Output = Result<T, E>>>(
        &mut self,
        body: F,
    ) -> impl Future<Output = ControlFlow<Result<T, Error<E>>>> {
        Turn::new(self, body)
    }

    /// Polls `body` to its end, within its limit: it is the only attempt.
    #[inline]
    pub fn once<T, F: Future<Output = Result<T, E>>>(self, body: F) -> impl Future<Output = Result<T, Error<E>>> {
        Turn::new(self, body)
    }
}

/// How an attempt without a value ends.
pub(super) enum Stop<E> {
    /// The attempt has failed.
    Failed(Failed<E>),
    /// The call has ended before the attempt ran.
    Ended(Error<E>),
}

impl<T, E, P, F> Future for Turn<&mut Course<E, P, BoxedLog<E>>, F, P::Sleep>
where
    P: Source<E> + Timer,
    F: Future<Output = Result<T, E>>,
{
    type Output = ControlFlow<Result<T, Error<E>>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (course, body, alarm) = self.parts();
        Poll::Ready(match ready!(course.poll(body, alarm, context)) {
            Ok(value) => Break(Ok(value)),
            Err(stop) => course.go_on(stop).map_break(Err),
        })
    }
}

impl<T, E, P, F> Future for Turn<Course<E, P, BoxedLog<E>>, F, P::Sleep>
where
    P: Source<E> + Timer,
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, Error<E>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (course, body, alarm) = self.parts();
        Poll::Ready(match ready!(course.poll(body, alarm, context)) {
            Ok(value) => Ok(value),
            Err(stop) => Err(course.end(stop)),
        })
    }
}

impl<E, P: Source<E> + Timer> Course<E, P, BoxedLog<E>> {
    #[inline]
    pub(super) fn poll<T, F: Future<Output = Result<T, E>>>(
        &mut self,
        body: Pin<&mut F>,
        mut alarm: Pin<&mut Option<P::Sleep>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<T, Stop<E>>> {
        let is_quick = self.is_quick();
        let _current = if is_quick {
            self.tell_quick_poll();
            Current::new(None)
        } else {
            self.enter_span()
        };
        let is_limited = !is_quick && {
            if let Err(error) = ready!(self.enter(alarm.as_mut(), context)) {
                return Poll::Ready(Err(Stop::Ended(error)));
            }
            self.may_have_limit()
        };
        let polled = if is_limited { self.poll_within(body, context) } else { body.poll(context) };
        match polled {
            Poll::Ready(Ok(value)) => {
                // A quick one has no limit that it could exceed.
                if is_quick && cfg!(not(feature = "observe")) {
                    return Poll::Ready(Ok(value));
                }
                if let Some(late) = self.succeeded() {
                    return Poll::Ready(Err(Stop::Failed(late)));
                }
                Poll::Ready(Ok(value))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(Stop::Failed(Failed::Error(error)))),
            Poll::Pending => self.wait(alarm, context).map(Err),
        }
    }

    #[cold]
    fn poll_within<F: Future>(&self, body: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.lend(|| body.poll(context))
    }

    /// Ends a turn after which another may follow.
    #[cold]
    pub(super) fn go_on(&mut self, stop: Stop<E>) -> ControlFlow<Error<E>> {
        let _current = self.span.enter();
        match stop {
            Stop::Ended(error) => Break(error),
            Stop::Failed(failure) => match self.failed(failure) {
                Ok(_) => Continue(()),
                Err(error) => Break(error),
            },
        }
    }

    /// Ends the only turn.
    #[cold]
    pub(super) fn end(&mut self, stop: Stop<E>) -> Error<E> {
        let _current = self.span.enter();
        match stop {
            Stop::Ended(error) => error,
            Stop::Failed(failure) => self.give_up(failure),
        }
    }

    /// Reaches the start of an attempt.
    #[cold]
    fn enter(
        &mut self,
        mut alarm: Pin<&mut Option<P::Sleep>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Error<E>>> {
        self.begin()?;
        loop {
            let pause = self.pause();
            if pause.is_zero() {
                return Poll::Ready(Ok(()));
            }
            ready!(self.ring(pause, alarm.as_mut(), context));
            alarm.set(None);
            self.resume()?;
        }
    }

    /// Waits with the body, at most until its limit.
    #[cold]
    fn wait(&mut self, mut alarm: Pin<&mut Option<P::Sleep>>, context: &mut Context<'_>) -> Poll<Stop<E>> {
        let Some(limit) = self.limit() else {
            return Poll::Pending;
        };
        let left = if alarm.is_none() { limit.left(self.source.clock()) } else { Duration::ZERO };
        ready!(self.ring(left, alarm.as_mut(), context));
        Poll::Ready(Stop::Failed(Failed::Timeout(limit.length)))
    }

    /// Polls the alarm, and sets it if it is not set.
    fn ring(&self, pause: Duration, mut alarm: Pin<&mut Option<P::Sleep>>, context: &mut Context<'_>) -> Poll<()> {
        if alarm.is_none() {
            alarm.set(Some(self.source.sleep(pause)));
        }
        match alarm.as_mut().as_pin_mut() {
            Some(alarm) => beyond_budget(alarm, context),
            None => Poll::Ready(()),
        }
    }
}

/// Polls a timer outside of tokio's task budget: a body that has used the budget up must still time out.
#[cfg(feature = "tokio")]
fn beyond_budget(alarm: Pin<&mut impl Future<Output = ()>>, context: &mut Context<'_>) -> Poll<()> {
    Pin::new(&mut tokio::task::unconstrained(alarm)).poll(context)
}

#[cfg(not(feature = "tokio"))]
fn beyond_budget(alarm: Pin<&mut impl Future<Output = ()>>, context: &mut Context<'_>) -> Poll<()> {
    alarm.poll(context)
}
