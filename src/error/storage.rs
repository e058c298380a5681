//! Where an error keeps its data: with an allocator all of it in a box, so that the error stays small. Without one only static
//! texts and the last failed attempt, in the error itself.

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use core::ops::Deref;

use super::attempt::Attempt;
#[cfg(feature = "observe")]
use super::origin::Origin;

/// A name, or a sentence.
#[cfg(feature = "alloc")]
pub(crate) type Text = Cow<'static, str>;

/// A name, or a sentence.
#[cfg(not(feature = "alloc"))]
pub(crate) type Text = &'static str;

/// The detailed sentence, or without an allocator the general one.
macro_rules! format_or {
    ($general:literal, $($precise:tt)*) => {{
        #[cfg(feature = "alloc")]
        let text = $crate::error::Text::Owned(alloc::format!($($precise)*));
        #[cfg(not(feature = "alloc"))]
        let text = {
            let _ = core::format_args!($($precise)*);
            $general
        };
        text
    }};
}

pub(crate) use format_or;

/// The data of an error.
#[cfg(feature = "alloc")]
pub(crate) type MaybeBoxed<T> = Box<T>;

/// The data of an error.
#[cfg(not(feature = "alloc"))]
pub(crate) type MaybeBoxed<T> = T;

/// The data of an error, and where and when it was created. The latter is ignored by comparisons.
#[derive(Clone)]
pub(super) struct Kept<T> {
    value: T,
    #[cfg(feature = "observe")]
    origin: Origin,
}

impl<T> Kept<T> {
    /// The data of an error that is created now.
    #[inline]
    pub(super) fn new(value: T) -> Self {
        Kept {
            value,
            #[cfg(feature = "observe")]
            origin: Origin::here(),
        }
    }

    #[inline]
    pub(super) fn into_value(self) -> T {
        self.value
    }

    #[cfg(feature = "std")]
    pub(super) const fn value_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The same origin with other data.
    #[cfg(feature = "std")]
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Kept<U> {
        Kept {
            value: change(self.value),
            #[cfg(feature = "observe")]
            origin: self.origin,
        }
    }

    #[cfg(feature = "observe")]
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Kept<T> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Kept<T> {}

#[cfg(feature = "alloc")]
type List<E> = Vec<Attempt<E>>;

#[cfg(not(feature = "alloc"))]
type List<E> = Option<Attempt<E>>;

/// The failed attempts of a call: all of them, or without an allocator the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempts<E>(List<E>);

impl<E> Default for Attempts<E> {
    fn default() -> Self {
        Attempts(List::default())
    }
}

#[cfg(feature = "std")]
impl<E> FromIterator<Attempt<E>> for Attempts<E> {
    fn from_iter<I: IntoIterator<Item = Attempt<E>>>(attempts: I) -> Self {
        Attempts(attempts.into_iter().collect())
    }
}

impl<E> Attempts<E> {
    /// Adds one. It takes the list by value, so that no pointer into the call is passed on.
    #[cfg(not(feature = "std"))]
    #[inline(always)]
    pub(crate) fn and(mut self, attempt: Attempt<E>) -> Self {
        #[cfg(feature = "alloc")]
        self.0.push(attempt);
        #[cfg(not(feature = "alloc"))]
        {
            self.0 = Some(attempt);
        }
        self
    }

    pub(super) fn as_slice(&self) -> &[Attempt<E>] {
        self.0.as_slice()
    }

    #[cfg(feature = "std")]
    pub(super) fn as_mut_slice(&mut self) -> &mut [Attempt<E>] {
        self.0.as_mut_slice()
    }

    #[cfg(feature = "std")]
    pub(super) fn into_vec(self) -> Vec<Attempt<E>> {
        self.0
    }

    /// The last error of the body.
    pub(super) fn into_error(self) -> Option<E> {
        self.0.into_iter().rev().find_map(Attempt::into_error)
    }
}
