//! Prices from a shop with a slow and a busy counter. The library does not choose a runtime: its async functions run on
//! the runtime of the program, and its blocking functions on none.
#![deny(missing_docs)]

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use opero::{Error, opero};

/// Why a counter gave no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The counter is busy.
    Busy,
    /// The counter is closed.
    Closed,
    /// No counter has the article.
    Unknown,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Busy => "the counter is busy",
            Refused::Closed => "the counter is closed",
            Refused::Unknown => "there is no such article",
        })
    }
}

/// The counters, in the order they are asked.
const COUNTERS: [&str; 2] = ["left", "right"];

/// A shop. The left counter never answers, and the right one is busy for the first requests.
#[derive(Debug)]
pub struct Shop {
    name: String,
    busy: u32,
    requests: AtomicU32,
}

impl Shop {
    /// Creates a shop whose right counter is busy for `busy` requests.
    #[must_use]
    pub fn new(name: impl Into<String>, busy: u32) -> Self {
        Shop { name: name.into(), busy, requests: AtomicU32::new(0) }
    }

    /// Returns how many requests the right counter has had.
    pub fn requests(&self) -> u32 {
        self.requests.load(Relaxed)
    }

    fn ask(&self, counter: &str, article: &str) -> Result<u32, Refused> {
        if counter == "left" {
            return Err(Refused::Closed);
        }
        if self.requests.fetch_add(1, Relaxed) < self.busy {
            return Err(Refused::Busy);
        }
        ["bread", "milk", "honey"]
            .iter()
            .position(|known| *known == article)
            .map_or(Err(Refused::Unknown), |place| Ok(100 + u32::try_from(place).unwrap_or(0)))
    }

    /// Asks without blocking.
    async fn ask_later(&self, counter: &str, article: &str) -> Result<u32, Refused> {
        if counter == "left" {
            return pending().await;
        }
        self.ask(counter, article)
    }
}

opero! {
    cache: 1h,
    key: (&shop.name, article),
    retries: 3,
    retry_on: Refused::Busy,
    min_delay: 20ms,
    timeout: 30ms,
    fallback: counter in COUNTERS
    =>
    /// Returns the price of an article in cents. Tasks that ask for the same article at the same time share one
    /// request.
    ///
    /// # Errors
    /// If no counter gives a price.
    pub async fn price(shop: &Shop, article: &str) -> Result<u32, Error<Refused>> {
        shop.ask_later(counter, article).await
    }
}

opero! { retries: 3, retry_on: Refused::Busy, min_delay: 20ms, fallback: counter in COUNTERS =>
    /// Does the same on this thread, which it blocks.
    ///
    /// # Errors
    /// If no counter gives a price.
    pub fn price_blocking(shop: &Shop, article: &str) -> Result<u32, Error<Refused>> {
        shop.ask(counter, article)
    }
}
