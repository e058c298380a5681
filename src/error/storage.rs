//! What an error keeps, and where: with an allocator all of it, apart from the error itself, which stays small. Without one,
//! what has a place in the error: texts that are there anyway, and the last failed attempt.

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

/// The sentence with what is known of the case, or where that cannot be written down the one about all such cases.
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

/// What an error keeps, in its place.
#[cfg(feature = "alloc")]
pub(crate) type MaybeBoxed<T> = Box<T>;

/// What an error keeps, in its place.
#[cfg(not(feature = "alloc"))]
pub(crate) type MaybeBoxed<T> = T;

/// What an error keeps, and where and when it was made: of two that say the same that makes no difference.
#[derive(Clone)]
pub(super) struct Kept<T> {
    value: T,
    #[cfg(feature = "observe")]
    origin: Origin,
}

impl<T> Kept<T> {
    /// That of an error which is made now.
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

    /// Another account of the same.
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

/// The failed attempts of a call, as many of them as can be kept.
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
    /// With one more. By value, as a list that grows is handed by a pointer, which must not be one into a call.
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
