//! A site with three mirrors on loopback: one hangs up, one is slow, one is busy at first.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hyper::StatusCode;

use crate::loopback::{Answer, Loopback, busy, empty, page};

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

/// The site. It closes when it is dropped.
pub(crate) struct Site {
    pub(crate) mirrors: [Mirror; 3],
    _loopback: Loopback,
}

impl Site {
    pub(crate) fn open() -> io::Result<Site> {
        let loopback = Loopback::new()?;
        let open = |name, manner| open_mirror(&loopback, name, manner);
        let mirrors =
            [open("north", Manner::HangsUp)?, open("west", Manner::IsSlow)?, open("south", Manner::IsBusyAtFirst)?];
        Ok(Site { mirrors, _loopback: loopback })
    }
}

fn open_mirror(loopback: &Loopback, name: &'static str, manner: Manner) -> io::Result<Mirror> {
    let requests = Arc::new(AtomicU32::new(0));
    let address = loopback.open(move |request| {
        answer(manner, requests.fetch_add(1, Ordering::Relaxed), request.uri().path().to_owned())
    })?;
    Ok(Mirror { name, address })
}

async fn answer(manner: Manner, earlier_requests: u32, path: String) -> Answer {
    match manner {
        Manner::HangsUp => return Err("hung up"),
        Manner::IsSlow => tokio::time::sleep(SLOW).await,
        Manner::IsBusyAtFirst if earlier_requests == 0 => return Ok(busy(Duration::from_secs(1))),
        Manner::IsBusyAtFirst => {}
    }
    Ok(match path.as_str() {
        "/manual" => page("Do not panic.".into()),
        _ => empty(StatusCode::NOT_FOUND),
    })
}
