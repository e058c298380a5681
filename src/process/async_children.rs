//! The child processes of an async map. Bodies are futures; each child runs many at a time.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::panic::resume_unwind;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::children::{ChildOptions, Sendable};
use super::code::{FunctionOffset, Job};
use super::dispatcher::Dispatcher;
use super::frame::Around;
use super::link::{BodyRequest, Bytes, Outcome, Posted, Seat};
use super::pool::Configuration;
use super::{answer, codec};
use crate::error::{Crash, Failure, Serialization};
use crate::sync::{Mutex, lock};

/// The child processes of an async map, in which bodies run. [`Map::future_process`](crate::map::Map::future_process)
/// passes it to its operation.
#[derive(Clone, Debug)]
pub struct AsyncChildren(Arc<OfItem>);

#[derive(Debug)]
struct OfItem {
    dispatcher: Arc<Dispatcher>,
    /// The seat that is kept for the first body of the item until its child is ready.
    seat: Mutex<Option<Seat>>,
}

/// A candidate of a fallback, as the body of an item has it in a child.
#[doc(hidden)]
pub struct Candidate<B: ?Sized + ToOwned>(pub(super) B::Owned);

impl<B: ?Sized + ToOwned> Candidate<B> {
    /// Returns the candidate by reference, as a body in this process has it.
    #[doc(hidden)]
    pub fn get(&self) -> &B {
        self.0.borrow()
    }
}

impl<B: ?Sized + ToOwned> fmt::Debug for Candidate<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").finish_non_exhaustive()
    }
}

/// A serialized item. Created by a macro.
#[doc(hidden)]
#[derive(Debug)]
pub struct AsyncSent<I> {
    bytes: Result<Bytes, Serialization>,
    item: PhantomData<fn(I)>,
}

impl AsyncChildren {
    pub(crate) fn of_item(dispatcher: &Arc<Dispatcher>) -> Self {
        AsyncChildren(Arc::new(OfItem { dispatcher: Arc::clone(dispatcher), seat: Mutex::new(None) }))
    }

    /// If there is an `init_child`, waits until a child has run it, before the limits of an item begin.
    pub(crate) fn poll_prepared(&self, context: &Context<'_>) -> Poll<()> {
        if self.0.dispatcher.has_init() {
            let mut seat = lock(&self.0.seat);
            if seat.is_none() {
                match ready!(self.0.dispatcher.poll_seat(context)) {
                    Ok(found) => *seat = Some(found),
                    // The body gets the error.
                    Err(_) => return Poll::Ready(()),
                }
            }
            if let Some(seat) = &*seat {
                return seat.link().poll_ready(context);
            }
        }
        Poll::Ready(())
    }

    /// Runs `body` with these arguments in a child process, together with others. The future returns its result.
    ///
    /// The body is an async function, or a closure that captures nothing and returns a future. It runs in another
    /// process, which does not have the local variables of this one.
    ///
    /// # Errors
    /// - [`Failure::Error`] with the error of the body,
    /// - [`Failure::Crashed`] if its process has ended, because of this body or another one in it, or if no process
    ///   could be started,
    /// - [`Failure::Serialization`] if the arguments or the result cannot be serialized.
    ///
    /// # Panics
    /// If the body panics, with its message. In a map that is [`Error::Panicked`](crate::Error::Panicked).
    ///
    /// # Cancel safety
    /// Dropping the future drops the future of the body in the child. A child that has not done that within two seconds
    /// is killed.
    ///
    /// # Examples
    /// See [`Map::future_process`](crate::map::Map::future_process).
    pub fn run<A, T, E, Fut>(
        &self,
        body: fn(A) -> Fut,
        arguments: &A,
    ) -> impl Future<Output = Result<T, Failure<E>>> + use<A, T, E, Fut>
    where
        A: Sendable,
        T: Sendable,
        E: Sendable,
        Fut: Future<Output = Result<T, E>> + 'static,
    {
        let mut bytes = Vec::new();
        let sent = codec::write(&mut bytes, arguments).map(|()| Arc::new(bytes));
        self.ask(Job::of_async(body), sent.map(|bytes| [bytes, Arc::default()]))
    }

    /// Serializes an item.
    #[doc(hidden)]
    pub fn pack<I: Sendable>(&self, item: &I) -> AsyncSent<I> {
        let mut bytes = Vec::new();
        let written = codec::write(&mut bytes, item);
        AsyncSent { bytes: written.map(|()| Arc::new(bytes)), item: PhantomData }
    }

    /// Runs the body of an item in a child process.
    #[doc(hidden)]
    pub fn run_item<I, B, T, E, Fut>(
        &self,
        item: &AsyncSent<I>,
        candidate: &B,
        number: u32,
        body: fn(I, Candidate<B>, u32) -> Fut,
    ) -> impl Future<Output = Result<T, Failure<E>>> + use<I, B, T, E, Fut>
    where
        I: Sendable,
        B: ?Sized + Serialize + ToOwned<Owned: DeserializeOwned>,
        T: Sendable,
        E: Sendable,
        Fut: Future<Output = Result<T, E>> + 'static,
    {
        let mut more = Vec::new();
        let arguments = item.bytes.clone().and_then(|bytes| {
            codec::write(&mut more, candidate)?;
            codec::write(&mut more, &number)?;
            Ok([bytes, Arc::new(more)])
        });
        self.ask(Job::of_async_item(body), arguments)
    }

    fn ask<T, E>(&self, job: Job, arguments: Result<[Bytes; 2], Serialization>) -> Asking<T, E> {
        let state = match arguments {
            Err(problem) => State::Failed(Failed::Serialization(problem)),
            Ok(_) if !job.is_in_executable() => {
                let problem = "the body is not in the executable, but in a shared library";
                State::Failed(Failed::Crash(Crash::not_started(problem)))
            }
            Ok(arguments) => {
                State::Asking { asked: BodyRequest { job, around: Around::default(), arguments }, posted: None }
            }
        };
        Asking { children: Arc::clone(&self.0), state, result: PhantomData }
    }
}

/// A body that runs in a child. Dropping it cancels the body there.
struct Asking<T, E> {
    children: Arc<OfItem>,
    state: State,
    result: PhantomData<fn() -> (T, E)>,
}

enum State {
    Failed(Failed),
    Asking { asked: BodyRequest, posted: Option<Posted> },
    Over,
}

enum Failed {
    Serialization(Serialization),
    Crash(Crash),
}

impl<E> From<Failed> for Failure<E> {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Serialization(problem) => Failure::Serialization(problem),
            Failed::Crash(crash) => Failure::Crashed(crash),
        }
    }
}

impl State {
    /// Returns the answer of the child, with the request that it answers.
    fn poll(&mut self, children: &OfItem, context: &Context<'_>) -> Poll<Result<(Vec<u8>, Posted), Failed>> {
        loop {
            let State::Asking { asked, posted } = self else {
                return match core::mem::replace(self, State::Over) {
                    State::Failed(failed) => Poll::Ready(Err(failed)),
                    _ => Poll::Pending,
                };
            };
            let Some(mut running) = posted.take() else {
                let kept = lock(&children.seat).take();
                let seat = match kept {
                    Some(seat) => match seat.link().failure() {
                        Some(crash) => return Poll::Ready(Err(Failed::Crash(crash))),
                        None => seat,
                    },
                    None => match ready!(children.dispatcher.poll_seat(context)) {
                        Ok(seat) => seat,
                        Err(crash) => return Poll::Ready(Err(Failed::Crash(crash))),
                    },
                };
                asked.around = Around::here();
                // If the child has ended meanwhile, the loop finds another.
                *posted = seat.ask(asked);
                continue;
            };
            match running.poll(context) {
                Poll::Pending => {
                    *posted = Some(running);
                    return Poll::Pending;
                }
                Poll::Ready(Outcome::NotSent) => {}
                Poll::Ready(Outcome::Gone(crash)) => return Poll::Ready(Err(Failed::Crash(crash))),
                Poll::Ready(Outcome::Answer(bytes)) => return Poll::Ready(Ok((bytes, running))),
            }
        }
    }
}

impl<T: DeserializeOwned, E: DeserializeOwned> Future for Asking<T, E> {
    type Output = Result<T, Failure<E>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Asking { children, state, .. } = self.get_mut();
        let outcome = ready!(state.poll(children, context));
        *state = State::Over;
        let (bytes, posted) = match outcome {
            Ok(answered) => answered,
            Err(failed) => return Poll::Ready(Err(failed.into())),
        };
        let Some(outcome) = answer::read(&bytes) else {
            posted.kill();
            return Poll::Ready(Err(Failure::Crashed(Crash::no_answer("its answer is invalid"))));
        };
        // The child has already printed it.
        Poll::Ready(outcome.unwrap_or_else(|message| resume_unwind(Box::new(message))))
    }
}

/// Creates the dispatcher of a map with up to `most` child processes.
pub(crate) fn dispatcher(options: ChildOptions, most: usize) -> Arc<Dispatcher> {
    let ChildOptions { init, recycle_after, memory } = options;
    let init = init.map(FunctionOffset::of_init);
    Arc::new(Dispatcher::new(Configuration { init, recycle_after, memory, is_async: true }, most))
}
