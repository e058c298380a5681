//! Fetches pages from an unreliable site: `cargo run --example resilient_fetch`
//!
//! The site has three mirrors, each a real HTTP server on loopback. One hangs up, one is too slow, and one is busy at
//! first and says when to retry. The options of `opero!` in [`fetch`] say how to handle that.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "programs use std")]

mod journal;
#[path = "../loopback/mod.rs"]
mod loopback;
mod server;

use std::fmt;
use std::time::Duration;

use opero::opero;
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::RETRY_AFTER;

use self::journal::Journal;
use self::server::Mirror;

/// How long the client waits for an answer.
const PATIENCE: Duration = Duration::from_millis(400);

/// Why a mirror gave no page.
#[derive(Debug)]
enum FetchError {
    Busy { come_back_in: Option<Duration> },
    TooSlow,
    Broken(ureq::Error),
    Refused(StatusCode),
}

impl FetchError {
    fn come_back_in(&self) -> Option<Duration> {
        match self {
            FetchError::Busy { come_back_in } => *come_back_in,
            _ => None,
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchError::Busy { come_back_in: Some(time) } => {
                write!(f, "was busy and asked us to come back in {time:?}")
            }
            FetchError::Busy { come_back_in: None } => f.write_str("was busy"),
            FetchError::TooSlow => write!(f, "gave no answer within {PATIENCE:?}"),
            FetchError::Broken(error) => write!(f, "broke the connection ({error})"),
            FetchError::Refused(status) => write!(f, "answered {status}"),
        }
    }
}

impl From<ureq::Error> for FetchError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => FetchError::TooSlow,
            other => FetchError::Broken(other),
        }
    }
}

/// Fetches the page from the first mirror that has it. Each round asks all mirrors in turn. Another round follows
/// unless the last mirror failed for a reason that a retry cannot fix.
fn fetch(
    agent: &Agent,
    mirrors: &[Mirror],
    page: &str,
    journal: &mut Journal,
) -> Result<String, opero::Error<FetchError>> {
    opero! {
        name: page,
        fallback: mirror in mirrors,
        retries: 3,
        retry_on: FetchError::Busy { .. } | FetchError::TooSlow | FetchError::Broken(_),
        retry_after: FetchError::come_back_in,
        attempt: n
        => journal.note(n, mirror.name, || get(agent, mirror, page))
    }
}

/// Asks one mirror, once.
fn get(agent: &Agent, mirror: &Mirror, page: &str) -> Result<String, FetchError> {
    let mut response = agent.get(format!("http://{}{page}", mirror.address)).call()?;
    match response.status() {
        StatusCode::OK => Ok(response.body_mut().read_to_string()?),
        StatusCode::SERVICE_UNAVAILABLE => {
            let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Err(FetchError::Busy { come_back_in: seconds.map(Duration::from_secs) })
        }
        status => Err(FetchError::Refused(status)),
    }
}

fn main() -> Result<(), std::io::Error> {
    let mirrors = server::open()?;
    let agent = loopback::agent(PATIENCE);
    println!("Three mirrors of a site: north hangs up, west is slow, south is busy at first.");
    let pages = [
        ("/manual", "which every mirror has"),
        ("/diary", "which none has; a 404 is final, so there is no second round"),
    ];
    for (page, about) in pages {
        let mut journal = Journal::new();
        let outcome = fetch(&agent, &mirrors, page, &mut journal);
        println!("\nGET {page}, {about}\n{journal}");
        match outcome {
            Ok(text) => println!("The page: {text}"),
            Err(error) => println!("No page. {error:#}"),
        }
    }
    Ok(())
}
