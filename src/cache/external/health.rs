//! The state of a store outside of the process: its counters, its last error, and whether it is down.

use core::future::Future;
use core::time::Duration;

use super::super::stats::{Counters, count};
use super::super::{Stats, StoreError};
use super::outage::{Asking, SharedOutage};
use crate::sync::{Mutex, lock};

/// Why a store could not answer.
#[derive(Debug)]
pub(crate) enum Fault {
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite")),
        allow(dead_code, reason = "a file that cannot be written can still be read")
    )]
    /// The store is at fault, and the next request would fail too: it cannot be reached, or does not answer in time.
    Down(StoreError),
    /// Only this request failed.
    Here(StoreError),
}

impl Fault {
    /// Returns the error, whatever is at fault.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Fault::Down(error) | Fault::Here(error) => error,
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Here(error)
    }
}

/// The state of one store, shared by all its handles.
#[derive(Debug)]
pub(crate) struct Health {
    pub(crate) counters: Counters,
    last_error: Mutex<Option<StoreError>>,
    outage: SharedOutage,
}

impl Health {
    pub(crate) fn new() -> Self {
        Health { counters: Counters::default(), last_error: Mutex::new(None), outage: SharedOutage::new() }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.stats()
    }

    pub(crate) fn last_error(&self) -> Option<StoreError> {
        lock(&self.last_error).clone()
    }

    /// Asks the store, unless it is known to be down: no call waits for such a store. `timeout` is the longest time
    /// that a request takes.
    pub(crate) fn ask<T>(
        &self,
        timeout: Duration,
        question: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let asking = self.admit(timeout)?;
        self.judge(asking, question())
    }

    /// Like `ask`, without blocking the thread.
    pub(crate) async fn ask_async<T, F>(&self, timeout: Duration, question: impl FnOnce() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let asking = self.admit(timeout)?;
        self.judge(asking, question().await)
    }

    fn admit(&self, timeout: Duration) -> Result<Asking, StoreError> {
        self.outage.admit(timeout).ok_or_else(|| {
            count(&self.counters.errors);
            self.last_error().unwrap_or_else(|| StoreError::new("the store is down"))
        })
    }

    fn judge<T>(&self, asking: Asking, answer: Result<T, Fault>) -> Result<T, StoreError> {
        match answer {
            Ok(answer) => {
                self.outage.succeeded();
                Ok(answer)
            }
            Err(fault) => {
                if let Fault::Down(_) = fault {
                    self.outage.failed(asking);
                }
                let error = fault.into_error();
                self.note(error.clone());
                Err(error)
            }
        }
    }

    /// Counts an error, and keeps it as the last one.
    #[cold]
    pub(crate) fn note(&self, error: StoreError) {
        count(&self.counters.errors);
        let before = lock(&self.last_error).replace(error);
        drop(before);
    }
}
