//! Two processes share a store: each finds the pages that the other has rendered.
//!
//! ```sh
//! cargo run --example shared_cache --features sqlite
//! cargo run --example shared_cache --features redis,sqlite -- redis://127.0.0.1:6379/0
//! ```
//!
//! The first process starts two others, which want the same eight pages at the same time. With `single_flight`, if one
//! of them renders a page, the other waits for it, so each page is rendered once. A third process comes later and finds
//! all of them. The store is an SQLite file in the directory for temporary files, or the one at the URL.

use std::env;
use std::error::Error;
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use opero::cache::{self, DynStore, Store};
use opero::opero;
use serde::{Deserialize, Serialize};

const PAGES: u32 = 8;
/// A namespace for this example, which it clears at the end.
const NAMESPACE: &str = "shared_cache_example";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Page {
    title: String,
    rendered_by: u32,
}

/// Slow enough to be worth caching.
#[allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]
fn render(number: u32) -> Result<Page, String> {
    sleep(Duration::from_millis(100));
    Ok(Page { title: format!("Page {number}"), rendered_by: std::process::id() })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = env::args().skip(1);
    match (words.next().as_deref(), words.next()) {
        (Some("reader"), Some(url)) => read(&url),
        (url, None) => lead(url),
        _ => Err("usage: shared_cache [URL of a store]".into()),
    }
}

/// Starts the processes, and waits for them.
fn lead(url: Option<&str>) -> Result<(), Box<dyn Error>> {
    let file = env::temp_dir().join(format!("opero-shared-cache-{}.db", std::process::id()));
    let of_file = format!("sqlite://{}?single_flight=true", file.display());
    let url = url.unwrap_or(&of_file);
    println!("Two processes want pages 1 to {PAGES}, which take 100 ms each:");
    for child in [reader(url), reader(url)] {
        child?.wait()?;
    }
    println!("A third process starts later:");
    reader(url)?.wait()?;
    cache::open::<Page>(url)?.clear(NAMESPACE)?;
    if url == of_file {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
    Ok(())
}

fn reader(url: &str) -> std::io::Result<Child> {
    Command::new(env::current_exe()?).args(["reader", url]).spawn()
}

/// Reads all pages, and prints where each came from.
fn read(url: &str) -> Result<(), Box<dyn Error>> {
    let store: Arc<dyn DynStore<Page>> = cache::open(url)?;
    let id = std::process::id();
    for number in 1..=PAGES {
        let begun = Instant::now();
        let page =
            opero! { cache: 60s, store: &store, namespace: NAMESPACE, name: "render", key: number => render(number) }?;
        let source =
            if page.rendered_by == id { "rendered here".into() } else { format!("rendered by {}", page.rendered_by) };
        println!("  process {id}  {:<7}  {:>6.1} ms  {source}", page.title, begun.elapsed().as_secs_f64() * 1e3);
    }
    let stats = cache::stats("render");
    println!(
        "  process {id}  found {} of {PAGES}, waited for {}, rendered {}, {} errors of the store",
        stats.hits, stats.waits, stats.misses, stats.errors
    );
    Ok(())
}
