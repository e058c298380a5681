//! The leases of a store of bytes that lends them.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;

use super::super::lease::{Later, Leases, Lender};
use super::super::{Key, StoreError};
use super::{Bytes, External, Fault, Health, Lend};

/// A store that is asked for leases as it is for values: not while it is known to be down.
struct Lending<B> {
    bytes: Arc<B>,
    health: Arc<Health>,
}

impl<B: Lend> External<B> {
    /// The leases of this store. Nobody takes any before they are turned on.
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

/// The options of a store whose bytes are [`Lend`], beside those of [`external_store!`](super::external_store).
macro_rules! lending_store {
    ($store:ident) => {
        impl $store {
            /// Whether concurrent misses of one key run one body over all processes that share the store: by default they do
            /// within each process only.
            ///
            /// The process that is to run takes the lease of the key first, for a [`lease_time`](Self::lease_time), and lengthens it
            /// while the body runs. The others look every 5 to 100 ms whether the value is there, until their `deadline`. One
            /// that finds it counts as a wait. Where the body fails the lease is given back, and another process runs its own; where
            /// the process is killed, after the lease time at the latest. A miss asks the store twice more, and starts a thread for
            /// the store that lengthens and gives back its leases; a hit pays nothing.
            ///
            /// It saves work, and is no lock: where the store does not answer, or a lease was lost since its process was stopped,
            /// the body runs twice. A call inside of a body that has a lease waits for that of another process for a lease time at
            /// most, and then runs, as the other may wait for the body around.
            #[must_use]
            pub fn single_flight(self, is_on: bool) -> Self {
                self.external.lend_leases().turn_on(is_on);
                self
            }

            /// How long a [lease](Self::single_flight) lasts unless it is lengthened: 10 s by default, from 100 ms to a day.
            ///
            /// So long others wait at most for a process that was killed. It is lengthened each third of that time, so that it is
            /// lost where the process stands still for longer than two thirds.
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
