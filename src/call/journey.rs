//! The async driver of a call with layers: enters them, takes the turns of the course, and leaves them.

use core::borrow::BorrowMut;
use core::fmt;
use core::future::Future;
use core::mem;
use core::ops::ControlFlow::{self, Break, Continue};
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::course::{BoxedLog, Source};
use super::limits::Deadline;
use super::through::{self, Inside};
use super::turn::Timer;
use crate::error::Error;
use crate::layer::{Layer, Pass};
use crate::policy::CurrentAttempt;

/// An async call with its layers.
pub struct Journey<E, P: Source<E>, L, G> {
    candidates: usize,
    deadline: Deadline,
    state: State<E, P, L, G>,
}

#[allow(clippy::large_enum_variant, reason = "`Inside` is the usual state")]
enum State<E, P: Source<E>, L, G> {
    Outside(P, L),
    Inside(Inside<E, P, G, BoxedLog<E>>),
    /// Entering, leaving, or finished.
    Between,
}

impl<E, P: Source<E>, L, G> Journey<E, P, L, G> {
    #[inline]
    pub(super) const fn new(source: P, candidates: usize, deadline: Deadline, layers: L) -> Self {
        Journey { candidates, deadline, state: State::Outside(source, layers) }
    }

    /// Returns the attempt that is due.
    #[inline]
    pub fn attempt(&self) -> CurrentAttempt {
        match &self.state {
            State::Inside(inside) => inside.course.attempt(),
            State::Outside(..) | State::Between => CurrentAttempt::FIRST,
        }
    }

    /// Starts entering the layers, unless the call is inside them.
    fn set_out<T, F>(&mut self) -> Option<impl Future<Output = Entered<T, E, P, G>> + use<T, F, E, P, L, G>>
    where
        L: Layer<T, E, Pass = G>,
    {
        match mem::replace(&mut self.state, State::Between) {
            State::Outside(source, layers) => {
                Some(through::enter_async(source, self.candidates, self.deadline, layers.of::<F>()))
            }
            state => {
                self.state = state;
                None
            }
        }
    }
}

/// The result of entering the layers.
type Entered<T, E, P, G> = ControlFlow<Result<T, Error<E>>, Inside<E, P, G, BoxedLog<E>>>;

/// How a call leaves its layers.
type Leave<T, E, P, G, O> = fn(Inside<E, P, G, BoxedLog<E>>, Result<T, Error<E>>) -> O;

pin_project! {
    /// One pass of the loop around the body of a [`Journey`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    struct Passage<J, T, E, P, G, F, I, O>
    where
        P: Source<E>,
        P: Timer,
    {
        // Until it has ended or was cancelled: the body's resources are not kept while the call leaves its layers.
        #[pin]
        body: Option<F>,
        #[pin]
        stage: Stage<I, P::Sleep, O>,
        leave_by: Leave<T, E, P, G, O>,
        // Dropped last: what the call holds, such as the right to an entry, is given back after its body is dropped.
        journey: J,
    }
}

pin_project! {
    /// The stage of a passage. The future of a stage reuses the space of that of the stage before.
    #[project = StagePinned]
    enum Stage<I, S, O> {
        Entering { #[pin] enter: I },
        // The alarm is a pause, and then the limit of the body.
        Inside { #[pin] alarm: Option<S> },
        Leaving { #[pin] leave: O },
    }
}

/// The futures are opaque, since rustc looks at every part of a named type in each function that awaits it, and the type of a
/// [`Passage`] has many parts.
impl<E, P: Source<E> + Timer, L, G> Journey<E, P, L, G> {
    /// Polls `body` to its end, within its limit. First completes any wait before it, and afterwards leaves the
    /// layers if the call ends.
    #[inline]
    pub fn turn<T, F: Future<Output = Result<T, E>>>(
        &mut self,
        body: F,
    ) -> impl Future<Output = ControlFlow<Result<T, Error<E>>>>
    where
        L: Layer<T, E, Pass = G>,
        G: Pass<T, E>,
    {
        let stage = Stage::new(self.set_out::<T, F>());
        Passage { journey: self, body: Some(body), stage, leave_by: through::leave_async }
    }

    /// Like `turn`, for a body that is the only attempt.
    #[inline]
    pub fn once<T, F: Future<Output = Result<T, E>>>(mut self, body: F) -> impl Future<Output = Result<T, Error<E>>>
    where
        L: Layer<T, E, Pass = G>,
        G: Pass<T, E>,
    {
        let stage = Stage::new(self.set_out::<T, F>());
        Passage { journey: self, body: Some(body), stage, leave_by: through::leave_async }
    }
}

impl<J, T, E, P, G, F, I, O> Passage<J, T, E, P, G, F, I, O>
where
    P: Source<E> + Timer,
    G: Pass<T, E>,
    F: Future<Output = Result<T, E>>,
    I: Future<Output = Entered<T, E, P, G>>,
    O: Future<Output = Result<T, Error<E>>>,
{
    /// Returns `Continue` if another turn is due; never if the body `is_once`.
    fn go<L>(self: Pin<&mut Self>, is_once: bool, context: &mut Context<'_>) -> Poll<ControlFlow<Result<T, Error<E>>>>
    where
        J: BorrowMut<Journey<E, P, L, G>>,
    {
        let mut this = self.project();
        let state = &mut (*this.journey).borrow_mut().state;
        loop {
            match this.stage.as_mut().project() {
                StagePinned::Entering { enter } => {
                    match ready!(enter.poll(context)) {
                        Break(outcome) => return Poll::Ready(Break(outcome)),
                        Continue(inside) => *state = State::Inside(inside),
                    }
                    this.stage.set(Stage::Inside { alarm: None });
                }
                StagePinned::Inside { alarm } => {
                    let (State::Inside(inside), Some(body)) = (&mut *state, this.body.as_mut().as_pin_mut()) else {
                        unreachable!("a call inside its layers has a body")
                    };
                    let polled = inside.pass.polled();
                    let ended = inside.course.poll(body, alarm, context);
                    drop(polled);
                    let outcome = match ready!(ended) {
                        Ok(value) => Ok(value),
                        Err(stop) if is_once => Err(inside.course.end(stop)),
                        Err(stop) => match inside.course.go_on(stop) {
                            Continue(()) => return Poll::Ready(Continue(())),
                            Break(error) => Err(error),
                        },
                    };
                    this.body.set(None);
                    if let State::Inside(inside) = mem::replace(state, State::Between) {
                        this.stage.set(Stage::Leaving { leave: (this.leave_by)(inside, outcome) });
                    }
                }
                StagePinned::Leaving { leave } => return leave.poll(context).map(Break),
            }
        }
    }
}

impl<I, S, O> Stage<I, S, O> {
    /// Creates the first stage: inside, if the call has entered its layers before.
    #[inline]
    fn new(enter: Option<I>) -> Self {
        match enter {
            Some(enter) => Stage::Entering { enter },
            None => Stage::Inside { alarm: None },
        }
    }
}

impl<T, E, P, L, G, F, I, O> Future for Passage<&mut Journey<E, P, L, G>, T, E, P, G, F, I, O>
where
    P: Source<E> + Timer,
    G: Pass<T, E>,
    F: Future<Output = Result<T, E>>,
    I: Future<Output = Entered<T, E, P, G>>,
    O: Future<Output = Result<T, Error<E>>>,
{
    type Output = ControlFlow<Result<T, Error<E>>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.go(false, context)
    }
}

impl<T, E, P, L, G, F, I, O> Future for Passage<Journey<E, P, L, G>, T, E, P, G, F, I, O>
where
    P: Source<E> + Timer,
    G: Pass<T, E>,
    F: Future<Output = Result<T, E>>,
    I: Future<Output = Entered<T, E, P, G>>,
    O: Future<Output = Result<T, Error<E>>>,
{
    type Output = Result<T, Error<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match ready!(self.go(true, context)) {
            Break(outcome) => Poll::Ready(outcome),
            Continue(()) => Poll::Pending,
        }
    }
}

impl<E, P: Source<E>, L, G> fmt::Debug for Journey<E, P, L, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journey").finish_non_exhaustive()
    }
}
