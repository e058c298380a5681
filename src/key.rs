//! Fingerprints: 128-bit hashes that stand for the arguments of a call.

use core::fmt;
use core::hash::{BuildHasher, Hash, Hasher};

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::sync::OnceLock;

/// A hasher whose fingerprints tell keys apart.
pub trait Fingerprint: Hasher + Sized {
    /// One that has been fed nothing.
    fn begin() -> Self;

    /// The fingerprint of what it has been fed.
    fn finish128(&self) -> u128;

    /// That of one value.
    #[inline]
    fn of<T: Hash + ?Sized>(value: &T) -> u128 {
        let mut hasher = Self::begin();
        value.hash(&mut hasher);
        hasher.finish128()
    }
}

/// For memory: SipHash-1-3 under a key that is another in each process, drawn from the system's randomness by way of the
/// standard library.
pub(crate) type InMemory = Portable<SipHasher13>;

/// For stores: BLAKE2s, which is the same in every process and release.
pub(crate) type InStore = Portable<Blake2s>;

impl Fingerprint for InMemory {
    #[inline]
    fn begin() -> Self {
        static SEED: OnceLock<(u64, u64)> = OnceLock::new();
        let (low, high) = *SEED.get_or_init(|| {
            let state = std::hash::RandomState::new();
            (state.hash_one(0_u8), state.hash_one(1_u8))
        });
        Portable(SipHasher13::new_with_keys(low, high))
    }

    #[inline]
    fn finish128(&self) -> u128 {
        self.0.finish128().as_u128()
    }
}

impl Fingerprint for InStore {
    fn begin() -> Self {
        Portable(Blake2s(blake2s_simd::Params::new().hash_length(16).to_state()))
    }

    fn finish128(&self) -> u128 {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(self.0.0.finalize().as_bytes());
        u128::from_be_bytes(bytes)
    }
}

/// BLAKE2s with a result of 128 bits.
#[derive(Clone)]
pub struct Blake2s(blake2s_simd::State);

impl Hasher for Blake2s {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.finalize().as_bytes().iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    }
}

impl fmt::Debug for Blake2s {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blake2s").finish_non_exhaustive()
    }
}

/// A hasher that is fed the same bytes on every platform.
#[derive(Clone, Debug)]
pub struct Portable<H>(H);

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

impl<H: Hasher> Hasher for Portable<H> {
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
