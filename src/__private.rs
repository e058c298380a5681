//! What the expansion of a macro names. Nothing here is for use by hand, and nothing here is stable.

pub use core::ops::ControlFlow::{Break, Continue};
pub use core::result::Result;
pub use core::time::Duration;
pub use core::{compile_error, concat, line, matches, module_path, stringify};

#[cfg(feature = "cache")]
pub use crate::cache::layer::CacheSite;
#[cfg(feature = "cache")]
pub use crate::cache::slots::Slots;
pub use crate::call::{Call, Course, Journey, LatencyProbe, Parts, Plan, Site, Use};
use crate::error::Error;
use crate::policy::Execution;
pub use crate::policy::Jitter;
#[cfg(feature = "std")]
pub use crate::rate::Global;
#[cfg(feature = "cache")]
pub use crate::rate::KeyedLimiter;
pub use crate::rate::{Limiter, RateSite};

pub mod diagnostics;
pub mod jitter;
#[cfg(feature = "cache")]
mod key;
mod literals;
#[cfg(feature = "cache")]
mod place;

#[cfg(feature = "cache")]
pub use self::key::{Key, Listed, fed, feed, scope_key};
pub use self::literals::*;
#[cfg(feature = "cache")]
pub use self::place::{Stored, is_named};

/// A body that may run again.
#[inline]
pub const fn repeated<T, E, F: FnMut(Execution) -> Result<T, E>>(op: F) -> F {
    op
}

impl<E, N, C, J, L> Call<E, N, C, J, L> {
    /// Takes the type of the error from the body, so that the predicates that follow know it.
    #[doc(hidden)]
    #[inline]
    pub fn of<T>(self, _: &impl FnOnce(Execution) -> Result<T, E>) -> Self {
        self
    }

    /// The same from an async body.
    #[doc(hidden)]
    #[inline]
    pub fn of_async<T>(self, _: &impl AsyncFnMut(Execution) -> Result<T, E>) -> Self {
        self
    }
}

macro_rules! results_of_functions {
    ($($trait:item)*) => {$(
        #[diagnostic::on_unimplemented(
            message = "the function must return `Result<T, opero::Error<E>>`, and this is `{Self}`",
            label = "not a `Result` with `opero::Error<E>`",
            note = "the block inside gives a `Result<T, E>`; the function gives `opero::Error<E>`, which holds every attempt"
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

    /// The result of a decorated function, made of the outcome `O` of the call: the two are one type.
    pub trait MadeOf<O>: Decorated {
        /// Passes the outcome on.
        fn of(outcome: O) -> Self;
    }
}

impl<T, E> Decorated for Result<T, Error<E>> {
    type Body = Result<T, E>;
}

impl<T, E> MadeOf<Self> for Result<T, Error<E>> {
    #[inline]
    fn of(outcome: Self) -> Self {
        outcome
    }
}

/// Passes the outcome of a call on as the result of the function. Where that is of another type, it is blamed alone and
/// nothing is said about what follows from it.
#[inline]
pub fn decorated<D: MadeOf<O>, O>(outcome: O) -> D {
    D::of(outcome)
}

/// What a fallback may go through: its items are given by reference. The method finds what a list points to, as any method
/// would; the name is one that no trait of the user's has.
pub trait List<'l> {
    /// The reference that can be iterated over.
    fn opero_list(&'l self) -> &'l Self;
}

impl<'l, L: ?Sized + 'l> List<'l> for L
where
    &'l L: IntoIterator,
{
    #[inline]
    fn opero_list(&'l self) -> &'l L {
        self
    }
}

/// How many candidates there are.
#[inline]
pub fn count(list: impl IntoIterator) -> usize {
    list.into_iter().count()
}

/// A candidate as the iterator of its list gives it.
#[derive(Debug)]
pub struct Item<T>(pub T);

/// Where the list holds references, the binding is that reference and not a reference to it: this method, being inherent,
/// is found before the one of [`Bind`].
impl<'b, T: ?Sized> Item<&&'b T> {
    /// The reference itself.
    #[inline]
    #[must_use]
    pub fn opero_bind(self) -> &'b T {
        self.0
    }
}

/// Everything else is bound as the iterator gives it, by reference.
pub trait Bind {
    /// What the body sees.
    type Binding;
    /// What the body sees.
    fn opero_bind(self) -> Self::Binding;
}

impl<T> Bind for Item<T> {
    type Binding = T;

    #[inline]
    fn opero_bind(self) -> T {
        self.0
    }
}

/// The candidate of an execution.
///
/// # Panics
/// Where a list gives fewer items than it gave when they were counted; none of the standard library does.
#[inline]
pub fn candidate<L: IntoIterator>(list: L, execution: Execution) -> Item<L::Item> {
    Item(list.into_iter().nth(execution.candidate()).expect("a fallback list keeps its length during a call"))
}
