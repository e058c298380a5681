//! Requests a page from a host once, blocking or async. The caller handles failures.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use async_io::Async;
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use ureq::Agent;

use crate::server::Host;

/// How long the client waits for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_millis(200);

/// Why a host gave no page.
#[derive(Debug)]
pub(crate) struct FetchError {
    host: &'static str,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    TooSlow,
    Broken(io::Error),
    Refused(u16),
}

impl From<ureq::Error> for Reason {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Reason::TooSlow,
            other => Reason::Broken(other.into_io()),
        }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        Reason::Broken(error)
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.host)?;
        match &self.reason {
            Reason::TooSlow => write!(f, "gave no answer within {PATIENCE:?}"),
            Reason::Broken(error) => write!(f, "broke the connection ({error})"),
            Reason::Refused(status) => write!(f, "answered {status}"),
        }
    }
}

pub(crate) fn get(agent: &Agent, host: &Host, number: u32) -> Result<String, FetchError> {
    exchange(agent, host.address, number).map_err(|reason| FetchError { host: host.name, reason })
}

fn exchange(agent: &Agent, address: SocketAddr, number: u32) -> Result<String, Reason> {
    let mut response = agent.get(format!("http://{address}/{number}")).call()?;
    match response.status().as_u16() {
        200 => Ok(response.body_mut().read_to_string()?),
        status => Err(Reason::Refused(status)),
    }
}

/// Does the same without blocking and without a limit. Dropping the future ends the exchange.
pub(crate) async fn get_later(host: &Host, number: u32) -> Result<String, FetchError> {
    exchange_later(host.address, number).await.map_err(|reason| FetchError { host: host.name, reason })
}

/// The minimal HTTP client that the host supports: the host closes the connection when the answer is complete.
async fn exchange_later(address: SocketAddr, number: u32) -> Result<String, Reason> {
    let mut stream = Async::<TcpStream>::connect(address).await?;
    stream
        .write_all(format!("GET /{number} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let incomplete = || io::Error::new(ErrorKind::UnexpectedEof, "Peer disconnected");
    let (head, page) = answer.split_once("\r\n\r\n").ok_or_else(incomplete)?;
    match head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(incomplete)? {
        200 => Ok(page.to_owned()),
        status => Err(Reason::Refused(status)),
    }
}
