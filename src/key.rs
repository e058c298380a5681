//! Fingerprints: 128-bit hashes that stand for the arguments of a call.

use core::fmt;
use core::hash::{BuildHasher, Hash, Hasher};

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::sync::OnceLock;

/// A hasher that produces fingerprints.
pub(crate) trait Fingerprint: Hasher + Sized {
    /// Creates an empty hasher.
    fn begin() -> Self;

    /// Returns the fingerprint of what was written.
    fn finish128(&self) -> u128;

    /// Returns the fingerprint of one value.
    #[inline]
    fn of<T: Hash + ?Sized>(value: &T) -> u128 {
        let mut hasher = Self::begin();
        value.hash(&mut hasher);
        hasher.finish128()
    }
}

/// For memory: SipHash-1-3 with a random key for each process, from the randomness of the standard library.
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
    #[inline]
    fn begin() -> Self {
        Portable(Blake2s { block: [0; BLOCK], len: 0, before: None })
    }

    fn finish128(&self) -> u128 {
        u128::from_be_bytes(self.0.digest())
    }
}

/// BLAKE2s with a result of 16 bytes.
///
/// Keys arrive in small pieces, which are collected in a block: a key that fits into one block, as most do, is hashed
/// at once.
#[derive(Clone)]
pub(crate) struct Blake2s {
    block: [u8; BLOCK],
    len: usize,
    /// The state before the block.
    before: Option<blake2s_simd::State>,
}

const BLOCK: usize = blake2s_simd::BLOCKBYTES;

impl Blake2s {
    fn params() -> blake2s_simd::Params {
        let mut params = blake2s_simd::Params::new();
        params.hash_length(16);
        params
    }

    fn digest(&self) -> [u8; 16] {
        let block = &self.block[..self.len];
        let hash = match &self.before {
            None => Self::params().hash(block),
            Some(before) => before.clone().update(block).finalize(),
        };
        let mut bytes = [0; 16];
        bytes.copy_from_slice(hash.as_bytes());
        bytes
    }

    #[cold]
    fn write_on(&mut self, bytes: &[u8]) {
        let before = self.before.get_or_insert_with(|| Self::params().to_state());
        before.update(&self.block[..self.len]).update(bytes);
        self.len = 0;
    }
}

impl Hasher for Blake2s {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        match self.block.get_mut(self.len..self.len + bytes.len()) {
            Some(free) => {
                free.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.write_on(bytes),
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "half of it")]
    fn finish(&self) -> u64 {
        u128::from_be_bytes(self.digest()) as u64
    }
}

impl fmt::Debug for Blake2s {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blake2s").finish_non_exhaustive()
    }
}

/// A hasher that gets the same bytes on every platform.
#[derive(Clone, Debug)]
pub(crate) struct Portable<H>(H);

/// Writes integers in little-endian order, those of pointer width as 64 bits. The swap here is undone by the inner
/// hasher, which takes integers in memory order.
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

/// The hasher of a table whose keys are fingerprints: half of a fingerprint is its hash.
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
