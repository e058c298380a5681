//! `cache::Disk` with faults of the file, the directory or the disk: calls go on, and no wrong value is returned.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/disk_faults.rs"]
mod disk_faults;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use disk_faults::{Chance, Directory, again, cut, damaged, hush, until};
use opero::cache::{Disk, Entry, Key};
use opero::opero;
use watchdog::Watchdog;

const ENTRIES: u32 = 100;

fn key(n: u32) -> Key<'static> {
    Key::new(["one", "other"][n as usize % 2], "test", &n)
}

/// The value of a key: most are short, and some take pages.
fn value(n: u32) -> Vec<u8> {
    let most = if n % 10 == 0 { 9001 } else { 301 };
    (0..n * n * 31 % most).map(|at| u8::try_from((at ^ n) % 251).unwrap()).collect()
}

fn get(disk: &Disk, n: u32) -> Option<Vec<u8>> {
    disk.get(&key(n)).ok().flatten().map(Entry::into_value)
}

#[test]
fn a_file_that_is_open_already_is_refused_at_once() {
    let directory = Directory::new();
    let path = directory.join("store");
    let disk = Disk::open(&path).unwrap();
    let error = Disk::open(&path).unwrap_err().to_string();
    assert!(error.contains("already open, in this process or another"), "{error}");
    disk.set(&key(1), 1, None).unwrap();
    drop((disk.clone(), disk));
    assert!(Disk::open(&path).is_ok(), "the last handle closes it");
}

/// Holds the store open until it is killed, as another process.
#[test]
fn holder() {
    let Some(path) = std::env::var_os("OPERO_DISK_HOLDER") else { return };
    let _disk = Disk::open(Path::new(&path)).unwrap();
    println!("\nopen");
    loop {
        std::thread::park();
    }
}

#[test]
fn a_file_that_another_process_has_is_refused_at_once() {
    let directory = Directory::new();
    let path = directory.join("store");
    let mut child = again("holder", "OPERO_DISK_HOLDER", &path);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "open"));
    let error = Disk::open(&path).unwrap_err().to_string();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(error.contains("already open"), "{error}");
    assert!(Disk::open(&path).is_ok());
}

#[test]
fn if_no_file_can_be_created_opening_returns_why() {
    let directory = Directory::new();
    let error = Disk::open(directory.join("missing/store")).unwrap_err().to_string();
    assert!(error.contains("missing") && error.contains("No such file"), "{error}");
    let error = Disk::open(directory.join(".")).unwrap_err().to_string();
    assert!(error.contains("directory"), "{error}");
    let Some(small) = Directory::small_disk(1000) else { return };
    if small.make_read_only() {
        let error = Disk::open(small.join("store")).unwrap_err().to_string();
        assert!(error.contains("Read-only"), "{error}");
    }
}

#[test]
fn a_directory_that_may_not_be_written_to_is_an_error_when_the_store_is_opened() {
    let directory = Directory::new();
    if !directory.make_read_only() {
        eprintln!("skipped: root may write anywhere; a read-only disk is tested beside");
        return;
    }
    let error = Disk::open(directory.join("store")).unwrap_err().to_string();
    assert!(error.contains("ermission"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    let path = directory.join("store");
    drop(Disk::open(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_is_not_a_store_is_refused_and_left_unchanged() {
    let directory = Directory::new();
    let path = directory.join("store");
    let mut redb = b"redb\x1a\x0a\xa9\x0d\x0a".to_vec();
    redb.resize(100_000, 1);
    for garbage in [b"x".to_vec(), vec![0; 16], vec![0; 9000], b"opero disk 9\x1a\r\n\0".to_vec(), redb] {
        fs::write(&path, &garbage).unwrap();
        let error = Disk::open(&path).unwrap_err().to_string();
        assert!(error.contains("is not a store"), "{error}");
        assert!(fs::read(&path).unwrap() == garbage, "it is left as it was");
    }
    fs::write(&path, "").unwrap();
    let disk = Disk::open(&path).unwrap();
    assert_eq!(disk.last_error(), None, "an empty file is a new store");
}

/// The bytes of a properly closed store of 100 entries.
fn bytes_of_a_store() -> Vec<u8> {
    let directory = Directory::quick();
    let path = directory.join("store");
    let disk = Disk::open(&path).unwrap();
    for round in 0..3 {
        for n in (0..ENTRIES).filter(|n| n % 3 >= round) {
            disk.set(&key(n), value(n), (n % 5 == 0).then_some(Duration::from_secs(1 << 30))).unwrap();
        }
        disk.flush().unwrap();
    }
    drop(disk);
    fs::read(&path).unwrap()
}

/// Uses a store that may be damaged in any way: its answers are right, or there are none.
fn use_it(path: &Path, is_cut: bool) {
    let disk = Disk::open(path).expect("it begins as a store of ours, so it opens");
    for n in 0..ENTRIES {
        assert!(get(&disk, n).is_none_or(|found| found == value(n)), "a wrong value");
    }
    let _ = (disk.remove(&key(1)), disk.clear("other"), disk.contains(&key(2)));
    for n in 0..ENTRIES {
        let _ = disk.set(&key(n), value(n), None);
        assert!(get(&disk, n).is_none_or(|found| found == value(n)), "a wrong value");
    }
    let _ = disk.flush();
    drop(disk);
    let disk = Disk::open(path).expect("it opens again");
    let found = (0..ENTRIES).filter_map(|n| Some((n, get(&disk, n)?)));
    let found = found.inspect(|(n, found)| assert!(*found == value(*n), "a wrong value")).count();
    assert!(!is_cut || found == ENTRIES as usize, "it is as new: {found}");
}

#[test]
fn a_store_truncated_at_any_length_is_created_anew() {
    hush("redb");
    let (bytes, directory, watchdog) = (bytes_of_a_store(), Directory::quick(), Watchdog::new());
    let path = directory.join("store");
    let mut chance = Chance::new(18);
    let random = (0..100).map(|_| cut(&bytes, &mut chance));
    let short =
        [0, 1, 15, 16, 17, 4095, 4096, 4097, 4105, 8192].map(|length| (format!("{length}"), bytes[..length].to_vec()));
    for (what, cut) in short.into_iter().chain(random) {
        watchdog.now(what.clone());
        fs::write(&path, &cut).unwrap();
        let disk = Disk::open(&path).unwrap_or_else(|error| panic!("{what}: {error}"));
        let is_said = disk.last_error().is_some_and(|error| error.to_string().contains("started anew"));
        assert!(is_said || cut.len() <= 4096, "{what}: {:?}", disk.last_error());
        drop(disk);
        use_it(&path, true);
    }
}

#[test]
fn a_store_with_damage_anywhere_never_answers_wrongly() {
    hush("redb");
    let (bytes, directory, watchdog) = (bytes_of_a_store(), Directory::quick(), Watchdog::new());
    let cases = std::env::var("OPERO_DAMAGE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    for case in 0..cases {
        let (what, damaged) = damaged(&bytes, 16, &mut Chance::new(case));
        watchdog.now(format!("case {case}: {what}"));
        let path = directory.join("store");
        fs::write(&path, &damaged).unwrap();
        use_it(&path, false);
    }
}

#[test]
fn damage_while_the_store_is_open_is_found_and_the_store_goes_on() {
    hush("redb");
    let (directory, watchdog) = (Directory::quick(), Watchdog::new());
    let path = directory.join("store");
    for length in [16, 4096, 10_000, 100_000] {
        watchdog.now(format!("cut off at {length} while it is open"));
        fs::write(&path, bytes_of_a_store()).unwrap();
        let disk = Disk::open(&path).unwrap();
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length).unwrap();
        until("the store works again", || {
            let _ = disk.set(&key(7), value(7), None);
            assert!((0..ENTRIES).all(|n| get(&disk, n).is_none_or(|found| found == value(n))), "a wrong value");
            disk.flush().is_ok() && get(&disk, 7) == Some(value(7))
        });
        drop(disk);
        // What was truncated under the store may be missed only now.
        let disk = Disk::open(&path).unwrap();
        assert!((0..ENTRIES).all(|n| get(&disk, n).is_none_or(|found| found == value(n))), "a wrong value");
    }
}

#[test]
fn on_a_full_disk_calls_go_on_and_the_store_recovers() {
    let Some(directory) = Directory::small_disk(6000) else { return };
    let watchdog = Watchdog::new();
    watchdog.now("a full disk".to_owned());
    let path = directory.join("store");
    let disk = Disk::open(&path).unwrap();
    disk.set(&Key::new("first", "", &()), 1_u32, None).unwrap();
    disk.flush().unwrap();
    let filler = directory.join("filler");
    fs::write(&filler, vec![0; 5_500_000]).unwrap();
    let mut calls = 0_u32;
    let mut call = || {
        calls += 1;
        let n = calls;
        opero! { cache: 1h, store: &disk, name: "full", key: n => Ok::<_, String>(vec![n; 30_000]) }
    };
    until("the disk is full", || {
        assert!(call().is_ok(), "a call goes on");
        disk.stats().errors > 3
    });
    let error = disk.last_error().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("No space") || error.contains("os error 28"), "{error}");
    until("what was stored is read", || {
        disk.get::<u32>(&Key::new("first", "", &())).is_ok_and(|entry| entry.is_some())
    });

    fs::remove_file(&filler).unwrap();
    until("the store works again", || {
        let _ = disk.flush();
        disk.set(&Key::new("last", "", &()), 2_u32, None).is_ok() && disk.flush().is_ok()
    });
    drop(disk);
    let disk = Disk::open(&path).unwrap();
    for (name, value) in [("first", 1), ("last", 2)] {
        assert_eq!(disk.get::<u32>(&Key::new(name, "", &())).unwrap().map(Entry::into_value), Some(value));
    }
}
