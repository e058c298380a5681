//! What is told a key, if there is anything to be told it.

use core::hash::Hash;

use super::layer::{Global, RateLayer};
use super::{Limiter, PerKey, Scoped};
use crate::key::Seed;

/// The place of a rate among the layers of a call: the key is for those of its kind that are told apart by one.
pub trait TakesKey {
    /// Option `key`.
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T);
    /// Option `capacity`.
    fn set_capacity(&mut self, capacity: usize);
}

macro_rules! no_key {
    ($($layer:ty)*) => {$(
        impl TakesKey for $layer {
            #[inline]
            fn set_key<T: Hash + ?Sized>(&mut self, _: &T) {}
            #[inline]
            fn set_capacity(&mut self, _: usize) {}
        }
    )*};
}

no_key! { () &Limiter Global }

fn fingerprint<T: Hash + ?Sized>(key: &T) -> u128 {
    let mut hasher = Seed::of_memory().hasher();
    key.hash(&mut hasher);
    hasher.finish128()
}

impl<L> TakesKey for PerKey<L> {
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T) {
        self.key = Some(fingerprint(key));
    }

    fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }
}

impl TakesKey for Scoped {
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T) {
        self.key = Some(fingerprint(key));
    }

    fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }
}

impl<Q: TakesKey> TakesKey for RateLayer<Q> {
    #[inline]
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T) {
        self.source.set_key(key);
    }

    #[inline]
    fn set_capacity(&mut self, capacity: usize) {
        self.source.set_capacity(capacity);
    }
}
