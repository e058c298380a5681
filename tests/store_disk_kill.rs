//! `cache::Disk` in a process that is killed while it writes: the file opens, and every value is whole or absent.

#[path = "support/disk_faults.rs"]
mod disk_faults;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use disk_faults::{Chance, Directory, again};
use opero::cache::{Disk, Entry, Key};
use serde::{Deserialize, Serialize};
use watchdog::Watchdog;

const KEYS: u32 = 40;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Value {
    round: u32,
    key: u32,
    bytes: Vec<u8>,
}

impl Value {
    fn new(round: u32, key: u32) -> Self {
        let length = round.wrapping_mul(97).wrapping_add(key * 1009) % 9000;
        let bytes = (0..length).map(|at| u8::try_from((at ^ round ^ key) & 255).unwrap()).collect();
        Value { round, key, bytes }
    }
}

fn key(n: u32) -> Key<'static> {
    Key::new(if n % 10 == 0 { "cleared" } else { "kept" }, "value", &n)
}

/// Writes until it is killed, and prints the rounds after which everything is on disk.
#[test]
fn writer() {
    let Some(path) = std::env::var_os("OPERO_DISK_WRITER") else { return };
    let disk = Disk::open(Path::new(&path)).unwrap().io_timeout(Duration::from_secs(60));
    let round = |n| disk.get::<Value>(&key(n)).unwrap().map(|entry| entry.value().round);
    let first = (0..KEYS).filter_map(round).max().unwrap_or(0) + 1;
    println!("\nopen");
    for round in first.. {
        for n in 0..KEYS {
            disk.set(&key(n), Value::new(round, n), None).unwrap();
        }
        if round % 5 == 0 {
            disk.clear("cleared").unwrap();
            disk.remove(&key(1)).unwrap();
            println!("\ngone {round}");
        } else {
            disk.flush().unwrap();
            println!("\ndone {round}");
        }
    }
}

/// Kills a writer at some point. Returns the last round that it has reported as on disk, and whether it has removed the
/// entries of that round.
fn kill_one(mut child: Child, chance: &mut Chance) -> (u32, bool) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut last = (0, false);
    let mut hear = |line: String| match line.split_once(' ') {
        Some((word, round)) if word == "done" || word == "gone" => last = (round.parse().unwrap(), word == "gone"),
        _ => {}
    };
    // One in four is killed while it starts, the others after they have written for a while.
    if chance.below(4) > 0 {
        let until = chance.below(12);
        lines.by_ref().skip_while(|line| line != "open").take(until).for_each(&mut hear);
    }
    // The time of the kill is random: nothing is waited for.
    sleep(Duration::from_micros(chance.below(20_000) as u64));
    child.kill().unwrap();
    lines.for_each(hear);
    child.wait().unwrap();
    last
}

#[test]
fn a_process_killed_at_any_moment_leaves_whole_values() {
    if std::env::var_os("OPERO_DISK_WRITER").is_some() {
        return;
    }
    let kills = if std::env::var_os("CI").is_some() { 20 } else { 200 };
    let (directory, watchdog, mut chance) = (Directory::quick(), Watchdog::new(), Chance::new(7));
    let (mut written, mut on_disk) = (0, 0);
    for kill in 0..kills {
        watchdog.now(format!("kill {kill}"));
        // Sometimes the file is a new one, so that its creation is interrupted, too.
        let path = directory.join(&format!("store {}", kill / 10));
        if kill % 10 == 0 {
            on_disk = 0;
        }
        let (said, is_gone) = kill_one(again("writer", "OPERO_DISK_WRITER", &path), &mut chance);
        on_disk = on_disk.max(said);

        let disk = Disk::open(&path).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        for n in 0..KEYS {
            let value = disk.get::<Value>(&key(n)).unwrap().map(Entry::into_value);
            let round = value.as_ref().map(|value| value.round);
            assert!(value.is_none_or(|value| value == Value::new(value.round, n)), "kill {kill}: a wrong value");
            let may_be_gone = n % 10 == 0 || n == 1;
            assert!(may_be_gone || round.unwrap_or(0) >= on_disk, "kill {kill}: {n} is of {round:?}, before {on_disk}");
            let is_back = is_gone && may_be_gone && said == on_disk && round.is_some_and(|round| round <= said);
            assert!(!is_back, "kill {kill}: {n} was gone");
        }
        assert_eq!(disk.stats().rejections, 0, "kill {kill}");
        written = written.max(on_disk);
    }
    assert!(written > 10, "the writer has hardly written: {written}");
}
