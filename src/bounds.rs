//! Traits that the macros require of bodies, keys, patterns and clocks. They are public for the sake of the compile errors:
//! each says what is wrong in a use, and what to write.

pub use crate::__private::{Decorated, FunctionResult};
#[cfg(feature = "cache")]
pub use crate::__private::{KeyPart, ScopePart};

#[cfg(feature = "cache")]
use core::hash::Hash;

use self::ways::{First, Impossible, Second};
#[cfg(feature = "cache")]
use crate::cache::backing::Value;
use crate::time::Clock;

/// Markers for two candidate impls of a trait, of which the second never applies.
///
/// With a single impl, rustc selects it and reports each bound of it that fails, at every place that needs one. With two candidate
/// impls, rustc reports only that the trait is not implemented, once, and no errors that follow from it.
pub(crate) mod ways {
    use core::marker::PhantomData;

    /// Marks the impl that may apply.
    #[derive(Debug)]
    pub enum First {}

    /// Marks the impl that never applies.
    #[derive(Debug)]
    pub struct Second<T: ?Sized>(PhantomData<T>);

    /// Implemented for no type.
    pub trait Impossible {}
}

/// Implemented for `Result`, which is what a body must give.
#[diagnostic::on_unimplemented(
    message = "a body must give a `Result<T, E>`, but this one gives `{Self}`",
    label = "not a `Result`",
    note = "put a future into `async {{ … }}`, turn an `Option` into a `Result` with `.ok_or(error)`, and put any other value \
            into `Ok(…)`"
)]
pub trait IsResult<T, E> {
    /// Returns the result itself.
    #[doc(hidden)]
    fn opero_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> IsResult<T, E> for Result<T, E> {
    #[inline]
    fn opero_result(self) -> Self {
        self
    }
}

/// Implemented for a `Result` whose value can be cached, which is what a body with a cache must give.
#[cfg(feature = "cache")]
#[diagnostic::on_unimplemented(
    message = "a cached body must give a `Result<T, E>` with `T: Clone + Send + Sync + 'static`, but this one gives `{Self}`",
    label = "cannot be cached",
    note = "add option `infallible` for a plain value, put a future into `async {{ … }}`, turn an `Option` into a `Result` with \
            `.ok_or(error)`, and put a value that is not `Clone` or not `Sync` into an `Arc`"
)]
pub trait IsCachedResult<T, E, Way> {
    /// Returns the result itself.
    #[doc(hidden)]
    fn opero_result(self) -> Result<T, E>;
}

#[cfg(feature = "cache")]
#[diagnostic::do_not_recommend]
impl<T: Value, E> IsCachedResult<T, E, First> for Result<T, E> {
    #[inline]
    fn opero_result(self) -> Self {
        self
    }
}

#[cfg(feature = "cache")]
#[diagnostic::do_not_recommend]
impl<T, E> IsCachedResult<T, E, Second<T>> for Result<T, E>
where
    Second<T>: Impossible,
{
    fn opero_result(self) -> Self {
        self
    }
}

/// Implemented for the type of the error: a pattern of `retry_on` or `fallback_on` that is only a name must be a constant, a unit
/// struct or a variant of this type. As a pattern, any other name is a new variable, which matches any error.
#[diagnostic::on_unimplemented(
    message = "the pattern of `retry_on` or `fallback_on` is only a name, which matches any error: write `_` for any error, or a \
               pattern, as in `MyError::Timeout` or `MyError {{ .. }}`",
    label = "matches any error"
)]
pub trait IsPattern<E> {
    /// Returns `true`.
    #[doc(hidden)]
    fn opero_is_pattern(both: (&E, &Self)) -> bool;
}

#[diagnostic::do_not_recommend]
impl<E> IsPattern<E> for E {
    #[inline]
    fn opero_is_pattern(_: (&E, &Self)) -> bool {
        true
    }
}

/// Implemented for every [`Clock`], which is what option `clock` takes.
#[diagnostic::on_unimplemented(
    message = "option `clock` takes a `Clock`, but this is `{Self}`",
    label = "not a `Clock`",
    note = "write `clock: &opero::time::ManualClock::new()` for a test, or a type of your own that implements `opero::time::Clock`"
)]
pub trait IsClock<Way> {
    /// The type of the clock.
    #[doc(hidden)]
    type Clock;

    /// Returns the clock itself. If it is not a clock, its type is unknown, so rustc reports no errors that follow from it.
    #[doc(hidden)]
    fn opero_clock(self) -> Self::Clock;
}

#[diagnostic::do_not_recommend]
impl<C: Clock> IsClock<First> for C {
    type Clock = C;

    #[inline]
    fn opero_clock(self) -> C {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<C> IsClock<Second<C>> for C
where
    Second<C>: Impossible,
{
    type Clock = C;

    fn opero_clock(self) -> C {
        self
    }
}

/// Implemented for a `self` that is `Hash`, which can be part of a key.
#[cfg(feature = "cache")]
#[diagnostic::on_unimplemented(
    message = "the result of this method may depend on `self`, and `{Self}` is not `Hash`: add `key: (&self.…, …)` with what it depends \
               on, or keep its entries in `store: &self.…`",
    label = "`self` is not `Hash`"
)]
pub trait IsKeySelf<Way> {
    /// The type of the part of the key.
    #[doc(hidden)]
    type Part: ?Sized;

    /// Returns the part of the key.
    #[doc(hidden)]
    fn opero_part(&self) -> &Self::Part;
}

#[cfg(feature = "cache")]
#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> IsKeySelf<First> for T {
    type Part = T;

    #[inline]
    fn opero_part(&self) -> &T {
        self
    }
}

#[cfg(feature = "cache")]
#[diagnostic::do_not_recommend]
impl<T: ?Sized> IsKeySelf<Second<T>> for T
where
    Second<T>: Impossible,
{
    type Part = T;

    fn opero_part(&self) -> &T {
        self
    }
}
