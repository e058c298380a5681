//! Fetches 60 pages of a flaky site, several at a time: `cargo run --example fetch_pages --features progress`
//!
//! The site is two real HTTP servers on loopback. Some pages fail once or twice, some are slow, and one is lost. What to do
//! about that stands in the options of `opero!`, in [`fetch`]; how many at a time, in those of the map.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "a program names std, as its users would")]

#[path = "../loopback/mod.rs"]
mod loopback;
mod server;

use std::fmt;
use std::io::Error as IoError;
use std::time::{Duration, Instant};

use opero::map::{Map, Summary, split};
use opero::opero;
use ureq::Agent;
use ureq::http::StatusCode;

use self::server::{Host, PAGES, Site};

/// How long a host has for its answer.
const PATIENCE: Duration = Duration::from_millis(200);

/// Why a host gave no page.
#[derive(Debug)]
struct FetchError {
    host: &'static str,
    reason: Reason,
}

#[derive(Debug)]
enum Reason {
    TooSlow,
    Broken(ureq::Error),
    Refused(StatusCode),
}

impl From<ureq::Error> for Reason {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Reason::TooSlow,
            other => Reason::Broken(other),
        }
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

/// The page, from whichever host has it first, or from an earlier call.
fn fetch(agent: &Agent, hosts: &[Host], number: u32) -> Result<String, opero::Error<FetchError>> {
    opero! {
        name: format!("page {number}"),
        cache: 10m,
        key: number,
        retries: 2,
        min_delay: 20ms,
        fallback: host in hosts
        => get(agent, host, number).map_err(|reason| FetchError { host: host.name, reason })
    }
}

/// Asks one host, once.
fn get(agent: &Agent, host: &Host, number: u32) -> Result<String, Reason> {
    let mut response = agent.get(format!("{}/{number}", host.url)).call()?;
    match response.status() {
        StatusCode::OK => Ok(response.body_mut().read_to_string()?),
        status => Err(Reason::Refused(status)),
    }
}

/// A client that leaves every decision to `opero!`, and, its servers being on loopback, asks no proxy.
fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_idle_connections(0)
        .proxy(None)
        .build()
        .into()
}

/// Fetches all pages, eight at a time, and tells how it went.
fn fetch_all(site: &Site, agent: &Agent) {
    let (start, before) = (Instant::now(), site.requests());
    let map = Map::new("fetch pages").workers(8);
    #[cfg(feature = "progress")]
    let map = map.progress(true);
    let results = map.thread(0..PAGES, |number, _| fetch(agent, &site.hosts, number));
    let elapsed = start.elapsed();

    println!("{}", Summary::of(&results));
    let (pages, errors) = split(results);
    let bytes = pages.iter().map(String::len).sum::<usize>();
    println!("{bytes} bytes with {} requests in {:.2} s", site.requests() - before, elapsed.as_secs_f64());
    for (_, error) in errors {
        println!("{error}");
    }
}

fn main() -> Result<(), IoError> {
    let site = Site::open()?;
    let agent = agent();
    println!("A site of {PAGES} pages has two hosts: near is quick and flaky, far is slow and has every other page.");
    println!("\nFetching them, 8 at a time:");
    fetch_all(&site, &agent);
    println!("\nFetching them again, from the cache but for the page that nobody has:");
    fetch_all(&site, &agent);
    Ok(())
}
