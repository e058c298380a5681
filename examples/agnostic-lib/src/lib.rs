//! Prices from a shop with two counters, one of which is slow and one busy. A library that chooses no runtime: its async
//! functions run on that of the program, and its blocking ones on none.
#![deny(missing_docs)]

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use opero::{Error, opero};

/// A counter has given no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Others are being served.
    Busy,
    /// Nobody is there.
    Closed,
    /// No counter has the article.
    Unknown,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Busy => "others are being served",
            Refused::Closed => "nobody is there",
            Refused::Unknown => "there is no such article",
        })
    }
}

/// The counters, in the order in which they are asked.
const COUNTERS: [&str; 2] = ["left", "right"];

/// A shop. At the left counter nobody ever answers, and the right one is busy for the first requests.
#[derive(Debug)]
pub struct Shop {
    name: String,
    busy: u32,
    requests: AtomicU32,
}

impl Shop {
    /// A shop whose right counter is busy for so many requests.
    #[must_use]
    pub fn new(name: impl Into<String>, busy: u32) -> Self {
        Shop { name: name.into(), busy, requests: AtomicU32::new(0) }
    }

    /// How many requests the right counter has had.
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

    /// The same, patiently.
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
    /// The price of an article in cents. Tasks that ask at once for the same ask the shop once.
    ///
    /// # Errors
    /// No counter has given a price.
    pub async fn price(shop: &Shop, article: &str) -> Result<u32, Error<Refused>> {
        shop.ask_later(counter, article).await
    }
}

opero! { retries: 3, retry_on: Refused::Busy, min_delay: 20ms, fallback: counter in COUNTERS =>
    /// The same on this thread, which it blocks.
    ///
    /// # Errors
    /// No counter has given a price.
    pub fn price_blocking(shop: &Shop, article: &str) -> Result<u32, Error<Refused>> {
        shop.ask(counter, article)
    }
}
