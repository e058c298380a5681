//! The key of an entry: a fingerprint of everything that decides the result.

use alloc::borrow::Cow;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::key::{Fingerprint as _, InMemory, InStore};

/// The name of an entry in a store: `namespace:name:fingerprint`.
///
/// # The fingerprint
/// 128 bits of BLAKE2s (RFC 7693). 128 bits, because an entry is found by its fingerprint alone, so a collision would
/// return another call's entry. Among a billion 64-bit fingerprints one collision is likely; with 128 bits none is
/// expected in the life of the universe. A cryptographic hash, because arguments often come from outside and a store
/// that outlives the process cannot use a random key: nobody can choose arguments that collide with another's. (In
/// memory the hash has a random key in each process, so it is SipHash-1-3, which is faster.)
///
/// It is the same in every process, on every platform and pointer width, as far as [`Hash`] permits. A slice of
/// integers other than bytes hashes its memory as it is, so `[usize]` and, on big-endian machines, `[u32]` differ.
///
/// A call is keyed by the tuple of its arguments, so `Key::new("opero", "ask", &("a", 1))` is the entry of `ask("a",
/// 1)`. With a fallback, the whole list takes the place of the binding. In an instance of a generic function the
/// names of its types precede the arguments: see [Stores](super#stores).
///
/// # In a store
/// A key borrows its names from the caller, so that a look-up allocates nothing. A store keeps `Key<'static>`, which
/// [`into_owned`](Key::into_owned) makes. Any key can read from a map of such keys; to insert or remove, the compiler
/// wants an owned one.
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use opero::cache::Key;
///
/// let key = Key::new("opero", "ask", &("a", 1));
/// assert_eq!(key.to_string(), "opero:ask:37683202e9e2f33485ae91b341047be6");
/// assert_eq!((key.namespace(), key.name()), ("opero", "ask"));
/// assert_ne!(key, Key::new("opero", "ask", &("a", 2)));
///
/// let mut answers: HashMap<Key<'static>, &str> = HashMap::new();
/// let name = String::from("ask");
/// answers.insert(Key::new("opero", &name, &("a", 1)).into_owned(), "yes");
/// assert_eq!(answers.get(&Key::new("opero", &name, &("a", 1))), Some(&"yes"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key<'k> {
    namespace: Cow<'k, str>,
    name: Cow<'k, str>,
    fingerprint: u128,
}

impl<'k> Key<'k> {
    /// Creates the key of the entry for `value` under `name` in `namespace`.
    #[must_use]
    pub fn new<T: Hash + ?Sized>(namespace: &'k str, name: &'k str, value: &T) -> Self {
        Key::with(namespace, name, InStore::of(value))
    }

    #[inline]
    pub(super) const fn with(namespace: &'k str, name: &'k str, fingerprint: u128) -> Self {
        Key { namespace: Cow::Borrowed(namespace), name: Cow::Borrowed(name), fingerprint }
    }

    /// Returns the same key with owned names, to be stored. Two allocations, or none if the names are owned already.
    #[must_use]
    pub fn into_owned(self) -> Key<'static> {
        let Key { namespace, name, fingerprint } = self;
        Key { namespace: Cow::Owned(namespace.into_owned()), name: Cow::Owned(name.into_owned()), fingerprint }
    }

    /// Returns the namespace: option `namespace`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Returns the name: option `name`, else the path of the function.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the fingerprint of the value that the entry is keyed by.
    #[must_use]
    pub const fn fingerprint(&self) -> u128 {
        self.fingerprint
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{:032x}", self.namespace, self.name, self.fingerprint)
    }
}

/// The fingerprint of an entry in memory, and the namespace it is cleared with.
///
/// Stored in halves, because a `u128` in memory is slow to load.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint {
    low: u64,
    high: u64,
    pub(super) namespace: u64,
}

impl Fingerprint {
    /// Creates the fingerprint of `value`.
    pub(super) fn new(value: &impl Hash, namespace: &str) -> Self {
        Fingerprint::with(InMemory::of(&(value, namespace)), Fingerprint::namespace(namespace))
    }

    /// Creates the fingerprint of an entry of a store. The key's own fingerprint has no secret, so it is hashed
    /// again: nobody must be able to choose where an entry lies in memory.
    pub(super) fn of_key(key: &Key<'_>) -> Self {
        Fingerprint::new(key, key.namespace())
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "the halves are meant")]
    pub(super) const fn with(fingerprint: u128, namespace: u64) -> Self {
        Fingerprint { low: fingerprint as u64, high: (fingerprint >> 64) as u64, namespace }
    }

    /// Returns which of `parts` shards it falls into.
    pub(super) const fn part(&self, parts: usize) -> usize {
        #[allow(clippy::cast_possible_truncation, reason = "there are fewer parts")]
        let part = (self.high % parts as u64) as usize;
        part
    }

    /// Returns the tag of a namespace in a fingerprint.
    pub(super) fn namespace(namespace: &str) -> u64 {
        let mut hasher = InMemory::begin();
        hasher.write(namespace.as_bytes());
        hasher.finish()
    }
}

/// Compares the namespaces only if a fingerprint has one of its own.
impl PartialEq for Fingerprint {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        (self.low ^ other.low) | (self.high ^ other.high) == 0
    }
}

impl Eq for Fingerprint {}

/// The fingerprint is a hash already; one half of it is enough.
impl Hash for Fingerprint {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn hash<T: Hash + ?Sized>(value: &T) -> u128 {
        Key::new("", "", value).fingerprint()
    }

    proptest! {
        #[test]
        fn a_fingerprint_does_not_depend_on_the_pointer_width(n in any::<u32>(), i in any::<i32>()) {
            prop_assert_eq!(hash(&(n as usize)), hash(&u64::from(n)));
            prop_assert_eq!(hash(&(i as isize)), hash(&i64::from(i)));
            prop_assert_ne!(hash(&n), hash(&u64::from(n)), "the types differ in width everywhere");
        }

        #[test]
        fn a_text_and_its_parts_have_different_fingerprints(text in "[ab\u{0}é]{0,8}", at in 0..9_usize, other in 0..9_usize) {
            let end = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(end, _)| end);
            let split = |at: usize| text.split_at(end(at));
            prop_assert_eq!(split(at) == split(other), hash(&split(at)) == hash(&split(other)));
            let bytes = |at: usize| text.as_bytes().split_at(at.min(text.len()));
            prop_assert_eq!(bytes(at) == bytes(other), hash(&bytes(at)) == hash(&bytes(other)));
        }

        #[test]
        fn a_key_of_any_length_is_hashed_as_its_bytes(pieces in vec(vec(any::<u8>(), 0..80), 0..6)) {
            let mut hasher = InStore::begin();
            for piece in &pieces {
                hasher.write(piece);
            }
            let whole = blake2s_simd::Params::new().hash_length(16).hash(&pieces.concat());
            prop_assert_eq!(hasher.finish128().to_be_bytes(), whole.as_bytes());
        }

        #[test]
        fn nested_lists_have_different_fingerprints(one in vec(vec(0..2_u8, 0..3), 0..3), two in vec(vec(0..2_u8, 0..3), 0..3)) {
            prop_assert_eq!(one == two, hash(&one) == hash(&two));
            let optional = |list: &[Vec<u8>]| list.iter().map(|inner| inner.first().copied()).collect::<Vec<_>>();
            let (one, two) = (optional(&one), optional(&two));
            prop_assert_eq!(one == two, hash(&one) == hash(&two));
        }

        #[test]
        fn borrowed_and_owned_keys_are_equal(text in ".{0,8}", numbers in vec(any::<u64>(), 0..4)) {
            prop_assert_eq!(hash(&(&*text, &*numbers)), hash(&(text, numbers)));
        }
    }

    #[test]
    fn in_memory_a_fingerprint_cannot_be_predicted() {
        let place = Fingerprint::new(&1, "space");
        assert_eq!(place, Fingerprint::new(&1, "space"));
        assert_ne!(place, Fingerprint::with(hash(&1), place.namespace));
        assert_ne!(place, Fingerprint::new(&1, ""), "the namespace is part of the fingerprint");
        assert_eq!(place.namespace, Fingerprint::namespace("space"));
        assert_ne!(place.namespace, Fingerprint::namespace("spac"));
    }
}
