//! A site with three mirrors on loopback: one hangs up, one is slow, one is busy at first.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fmt, io, thread};

use ureq::http::StatusCode;

use crate::loopback::{self, Answer};

/// Far longer than the client waits.
const SLOW: Duration = Duration::from_secs(5);

/// How a mirror handles requests.
#[derive(Clone, Copy)]
enum Manner {
    HangsUp,
    IsSlow,
    IsBusyAtFirst,
}

/// A server that has the pages.
pub(crate) struct Mirror {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
}

impl Mirror {
    fn open(name: &'static str, manner: Manner) -> io::Result<Mirror> {
        let requests = AtomicU32::new(0);
        let address = loopback::open(move |path| answer(manner, requests.fetch_add(1, Ordering::Relaxed), path))?;
        Ok(Mirror { name, address })
    }
}

/// The name of the mirror in an error.
impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Opens the mirrors of the site.
pub(crate) fn open() -> io::Result<[Mirror; 3]> {
    Ok([
        Mirror::open("north", Manner::HangsUp)?,
        Mirror::open("west", Manner::IsSlow)?,
        Mirror::open("south", Manner::IsBusyAtFirst)?,
    ])
}

fn answer(manner: Manner, earlier_requests: u32, path: &str) -> Answer {
    match manner {
        Manner::HangsUp => return Answer::HangUp,
        Manner::IsSlow => thread::sleep(SLOW),
        Manner::IsBusyAtFirst if earlier_requests == 0 => return Answer::Busy(Duration::from_secs(1)),
        Manner::IsBusyAtFirst => {}
    }
    match path {
        "/manual" => Answer::Page("Do not panic.".into()),
        _ => Answer::Refuse(StatusCode::NOT_FOUND),
    }
}
