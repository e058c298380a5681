//! The rates that tell calls apart by a key, and those that do not.

use core::hash::Hash;

use super::{Global, Limiter, PerKey, RateLayer, Scoped};
use crate::key::{Fingerprint as _, InMemory};

/// A rate, or none, among the layers of a call. Only a rate with permits for each key uses what it is given here.
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

no_key! { () &Limiter &Global }

impl<L> TakesKey for PerKey<L> {
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T) {
        self.key = Some(InMemory::of(key));
    }

    fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
    }
}

impl TakesKey for Scoped {
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T) {
        self.key = Some(InMemory::of(key));
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
