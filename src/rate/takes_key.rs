//! Rates that depend on a key, and rates that do not.

use core::hash::Hash;

use super::{Global, InProcess, Limiter, PerKey, RateLayer, Scoped};
use crate::key::{Fingerprint as _, InMemory};

/// The fingerprint that identifies a rate in a limiter of this process.
#[derive(Clone, Copy, Debug)]
pub struct InProcessKey(pub(crate) u128);

/// The fingerprint that identifies a rate in a limiter that processes share.
#[cfg(feature = "redis")]
#[derive(Clone, Copy, Debug)]
pub struct RemoteKey(pub(crate) u128);

/// A rate, or none, among the layers of a call. Only a rate with permits for each key uses the key.
pub trait TakesKey {
    /// Option `key`.
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T);
    /// The fingerprint of option `key`, or of the arguments.
    fn set_fingerprint(&mut self, fingerprint: u128) {
        // In memory it is hashed again with a secret key.
        self.set_key(&fingerprint);
    }
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

/// A limiter of this process has one rate.
impl<L> TakesKey for InProcess<L> {
    fn set_key<T: Hash + ?Sized>(&mut self, _: &T) {}

    fn set_capacity(&mut self, _: usize) {}
}

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
