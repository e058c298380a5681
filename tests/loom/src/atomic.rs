//! An atomic word of loom that can be made in a constant.

use std::sync::OnceLock;

pub use loom::sync::atomic::Ordering;

#[derive(Debug)]
pub struct AtomicU64 {
    initial: u64,
    word: OnceLock<loom::sync::atomic::AtomicU64>,
}

impl AtomicU64 {
    pub const fn new(initial: u64) -> Self {
        AtomicU64 { initial, word: OnceLock::new() }
    }
}

impl std::ops::Deref for AtomicU64 {
    type Target = loom::sync::atomic::AtomicU64;

    fn deref(&self) -> &Self::Target {
        self.word.get_or_init(|| loom::sync::atomic::AtomicU64::new(self.initial))
    }
}
