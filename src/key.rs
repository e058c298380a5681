//! Fingerprints: 128-bit hashes that stand for the arguments of a call.

use core::hash::{BuildHasher, Hash, Hasher};

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::sync::OnceLock;

/// The key of the hash function itself.
#[derive(Clone, Copy, Debug)]
pub struct Seed(u64, u64);

impl Seed {
    /// That of stores: the same in every process and release.
    pub(crate) const FIXED: Seed = Seed(0, 0);

    /// That of memory: another in each process, drawn from the system's randomness by way of the standard library.
    #[inline]
    pub(crate) fn of_memory() -> Self {
        static SEED: OnceLock<Seed> = OnceLock::new();
        *SEED.get_or_init(|| {
            let state = std::hash::RandomState::new();
            Seed(state.hash_one(0_u8), state.hash_one(1_u8))
        })
    }

    #[inline]
    pub(crate) fn hasher(self) -> Fingerprinter {
        Fingerprinter(SipHasher13::new_with_keys(self.0, self.1))
    }

    /// The hash of one value.
    #[inline]
    pub(crate) fn hash<T: Hash + ?Sized>(self, value: &T) -> u128 {
        let mut hasher = self.hasher();
        value.hash(&mut hasher);
        hasher.finish128()
    }
}

/// A hasher that is fed the same bytes on every platform.
#[derive(Clone, Debug)]
pub struct Fingerprinter(SipHasher13);

impl Fingerprinter {
    #[inline]
    pub(crate) fn finish128(&self) -> u128 {
        self.0.finish128().as_u128()
    }
}

/// Integers in little-endian order, those of pointer width in 64 bits. The hasher swaps back what is swapped here: it
/// takes integers as they lie in memory.
macro_rules! little_endian {
    ($($write:ident($type:ty) as $written:ident($wide:ty);)*) => {$(
        #[inline]
        fn $write(&mut self, value: $type) {
            #[allow(clippy::cast_lossless, clippy::cast_sign_loss, reason = "widening or the same width")]
            self.0.$written((value as $wide).to_le());
        }
    )*};
}

impl Hasher for Fingerprinter {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    little_endian! {
        write_u8(u8) as write_u8(u8);
        write_u16(u16) as write_u16(u16);
        write_u32(u32) as write_u32(u32);
        write_u64(u64) as write_u64(u64);
        write_usize(usize) as write_u64(u64);
        write_i8(i8) as write_u8(u8);
        write_i16(i16) as write_u16(u16);
        write_i32(i32) as write_u32(u32);
        write_i64(i64) as write_u64(u64);
        write_isize(isize) as write_u64(u64);
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.0.write(&value.to_le_bytes());
    }

    #[inline]
    fn write_i128(&mut self, value: i128) {
        self.0.write(&value.to_le_bytes());
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0.finish()
    }
}

/// The hasher of a table whose keys are fingerprints: half of one is its hash.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PassOn(u64);

impl Hasher for PassOn {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        #[allow(clippy::cast_possible_truncation, reason = "half of it will do")]
        (self.0 = value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
