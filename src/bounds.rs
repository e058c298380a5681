//! What may stand where in a macro: traits that are there for what the compiler says where they do not hold.

pub use crate::__private::{Decorated, FunctionResult};
#[cfg(feature = "cache")]
pub use crate::__private::{KeyPart, ScopePart};

#[cfg(feature = "cache")]
use core::hash::Hash;

use self::ways::{First, Impossible, Second};
#[cfg(feature = "cache")]
use crate::cache::backing::Value;
use crate::time::Clock;

/// Two ways to implement a trait, of which the second never holds. Of a single way rustc takes it that it holds, and reports each of its
/// bounds, again and again where they are asked for. Of two it looks first, reports the trait alone, and says nothing about what follows.
pub(crate) mod ways {
    use core::marker::PhantomData;

    /// The way that may hold.
    #[derive(Debug)]
    pub enum First {}

    /// The way that does not.
    #[derive(Debug)]
    pub struct Second<T: ?Sized>(PhantomData<T>);

    /// Holds for nothing.
    pub trait Impossible {}
}

/// Holds for `Result`, which is what a body gives.
#[diagnostic::on_unimplemented(
    message = "a body gives a `Result<T, E>`, and this one gives `{Self}`",
    label = "not a `Result`",
    note = "put a future into `async {{ … }}`, make an `Option` a `Result` by `.ok_or(error)`, and put another value into `Ok(…)`"
)]
pub trait IsResult<T, E> {
    /// The result itself.
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

/// The same for a body with a cache, whose value is kept.
#[cfg(feature = "cache")]
#[diagnostic::on_unimplemented(
    message = "a cached body gives a `Result<T, E>` with a `T: Clone + Send + Sync + 'static`, and this one gives `{Self}`",
    label = "cannot be cached",
    note = "add option `infallible` for a plain value, put a future into `async {{ … }}`, make an `Option` a `Result` by `.ok_or(error)`, \
            and put a value that is not `Clone` or not `Sync` into an `Arc`"
)]
pub trait IsCachedResult<T, E, Way> {
    /// The result itself.
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

/// Holds for a name alone as the pattern of `retry_on` or `fallback_on`, where that is a value of the error's type. Where it is a type,
/// the pattern would bind it as a variable.
#[diagnostic::on_unimplemented(
    message = "the pattern of `retry_on` or `fallback_on` is a name alone, which matches any error: write `_` for any error, or a \
               pattern, as in `MyError::Timeout` or `MyError {{ .. }}`",
    label = "matches any error"
)]
pub trait IsPattern<E> {
    /// Holds.
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

/// Holds for the value of option `clock`, which is a [`Clock`].
#[diagnostic::on_unimplemented(
    message = "option `clock` takes a `Clock`, and this is `{Self}`",
    label = "not a `Clock`",
    note = "write `clock: &opero::time::ManualClock::new()` for a test, or a type of your own that implements `opero::time::Clock`"
)]
pub trait IsClock<Way> {
    /// The clock.
    #[doc(hidden)]
    type Clock;

    /// The clock itself, of a type that is unknown to whatever follows where it is none.
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

/// Holds for a `self` that calls can be told apart by, which is `Hash`.
#[cfg(feature = "cache")]
#[diagnostic::on_unimplemented(
    message = "the result of this method may depend on `self`, and `{Self}` is not `Hash`: add `key: (&self.…, …)` with what it depends \
               on, or keep its entries in `store: &self.…`",
    label = "`self` is not `Hash`"
)]
pub trait IsKeySelf<Way> {
    /// The part of the key.
    #[doc(hidden)]
    type Part: ?Sized;

    /// The part of the key itself.
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
