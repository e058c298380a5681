//! `cache::Disk`, compared with redb used directly, with values written by `rmp_serde` and one transaction per set.

use std::cell::Cell;
use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use opero::cache::{Disk, Key};
use opero::opero;
use redb::{Database, Durability, ReadableDatabase, TableDefinition};
use serde::{Deserialize, Serialize};

use crate::side_by_side::Table;

const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("cache");
const KEYS: u32 = 10_000;
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Page {
    url: String,
    title: String,
    text: String,
}

impl Page {
    fn new(n: u32) -> Self {
        Page { url: format!("https://example.org/{n}"), title: format!("page {n}"), text: "word ".repeat(100) }
    }
}

fn bare_set(database: &Database, key: &str, page: &Page, durability: Durability) {
    let bytes = rmp_serde::to_vec_named(page).expect("it can be written");
    let mut transaction = database.begin_write().expect("a transaction");
    transaction.set_durability(durability).expect("no savepoint");
    transaction.open_table(TABLE).expect("the table").insert(key, &*bytes).expect("it is inserted");
    transaction.commit().expect("it is committed");
}

fn bare_get(database: &Database, key: &str) -> Option<Page> {
    let table = database.begin_read().expect("a transaction").open_table(TABLE).expect("the table");
    let bytes = table.get(key).expect("it is read")?;
    rmp_serde::from_slice(bytes.value()).ok()
}

/// The key as a program that uses redb directly would write it.
fn bare_key(n: u32) -> String {
    format!("opero:load:{n}")
}

#[allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]
fn load(n: u32) -> Result<Page, String> {
    Ok(Page::new(n))
}

pub(crate) fn run() {
    let directory = directory();
    let bare = Database::create(directory.join("bare")).expect("a database");
    let disk = Disk::open(directory.join("disk")).expect("a store");
    hits(&bare, &disk);
    sets(&bare, &disk);
    let length = |name: &str| fs::metadata(directory.join(name)).map_or(0, |file| file.len() >> 10);
    println!("size of the files: redb {} kB, Disk {} kB", length("bare"), length("disk"));
    drop((bare, disk));
    let _ = fs::remove_dir_all(&directory);
}

fn hits(bare: &Database, disk: &Disk) {
    let transaction = bare.begin_write().expect("a transaction");
    {
        let mut table = transaction.open_table(TABLE).expect("the table");
        for n in 0..KEYS {
            let bytes = rmp_serde::to_vec_named(&Page::new(n)).expect("it can be written");
            table.insert(&*bare_key(n), &*bytes).expect("it is inserted");
        }
    }
    transaction.commit().expect("it is committed");
    for n in 0..KEYS {
        disk.set(&Key::new("opero", "load", &(n,)), Page::new(n), Some(HOUR)).expect("there is room");
    }
    disk.flush().expect("it is on disk");
    let (one, two, three) = (Cell::new(0), Cell::new(0), Cell::new(0));
    Table::new("disk: a hit among 10,000 values of 560 bytes")
        .call("redb, rmp_serde", || bare_get(bare, &bare_key(step(&one))))
        .call("Disk::get", || disk.get::<Page>(&Key::new("opero", "load", &(step(&two),))))
        .call("opero!, store: &disk", || {
            let n = step(&three);
            opero! { cache: 1h, store: disk, name: "load" => load(n) }
        })
        .print();
    assert_eq!(disk.stats().misses, 0, "each is a hit");
}

/// Sets of keys in turn. A batch is many times the buffer, so some sets of `Disk` wait for the disk.
fn sets(bare: &Database, disk: &Disk) {
    let (one, two, three, four) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    Table::new("disk: a set of a value of 560 bytes")
        .call("redb, Durability::None", || {
            let n = step(&one);
            bare_set(bare, &bare_key(n), &Page::new(n), Durability::None);
        })
        .call("Disk::set", || {
            let n = step(&two);
            disk.set(&Key::new("opero", "load", &(n,)), Page::new(n), Some(HOUR))
        })
        .print();
    Table::new("disk: a set and a flush")
        .call("redb, Durability::Immediate", || {
            let n = step(&three);
            bare_set(bare, &bare_key(n), &Page::new(n), Durability::Immediate);
        })
        .call("Disk::set and flush", || {
            let n = step(&four);
            disk.set(&Key::new("opero", "load", &(n,)), Page::new(n), Some(HOUR))?;
            disk.flush()
        })
        .print();
    Table::new("disk: 10,000 sets and one flush")
        .call("redb, None, and one Immediate", || {
            for n in 0..KEYS {
                let durability = if n + 1 == KEYS { Durability::Immediate } else { Durability::None };
                bare_set(bare, &bare_key(n), &Page::new(n), durability);
            }
        })
        .call("Disk::set, and one flush", || {
            for n in 0..KEYS {
                disk.set(&Key::new("opero", "load", &(n,)), Page::new(n), Some(HOUR))?;
            }
            disk.flush()
        })
        .print();
}

fn step(turn: &Cell<u32>) -> u32 {
    // The keys are spread over the pages.
    turn.set((turn.get() + 7919) % KEYS);
    black_box(turn.get())
}

fn directory() -> PathBuf {
    let path = std::env::temp_dir().join(format!("opero-bench-{}", std::process::id()));
    fs::create_dir_all(&path).expect("a directory");
    path
}
