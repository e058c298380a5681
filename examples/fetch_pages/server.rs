//! A site of 60 pages on two hosts on loopback: the near one is fast and flaky, the far one is slow.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ureq::http::StatusCode;

use crate::loopback::{self, Answer};

pub(crate) const PAGES: u32 = 60;

/// The page that no host has.
const LOST: u32 = 42;

/// One of the two hosts.
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
}

pub(crate) struct Site {
    pub(crate) hosts: [Host; 2],
    requests: Arc<AtomicUsize>,
}

impl Site {
    pub(crate) fn open() -> io::Result<Site> {
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        let visits = Visits::default();
        let near = loopback::open(move |path| {
            counted.fetch_add(1, Ordering::Relaxed);
            let number = number(path);
            near(number, visits.of(number))
        })?;
        let counted = Arc::clone(&requests);
        let far = loopback::open(move |path| {
            counted.fetch_add(1, Ordering::Relaxed);
            far(number(path))
        })?;
        let hosts = [Host { name: "near", address: near }, Host { name: "far", address: far }];
        Ok(Site { hosts, requests })
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
fn near(number: u32, earlier_visits: u32) -> Answer {
    match number {
        number if number % 5 == 3 && earlier_visits == 0 => Answer::Busy(Duration::ZERO),
        number if number % 11 == 6 && earlier_visits < 2 => Answer::HangUp,
        number if number % 10 == 9 => {
            thread::sleep(Duration::from_millis(300));
            page(number)
        }
        number => page(number),
    }
}

/// Has only the odd pages, and is slow.
fn far(number: u32) -> Answer {
    thread::sleep(Duration::from_millis(60));
    if number % 2 == 1 { page(number) } else { Answer::Refuse(StatusCode::NOT_FOUND) }
}

fn page(number: u32) -> Answer {
    match number {
        LOST | PAGES.. => Answer::Refuse(StatusCode::NOT_FOUND),
        number => Answer::Page(format!("This is page {number}. {}", "Do not panic. ".repeat(20))),
    }
}
