//! The child processes of a map.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem;
use core::time::Duration;
use std::panic::resume_unwind;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::code::{FunctionOffset, Job};
use super::pool::{self, Configuration};
use super::worker::NoAnswer;
use super::{answer, codec};
use crate::call::Call;
use crate::error::{Crash, Failure, Serialization};
use crate::policy::{FallbackOn, RetryAfter, RetryIf};
use crate::sync::thread_local;
use crate::time::remaining;

/// The options of a map for its child processes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChildOptions {
    pub(crate) init: Option<fn()>,
    pub(crate) recycle_after: Option<usize>,
    pub(crate) memory: Option<u64>,
}

impl ChildOptions {
    pub(crate) const NONE: Self = ChildOptions { init: None, recycle_after: None, memory: None };

    /// The first invalid option, if there is one.
    pub(crate) const fn problem(&self) -> Option<&'static str> {
        if let Some(0) = self.recycle_after {
            return Some("`recycle_after` is 0; it must be at least 1");
        }
        match self.memory {
            Some(0) => Some("`max_child_memory` is 0; it must be at least 1"),
            Some(_) if !cfg!(any(target_os = "linux", target_os = "android")) => {
                Some("`max_child_memory` works on Linux only; this system does not limit the memory of a process")
            }
            _ => None,
        }
    }

    pub(crate) const fn are_given(&self) -> bool {
        self.init.is_some() || self.recycle_after.is_some() || self.memory.is_some()
    }
}

/// The child processes of a map, in which bodies run. [`Map::process`](crate::map::Map::process) passes it to its
/// operation.
#[derive(Clone, Copy, Debug)]
pub struct Children(Configuration);

/// A type that can be sent from one process to another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent from one process to another",
    label = "is sent between processes",
    note = "items, values and errors of bodies in child processes are `serde::Serialize` and `serde::de::DeserializeOwned`: derive \
            them, or turn the value into one that is, as `.map_err(|error| error.to_string())` does"
)]
pub trait Sendable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Sendable for T {}

/// A serialized item. Created by a macro.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sent<I> {
    bytes: Vec<u8>,
    problem: Option<Serialization>,
    item: PhantomData<fn(I)>,
}

/// The maximum memory that is kept for the next item of a thread.
const KEPT: usize = 1 << 22;

thread_local! {
    /// A buffer that is reused, so that not every item allocates.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl<I> Drop for Sent<I> {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.bytes);
        if bytes.capacity() <= KEPT {
            bytes.clear();
            // A thread that is ending has no more items.
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
    }
}

impl Children {
    pub(crate) fn new(options: ChildOptions) -> Self {
        let ChildOptions { init, recycle_after, memory } = options;
        Children(Configuration { init: init.map(FunctionOffset::of_init), recycle_after, memory, is_async: false })
    }

    /// Runs `body` with these arguments in a child process, and waits for its result.
    ///
    /// The body is a function, or a closure that captures nothing. It runs in another process, which does not have the
    /// local variables of this one. At the nearest limit around this call, which is given by [`remaining`], the child
    /// is killed.
    ///
    /// # Errors
    /// - [`Failure::Error`] with the error of the body,
    /// - [`Failure::Crashed`] if its process has ended, or if none could be started,
    /// - [`Failure::Timeout`] if the limit has passed,
    /// - [`Failure::Serialization`] if the arguments or the result cannot be serialized.
    ///
    /// # Panics
    /// If the body panics, with its message. In a map that is [`Error::Panicked`](crate::Error::Panicked).
    ///
    /// # Examples
    /// See [`Map::process`](crate::map::Map::process).
    pub fn run<A: Sendable, T: Sendable, E: Sendable>(
        &self,
        body: fn(A) -> Result<T, E>,
        arguments: &A,
    ) -> Result<T, Failure<E>> {
        let mut bytes = Vec::new();
        codec::write(&mut bytes, arguments).map_err(Failure::Serialization)?;
        self.ask(Job::of(body), [&bytes, &[]])
    }

    /// If there is an `init_child`, waits until a child has run it, before the limits of an item begin.
    pub(crate) fn prepare(&self) {
        if self.0.init.is_some() {
            if let Ok(mut worker) = pool::take(self.0) {
                // A child that is not usable is kept: the body gets the error.
                if !matches!(worker.start(), Err(NoAnswer::Gone(_))) {
                    pool::give_back(worker, self.0);
                }
            }
        }
    }

    /// Serializes an item.
    #[doc(hidden)]
    pub fn pack<I: Sendable>(&self, item: &I) -> Sent<I> {
        let mut bytes = SPARE.take();
        let problem = codec::write(&mut bytes, item).err();
        Sent { bytes, problem, item: PhantomData }
    }

    /// Runs the body of an item in a child process.
    #[doc(hidden)]
    pub fn run_item<I, B, T, E>(
        &self,
        item: &Sent<I>,
        candidate: &B,
        number: u32,
        body: fn(I, &B, u32) -> Result<T, E>,
    ) -> Result<T, Failure<E>>
    where
        I: Sendable,
        B: ?Sized + Serialize + ToOwned<Owned: DeserializeOwned>,
        T: Sendable,
        E: Sendable,
    {
        if let Some(problem) = &item.problem {
            return Err(Failure::Serialization(problem.clone()));
        }
        let mut more = Vec::new();
        codec::write(&mut more, candidate)
            .and_then(|()| codec::write(&mut more, &number))
            .map_err(Failure::Serialization)?;
        self.ask(Job::of_item(body), [&item.bytes, &more])
    }

    fn ask<T: DeserializeOwned, E: DeserializeOwned>(&self, job: Job, arguments: [&[u8]; 2]) -> Result<T, Failure<E>> {
        if !job.is_in_executable() {
            let problem = "the body is not in the executable, but in a shared library";
            return Err(Failure::Crashed(Crash::not_started(problem)));
        }
        let limit = remaining();
        let mut worker = pool::take(self.0).map_err(Failure::Crashed)?;
        match worker.ask(job, arguments) {
            Ok(()) => {}
            Err(NoAnswer::Gone(crash)) => return Err(Failure::Crashed(crash)),
            Err(NoAnswer::Late) => {
                if worker.is_started() {
                    worker.kill();
                } else {
                    pool::give_back(worker, self.0);
                }
                return Err(Failure::Timeout(limit.unwrap_or_default()));
            }
        }
        let Some(outcome) = answer::read(worker.answer()) else {
            return Err(Failure::Crashed(worker.kill_for_broken_protocol()));
        };
        worker.clear();
        pool::give_back(worker, self.0);
        // The child has already printed it.
        outcome.unwrap_or_else(|message| resume_unwind(Box::new(message)))
    }
}

/// A call whose attempts run in children. Its predicates get the error of the body. They are not called for an attempt
/// that failed in another way: such an attempt is handled like a timeout.
#[doc(hidden)]
#[derive(Debug)]
pub struct InChild<C>(C);

impl<E, N, C, J, L> Call<Failure<E>, N, C, J, L> {
    /// Applies the predicates that follow to the error of the body.
    #[doc(hidden)]
    pub fn in_child(self) -> InChild<Self> {
        InChild(self)
    }
}

impl<E, N, C, J, L> InChild<Call<Failure<E>, N, C, J, L>> {
    /// Sets [`Call::retry_if`] for the error of the body.
    pub fn retry_if<P: FnMut(&E) -> bool>(
        self,
        mut predicate: P,
    ) -> Call<Failure<E>, N, C, RetryIf<impl FnMut(&Failure<E>) -> bool, J>, L> {
        self.0.retry_if(move |failure: &Failure<E>| match failure {
            Failure::Error(error) => predicate(error),
            _ => true,
        })
    }

    /// Sets [`Call::retry_after`] for the error of the body.
    pub fn retry_after<P: FnMut(&E) -> Option<Duration>>(
        self,
        mut delay: P,
    ) -> Call<Failure<E>, N, C, RetryAfter<impl FnMut(&Failure<E>) -> Option<Duration>, J>, L> {
        self.0.retry_after(move |failure: &Failure<E>| match failure {
            Failure::Error(error) => delay(error),
            _ => None,
        })
    }

    /// Sets [`Call::fallback_on`] for the error of the body.
    pub fn fallback_on<P: FnMut(&E) -> bool>(
        self,
        mut predicate: P,
    ) -> Call<Failure<E>, N, C, FallbackOn<impl FnMut(&Failure<E>) -> bool, J>, L> {
        self.0.fallback_on(move |failure: &Failure<E>| match failure {
            Failure::Error(error) => predicate(error),
            _ => true,
        })
    }
}
