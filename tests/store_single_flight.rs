//! Processes that miss one key at the same time, on one SQLite file and on one Redis server: one of them runs the body.

#[path = "support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "not every test uses all of it")]
mod redis;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::env;
use std::io::{BufRead, BufReader, Lines, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use opero::cache::{self, Store, open};
use opero::{Error, opero};
use redis::Server;
use watchdog::watched;

const ROLE: &str = "OPERO_FLIGHT_ROLE";
const URL: &str = "OPERO_FLIGHT_URL";

type Outcome = Result<u32, Error<String>>;

/// Calls with the store of a URL. The body returns the id of the process in which it runs.
///
/// It is not generic, because instances of a generic function share no entries.
fn ask(url: &str, is_async: bool, body: fn()) -> Outcome {
    let store = open::<u32>(url).expect("a store");
    let run = move || {
        body();
        Ok::<_, String>(std::process::id())
    };
    if is_async {
        smol::block_on(opero! {
            cache: 1h, store: &store, key: (), name: "flight" => async { smol::unblock(run).await }
        })
    } else {
        opero! { cache: 1h, store: &store, key: (), name: "flight" => run() }
    }
}

/// Calls until another process has the lease.
fn is_held(url: &str, time: Duration) -> bool {
    let store = open::<u32>(url).expect("a store");
    let outcome = opero! { cache: 1h, store: &store, key: (), name: "flight", deadline: time => Ok::<_, String>(0) };
    matches!(outcome, Err(Error::Timeout(_)))
}

fn say(text: &str) {
    let mut out = stdout().lock();
    writeln!(out, "\n{text}").and_then(|()| out.flush()).expect("somebody listens");
}

fn told() {
    stdin().lines().next();
}

/// The work of a process that another test has started. Does nothing as a test.
#[test]
fn in_another_process() {
    let (Ok(role), Ok(url)) = (env::var(ROLE), env::var(URL)) else { return };
    let is_async = role.ends_with("async");
    say("ready");
    told();
    let outcome = match role.trim_end_matches(" async") {
        // A body that takes a while, so that concurrent calls come while it runs.
        "meet" => ask(&url, is_async, || {
            say("runs");
            sleep(Duration::from_millis(500));
        }),
        _ => ask(&url, is_async, || {
            say("runs");
            told();
        }),
    };
    let errors = cache::stats("flight").errors;
    say(&format!("gives {} after {errors} errors", outcome.expect("a value")));
}

/// A process that calls.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(role: &str, url: &str) -> Self {
        let mut child = Command::new(env::current_exe().expect("this test"))
            .args(["in_another_process", "--exact", "--nocapture"])
            .env(ROLE, role)
            .env(URL, url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut process = Process { child, lines };
        process.until("ready");
        process
    }

    fn tell(&mut self) {
        self.child.stdin.as_mut().expect("a pipe").write_all(b"\n").expect("it listens");
    }

    fn until(&mut self, text: &str) {
        assert!(self.lines.by_ref().map_while(Result::ok).any(|line| line == text), "it says `{text}`");
    }

    /// The process that ran the body, and whether it was this one.
    fn end(mut self) -> (u32, bool) {
        let lines: Vec<String> = self.lines.by_ref().map_while(Result::ok).collect();
        assert!(self.child.wait().expect("an end").success(), "{lines:?}");
        let gives = lines.iter().find_map(|line| line.strip_prefix("gives ")).expect("it gives a value");
        let (runner, errors) = gives.split_once(" after ").expect("and tells its errors");
        assert_eq!(errors, "0 errors");
        (runner.parse().expect("a number"), lines.iter().any(|line| line == "runs"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory for an SQLite file, which is removed when this is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let directory = env::temp_dir().join(format!("opero-flight-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        Directory(directory)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a test on each store that supports leases.
fn on_each(name: &str, test: impl Fn(&str)) {
    let (directory, server) = (Directory::new(name), Server::start());
    let file = directory.0.join("cache.db");
    for url in [server.url(), format!("sqlite:{}", file.display())] {
        let options = "single_flight=true&lease_time=1s&io_timeout=10s";
        watched(&url, || test(&format!("{url}?{options}")));
    }
}

#[test]
fn one_of_several_processes_that_miss_together_runs() {
    on_each("meet", |url| {
        for (n, role) in ["meet", "meet async"].into_iter().enumerate() {
            open::<u32>(url).unwrap().clear("opero").unwrap();
            let mut processes: Vec<Process> = (0..2 + 2 * n).map(|_| Process::start(role, url)).collect();
            processes.iter_mut().for_each(Process::tell);
            let (values, runs): (Vec<_>, Vec<_>) = processes.into_iter().map(Process::end).unzip();
            assert_eq!(runs.iter().filter(|has_run| **has_run).count(), 1, "{url}");
            assert!(values.iter().all(|value| value == &values[0]), "{values:?}");
        }
    });
}

#[test]
fn a_killed_process_delays_others_by_its_lease_at_most() {
    on_each("killed", |url| {
        let mut holder = Process::start("hold", url);
        holder.tell();
        holder.until("runs");
        assert!(is_held(url, Duration::from_millis(300)), "{url}");
        holder.child.kill().unwrap();
        holder.child.wait().unwrap();
        let killed = Instant::now();
        assert_eq!(ask(url, false, || {}), Ok(std::process::id()));
        // A second, and what a busy machine takes. The default would be ten.
        assert!(killed.elapsed() < Duration::from_secs(6), "{url}: {:?}", killed.elapsed());
    });
}

#[test]
fn a_body_that_takes_longer_than_its_lease_keeps_it() {
    on_each("long", |url| {
        for role in ["hold", "hold async"] {
            open::<u32>(url).unwrap().clear("opero").unwrap();
            let mut holder = Process::start(role, url);
            holder.tell();
            holder.until("runs");
            assert!(is_held(url, Duration::from_millis(3500)), "{url}");
            holder.tell();
            let (runner, _) = holder.end();
            assert_eq!(ask(url, false, || panic!("it is there")), Ok(runner));
        }
    });
}
