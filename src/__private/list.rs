//! The list of a fallback: the types it may have, and its candidates.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
#[cfg(feature = "std")]
use core::fmt;

use crate::error::Error;
use crate::policy::CurrentAttempt;

/// A list that gives its items by reference. Method resolution dereferences a pointer to a list, as for any method. The method has
/// a name that no trait of the user has.
pub trait List<'l> {
    /// Returns the list by reference.
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

/// An iterator, whose items are kept for the call. Method resolution prefers [`List`], which needs no `&mut`.
pub trait Iterated {
    /// The kept items.
    type Kept;
    /// Keeps the items.
    fn opero_list(&mut self) -> Self::Kept;
}

#[cfg(feature = "alloc")]
impl<I: Iterator + ?Sized> Iterated for I {
    type Kept = Kept<I::Item>;

    fn opero_list(&mut self) -> Kept<I::Item> {
        // An iterator that says it is endless would have no last candidate.
        Kept(if self.size_hint().0 == usize::MAX { Vec::new() } else { self.collect() })
    }
}

/// A list by reference.
#[derive(Debug)]
pub struct Lent<'l, L: ?Sized>(&'l L);

#[allow(clippy::into_iter_without_iter, reason = "it is iterated over only by reference")]
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
#[allow(clippy::into_iter_without_iter, reason = "it is iterated over only by reference")]
impl<'k, T> IntoIterator for &'k Kept<T> {
    type Item = &'k T;
    type IntoIter = core::slice::Iter<'k, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// Returns the number of candidates.
#[inline]
pub fn count(list: impl IntoIterator) -> usize {
    list.into_iter().count()
}

/// A candidate as the iterator of its list gives it.
#[derive(Debug)]
pub struct Item<T>(pub T);

/// If the list holds references, the binding is the reference itself, not a reference to it. This method is inherent, so method
/// resolution prefers it to that of [`Bind`].
impl<'b, T: ?Sized> Item<&&'b T> {
    /// Returns the reference itself.
    #[inline]
    #[must_use]
    pub fn opero_bind(self) -> &'b T {
        self.0
    }
}

/// Binds any other item as the iterator gives it, which is by reference.
pub trait Bind {
    /// The type of the binding in the body.
    type Binding;
    /// Returns the binding.
    fn opero_bind(self) -> Self::Binding;
}

impl<T> Bind for Item<T> {
    type Binding = T;

    #[inline]
    fn opero_bind(self) -> T {
        self.0
    }
}

/// Returns the candidate of an attempt.
///
/// # Panics
/// If the list has become shorter since its items were counted. No list of the standard library does.
#[inline]
pub fn candidate<L: IntoIterator>(list: L, attempt: CurrentAttempt) -> Item<L::Item> {
    Item(list.into_iter().nth(attempt.candidate()).expect("a fallback list keeps its length during a call"))
}

/// The list, for the error of its call. If its items implement `Display`, each method is the inherent one, which method resolution
/// prefers to that of [`Unprinted`]. Only the expansion knows the type of the items, the call does not.
///
/// Without feature `std`, an error names candidates only by their index: their texts would take 4 KB of flash.
#[derive(Debug)]
pub struct Candidates<L>(pub L);

#[cfg(feature = "std")]
impl<L: IntoIterator<Item: fmt::Display> + Copy> Candidates<L> {
    /// Returns the list with the number of its items.
    #[inline]
    pub fn opero_counted(self) -> Printed<L> {
        Printed { list: self.0, count: count(self.0) }
    }

    /// Adds the texts of the candidates to the error of a failed call.
    ///
    /// # Errors
    /// That of the call.
    #[inline]
    pub fn opero_tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>> {
        match outcome {
            Ok(value) => Ok(value),
            Err(error) => Err(with_texts(error, self.0)),
        }
    }
}

#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn with_texts<E>(error: Error<E>, list: impl IntoIterator<Item: fmt::Display>) -> Error<E> {
    error.with_candidates(list)
}

/// Items that do not implement `Display`. An error names them by their index.
pub trait Unprinted: Sized {
    /// Returns the number of items.
    fn opero_counted(self) -> usize;

    /// Returns the outcome unchanged.
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

/// The candidates of a call: their number, and their texts for its error.
pub trait Counted {
    /// Returns the number of candidates.
    fn count(&self) -> usize;

    /// Adds their texts to the error of a failed call.
    ///
    /// # Errors
    /// That of the call.
    fn tell<T, E>(self, outcome: Result<T, Error<E>>) -> Result<T, Error<E>>;
}

/// A number of candidates whose texts are not known.
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

/// A list whose items implement `Display`.
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
