//! Faults of the store in an SQLite file: of the file, of the disk, and of other users of the file.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/sqlite_faults.rs"]
mod sqlite_faults;
mod support;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_lite::future;
use opero::cache::{Entry, Key, Sqlite};
use opero::opero;
use rusqlite::Connection;
use sqlite_faults::{Dice, Directory, Disk, integrity, wait_until};
use support::Counter;
use watchdog::Watchdog;

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

fn key(n: u32) -> Key<'static> {
    Key::new("opero", "numbers", &n)
}

fn value(store: &Sqlite, n: u32) -> Option<String> {
    store.get(&key(n)).unwrap_or_default().map(Entry::into_value)
}

fn text(n: u32) -> String {
    format!("{n:05}").repeat(if n % 10 == 0 { 2000 } else { 20 })
}

/// A closed store with this many entries.
fn filled(directory: &Directory, entries: u32) -> Vec<u8> {
    let store = Sqlite::open(directory.file()).unwrap();
    for n in 0..entries {
        store.set(&key(n), text(n), MINUTE).unwrap();
    }
    drop(store);
    // The sweeper may hold it a moment longer.
    wait_until("the log is in the file", || !beside(&directory.file(), "-wal").exists());
    fs::read(directory.file()).unwrap()
}

fn beside(file: &Path, end: &str) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn refusal(file: &Path) -> String {
    Sqlite::open(file).expect_err("it is refused").to_string()
}

#[test]
fn a_file_that_cannot_be_created_is_an_error_that_says_why() {
    let directory = Directory::new();
    let file = directory.path().join("none/cache.db");
    let error = refusal(&file);
    assert!(error.starts_with(&format!("`{}` cannot be opened: No such file", file.display())), "{error}");
    let error = refusal(directory.path());
    assert!(error.contains("cannot be opened: Is a directory"), "{error}");
}

#[test]
fn a_file_of_another_program_is_refused_and_left_unchanged() {
    let directory = Directory::new();
    let other = directory.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE accounts(name TEXT)").unwrap();
    let newer = Directory::new();
    filled(&newer, 1);
    Connection::open(newer.file()).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    for (bytes, why) in [
        (b"#!/bin/sh\nrm -rf .\n".repeat(500), "is not a SQLite database"),
        (vec![0; 5000], "is not a SQLite database"),
        (b"SQLite format 3\0".to_vec(), "is not a SQLite database"),
        (fs::read(&other).unwrap(), "is a database of another program"),
        (fs::read(newer.file()).unwrap(), "is a store of format 99, and this release of opero reads format 1"),
    ] {
        fs::write(directory.file(), &bytes).unwrap();
        let error = refusal(&directory.file());
        assert!(error.contains(why), "{error}");
        assert!(fs::read(directory.file()).unwrap() == bytes, "{why}");
        assert!(!beside(&directory.file(), "-wal").exists() && !beside(&directory.file(), "-shm").exists(), "{why}");
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let directory = Directory::new();
    fs::write(directory.file(), []).unwrap();
    Sqlite::open(directory.file()).unwrap().set(&key(1), text(1), MINUTE).unwrap();
    assert_eq!(value(&Sqlite::open(directory.file()).unwrap(), 1), Some(text(1)));
}

#[cfg(unix)]
#[test]
fn the_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    store.set(&key(1), text(1), MINUTE).unwrap();
    for end in ["", "-wal", "-shm"] {
        let mode = fs::metadata(beside(&directory.file(), end)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{end}");
    }
}

#[test]
fn a_disk_that_cannot_be_written_to_is_an_error_that_says_so() {
    let Some(disk) = Disk::mount("size=4m") else { return };
    disk.remount("ro");
    let error = refusal(&disk.file());
    assert!(error.contains("cannot be opened: Read-only file system"), "{error}");
    disk.remount("rw");
    drop(Sqlite::open(disk.file()).unwrap());
    disk.remount("ro");
    let error = refusal(&disk.file());
    assert!(error.contains("cannot be opened: "), "{error}");
}

#[test]
fn on_a_full_disk_calls_go_on_and_the_store_recovers() {
    let Some(disk) = Disk::mount("size=2m") else { return };
    let (store, counter) = (Sqlite::open(disk.file()).unwrap(), Counter::new());
    store.set(&key(1), text(1), MINUTE).unwrap();
    let ballast = disk.path().join("ballast");
    let _ = fs::write(&ballast, vec![1; 4 << 20]);
    let ask = |n: u32| opero! { cache: 60s, store: &store, key: n, name: "full" => counter.run() };
    let mut n = 0;
    wait_until("the disk is full", || {
        n += 1;
        ask(n).unwrap();
        store.stats().errors > 3
    });
    let error = store.last_error().unwrap().to_string();
    assert!(error.starts_with("SQLite: "), "{error}");
    assert_eq!(value(&store, 1), Some(text(1)), "hits go on");
    fs::remove_file(&ballast).unwrap();
    wait_until("it is kept again", || store.set(&key(2), text(2), MINUTE).is_ok());
    assert_eq!((value(&store, 1), value(&store, 2)), (Some(text(1)), Some(text(2))));
    assert_eq!(ask(1_000_000), ask(1_000_000));
    drop(store);
    assert_eq!(integrity(&disk.file()), "ok");
}

/// Opens a damaged store. It may be refused only if the file is no longer marked as a store. Otherwise it returns right
/// values or none, and can store new ones.
fn survives(bytes: &[u8], case: &str) -> u32 {
    // The sweeper of the store before may still have its file open.
    let directory = Directory::new();
    fs::write(directory.file(), bytes).unwrap();
    let store = match Sqlite::open(directory.file()) {
        Ok(store) => store,
        Err(error) => {
            let is_ours = bytes.len() >= 72 && bytes.starts_with(b"SQLite format 3\0") && bytes[60..64] == [0, 0, 0, 1];
            assert!(bytes.is_empty() || !is_ours || bytes[68..72] != *b"opro", "{case}: {error}");
            return 0;
        }
    };
    let mut found = 0;
    for n in 0..300 {
        if let Some(value) = value(&store, n) {
            assert!(value == text(n), "{case}: {n}");
            found += 1;
        }
    }
    // Damage that is detected when an entry is stored.
    for n in 1000..1020 {
        store.set(&key(n), text(n), MINUTE).unwrap_or_else(|error| panic!("{case}: {error}"));
        let found = store.get(&key(n)).map(|entry| entry.map(Entry::into_value));
        assert!(found == Ok(Some(text(n))), "{case}: {n}: {:?}, {:?}", found.map(|_| ()), store.last_error());
    }
    let _ = store.sweep();
    found
}

#[test]
fn a_truncated_file_returns_no_wrong_value_and_is_created_anew() {
    let (mut dice, watchdog) = (Dice(0xfeed_beef), Watchdog::new());
    let bytes = filled(&Directory::new(), 300);
    assert_eq!(survives(&bytes, "whole"), 300);
    for _ in 0..100 {
        let length = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
        watchdog.now(format!("cut off at {length}"));
        survives(&bytes[..length], &format!("cut off at {length}"));
    }
    for length in [0, 1, 71, 72, 99, 100, 511, 512, 4095, 4096, 4097, bytes.len() - 1] {
        watchdog.now(format!("cut off at {length}"));
        survives(&bytes[..length], &format!("cut off at {length}"));
    }
}

#[test]
fn a_file_with_flipped_bits_returns_no_wrong_value() {
    let (mut dice, watchdog) = (Dice(0x0dd_b175), Watchdog::new());
    let bytes = filled(&Directory::new(), 300);
    for round in 0..300 {
        let mut bytes = bytes.clone();
        // A third each in the header and the schema, in one place, and everywhere.
        let (end, flips) = match round % 3 {
            0 => (2000, 1),
            1 => (bytes.len() as u64, 1),
            _ => (bytes.len() as u64, 300),
        };
        let flips: Vec<(usize, u64)> =
            (0..flips).map(|_| (usize::try_from(dice.below(end)).unwrap(), dice.below(8))).collect();
        for (at, bit) in &flips {
            bytes[*at] ^= 1 << bit;
        }
        let case = format!("round {round}, {:?}", &flips[..1]);
        watchdog.now(case.clone());
        survives(&bytes, &case);
    }
}

#[test]
fn a_damaged_log_returns_no_wrong_value() {
    let (directory, mut dice, watchdog) = (Directory::new(), Dice(0x10_6f11e), Watchdog::new());
    let store = Sqlite::open(directory.file()).unwrap();
    for n in 0..300 {
        store.set(&key(n), text(n), MINUTE).unwrap();
    }
    // As after a crash: the content of the log is not in the file yet.
    let bytes = fs::read(directory.file()).unwrap();
    let log = fs::read(beside(&directory.file(), "-wal")).unwrap();
    for round in 0..60 {
        let (mut log, directory) = (log.clone(), Directory::new());
        let at = usize::try_from(dice.below(log.len() as u64)).unwrap();
        if round % 2 == 0 {
            log.truncate(at);
        } else {
            log[at] ^= 1;
        }
        let case = format!("round {round} at {at}");
        watchdog.now(case.clone());
        fs::write(directory.file(), &bytes).unwrap();
        fs::write(beside(&directory.file(), "-wal"), &log).unwrap();
        let store = Sqlite::open(directory.file()).unwrap_or_else(|error| panic!("{case}: {error}"));
        for n in 0..300 {
            assert!(value(&store, n).is_none_or(|value| value == text(n)), "{case}: {n}");
        }
        assert_eq!(store.set(&key(1), text(1), MINUTE), Ok(()), "{case}");
        assert_eq!(store.last_error(), None, "{case}: what came before the damage is whole");
    }
}

#[test]
fn a_file_damaged_while_open_is_created_anew_for_all_its_users() {
    let directory = Directory::new();
    let bytes = filled(&directory, 300);
    let stores = [0, 1].map(|_| Sqlite::open(directory.file()).unwrap());
    let mut damaged = bytes.clone();
    damaged[4096..].fill(0xa5);
    // Written in place, so the file is the same.
    fs::OpenOptions::new()
        .write(true)
        .open(directory.file())
        .and_then(|mut file| std::io::Write::write_all(&mut file, &damaged))
        .unwrap();
    for n in 0..300 {
        for store in &stores {
            assert!(value(store, n).is_none_or(|value| value == text(n)));
        }
    }
    for (n, store) in stores.iter().enumerate() {
        wait_until("it is kept", || store.set(&key(1), text(7), MINUTE).is_ok());
        assert_eq!(value(&stores[1 - n], 1), Some(text(7)));
    }
    let errors = stores.iter().filter_map(Sqlite::last_error).map(|error| error.to_string());
    assert!(errors.filter(|error| error.starts_with("the store was damaged and is started anew")).count() >= 1);
    drop(stores);
    assert_eq!(integrity(&directory.file()), "ok");
}

#[test]
fn during_a_long_write_of_another_one_call_waits_and_hits_go_on() {
    let (directory, counter) = (Directory::new(), Counter::new());
    let timeout = Duration::from_millis(200);
    let store = Sqlite::open(directory.file()).unwrap().io_timeout(timeout);
    store.set(&key(1), text(1), MINUTE).unwrap();
    let other = Connection::open(directory.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ask = |n: u32| opero! { cache: 60s, store: &store, key: n, name: "locked" => counter.run() };
    let start = Instant::now();
    for n in 0..200 {
        ask(n).unwrap();
        assert_eq!(value(&store, 1), Some(text(1)));
    }
    let took = start.elapsed();
    assert!(took >= timeout, "the first has waited: {took:?}");
    assert!(took < 20 * timeout, "and not each of 200: {took:?}");
    assert_eq!(counter.count(), 200);
    assert!(store.stats().errors >= 200 && store.last_error().unwrap().to_string().contains("`io_timeout`"));
    let late = Sqlite::open(directory.file()).expect("to open takes no lock");
    assert_eq!(value(&late, 1), Some(text(1)));
    other.execute_batch("COMMIT").unwrap();
    wait_until("it is kept again", || store.set(&key(2), text(2), MINUTE).is_ok());
}

#[test]
fn waiting_for_a_lock_does_not_block_the_executor() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap().io_timeout(Duration::from_secs(60));
    let other = Connection::open(directory.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // One thread: if the first task blocked it, the second would never end the wait.
    let (kept, ()) = future::block_on(future::zip(store.set_async(&key(1), text(1), MINUTE), async {
        for _ in 0..1000 {
            future::yield_now().await;
        }
        other.execute_batch("COMMIT").unwrap();
    }));
    assert_eq!((kept, value(&store, 1)), (Ok(()), Some(text(1))));
}

#[cfg(unix)]
#[test]
fn a_file_deleted_while_open_is_created_anew() {
    let directory = Directory::new();
    let store = Sqlite::open(directory.file()).unwrap();
    store.set(&key(1), text(1), MINUTE).unwrap();
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(beside(&directory.file(), end)).unwrap();
    }
    wait_until("there is a file", || {
        let _ = store.set(&key(2), text(2), MINUTE);
        directory.file().exists()
    });
    store.set(&key(3), text(3), MINUTE).unwrap();
    assert_eq!(value(&Sqlite::open(directory.file()).unwrap(), 3), Some(text(3)), "another finds it");
    assert_eq!(
        store.last_error().unwrap().to_string(),
        "the file of the store was deleted or replaced while it was open"
    );
}
