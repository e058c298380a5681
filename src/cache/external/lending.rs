//! The leases of a store of bytes.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;

use super::super::lease::{Later, Leases, Lender};
use super::super::{Key, StoreError};
use super::{Bytes, External, Fault, Health, Lend};

/// Asks a store for leases as `External` asks it for values: not while it is known to be down.
struct Lending<B> {
    bytes: Arc<B>,
    health: Arc<Health>,
}

impl<B: Lend> External<B> {
    /// Returns the leases of this store. No lease is taken until they are turned on.
    pub(crate) fn lend_leases(&self) -> &Arc<Leases> {
        self.leases.get_or_init(|| Leases::new(Lending { bytes: self.bytes.clone(), health: self.health.clone() }))
    }
}

impl<B: Bytes> Lending<B> {
    fn ask<T>(&self, question: impl FnOnce(&B) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.health.ask(self.bytes.io_timeout(), || question(&self.bytes))
    }
}

impl<B: Lend> Lender for Lending<B> {
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, StoreError> {
        self.ask(|bytes| bytes.lend(key, token, time))
    }

    fn lend_async<'a>(&'a self, key: &'a Key<'a>, token: u128, time: Duration) -> Later<'a, bool> {
        Box::pin(async move {
            self.health.ask_async(self.bytes.io_timeout(), || self.bytes.lend_async(key, token, time)).await
        })
    }

    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, StoreError> {
        self.ask(|bytes| bytes.extend(key, token, time))
    }

    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), StoreError> {
        self.ask(|bytes| bytes.give_back(key, token))
    }

    fn io_timeout(&self) -> Duration {
        self.bytes.io_timeout()
    }
}

/// The options of a store whose bytes implement [`Lend`], beside those of [`external_store!`](super::external_store).
macro_rules! lending_store {
    ($store:ident) => {
        impl $store {
            /// Sets whether concurrent misses of one key run one body across all processes that share the store. By
            /// default they do so only within each process.
            ///
            /// The process that is to run first takes the lease of the key, for [`lease_time`](Self::lease_time), and
            /// renews it while the body runs. The others poll for the value every 5 to 100 ms, until their
            /// `deadline`; a process that finds it counts a wait. If the body fails, the lease is given back, and
            /// another process runs its own body. If the process is killed, this happens when the lease expires. A
            /// miss makes two more requests, and the first one starts a thread for the store that renews leases and
            /// gives them back. A hit pays nothing.
            ///
            /// This saves work, but it is not a lock: if the store does not answer, or a lease expired while its
            /// process was suspended, the body runs twice. A call inside a body that holds a lease waits at most one
            /// lease time for another process, and then runs: the other process may be waiting for the outer body.
            #[must_use]
            pub fn single_flight(self, is_on: bool) -> Self {
                self.external.lend_leases().turn_on(is_on);
                self
            }

            /// Sets how long a [lease](Self::single_flight) lasts without renewal: 10 s by default, from 100 ms to a
            /// day.
            ///
            /// This bounds how long others wait for a process that was killed. A lease is renewed after each third of
            /// this time, so it is lost if the process stalls for longer than two thirds.
            #[must_use]
            pub fn lease_time(self, time: core::time::Duration) -> Self {
                self.external.lend_leases().set_time(time);
                self
            }
        }
    };
}

pub(in crate::cache) use lending_store;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
