//! SQLite, compared with a table of keys and values with the same pragmas and cached statements.

use std::cell::Cell;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use opero::cache::{Key, Sqlite};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::side_by_side::Table;

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

#[derive(Clone, Serialize, Deserialize)]
struct Page {
    title: String,
    words: u32,
    links: Vec<u64>,
    text: String,
}

fn page(length: usize) -> Page {
    Page { title: "A page".into(), words: 7, links: vec![1, 2, 3], text: "x".repeat(length) }
}

/// The hand-written version of the store.
struct Bare(Connection);

impl Bare {
    fn open(path: &Path) -> Self {
        let connection = Connection::open(path).expect("a file");
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 500;
                CREATE TABLE cache(key TEXT PRIMARY KEY, value BLOB)",
            )
            .expect("a table");
        Bare(connection)
    }

    fn get(&self, key: &str) -> Option<Page> {
        let mut statement = self.0.prepare_cached("SELECT value FROM cache WHERE key = ?1").expect("a statement");
        let value: Option<Vec<u8>> = statement.query_row([key], |row| row.get(0)).optional().expect("a row");
        value.map(|value| rmp_serde::from_slice(&value).expect("a page"))
    }

    fn set(&self, key: &str, page: &Page) {
        let value = rmp_serde::to_vec_named(page).expect("bytes");
        let sql = "INSERT INTO cache VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value";
        self.0.prepare_cached(sql).expect("a statement").execute(params![key, value]).expect("a row");
    }
}

struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("opero-bench-sqlite-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Counts up and wraps around.
fn turns(of: u32) -> impl FnMut() -> u32 {
    let turn = Cell::new(0);
    move || turn.replace((turn.get() + 1) % of)
}

pub(crate) fn run() {
    let directory = Directory::new();
    for (length, name) in [(100, "100 bytes"), (4000, "4 kB")] {
        let open = |what: &str| directory.0.join(format!("{what}-{length}.db"));
        let (bare, store) = (Bare::open(&open("bare")), Sqlite::open(open("store")).expect("a store"));
        let value = page(length);
        let text = |n: u32| format!("opero:pages:{:032x}", u128::from(n) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let texts: Vec<String> = (0..1000).map(text).collect();
        for n in 0..1000_u32 {
            bare.set(&texts[n as usize], &value);
            store.set(&Key::new("opero", "pages", &n), &value, MINUTE).expect("it is kept");
        }
        let (mut own, mut theirs) = (turns(1000), turns(1000));
        Table::new(&format!("a hit of {name} among 1000"))
            .call("rusqlite", || bare.get(black_box(&texts[theirs() as usize])))
            .call("Sqlite, get", || store.get::<Page>(&Key::new("opero", "pages", &black_box(own()))))
            .print();
        // SQLite writes nothing if a row does not change, so each value is different.
        let (own, theirs) = (Cell::new(1000), Cell::new(1000));
        let next = |number: &Cell<u32>| number.replace(number.get() + 1);
        let other = |words: u32| Page { words, ..value.clone() };
        Table::new(&format!("a set of {name} over one of 1000"))
            .call("rusqlite", || {
                let n = next(&theirs);
                bare.set(black_box(&texts[n as usize % 1000]), &other(n));
            })
            .call("Sqlite, set", || {
                let n = next(&own);
                store.set(&Key::new("opero", "pages", &black_box(n % 1000)), other(n), MINUTE)
            })
            .print();
        Table::new(&format!("a set of {name} under a new key"))
            .call("rusqlite", || {
                let n = next(&theirs);
                bare.set(&text(n), &other(n));
            })
            .call("Sqlite, set", || {
                let n = next(&own);
                store.set(&Key::new("opero", "pages", &n), other(n), MINUTE)
            })
            .print();
        assert_eq!(store.last_error(), None);
    }
}
