//! A site of 60 pages on two hosts on loopback: the near one is fast and flaky, the far one is slow.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::StatusCode;

use crate::loopback::{Answer, Loopback, Page, busy, empty, page};

pub(crate) const PAGES: u32 = 60;

/// The page that no host has.
const LOST: u32 = 42;

/// One of the two hosts.
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
}

/// The site. It closes when it is dropped.
pub(crate) struct Site {
    pub(crate) hosts: [Host; 2],
    requests: Arc<AtomicUsize>,
    _loopback: Loopback,
}

impl Site {
    pub(crate) fn open() -> io::Result<Site> {
        let loopback = Loopback::new()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let visits = Arc::new(Visits::default());
        let near = loopback.open(move |request| {
            counted.fetch_add(1, Ordering::Relaxed);
            let number = number(request.uri().path());
            near(number, visits.of(number))
        })?;
        let counted = Arc::clone(&requests);
        let far = loopback.open(move |request| {
            counted.fetch_add(1, Ordering::Relaxed);
            far(number(request.uri().path()))
        })?;
        let hosts = [Host { name: "near", address: near }, Host { name: "far", address: far }];
        Ok(Site { hosts, requests, _loopback: loopback })
    }

    /// The number of requests at both hosts.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// The number of requests for each page.
#[derive(Default)]
struct Visits(Mutex<HashMap<u32, u32>>);

impl Visits {
    /// Counts a request for a page, and returns how many there were before.
    fn of(&self, number: u32) -> u32 {
        let mut visits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let visits = visits.entry(number).or_default();
        *visits += 1;
        *visits - 1
    }
}

fn number(path: &str) -> u32 {
    path.trim_start_matches('/').parse().unwrap_or(PAGES)
}

/// Every fifth page fails once and every eleventh twice, in different ways.
async fn near(number: u32, earlier_visits: u32) -> Answer {
    match number {
        number if number % 5 == 3 && earlier_visits == 0 => Ok(busy(Duration::ZERO)),
        number if number % 11 == 6 && earlier_visits < 2 => Err("hung up"),
        number if number % 10 == 9 => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok(has(number))
        }
        number => Ok(has(number)),
    }
}

/// Has only the odd pages, and is slow.
async fn far(number: u32) -> Answer {
    tokio::time::sleep(Duration::from_millis(60)).await;
    Ok(if number % 2 == 1 { has(number) } else { empty(StatusCode::NOT_FOUND) })
}

fn has(number: u32) -> Page {
    match number {
        LOST | PAGES.. => empty(StatusCode::NOT_FOUND),
        number => page(format!("This is page {number}. {}", "Do not panic. ".repeat(20))),
    }
}
