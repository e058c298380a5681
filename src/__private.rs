//! What the expansions of the macros name. Do not use it in your own code: nothing here is stable.

pub use core::ops::ControlFlow::{Break, Continue};
pub use core::primitive::{str, usize};
pub use core::result::Result;
pub use core::time::Duration;
pub use core::{compile_error, concat, line, matches, module_path, stringify};

use crate::bounds::ways::{Impossible, Second};
#[cfg(feature = "cache")]
pub use crate::cache::layer::CacheSite;
#[cfg(feature = "cache")]
pub use crate::cache::slots::Slots;
pub use crate::call::{Call, Course, Journey, LatencyProbe, Parts, Plan, Site, Use};
use crate::error::Error;
use crate::policy::CurrentAttempt;
pub use crate::policy::Jitter;
#[cfg(feature = "std")]
pub use crate::rate::Global;
#[cfg(feature = "cache")]
pub use crate::rate::KeyedLimiter;
pub use crate::rate::{Limiter, RateSite};

mod again;
pub mod diagnostics;
mod foreign;
pub mod jitter;
#[cfg(feature = "cache")]
mod key;
mod list;
mod literals;
pub mod on_fault;
mod place;
pub mod value;

pub use self::again::is_the_same_again;
#[cfg(feature = "cache")]
pub use self::key::{Key, KeyPart, Listed, ScopePart, StoreKey, scope_key};
pub use self::list::*;
pub use self::literals::*;
pub use self::place::is_named;

/// Returns a call. Its options have passed the check for repeated names.
#[inline]
pub fn named<C>((): (), call: C) -> C {
    call
}

/// Returns a body that may run again, which is `FnMut`.
#[inline]
pub const fn repeated<T, E, F: FnMut(CurrentAttempt) -> Result<T, E>>(op: F) -> F {
    op
}

impl<E, N, C, J, L> Call<E, N, C, J, L> {
    /// Takes the type of the error from the body, so that rustc can infer it in the predicates that follow.
    #[doc(hidden)]
    #[inline]
    pub fn of<T>(self, _: &impl FnOnce(CurrentAttempt) -> Result<T, E>) -> Self {
        self
    }

    /// Like `of`, from an async body.
    #[doc(hidden)]
    #[inline]
    pub fn of_async<T>(self, _: &impl AsyncFnMut(CurrentAttempt) -> Result<T, E>) -> Self {
        self
    }
}

macro_rules! results_of_functions {
    ($($trait:item)*) => {$(
        #[diagnostic::on_unimplemented(
            message = "the function must return `Result<T, opero::Error<E>>`, but it returns `{Self}`",
            label = "not a `Result` with `opero::Error<E>`",
            note = "its block gives a `Result<T, E>`; the function gives `opero::Error<E>`, which has every attempt"
        )]
        $trait
    )*};
}

results_of_functions! {
    /// The result of a decorated function.
    pub trait Decorated {
        /// What the block gives: `Result<T, E>` for `Result<T, opero::Error<E>>`.
        type Body;
    }

    /// The result of a decorated function, created from the outcome `O` of the call. The two are the same type.
    pub trait FunctionResult<O>: Decorated {
        /// Returns the outcome. If the function has another result, rustc reports only that, and no errors that follow from it.
        #[doc(hidden)]
        fn of(outcome: O) -> Self;
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> Decorated for Result<T, Error<E>> {
    type Body = Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> FunctionResult<Self> for Result<T, Error<E>> {
    #[inline]
    fn of(outcome: Self) -> Self {
        outcome
    }
}

// A second candidate impl, which never applies. With a single impl, rustc would report how the types differ.
#[diagnostic::do_not_recommend]
impl<T, E> FunctionResult<Second<T>> for Result<T, Error<E>>
where
    Second<T>: Impossible,
{
    fn of(_: Second<T>) -> Self {
        unreachable!()
    }
}
