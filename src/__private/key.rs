//! What a cached call needs of an expansion: its key, and its parts.

use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

use crate::key::Fingerprinter;

/// What may stand in a key.
#[diagnostic::on_unimplemented(
    message = "the cache cannot tell calls apart by `{Self}`, which is not `Hash`: add `key: (…)` with what the result depends on",
    label = "not `Hash`",
    note = "an `f64` may stand in a key as `value.to_bits()`; what the result does not depend on may be left out"
)]
pub trait KeyPart {
    /// Feeds the hasher.
    fn feed(&self, hasher: &mut Fingerprinter);
}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> KeyPart for T {
    #[inline]
    fn feed(&self, hasher: &mut Fingerprinter) {
        self.hash(hasher);
    }
}

/// Feeds the hasher with what option `key` says, or an argument by its name. It takes a reference of its own, so that
/// rustc underlines what the user wrote.
#[inline]
pub fn key<T: KeyPart + ?Sized>(key: &T, hasher: &mut Fingerprinter) {
    key.feed(hasher);
}

/// Feeds the hasher with an argument.
#[inline]
#[allow(clippy::needless_pass_by_value, reason = "an argument by value has the type it has in the call")]
pub fn part<T: KeyPart>(part: T, hasher: &mut Fingerprinter) -> Argument<T> {
    part.feed(hasher);
    Argument::new()
}

/// The type of an argument, of which there need be no value.
#[derive(Debug)]
pub struct Argument<T>(PhantomData<fn() -> T>);

impl<T> Argument<T> {
    /// An argument of a type to be found.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "made by the macros only")]
    pub const fn new() -> Self {
        Argument(PhantomData)
    }

    /// Stands for a value in a call that is never made.
    ///
    /// # Panics
    /// Always.
    #[must_use]
    pub fn value(&self) -> T {
        unreachable!("the call is there for its types")
    }

    /// Has the type of `other`.
    #[inline]
    #[allow(clippy::needless_pass_by_value, reason = "it is there for its type")]
    pub const fn is(&self, _other: Self) {}
}

/// A fallback list in a key: hashed as a slice of its items is.
#[derive(Clone, Copy, Debug)]
pub struct List<F>(pub F);

impl<I: Iterator<Item: Hash>, F: Fn() -> I> Hash for List<F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize((self.0)().count());
        for item in (self.0)() {
            item.hash(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::cache::Key;

    fn as_list<T: Hash>(items: &[T]) -> Key {
        Key::new("", "", &List(|| items.iter()))
    }

    proptest! {
        #[test]
        fn a_fallback_list_is_found_by_hand_as_a_slice(
            texts in vec(".{0,3}", 0..4), bytes in vec(any::<u8>(), 0..9), numbers in vec(any::<u64>(), 0..4),
        ) {
            prop_assert_eq!(as_list(&texts), Key::new("", "", &texts));
            prop_assert_eq!(as_list(&bytes), Key::new("", "", &bytes));
            prop_assert_eq!(as_list(&numbers), Key::new("", "", &numbers));
            let borrowed: alloc::vec::Vec<&str> = texts.iter().map(String::as_str).collect();
            prop_assert_eq!(as_list(&borrowed), as_list(&texts));
        }
    }
}
