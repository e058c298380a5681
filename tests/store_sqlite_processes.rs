//! Several processes on one SQLite file, and processes that are killed while they write.

#[path = "support/sqlite_faults.rs"]
mod sqlite_faults;

use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use opero::cache::{Entry, Key, Sqlite};
use sqlite_faults::{Dice, Directory, integrity, process, role};

const HOUR: Option<Duration> = Some(Duration::from_secs(3600));
/// Long enough for a busy machine to let all others write.
const PATIENCE: Duration = Duration::from_secs(30);
const WRITES: u32 = 500;

/// The work of a process that another test has started. Does nothing as a test.
#[test]
fn in_another_process() {
    let Some((role, file)) = role() else { return };
    // All processes start at the same time.
    let _ = stdin().read(&mut [0]);
    let store = Sqlite::open(&file).expect("it opens").io_timeout(PATIENCE);
    match role.split_once(' ') {
        Some(("share", number)) => share(&store, number.parse().expect("a number")),
        Some(("write", first)) => write(&store, first.parse().expect("a number")),
        _ => {}
    }
}

fn child(role: &str, file: &Path) -> Child {
    process("in_another_process", role, file)
}

fn start(child: &mut Child) {
    child.stdin.as_mut().expect("a pipe").write_all(b"\n").expect("it listens");
}

fn end_well(mut child: Child) {
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The value of a number: some bytes, or some pages.
fn text(number: u32) -> String {
    let length = if number % 7 == 0 { 20_000 } else { 20 + number as usize % 200 };
    format!("{number:08}").repeat(length / 8 + 1)
}

fn value(store: &Sqlite, key: &Key<'_>) -> Option<String> {
    store.get(key).expect("it answers").map(Entry::into_value)
}

/// Stores entries of its own, reads those of others, and clears entries of all.
fn share(store: &Sqlite, own: u32) {
    for n in 0..WRITES {
        let key = Key::new("kept", "numbers", &(own, n));
        store.set(&key, text(n), HOUR).expect("it is kept");
        assert_eq!(value(store, &key), Some(text(n)));
        store.set(&Key::new("scratch", "numbers", &(n % 50)), text(n), HOUR).expect("it is kept");
        for other in 0..4 {
            let found = value(store, &Key::new("kept", "numbers", &(other, n / 2)));
            assert!(found.is_none_or(|found| found == text(n / 2)), "no other value than its own");
        }
        if n % 50 == own {
            store.clear("scratch").expect("it is cleared");
        }
    }
    assert_eq!(store.stats().errors, 0, "{:?}", store.last_error());
}

#[test]
fn entries_of_four_processes_are_whole() {
    let directory = Directory::new();
    let mut children: Vec<Child> = (0..4).map(|n| child(&format!("share {n}"), &directory.file())).collect();
    children.iter_mut().for_each(start);
    children.into_iter().for_each(end_well);
    let store = Sqlite::open(directory.file()).unwrap();
    for (own, n) in (0..4_u32).flat_map(|own| (0..WRITES).map(move |n| (own, n))) {
        assert_eq!(value(&store, &Key::new("kept", "numbers", &(own, n))), Some(text(n)), "{n} of {own}");
    }
    assert_eq!(integrity(&directory.file()), "ok");
}

#[test]
fn eight_processes_open_a_new_file_together() {
    for _ in 0..3 {
        let directory = Directory::new();
        let mut children: Vec<Child> = (0..8).map(|_| child("open", &directory.file())).collect();
        children.iter_mut().for_each(start);
        children.into_iter().for_each(end_well);
        assert_eq!(integrity(&directory.file()), "ok");
    }
}

/// Stores one number after another, and prints which are stored.
fn write(store: &Sqlite, first: u32) {
    for number in first.. {
        store.set(&Key::new("kept", "numbers", &number), text(number), HOUR).expect("it is kept");
        let mut out = stdout().lock();
        writeln!(out, "\nin {number}").and_then(|()| out.flush()).expect("somebody listens");
    }
}

#[test]
fn a_killed_writer_loses_no_stored_entry() {
    let (directory, mut dice) = (Directory::new(), Dice(0x1234_5678_9abc_def1));
    let kills = if std::env::var_os("CI").is_some() { 20 } else { 200 };
    let mut first = 0_u32;
    for kill in 0..kills {
        let mut child = child(&format!("write {first}"), &directory.file());
        start(&mut child);
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let mut numbers = (&mut lines).filter_map(|line| line.strip_prefix("in ")?.parse::<u32>().ok());
        let last = numbers.nth(usize::try_from(dice.below(40)).unwrap()).expect("it writes");
        std::thread::sleep(Duration::from_micros(dice.below(500)));
        child.kill().unwrap();
        // Everything reported before the end is stored.
        let last = numbers.last().unwrap_or(last);
        child.wait().unwrap();

        let store = Sqlite::open(directory.file()).unwrap();
        for number in first.saturating_sub(20)..=last {
            assert_eq!(
                value(&store, &Key::new("kept", "numbers", &number)),
                Some(text(number)),
                "{number}, kill {kill}"
            );
        }
        let next = value(&store, &Key::new("kept", "numbers", &(last + 1)));
        assert!(next.is_none_or(|next| next == text(last + 1)), "whole or not there");
        assert_eq!((store.last_error(), store.stats().rejections), (None, 0));
        first = last + 1;
    }
    assert_eq!(integrity(&directory.file()), "ok");
}

#[test]
fn a_process_killed_while_it_creates_a_file_leaves_one_that_opens() {
    let mut dice = Dice(0x5eed_0fa1_1075_ca3e);
    let kills = if std::env::var_os("CI").is_some() { 10 } else { 50 };
    for _ in 0..kills {
        let directory = Directory::new();
        let mut child = child("open", &directory.file());
        start(&mut child);
        // The kill comes between nothing done and all done, depending on the speed of the machine.
        std::thread::sleep(Duration::from_micros(dice.below(6000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Sqlite::open(directory.file()).unwrap();
        let key = Key::new("kept", "numbers", &1);
        store.set(&key, text(1), HOUR).unwrap();
        assert_eq!((value(&store, &key), store.last_error()), (Some(text(1)), None));
        assert_eq!(integrity(&directory.file()), "ok");
    }
}
