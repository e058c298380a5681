//! Leases: the right to run the body for a key, which a store lends to one process at a time.

use alloc::sync::Arc;
use core::future::Future;
use core::time::Duration;

use super::super::Key;
use super::{Bytes, Fault};

/// A store of bytes that lends leases. Each lease is held under a unique token.
pub(crate) trait Lend: Bytes {
    /// Takes the lease of a key for `time`, unless another token holds it and it has not expired.
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault>;

    /// Renews a lease to `time` from now. Returns whether the token still holds it.
    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault>;

    /// Gives a lease back, if the token still holds it.
    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), Fault>;

    /// [`lend`](Lend::lend) without blocking.
    fn lend_async(
        self: &Arc<Self>,
        key: &Key<'_>,
        token: u128,
        time: Duration,
    ) -> impl Future<Output = Result<bool, Fault>> + Send {
        let (store, key) = (self.clone(), key.clone().into_owned());
        blocking::unblock(move || store.lend(&key, token, time))
    }
}
