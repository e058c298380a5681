//! The layers around a call: a cache, a rate limit, or a layer of your own.
//!
//! A call enters each layer once, from the outside in, and leaves it on the way back. In between the call holds a
//! [`Pass`]: whatever the layer hands out, such as a permit or the right to fill an entry of a cache. If a pass is
//! dropped without being left, the call was abandoned: its future was dropped, or its body panicked.
//!
//! # Order
//! The order is fixed, whatever order the options are written in: cache, rate, then the layers of
//! [`Call::layer`](crate::Call::layer) in the order they were added, then the retries. For a layer of your own this
//! means:
//!
//! - Calls that the cache answers or the rate refuses do not reach it.
//! - A call holds its pass while it runs, including retries and their delays.
//! - A call that it refuses has spent its permit of the rate. Nothing is cached, and the next call that waits for the
//!   same entry enters. What it [answers](Step::Answer) is cached as if the body had returned it.
//!
//! # Refusals
//! A layer that refuses a call returns one of the errors of [`Context`]: a layer for any `E` has no value of that
//! type. A layer for the error type of your own bodies can do more on the way back: it gets the outcome and may
//! replace it.

use core::future::{Future, ready};
use core::time::Duration;

pub use crate::call::Context;
use crate::call::NameRef;
use crate::error::Error;
use crate::policy::Retry;
use crate::time::Clock;

/// One layer around a call that gives a `T` or fails with an `E`.
///
/// A call consumes its layer. Keep state that outlives a call behind a reference or an `Arc`.
///
/// # Examples
/// A bound on concurrent calls, without waiting:
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
///
/// use opero::layer::{Context, Layer, Pass, Step};
/// use opero::{Call, Error, time::Clock};
///
/// /// Lets at most `most` calls in at a time.
/// struct Bulkhead {
///     most: usize,
///     inside: AtomicUsize,
/// }
///
/// /// A place inside. `Drop` gives it back, when the call ends and when it is abandoned.
/// struct Place<'b>(&'b Bulkhead);
///
/// impl Drop for Place<'_> {
///     fn drop(&mut self) {
///         self.0.inside.fetch_sub(1, Relaxed);
///     }
/// }
///
/// impl<'b, T, E> Layer<T, E> for &'b Bulkhead {
///     type Pass = Place<'b>;
///
///     fn enter<C: Clock>(
///         self,
///         context: &mut Context<'_, C>,
///     ) -> Result<Step<T, Place<'b>>, Error<E>> {
///         let inside = self.inside.fetch_add(1, Relaxed);
///         let place = Place(self);
///         if inside < self.most {
///             Ok(Step::Inward(place))
///         } else {
///             Err(context.refused("every place is taken"))
///         }
///     }
/// }
///
/// impl<T, E> Pass<T, E> for Place<'_> {}
///
/// let bulkhead = Bulkhead { most: 1, inside: AtomicUsize::new(0) };
/// let call = Call::new("ask").layer(&bulkhead);
/// let outcome = call.clone().run(|_| {
///     let second = call.clone().run(|_| Ok::<_, String>("there is no place for it"));
///     Ok::<_, String>(second.unwrap_err().to_string())
/// });
/// assert_eq!(outcome, Ok("Skipped by ask: every place is taken".into()));
/// assert_eq!(
///     call.run(|_| Ok::<_, String>("the place is free again")),
///     Ok("the place is free again"),
/// );
/// ```
pub trait Layer<T, E>: Sized {
    /// What a call holds while it is inside the layer. If it is dropped without being left, the call was abandoned.
    type Pass: Pass<T, E>;

    /// Is this the layer of a call without layers?
    #[doc(hidden)]
    const IS_NONE: bool = false;

    /// Does a call that it lets in take a permit?
    #[doc(hidden)]
    const TAKES_PERMIT: bool = false;

    /// Lists the layers, from the outside in.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    fn describe(&self, layers: &mut alloc::vec::Vec<crate::observe::LayerInfo>) {
        layers.push(crate::observe::LayerInfo::own::<Self>());
    }

    /// Takes the type of the body, which distinguishes the instances of a generic function.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    fn of<Body>(self) -> Self {
        self
    }

    /// Refuses invalid options. Every layer is checked before any is entered, so a call that cannot run neither waits
    /// nor spends a permit.
    ///
    /// # Errors
    /// [`Error::Configuration`], made by [`Context::misconfigured`].
    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        let _ = context;
        Ok(())
    }

    /// Tries to [`enter`](Layer::enter) before the call has a [`Context`], if no wait is needed. Also returns the
    /// time, if it was read.
    ///
    /// A context must be written to memory, and an atomic exchange would wait for these writes.
    ///
    /// # Errors
    /// The call is refused.
    #[doc(hidden)]
    #[inline]
    fn enter_at_once<C: Clock>(&self, name: NameRef<'_>, clock: &C) -> Option<AtOnce<T, Self::Pass, E>> {
        let _ = (name, clock);
        None
    }

    /// Lets the call in, answers it, or refuses it; may block this thread to wait.
    ///
    /// # Errors
    /// The call is refused: the inner layers are not reached.
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, Self::Pass>, Error<E>>;

    /// Like [`enter`](Layer::enter), without blocking the thread. The default calls `enter`, which is right for a
    /// layer that never waits.
    ///
    /// # Errors
    /// Those of [`enter`](Layer::enter).
    ///
    /// # Cancel safety
    /// Dropping the future must leave the layer as if the call had never entered.
    #[inline]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, Self::Pass>, Error<E>>> {
        ready(self.enter(context))
    }
}

/// The answer of a layer that needs no wait.
pub(crate) type AtOnce<T, P, E> = Result<(Step<T, P>, Option<Duration>), Error<E>>;

/// The decision of a layer about a call that enters.
#[derive(Debug)]
pub enum Step<T, P> {
    /// Answers the call: the inner layers are not reached.
    Answer(T),
    /// Lets the call go on; it holds this value meanwhile.
    Inward(P),
}

/// What a call holds while it is inside a layer.
///
/// If it is dropped without [`leave`](Pass::leave), the call was abandoned.
pub trait Pass<T, E>: Sized {
    /// Returns the numbers of the retry policy that were chosen for the call.
    #[doc(hidden)]
    #[inline]
    fn chosen(&self) -> Option<&Retry> {
        None
    }

    /// Held by the driver of an async call while it polls the body.
    #[doc(hidden)]
    #[inline]
    fn polled(&self) -> impl Sized {}

    /// Ends the call; the result is passed on outwards. `context` says how the call ended.
    ///
    /// # Errors
    /// Those of the call, or what the layer turns them into.
    #[inline]
    fn leave<C: Clock>(self, outcome: Result<T, Error<E>>, context: &Context<'_, C>) -> Result<T, Error<E>> {
        let _ = context;
        outcome
    }

    /// Like [`leave`](Pass::leave), without blocking the thread. The default calls `leave`.
    ///
    /// # Errors
    /// Those of [`leave`](Pass::leave).
    #[inline]
    fn leave_async<C: Clock>(
        self,
        outcome: Result<T, Error<E>>,
        context: &Context<'_, C>,
    ) -> impl Future<Output = Result<T, Error<E>>> {
        ready(self.leave(outcome, context))
    }
}

/// A layer that hands out nothing.
impl<T, E> Pass<T, E> for () {}

mod list;

pub use self::list::Layers;
