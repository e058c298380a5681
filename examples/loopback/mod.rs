//! HTTP on loopback for the examples: a server that can misbehave, and a client that makes no decisions.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
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
use ureq::Agent;

pub(crate) type Page = Response<Full<Bytes>>;

/// On an error hyper closes the connection without an answer. A host uses that to hang up.
pub(crate) type Answer = Result<Page, &'static str>;

/// Some hosts. They close when this is dropped.
pub(crate) struct Loopback {
    runtime: Runtime,
}

impl Loopback {
    pub(crate) fn new() -> io::Result<Loopback> {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Loopback { runtime })
    }

    /// Opens a host that answers requests by `answer`, and returns its address.
    pub(crate) fn open<A>(
        &self,
        answer: impl Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    ) -> io::Result<SocketAddr>
    where
        A: Future<Output = Answer> + Send + 'static,
    {
        let listener = self.runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        self.runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service_fn(answer.clone());
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(address)
    }
}

pub(crate) fn page(text: String) -> Page {
    Response::new(Full::from(text))
}

pub(crate) fn empty(status: StatusCode) -> Page {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// The answer of a busy host.
pub(crate) fn busy(retry_after: Duration) -> Page {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, retry_after.as_secs().into());
    response
}

/// A client that leaves every decision to `opero!`. It uses no proxy, because its servers are on loopback.
pub(crate) fn agent(patience: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .build()
        .into()
}
