//! Reloads numbers from a file whenever it changes, while a load runs.
//!
//! ```text
//! cargo run --example tuning --features observe
//! ```
//!
//! The example writes the file itself and ends by itself. A service needs only `Reloader`.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "programs use std")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use opero::observe::{self, Counts};
use opero::opero;

/// How long each version of the file is used.
const PHASE: Duration = Duration::from_millis(400);

/// The work of the service: a model that fails for three calls in eight.
fn ask() -> Result<u64, opero::Error<&'static str>> {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    opero! { name: "ask", rate: 100/s, retries: 0, min_delay: 1ms => {
        let asked = ASKED.fetch_add(1, Relaxed);
        if asked.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61 < 3 { Err("down") } else { Ok(asked) }
    } }
}

/// Parses `use.option = value` line by line.
struct Reloader {
    path: PathBuf,
    text: String,
}

impl Reloader {
    fn new(path: PathBuf) -> Self {
        Reloader { path, text: String::new() }
    }

    /// Reloads the file, and returns its mistakes.
    fn poll(&mut self) -> Vec<String> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        if text == self.text {
            return Vec::new();
        }
        let gone =
            lines(&self.text).filter(|(name, option, _)| lines(&text).all(|(n, o, _)| (n, o) != (*name, *option)));
        gone.for_each(|(name, option, _)| _ = observe::site(name).undo(option));
        let tuned = lines(&text).map(|(name, option, value)| observe::site(name).tune(option, value));
        let mistakes = tuned.filter_map(|outcome| outcome.err().map(|error| error.to_string())).collect();
        self.text = text;
        mistakes
    }
}

fn lines(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (place, value) = line.split_once('=')?;
        let (name, option) = place.trim().rsplit_once('.')?;
        Some((name, option, value.trim()))
    })
}

fn main() -> std::io::Result<()> {
    let path = std::env::temp_dir().join(format!("opero-tuning-{}.conf", std::process::id()));
    fs::write(&path, "")?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    let _ = ask();
                }
            });
        }
        scope.spawn(|| {
            let mut reloader = Reloader::new(path.clone());
            while !is_over.load(Relaxed) {
                reloader.poll().iter().for_each(|mistake| println!("{:24}! {mistake}", ""));
                sleep(Duration::from_millis(20));
            }
        });
        let outcome = operate(&path);
        is_over.store(true, Relaxed);
        outcome
    })?;
    fs::remove_file(path)
}

/// Writes one version of the file after the other, and shows the effect of each.
fn operate(path: &Path) -> std::io::Result<()> {
    println!("{:>6} {:>8} {:>7}   tuned", "time", "calls/s", "success");
    let began = Instant::now();
    for text in [
        "",
        "# More retries, and a higher rate.\nask.retries = 3\nask.rate = 400/s\n",
        "# An invalid line changes nothing, and the other lines apply.\nask.retries = three\nask.rate = 250/s\n",
        "# No lines: the numbers in the source apply.\n",
    ] {
        // Replace the file: a file that is written in place could be read half-written.
        let beside = path.with_extension("new");
        fs::write(&beside, text)?;
        fs::rename(&beside, path)?;
        // The reloader checks the file every 20 ms.
        sleep(PHASE / 4);
        let (before, since) = (counts(), Instant::now());
        sleep(PHASE * 3 / 4);
        show(began.elapsed(), before, counts(), since.elapsed());
    }
    Ok(())
}

fn counts() -> Counts {
    observe::site("ask").get().map(|site| site.counts()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "it is shown in three digits")]
fn show(time: Duration, before: Counts, after: Counts, elapsed: Duration) {
    let (calls, successes) = (after.calls - before.calls, after.successes - before.successes);
    let per_second = calls as f64 / elapsed.as_secs_f64();
    let share = 100.0 * successes as f64 / calls.max(1) as f64;
    let tuned = observe::site("ask").tuned();
    let tuned: Vec<_> = tuned.iter().map(|(option, value)| format!("{option}: {value}")).collect();
    let tuned = if tuned.is_empty() { "nothing".into() } else { tuned.join(", ") };
    println!("{:>5.1}s {per_second:>8.0} {share:>5.0} %   {tuned}", time.as_secs_f64());
}
