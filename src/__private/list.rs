//! The list of a fallback: what may be one, and its candidates.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
#[cfg(feature = "std")]
use core::fmt;

use crate::error::Error;
use crate::policy::CurrentAttempt;

/// A list whose items are given by reference. The method finds what a list points to, as any method would; the name is one
/// that no trait of the user's has.
pub trait List<'l> {
    /// The list.
    fn opero_list(&'l self) -> Lent<'l, Self>;
}

impl<'l, L: ?Sized + 'l> List<'l> for L
where
    &'l L: IntoIterator,
{
    #[inline]
    fn opero_list(&'l self) -> Lent<'l, L> {
        Lent(self)
    }
}

/// An iterator, whose items are kept for the call. What is a list is found to be one first: that takes no `&mut`.
pub trait Iterated {
    /// What is kept.
    type Kept;
    /// Keeps the items.
    fn opero_list(&mut self) -> Self::Kept;
}

#[cfg(feature = "alloc")]
impl<I: Iterator + ?Sized> Iterated for I {
    type Kept = Kept<I::Item>;

    fn opero_list(&mut self) -> Kept<I::Item> {
        // One that says it has no end has no last candidate.
        Kept(if self.size_hint().0 == usize::MAX { Vec::new() } else { self.collect() })
    }
}

/// A list by reference.
#[derive(Debug)]
pub struct Lent<'l, L: ?Sized>(&'l L);

#[allow(clippy::into_iter_without_iter, reason = "it is gone through by reference only")]
impl<'l, L: ?Sized> IntoIterator for &Lent<'l, L>
where
    &'l L: IntoIterator,
{
    type Item = <&'l L as IntoIterator>::Item;
    type IntoIter = <&'l L as IntoIterator>::IntoIter;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The items of an iterator.
#[cfg(feature = "alloc")]
#[derive(Debug)]
pub struct Kept<T>(Vec<T>);

#[cfg(feature = "alloc")]
#[allow(clippy::into_iter_without_iter, reason = "it is gone through by reference only")]
impl<'k, T> IntoIterator for &'k Kept<T> {
    type Item = &'k T;
    type IntoIter = core::slice::Iter<'k, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
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

/// The candidate of an attempt.
///
/// # Panics
/// Where a list gives fewer items than it gave when they were counted; none of the standard library does.
#[inline]
pub fn candidate<L: IntoIterator>(list: L, attempt: CurrentAttempt) -> Item<L::Item> {
    Item(list.into_iter().nth(attempt.candidate()).expect("a fallback list keeps its length during a call"))
}

/// The list, for the error of its call. Where its items print, each method is the inherent one, which is found before that of
/// [`Unprinted`]: what a type can do is known in the expansion, and not in the call.
///
/// Without a system a use names its candidates by their places: their texts would take 4 KB of flash.
#[derive(Debug)]
pub struct Candidates<L>(pub L);

#[cfg(feature = "std")]
impl<L: IntoIterator<Item: fmt::Display> + Copy> Candidates<L> {
    /// The list with the number of its items.
    #[inline]
    pub fn opero_counted(self) -> Printed<L> {
        Printed { list: self.0, count: count(self.0) }
    }

    /// Tells the error of a failed call what its candidates print as.
    ///
    /// # Errors
    /// That of the call.
    #[inline]
    pub fn opero_tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>> {
        match outcome {
            Ok(value) => Ok(value),
            Err(error) => Err(told(error, self.0)),
        }
    }
}

#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn told<E>(error: Error<E>, list: impl IntoIterator<Item: fmt::Display>) -> Error<E> {
    error.with_candidates(list)
}

/// Items that do not print are known by their places.
pub trait Unprinted: Sized {
    /// The number of the items.
    fn opero_counted(self) -> usize;

    /// The outcome as it is.
    ///
    /// # Errors
    /// That of the call.
    #[inline]
    fn opero_tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>> {
        outcome
    }
}

impl<L: IntoIterator> Unprinted for Candidates<L> {
    #[inline]
    fn opero_counted(self) -> usize {
        count(self.0)
    }
}

/// The candidates of a call: how many there are and, once it has failed, what they print as.
pub trait Counted {
    /// How many there are.
    fn count(&self) -> usize;

    /// Tells the error of a failed call what they print as.
    ///
    /// # Errors
    /// That of the call.
    fn tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>>;
}

/// What they print as is not known.
impl Counted for usize {
    #[inline]
    fn count(&self) -> usize {
        *self
    }

    #[inline]
    fn tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>> {
        outcome
    }
}

/// A list whose items print.
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct Printed<L> {
    list: L,
    count: usize,
}

#[cfg(feature = "std")]
impl<L: IntoIterator<Item: fmt::Display> + Copy> Counted for Printed<L> {
    #[inline]
    fn count(&self) -> usize {
        self.count
    }

    #[inline]
    fn tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>> {
        Candidates(self.list).opero_tell(outcome)
    }
}
