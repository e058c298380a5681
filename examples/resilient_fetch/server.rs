//! A site with three mirrors on loopback, as bad as networks get: one hangs up, one is slow, one is busy at first.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::RETRY_AFTER;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};

/// Far longer than the client is ready to wait.
const SLOW: Duration = Duration::from_secs(5);

/// How a mirror treats its visitors.
#[derive(Clone, Copy)]
enum Manner {
    HangsUp,
    IsSlow,
    IsBusyAtFirst,
}

/// One of the places that have the pages.
pub(crate) struct Mirror {
    pub(crate) name: &'static str,
    pub(crate) url: String,
}

/// The site, open until it is dropped.
pub(crate) struct Site {
    pub(crate) mirrors: [Mirror; 3],
    _runtime: Runtime,
}

impl Site {
    pub(crate) fn open() -> io::Result<Site> {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let open = |name, manner| runtime.block_on(open_mirror(name, manner));
        let mirrors =
            [open("north", Manner::HangsUp)?, open("west", Manner::IsSlow)?, open("south", Manner::IsBusyAtFirst)?];
        Ok(Site { mirrors, _runtime: runtime })
    }
}

async fn open_mirror(name: &'static str, manner: Manner) -> io::Result<Mirror> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve(listener, manner));
    Ok(Mirror { name, url })
}

async fn serve(listener: TcpListener, manner: Manner) {
    let requests = Arc::new(AtomicU32::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        let requests = Arc::clone(&requests);
        let service = service_fn(move |request| answer(manner, requests.fetch_add(1, Ordering::Relaxed), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// An error makes hyper close the connection without a word: that is how a mirror hangs up.
async fn answer(
    manner: Manner,
    earlier_requests: u32,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, &'static str> {
    match manner {
        Manner::HangsUp => return Err("hung up"),
        Manner::IsSlow => tokio::time::sleep(SLOW).await,
        Manner::IsBusyAtFirst if earlier_requests == 0 => return Ok(busy()),
        Manner::IsBusyAtFirst => {}
    }
    Ok(page(request.uri().path()))
}

fn busy() -> Response<Full<Bytes>> {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, 1.into());
    response
}

fn page(path: &str) -> Response<Full<Bytes>> {
    match path {
        "/manual" => Response::new(Full::from("Do not panic.")),
        _ => empty(StatusCode::NOT_FOUND),
    }
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
