//! HTTP on loopback for the examples: a server that can misbehave, and a client that makes no decisions.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::http::StatusCode;

/// What a host does with a request.
pub(crate) enum Answer {
    Page(String),
    Refuse(StatusCode),
    /// Refuses, and says when to come back.
    Busy(Duration),
    /// Closes the connection without an answer.
    HangUp,
}

/// Opens a host that answers requests for a path by `answer`, and returns its address. It closes when the program ends.
pub(crate) fn open(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // The client may have closed the connection, which is fine.
            thread::spawn(move || _ = serve(&stream, &*answer));
        }
    });
    Ok(address)
}

/// Answers one request, and then closes the connection.
fn serve(mut stream: &TcpStream, answer: impl Fn(&str) -> Answer) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, header, page) = match answer(path) {
        Answer::Page(page) => (StatusCode::OK, String::new(), page),
        Answer::Refuse(status) => (status, String::new(), String::new()),
        Answer::Busy(delay) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("retry-after: {}\r\n", delay.as_secs()), String::new())
        }
        Answer::HangUp => return Ok(()),
    };
    let length = page.len();
    let head = format!("HTTP/1.1 {status}\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all((head + &page).as_bytes())
}

/// A client without retries of its own. It uses no proxy, because its servers are on loopback.
pub(crate) fn agent(patience: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .build()
        .into()
}
