//! What a call with a key needs of an expansion.

use core::hash::{Hash, Hasher};

use crate::key::{Fingerprinter, Seed};

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

/// An argument, which is blamed where it stands if it cannot be hashed.
#[inline]
pub const fn arg<T: KeyPart>(arg: T) -> T {
    arg
}

/// A key that is being put together, part by part.
#[derive(Debug)]
pub struct Key(Fingerprinter);

impl Key {
    /// The key of a call whose entries are in memory.
    #[inline]
    #[must_use]
    pub fn in_memory() -> Self {
        Key(Seed::of_memory().hasher())
    }

    /// The key of a call whose entries are in a store.
    #[inline]
    #[must_use]
    pub fn in_store() -> Self {
        Key(Seed::FIXED.hasher())
    }

    /// One part more.
    #[inline]
    #[must_use]
    pub fn part<T: KeyPart + ?Sized>(mut self, part: &T) -> Self {
        part.feed(&mut self.0);
        self
    }

    /// The fingerprint.
    #[inline]
    #[must_use]
    pub fn finish(self) -> u128 {
        self.0.finish128()
    }
}

/// A fallback list in a key: hashed as a slice of its items is.
#[derive(Clone, Debug)]
pub struct Listed<L>(pub L);

impl<L: IntoIterator<Item: Hash> + Clone> Hash for Listed<L> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.clone().into_iter().count());
        self.0.clone().into_iter().for_each(|item| item.hash(state));
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::cache::Key;

    fn as_list<T: Hash>(items: &[T]) -> Key<'static> {
        Key::new("", "", &Listed(items.iter()))
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

    #[test]
    fn the_parts_of_a_call_are_the_tuple_of_its_arguments() {
        let key = super::Key::in_store().part(&"a").part(&1_u32).finish();
        assert_eq!(key, Key::new("", "", &("a", 1_u32)).fingerprint());
    }
}
