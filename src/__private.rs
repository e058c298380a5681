//! What the expansion of a macro names. Nothing here is for use by hand, and nothing here is stable.

pub use core::iter::Iterator;
use core::marker::PhantomData;
pub use core::option::Option::{None, Some};
pub use core::primitive::{bool, str};
pub use core::result::Result::{self, Err, Ok};
pub use core::{compile_error, concat, line, matches, module_path, stringify};

#[cfg(feature = "cache")]
pub use crate::cache::layer::{Cached, Entered, Landing};
#[cfg(feature = "cache")]
pub use crate::cache::slots::Slots;
use crate::call::Fixed;
pub use crate::call::{Call, Recovery};
use crate::error::Error;
#[cfg(feature = "cache")]
pub use crate::key::Fingerprinter;
pub use crate::observe::Site;
pub use crate::policy::Jitter;
use crate::policy::{Execution, Judge};
#[cfg(feature = "std")]
pub use crate::rate::Global;
#[cfg(feature = "cache")]
pub use crate::rate::PerArgs;
pub use crate::rate::Rated;
use crate::time::{AsyncDefault, BlockingDefault};

pub mod jitter;
#[cfg(feature = "cache")]
mod key;
pub mod words;

#[cfg(feature = "cache")]
pub use self::key::{Argument, List, key, part};

/// A call of a blocking body.
#[inline]
pub const fn blocking<E>(name: &'static str, site: &'static Site) -> Call<E, Fixed, BlockingDefault> {
    Call::with(Fixed(name), BlockingDefault::NEW, Some(&site.pace))
}

/// A call of an async body.
#[inline]
pub const fn future<E>(name: &'static str, site: &'static Site) -> Call<E, Fixed, AsyncDefault> {
    Call::with(Fixed(name), AsyncDefault::NEW, Some(&site.pace))
}

impl<E, N, C, J: Judge<E>> Call<E, N, C, J> {
    /// Takes the type of the error from the body, so that the predicates that follow know it.
    #[inline]
    pub fn of<T>(self, _: &impl FnOnce(Execution) -> Result<T, E>) -> Self {
        self
    }

    /// The same from an async body.
    #[inline]
    pub fn of_async<T>(self, _: &impl AsyncFnMut(Execution) -> Result<T, E>) -> Self {
        self
    }

    /// The same from an async body that runs once.
    #[inline]
    pub fn of_async_once<T>(self, _: &impl AsyncFnOnce(Execution) -> Result<T, E>) -> Self {
        self
    }
}

/// A body that may run again.
#[inline]
pub const fn repeated<T, E, F: FnMut(Execution) -> Result<T, E>>(op: F) -> F {
    op
}

/// A body that runs once.
#[inline]
pub const fn once<T, E, F: FnOnce(Execution) -> Result<T, E>>(op: F) -> F {
    op
}

/// An async body that runs once.
#[inline]
pub const fn async_once<T, E, F: AsyncFnOnce(Execution) -> Result<T, E>>(op: F) -> F {
    op
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
pub fn candidate<I: Iterator>(mut items: I, execution: Execution) -> Item<I::Item> {
    Item(items.nth(execution.candidate()).expect("a fallback list keeps its length during a call"))
}

/// A literal with a value of type `V`, well-formed or not.
#[derive(Debug)]
pub struct Literal<V, const OK: bool>(PhantomData<V>);

impl<V, const OK: bool> Literal<V, OK> {
    /// Its value.
    pub const HERE: Self = Literal(PhantomData);
}

/// The kinds of literals: what one is worth, and a type that passes it on where it is worth something.
macro_rules! literals {
    ($($kind:ident($value:ty), $message:literal, $label:literal, $($name:ident)*;)*) => {$(
        /// A kind of literal.
        pub mod $kind {
            use super::Literal;

            /// What a literal of this kind is worth.
            pub type Value = $value;

            /// Reads a literal.
            ///
            /// # Panics
            /// In const evaluation, with a sentence that quotes the literal.
            #[must_use]
            #[track_caller]
            pub const fn value(text: &str) -> Value {
                match crate::literal::$kind(text) {
                    Ok(value) => value,
                    Err(mistake) => mistake.panic(),
                }
            }

            /// Is the text a literal of this kind?
            #[must_use]
            pub const fn is(text: &str) -> bool {
                crate::literal::$kind(text).is_ok()
            }

            /// Holds for the well-formed.
            #[diagnostic::on_unimplemented(message = $message, label = $label)]
            pub trait WellFormed {}

            impl WellFormed for Literal<Value, true> {}

            impl<const OK: bool> Literal<Value, OK>
            where
                Self: WellFormed,
            {$(
                /// Passes the value of the option on.
                #[inline]
                #[must_use]
                pub const fn $name(self, value: Value) -> Value {
                    value
                }
            )*}
        }
    )*};
}

literals! {
    duration(core::time::Duration),
        "a duration is a number and its unit, as in `60s`, `250ms`, `1.5s` or `1h30m`", "not a duration",
        min_delay max_delay fallback_delay max_wait;
    time_to_live(core::time::Duration),
        "a time to live is longer than none, as in `60s`, `250ms` or `1h30m`", "not a time to live",
        cache;
    entries(usize),
        "a capacity is a whole number of at least 1, as in `10_000`", "not a capacity",
        capacity;
    limit(core::time::Duration),
        "a limit is longer than none, as in `2s`, `250ms` or `1m30s`", "not a time limit",
        timeout deadline;
    memory(u64),
        "a size is a number of bytes and its unit, as in `1000MB` or `512KiB`, more than none", "not a size",
        memory;
    rate(crate::policy::Rate),
        "a rate is a count and a time, as in `10/s`, `100/min` or `10/250ms`, neither of them 0", "not a rate",
        rate;
    burst(u32),
        "a burst is a whole number of at least 1, as in `5`", "not a burst",
        burst;
    several(usize),
        "this is a whole number of at least 1, as in `8`", "not a whole number of at least 1",
        workers chunk_size max_failures;
    factor(f64),
        "a factor is a number from 1 up, as in `2` or `1.5`", "not a factor",
        backoff;
}
