//! How a store outside of the process is: what became of those who asked, its last error, and whether it is down.

use core::future::Future;
use core::time::Duration;

use super::super::stats::{Counters, count};
use super::super::{Stats, StoreError};
use super::outage::{Asking, SharedOutage};
use crate::sync::{Mutex, lock};

/// Why a store could not do what it was asked.
#[derive(Debug)]
pub(crate) enum Fault {
    #[cfg_attr(
        not(any(feature = "redis", feature = "sqlite")),
        allow(dead_code, reason = "a file that cannot be written to can be read")
    )]
    /// It is the store, and whoever asks next will fare no better: it cannot be reached, or does not answer in time.
    Down(StoreError),
    /// It is this question.
    Here(StoreError),
}

impl Fault {
    /// What it says, whosever fault it is.
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

/// The state of one store, which all its handles share.
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

    /// Asks the store, unless it is known to be down: no one waits for such a store. `timeout` is the longest that a question
    /// takes.
    pub(crate) fn ask<T>(
        &self,
        timeout: Duration,
        question: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let asking = self.admit(timeout)?;
        self.judge(asking, question())
    }

    /// The same without blocking.
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

    /// Counts an error, and keeps it to be read.
    #[cold]
    pub(crate) fn note(&self, error: StoreError) {
        count(&self.counters.errors);
        let before = lock(&self.last_error).replace(error);
        drop(before);
    }
}
