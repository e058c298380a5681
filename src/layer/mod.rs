//! What stands around a call: a cache, a rate limit, or a layer of your own.
//!
//! A layer is passed once a call, from the outside in, and left on the way back. In between the call holds a
//! [`Pass`]: whatever the layer handed out, as a permit or the right to fill an entry of a cache. A pass that is dropped
//! without being left says that the call was abandoned: its future was dropped, or its body panicked.
//!
//! The layers of a call stand in one order, whatever order its options are written in: cache, rate, then those of
//! [`Call::layer`](crate::Call::layer) in the order they were added, then the retries. So a layer of your own is passed by
//! the calls that run, and held for as long as they do, retries and their delays included.

use core::future::{Future, ready};

pub use crate::call::Context;
use crate::error::Error;
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
/// /// A place inside, given back when it is dropped: where the call ends, and where it is abandoned.
/// struct Place<'b>(&'b Bulkhead);
///
/// impl Drop for Place<'_> {
///     fn drop(&mut self) {
///         self.0.inside.fetch_sub(1, Relaxed);
///     }
/// }
///
/// impl<T, E> Layer<T, E> for &Bulkhead {
///     type Pass = Place<'static>;
/// #   fn enter<C: Clock>(self, _: &mut Context<'_, C>) -> Result<Step<T, Self::Pass>, Error<E>> { unimplemented!() }
/// }
/// # impl<T, E> Pass<T, E> for Place<'_> {}
/// ```
pub trait Layer<T, E>: Sized {
    /// What a call holds while it is inside the layer. Dropped, the call was abandoned.
    type Pass: Pass<T, E>;

    /// Is nothing there?
    #[doc(hidden)]
    const IS_NONE: bool = false;

    /// Tells by the type of the body which instance of a generic function this is.
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
    /// [`Error::Configuration`].
    #[inline]
    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        let _ = context;
        Ok(())
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
