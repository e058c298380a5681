//! Fetches 60 pages of a flaky site: `cargo run --example fetch_pages --features progress`, with `-- rayon` or `-- async` for
//! another mode.
//!
//! The site is two real HTTP servers on loopback. Some pages fail once or twice, some are slow, and one is missing. The
//! options of `opmap!` say how to handle that, and how many requests run at a time.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "programs use std")]

mod client;
#[path = "../loopback/mod.rs"]
mod loopback;
mod server;

use std::time::Instant;
use std::{env, io};

use opero::map::{Summary, block_on, split};
use opero::{Error, opmap};
use ureq::Agent;

use self::client::{FetchError, PATIENCE, get, get_later};
use self::server::{PAGES, Site};

type Pages = Vec<Result<String, Error<FetchError>>>;

/// A live progress line.
#[cfg(feature = "progress")]
const PROGRESS: bool = true;
/// No progress.
#[cfg(not(feature = "progress"))]
const PROGRESS: fn(&opero::map::Progress) = |_| ();

/// Fetches each page from the first host that has it, or from the cache.
fn on_threads(site: &Site, agent: &Agent, pages: &mut Pages) -> Summary {
    opmap! {
        number in 0..PAGES, mode: thread, workers: 8, progress: PROGRESS, name: "pages",
        cache: 10m, key: number, rate: 200/s, burst: 8, retries: 2, min_delay: 20ms, fallback: host in &site.hosts,
        each: |page| pages.push(page)
        => get(agent, host, number)
    }
}

/// Does the same on the threads of rayon.
fn on_rayon(site: &Site, agent: &Agent, pages: &mut Pages) -> Summary {
    opmap! {
        number in 0..PAGES, mode: rayon, workers: 8, progress: PROGRESS, name: "pages",
        cache: 10m, key: number, rate: 200/s, burst: 8, retries: 2, min_delay: 20ms, fallback: host in &site.hosts,
        each: |page| pages.push(page)
        => get(agent, host, number)
    }
}

/// Does the same on this thread alone, with 30 requests at a time. A future can be dropped, so option
/// `timeout` limits an attempt.
async fn in_one_task(site: &Site, pages: &mut Pages) -> Summary {
    opmap! {
        number in 0..PAGES, workers: 30, progress: PROGRESS, name: "pages", timeout: PATIENCE,
        cache: 10m, key: number, rate: 200/s, burst: 8, retries: 2, min_delay: 20ms, fallback: host in &site.hosts,
        each: |page| pages.push(page)
        => async { get_later(host, number).await }
    }
    .await
}

/// Fetches the pages, then fetches them again, and prints what happened.
fn show(site: &Site, fetch: impl Fn(&mut Pages) -> Summary) {
    let (start, mut results) = (Instant::now(), Pages::new());
    println!("{}", fetch(&mut results));
    let (pages, errors) = split(results);
    let bytes = pages.iter().map(String::len).sum::<usize>();
    println!("{bytes} bytes with {} requests in {:.2} s", site.requests(), start.elapsed().as_secs_f64());
    for (number, error) in errors {
        println!("page {number}: {error}");
    }

    println!("\nAnd again, from the cache, except for the page that no host has:");
    let (start, before) = (Instant::now(), site.requests());
    println!("{}", fetch(&mut Pages::new()));
    let requests = site.requests() - before;
    println!("{requests} requests in {:.2} s", start.elapsed().as_secs_f64());
}

fn main() -> io::Result<()> {
    println!("A site of {PAGES} pages has two hosts: near is quick and flaky, far is slow and has every other page.");
    let (site, agent) = (Site::open()?, loopback::agent(PATIENCE));
    match env::args().nth(1).as_deref() {
        None | Some("thread") => show(&site, |pages| on_threads(&site, &agent, pages)),
        Some("rayon") => show(&site, |pages| on_rayon(&site, &agent, pages)),
        Some("async") => show(&site, |pages| block_on(in_one_task(&site, pages))),
        Some(other) => return Err(io::Error::other(format!("no mode `{other}`: write thread, rayon or async"))),
    }
    Ok(())
}
