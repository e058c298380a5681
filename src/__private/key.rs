//! What a call with a key needs of an expansion.

use core::hash::{Hash, Hasher};

use super::place::types_of;
use crate::key::{Fingerprint, InMemory, InStore};

/// What may stand in a key.
#[diagnostic::on_unimplemented(
    message = "the cache cannot tell calls apart by `{Self}`, which is not `Hash`: add `key: (…)` with what the result depends on",
    label = "not `Hash`",
    note = "an `f64` may stand in a key as `value.to_bits()`; what the result does not depend on may be left out"
)]
pub trait KeyPart {
    /// Feeds the hasher.
    fn feed(&self, hasher: &mut impl Hasher);
}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> KeyPart for T {
    #[inline]
    fn feed(&self, hasher: &mut impl Hasher) {
        self.hash(hasher);
    }
}

/// A key that is being put together, part by part.
#[derive(Debug)]
pub struct Key<H>(H);

impl Key<InMemory> {
    /// The key of a call whose entries are in memory.
    #[inline]
    #[must_use]
    pub fn in_memory() -> Self {
        Key(InMemory::begin())
    }
}

impl Key<InStore> {
    /// The key of a call whose entries are in a store. In an instance of a generic function its types stand in front: closure
    /// `C` is in the instance, and item `F` in the function.
    #[must_use]
    pub fn in_store<C, F>(_: C, _: F) -> Self {
        let mut hasher = InStore::begin();
        for types in types_of::<C, F>() {
            types.hash(&mut hasher);
            if types.contains('{') {
                // Two closures of one function have one name. What tells them apart holds for one build of the program.
                typeid::of::<C>().hash(&mut hasher);
            }
        }
        Key(hasher)
    }
}

impl<H: Fingerprint> Key<H> {
    /// The fingerprint.
    #[inline]
    #[must_use]
    pub fn finish(self) -> u128 {
        self.0.finish128()
    }
}

/// One part more. A function, so that rustc underlines what the user wrote where it cannot be hashed.
#[inline]
pub fn feed<T: KeyPart + ?Sized, H: Hasher>(key: &mut Key<H>, part: &T) {
    part.feed(&mut key.0);
}

/// One part more, which is handed on to the body.
#[inline]
pub fn fed<T: KeyPart, H: Hasher>(key: &mut Key<H>, part: T) -> T {
    part.feed(&mut key.0);
    part
}

/// What may have a rate of its own.
#[diagnostic::on_unimplemented(
    message = "rates cannot be told apart by `{Self}`, which is not `Hash`: write `per_key(…)` with what has a rate of its own",
    label = "not `Hash`"
)]
pub trait ScopePart: KeyPart {}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> ScopePart for T {}

/// The fingerprint of what has a rate of its own.
#[inline]
pub fn scope_key<T: ScopePart + ?Sized>(value: &T) -> u128 {
    let mut hasher = InMemory::begin();
    value.feed(&mut hasher);
    hasher.finish128()
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
        let mut key = super::Key::in_store(|| {}, || {});
        feed(&mut key, "a");
        assert_eq!(fed(&mut key, 1_u32), 1);
        assert_eq!(key.finish(), Key::new("", "", &("a", 1_u32)).fingerprint());
    }
}
