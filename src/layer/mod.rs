//! What stands around a call: a cache, a rate limit, or a layer of your own.
//!
//! A layer is passed once a call, from the outside in, and left on the way back. In between the call holds a
//! [`Pass`]: whatever the layer handed out, as a permit or the right to fill an entry of a cache. A pass that is dropped
//! without being left says that the call was abandoned: its future was dropped, or its body panicked.
//!
//! # Order
//! The layers of a call stand in one order, whatever order its options are written in: cache, rate, then those of
//! [`Call::layer`](crate::Call::layer) in the order they were added, then the retries. So for a layer of your own:
//!
//! - An answer from the cache does not reach it, and neither does a call that the rate refuses.
//! - It is held for as long as the call runs, retries and their delays included.
//! - A call that it refuses has spent its permit of the rate. Nothing is kept in the cache, and the next that waits for the
//!   same entry comes in. What it [answers](Step::Answer) is kept as if the body had given it.
//!
//! # Refusals
//! A layer that does not let a call in gives one of the errors of [`Context`]: a layer for any `E` has no value of that type.
//! One for the error type of your own bodies can do more on the way back, where it is handed the outcome and may replace it.

use core::future::{Future, ready};
use core::time::Duration;

pub use crate::call::Context;
use crate::call::NameRef;
use crate::error::Error;
use crate::policy::Retry;
use crate::time::Clock;

/// One layer around a call that gives a `T` or fails with an `E`.
///
/// A call consumes its layer, so what lives longer than a call is behind a reference or an `Arc` in it.
///
/// # Examples
/// At most so many calls at a time, and no waiting:
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
///
/// use opero::layer::{Context, Layer, Pass, Step};
/// use opero::{Call, Error, time::Clock};
///
/// /// Lets `most` calls in at a time.
/// struct Bulkhead {
///     most: usize,
///     inside: AtomicUsize,
/// }
///
/// /// A place inside. It is given back where the call ends and where it is abandoned, so `Drop` does it.
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
///     fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, Place<'b>>, Error<E>> {
///         let inside = self.inside.fetch_add(1, Relaxed);
///         let place = Place(self);
///         if inside < self.most { Ok(Step::Inward(place)) } else { Err(context.refused("every place is taken")) }
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
/// assert_eq!(call.run(|_| Ok::<_, String>("the place is free again")), Ok("the place is free again"));
/// ```
pub trait Layer<T, E>: Sized {
    /// What a call holds while it is inside the layer. If it is dropped without being left, the call was abandoned.
    type Pass: Pass<T, E>;

    /// Is this the layer of a call that has none?
    #[doc(hidden)]
    const IS_NONE: bool = false;

    /// Does a call that it lets in take a permit?
    #[doc(hidden)]
    const TAKES_PERMIT: bool = false;

    /// Lists the layers that there are, from the outside in.
    #[cfg(feature = "observe")]
    #[doc(hidden)]
    fn describe(&self, layers: &mut alloc::vec::Vec<crate::observe::LayerInfo>) {
        layers.push(crate::observe::LayerInfo::own::<Self>());
    }

    /// Takes the type of the body, which tells the instances of a generic function apart.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    fn of<Body>(self) -> Self {
        self
    }

    /// Refuses options with a value they cannot have. Every layer is asked before any is entered, so that nothing is waited
    /// for and no permit is spent by a call that cannot run.
    ///
    /// # Errors
    /// [`Error::Configuration`], as [`Context::misconfigured`] makes it.
    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        let _ = context;
        Ok(())
    }

    /// [`enter`](Layer::enter) before the call has a [`Context`], where that takes no waiting; and the time, if it was read.
    ///
    /// What a context is made of has to be written to memory, and whoever exchanges a shared word waits for that.
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
    /// The call is refused: what is further in is not reached.
    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, Self::Pass>, Error<E>>;

    /// [`enter`](Layer::enter) without blocking. By default it is that: right for a layer that never waits.
    ///
    /// # Errors
    /// As [`enter`](Layer::enter).
    ///
    /// # Cancel safety
    /// Dropping the future must leave the layer as if the call had never come.
    #[inline]
    fn enter_async<C: Clock>(
        self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, Self::Pass>, Error<E>>> {
        ready(self.enter(context))
    }
}

/// What a layer says at once.
pub(crate) type AtOnce<T, P, E> = Result<(Step<T, P>, Option<Duration>), Error<E>>;

/// What a layer says to a call that comes.
#[derive(Debug)]
pub enum Step<T, P> {
    /// Here is the answer: what is further in is not reached.
    Answer(T),
    /// Go on, and hold this meanwhile.
    Inward(P),
}

/// What a call holds while it is inside a layer.
///
/// Dropped without [`leave`](Pass::leave), the call was abandoned.
pub trait Pass<T, E>: Sized {
    /// The numbers of the retry that have been chosen for the call.
    #[doc(hidden)]
    #[inline]
    fn chosen(&self) -> Option<&Retry> {
        None
    }

    /// Held by the driver of an async call while it polls the body.
    #[doc(hidden)]
    #[inline]
    fn polled(&self) -> impl Sized {}

    /// The call ends; what this gives is what is passed on outwards. How it came to its end is in `context`.
    ///
    /// # Errors
    /// Those of the call, or what the layer makes of them.
    #[inline]
    fn leave<C: Clock>(self, outcome: Result<T, Error<E>>, context: &Context<'_, C>) -> Result<T, Error<E>> {
        let _ = context;
        outcome
    }

    /// [`leave`](Pass::leave) without blocking. By default it is that.
    ///
    /// # Errors
    /// As [`leave`](Pass::leave).
    #[inline]
    fn leave_async<C: Clock>(
        self,
        outcome: Result<T, Error<E>>,
        context: &Context<'_, C>,
    ) -> impl Future<Output = Result<T, Error<E>>> {
        ready(self.leave(outcome, context))
    }
}

/// A layer that hands nothing out.
impl<T, E> Pass<T, E> for () {}

mod list;

pub use self::list::Layers;
