//! The cache of a call that cannot fail: if anything goes wrong, the body runs.

use super::super::backing::{Backing, Value};
use super::super::flights::Turn;
use super::super::lease::Leased;
use super::super::slots::SlotsHandle;
use super::{CAPACITY, CacheLayer, Entered};
use crate::call::{BadRead, Context, Name};
use crate::error::Error;
use crate::time::Clock;

/// Whether the call may fail if the cache fails.
pub trait Kind {
    /// Whether it runs the body instead of failing.
    const IS_INFALLIBLE: bool;

    /// Whether the call runs without the cache, because an option is invalid.
    fn is_off(&self) -> bool;

    /// The environment variable of the invalid option, if there is one.
    fn bad_read(&self) -> BadRead;

    /// The call has waited until its limit.
    ///
    /// # Errors
    /// A timeout, if the call may fail.
    #[doc(hidden)]
    #[cold]
    fn go_on_at_end<E, C: Clock>(context: &Context<'_, C>) -> Result<(), Error<E>> {
        if Self::IS_INFALLIBLE { Ok(()) } else { Err(context.timed_out()) }
    }

    /// It has waited for the run of another call, and now runs the body itself.
    ///
    /// # Errors
    /// A timeout, if the call may fail.
    #[doc(hidden)]
    #[cold]
    fn turn_at_end<V, E, C: Clock>(context: &Context<'_, C>) -> Result<Turn<V>, Error<E>> {
        Self::go_on_at_end(context).map(|()| Turn::alone())
    }
}

/// A call that may fail.
#[derive(Clone, Copy, Debug)]
pub struct MayFail;

impl Kind for MayFail {
    const IS_INFALLIBLE: bool = false;

    #[inline]
    fn is_off(&self) -> bool {
        false
    }

    fn bad_read(&self) -> BadRead {
        BadRead::NONE
    }
}

/// A call that cannot fail.
#[derive(Clone, Copy, Debug)]
pub struct CannotFail {
    is_off: bool,
    bad_read: BadRead,
}

impl Kind for CannotFail {
    const IS_INFALLIBLE: bool = true;

    #[inline]
    fn is_off(&self) -> bool {
        self.is_off
    }

    fn bad_read(&self) -> BadRead {
        self.bad_read
    }
}

impl<H, M, S> CacheLayer<H, M, S> {
    /// The layer of a call that cannot fail and whose options were checked at compile time.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    #[inline]
    pub(crate) fn infallible(self) -> CacheLayer<H, M, S, CannotFail> {
        self.of_kind(CannotFail { is_off: false, bad_read: BadRead::NONE })
    }

    /// The layer of a call that cannot fail and whose options are checked now. `bad_read` is a variable that could not be read.
    #[inline]
    pub(crate) fn infallible_if_sound(self, bad_read: BadRead) -> CacheLayer<H, M, S, CannotFail> {
        let is_off = !bad_read.is_none() || !self.is_sound(self.time_to_live);
        self.of_kind(CannotFail { is_off, bad_read })
    }

    #[inline]
    fn of_kind<I>(self, kind: I) -> CacheLayer<H, M, S, I> {
        let CacheLayer { slots, instance, key, time_to_live, capacity, namespace, store, is_early, kind: _ } = self;
        CacheLayer { slots, instance, key, time_to_live, capacity, namespace, store, is_early, kind }
    }
}

impl<H: SlotsHandle, M: Name, S, I: Kind> CacheLayer<H, M, S, I> {
    /// Runs the body without the cache because an option is invalid. This counts as an error of the store.
    #[cold]
    #[inline(never)]
    pub(super) fn go_without<V: Value, E, C: Clock>(
        mut self,
        context: &mut Context<'_, C>,
    ) -> Result<Entered<V, H, M, S, I>, Error<E>>
    where
        S: Backing<V>,
    {
        let problem = self.kind.bad_read().sentence().unwrap_or_else(|| self.problem());
        // These entries are shared with other calls of the use, whose options may be valid.
        if self.capacity == 0 {
            self.capacity = CAPACITY;
        }
        let entries = self.shared_entries(context)?;
        let place = self.place(&entries, context.name);
        place.count_error(&problem);
        context.seen.fault(place.fault());
        self.take_off(entries, Turn::alone(), Leased::Run(None), context)
    }
}
