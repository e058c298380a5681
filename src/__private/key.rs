//! What the expansion of a call with a key names.

use core::hash::{Hash, Hasher};

use super::place::types_of;
use crate::key::{Fingerprint, InMemory, InStore};
use crate::rate::InProcessKey;
#[cfg(feature = "redis")]
use crate::rate::RemoteKey;

/// A value that can be part of a key.
#[diagnostic::on_unimplemented(
    message = "the cache cannot tell calls apart by `{Self}`, which is not `Hash`: add `key: (…)` with what the result depends on",
    label = "not `Hash`",
    note = "for an `f64`, write `value.to_bits()`; leave out what the result does not depend on",
    note = "for a method, write `key: (&self.…, …)` with what the result depends on in `self`, or keep its entries in `store: &self.…`"
)]
pub trait KeyPart {
    /// Feeds the hasher. This is a method, since rustc would point at the bound of a function.
    #[doc(hidden)]
    fn feed(&self, key: &mut Key);

    /// Feeds the hasher, and returns the value for the body.
    #[doc(hidden)]
    #[must_use]
    fn fed(self, key: &mut Key) -> Self
    where
        Self: Sized;

    /// Like `feed`, for a store. Generic types and methods instead would make each use with a cache 3 % slower to compile.
    #[doc(hidden)]
    fn feed_store(&self, key: &mut StoreKey);

    /// Like `fed`, for a store.
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

/// A key that is built part by part.
#[derive(Debug)]
pub struct Key(InMemory);

impl Key {
    /// Begins the key of a call whose entries are in memory.
    #[inline]
    #[must_use]
    pub fn in_memory() -> Self {
        Key(InMemory::begin())
    }

    /// Returns the fingerprint.
    #[inline]
    #[must_use]
    pub fn finish(self) -> u128 {
        self.0.finish128()
    }
}

/// Like [`Key`], for a store.
#[derive(Debug)]
pub struct StoreKey(InStore);

impl StoreKey {
    /// Begins the key of a call whose entries are in a store. In an instance of a generic function, it begins with the types of the
    /// instance: closure `C` is in the instance, item `F` in the function.
    #[inline]
    #[must_use]
    pub fn new<C, F>(_: C, _: F) -> Self {
        let mut hasher = InStore::begin();
        for types in types_of::<C, F>() {
            types.hash(&mut hasher);
            if types.contains('{') {
                // Two closures of one function have the same name. Their type ids differ, but hold only for one build of the program.
                typeid::of::<C>().hash(&mut hasher);
            }
        }
        StoreKey(hasher)
    }

    /// Begins the key of a shared rate. All instances of a generic function share it too.
    #[must_use]
    pub fn of_rate() -> Self {
        StoreKey(InStore::begin())
    }

    /// Returns the fingerprint.
    #[must_use]
    pub fn finish(self) -> u128 {
        self.0.finish128()
    }
}

/// A value that can have a rate of its own.
#[diagnostic::on_unimplemented(
    message = "rates cannot be told apart by `{Self}`, which is not `Hash`: write `per_key(…)` with what has a rate of its own",
    label = "not `Hash`"
)]
pub trait ScopePart: KeyPart {}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> ScopePart for T {}

/// Returns the fingerprint of a value that has a rate of its own, of the kind that the limiter of the call needs.
#[inline]
pub fn scope_key<K: FingerprintOfScope, T: ScopePart + ?Sized>(value: &T) -> K {
    K::of(value)
}

/// The kind of fingerprint by which a limiter tells rates apart.
pub trait FingerprintOfScope {
    /// Returns the fingerprint of `value`.
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

/// A fallback list in a key. It is hashed like a slice of its items.
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
        fn a_fallback_list_has_the_key_of_a_slice(
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
    fn the_parts_of_a_key_are_hashed_as_a_tuple() {
        let mut key = StoreKey::new(|| {}, || {});
        "a".feed_store(&mut key);
        assert_eq!(1_u32.fed_store(&mut key), 1);
        assert_eq!(key.finish(), Key::new("", "", &("a", 1_u32)).fingerprint());
    }
}
