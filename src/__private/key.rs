//! What a call with a key needs of an expansion.

use core::hash::{Hash, Hasher};

use super::place::types_of;
use crate::key::{Fingerprint, InMemory, InStore};
use crate::rate::InProcessKey;
#[cfg(feature = "redis")]
use crate::rate::RemoteKey;

/// What may stand in a key.
#[diagnostic::on_unimplemented(
    message = "the cache cannot tell calls apart by `{Self}`, which is not `Hash`: add `key: (…)` with what the result depends on",
    label = "not `Hash`",
    note = "an `f64` may stand in a key as `value.to_bits()`; what the result does not depend on may be left out",
    note = "a method may have `key: (&self.…, …)`, with what in `self` the result depends on, or keep its entries in `store: &self.…`"
)]
pub trait KeyPart {
    /// Feeds the hasher. Methods, and no functions with a bound, which rustc would point at.
    #[doc(hidden)]
    fn feed(&self, key: &mut Key);

    /// Feeds the hasher, and hands the value on to the body.
    #[doc(hidden)]
    #[must_use]
    fn fed(self, key: &mut Key) -> Self
    where
        Self: Sized;

    /// The same in a store. These are types and methods of their own, since generic ones would cost each use with a cache 3 %.
    #[doc(hidden)]
    fn feed_store(&self, key: &mut StoreKey);

    /// The same in a store, for a value that is handed on.
    #[doc(hidden)]
    #[must_use]
    fn fed_store(self, key: &mut StoreKey) -> Self
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> KeyPart for T {
    #[inline]
    fn feed(&self, key: &mut Key) {
        self.hash(&mut key.0);
    }

    #[inline]
    fn fed(self, key: &mut Key) -> Self
    where
        Self: Sized,
    {
        self.hash(&mut key.0);
        self
    }

    #[inline]
    fn feed_store(&self, key: &mut StoreKey) {
        self.hash(&mut key.0);
    }

    #[inline]
    fn fed_store(self, key: &mut StoreKey) -> Self
    where
        Self: Sized,
    {
        self.hash(&mut key.0);
        self
    }
}

/// A key that is being put together, part by part.
#[derive(Debug)]
pub struct Key(InMemory);

impl Key {
    /// The key of a call whose entries are in memory.
    #[inline]
    #[must_use]
    pub fn in_memory() -> Self {
        Key(InMemory::begin())
    }

    /// The fingerprint.
    #[inline]
    #[must_use]
    pub fn finish(self) -> u128 {
        self.0.finish128()
    }
}

/// The same for a store.
#[derive(Debug)]
pub struct StoreKey(InStore);

impl StoreKey {
    /// The key of a call whose entries are in a store. In an instance of a generic function its types stand in front: closure
    /// `C` is in the instance, and item `F` in the function.
    #[inline]
    #[must_use]
    pub fn new<C, F>(_: C, _: F) -> Self {
        let mut hasher = InStore::begin();
        for types in types_of::<C, F>() {
            types.hash(&mut hasher);
            if types.contains('{') {
                // Two closures of one function have one name. What tells them apart holds for one build of the program.
                typeid::of::<C>().hash(&mut hasher);
            }
        }
        StoreKey(hasher)
    }

    /// The key of a rate that is shared, which all instances of a generic function share too.
    #[must_use]
    pub fn of_rate() -> Self {
        StoreKey(InStore::begin())
    }

    /// The fingerprint.
    #[must_use]
    pub fn finish(self) -> u128 {
        self.0.finish128()
    }
}

/// What may have a rate of its own.
#[diagnostic::on_unimplemented(
    message = "rates cannot be told apart by `{Self}`, which is not `Hash`: write `per_key(…)` with what has a rate of its own",
    label = "not `Hash`"
)]
pub trait ScopePart: KeyPart {}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> ScopePart for T {}

/// The fingerprint of what has a rate of its own, as the limiter of the call asks for it.
#[inline]
pub fn scope_key<K: FingerprintOfScope, T: ScopePart + ?Sized>(value: &T) -> K {
    K::of(value)
}

/// How a limiter tells rates apart.
pub trait FingerprintOfScope {
    /// The fingerprint.
    fn of<T: KeyPart + ?Sized>(value: &T) -> Self;
}

impl FingerprintOfScope for InProcessKey {
    #[inline]
    fn of<T: KeyPart + ?Sized>(value: &T) -> Self {
        let mut key = Key::in_memory();
        value.feed(&mut key);
        InProcessKey(key.finish())
    }
}

#[cfg(feature = "redis")]
impl FingerprintOfScope for RemoteKey {
    fn of<T: KeyPart + ?Sized>(value: &T) -> Self {
        let mut key = StoreKey::of_rate();
        value.feed_store(&mut key);
        RemoteKey(key.finish())
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
        let mut key = StoreKey::new(|| {}, || {});
        "a".feed_store(&mut key);
        assert_eq!(1_u32.fed_store(&mut key), 1);
        assert_eq!(key.finish(), Key::new("", "", &("a", 1_u32)).fingerprint());
    }
}
