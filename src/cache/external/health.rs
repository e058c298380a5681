//! How a store outside of the process is: what became of those who asked, its last error, and whether it is down.

use core::time::Duration;

use super::super::stats::{Counters, count};
use super::super::{Stats, StoreError};
use super::outage::{Asking, Outage};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, Mutex, lock};
use crate::time::{Clock, System};

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
    is_down: AtomicBool,
    outage: Mutex<Outage>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Health {
            counters: Counters::default(),
            last_error: Mutex::new(None),
            is_down: AtomicBool::new(false),
            outage: Mutex::new(Outage::default()),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.counters.stats()
    }

    pub(crate) fn last_error(&self) -> Option<StoreError> {
        lock(&self.last_error).clone()
    }

    /// May the store be asked? No one waits for a store that is known to be down. `question` is the longest that one takes.
    pub(crate) fn admit(&self, question: Duration) -> Result<Asking, StoreError> {
        if !self.is_down.load(Relaxed) {
            return Ok(Asking::default());
        }
        let asking = lock(&self.outage).admit(System.now(), question);
        asking.ok_or_else(|| {
            count(&self.counters.errors);
            self.last_error().unwrap_or_else(|| StoreError::new("the store is down"))
        })
    }

    /// What the store has answered.
    pub(crate) fn judge<T>(&self, asking: Asking, answer: Result<T, Fault>) -> Result<T, StoreError> {
        let error = match answer {
            Ok(answer) => {
                if self.is_down.load(Relaxed) {
                    self.recover();
                }
                return Ok(answer);
            }
            Err(Fault::Here(error)) => error,
            Err(Fault::Down(error)) => {
                let mut outage = lock(&self.outage);
                outage.failed(asking, System.now());
                self.is_down.store(true, Relaxed);
                error
            }
        };
        self.note(error.clone());
        Err(error)
    }

    /// Counts an error, and keeps it to be read.
    #[cold]
    pub(crate) fn note(&self, error: StoreError) {
        count(&self.counters.errors);
        let before = lock(&self.last_error).replace(error);
        drop(before);
    }

    #[cold]
    fn recover(&self) {
        let mut outage = lock(&self.outage);
        outage.succeeded();
        self.is_down.store(false, Relaxed);
    }
}
