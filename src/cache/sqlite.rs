//! A store in one SQLite file, which several processes share.

use alloc::sync::Arc;
use core::time::Duration;
use std::path::Path;

use self::database::Database;
use super::StoreError;
use super::external::wall::Wall;
use super::external::{External, Health, external_store, lending_store};
use crate::sync::Ordering::Relaxed;

mod connections;
mod database;
mod entries;
mod gauge;
mod header;
mod leases;
mod names;
mod patience;
mod pool;
mod schema;
mod sweep;
mod trouble;
mod write_lock;

/// A store in one SQLite file. It outlives the process, and several processes share it.
///
/// It holds values of any types that serde supports. Clones are handles of one store. Every process that has the file
/// open finds an entry as soon as it is inserted. When [`set`](Sqlite::set) returns, the entry is in the file, and it
/// stays there if the process is killed. If the machine fails, the last entries may be lost.
///
/// # Examples
/// ```
/// use std::sync::LazyLock;
/// use opero::cache::{Key, Sqlite};
/// use opero::opero;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("opero-doc-{}.db", std::process::id()));
/// fn ask(model: &str, n: u32) -> Result<u32, String> { Ok(model.len() as u32 + n) }
///
/// let store = Sqlite::open(&path)?.capacity(50_000).max_bytes(256 << 20);
/// assert_eq!(opero! { cache: 60s, store: &store, name: "ask" => ask("a", 1) }?, 2);
///
/// // Later, here or in another process:
/// let store = Sqlite::open(&path)?;
/// let entry = store.get::<u32>(&Key::new("opero", "ask", &("a", 1)))?;
/// assert_eq!(entry.map(|entry| entry.into_value()), Some(2));
/// # drop(store);
/// # for end in ["", "-wal", "-shm"] { let _ = std::fs::remove_file(format!("{}{end}", path.display())); }
/// # Ok(())
/// # }
/// ```
///
/// # When the file cannot be used
/// A cached call goes on without the store; [`stats`](Sqlite::stats) counts the errors, and
/// [`last_error`](Sqlite::last_error) returns the last one.
///
/// | problem | what the store does |
/// |---|---|
/// | another process holds the lock for longer than [`io_timeout`](Sqlite::io_timeout) | one call finds out; until the lock is free, no other call waits for it, and reads go on |
/// | the disk is full | writes fail until there is room; reads go on |
/// | the file is damaged | it is emptied in place, on opening or later: losing a cache is better than a service that cannot start |
/// | the file is deleted or replaced | the store notices within a second of the next write, and continues with the file that has its name now, or a new one |
///
/// To delete a store, delete the file together with its `-wal` and `-shm` files, all three at once.
///
/// # What is in the file
/// It contains names and values as they are, and the fingerprint of each key. It is created for its owner only, mode
/// 0600, as are SQLite's `-wal` and `-shm` files. It must be on a local disk: SQLite's log does not work over a
/// network. The file does not shrink; the space of removed entries is reused.
///
/// The format is versioned. The store does not touch a file of another format or of another program, or one that is
/// not a database.
#[derive(Clone, Debug)]
pub struct Sqlite {
    external: External<Database>,
}

impl Sqlite {
    /// Opens the store in this file, or creates it. Its directory must exist.
    ///
    /// # Errors
    /// The file cannot be created or opened; it belongs to another program, has another format or is not a database;
    /// or another process holds its lock for 5 seconds.
    ///
    /// # Examples
    /// ```
    /// use opero::cache::Sqlite;
    ///
    /// let error = Sqlite::open("/no such directory/cache.db").unwrap_err();
    /// let text = error.to_string();
    /// assert!(text.starts_with("`/no such directory/cache.db` cannot be opened: "));
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let (health, wall) = (Arc::new(Health::new()), Wall::default());
        let database = Database::open(path.as_ref(), health.clone(), wall.clone())?;
        Ok(Sqlite { external: External::new(database, health, wall) })
    }

    /// Sets the maximum number of entries: a million by default; 0 counts as 1. The oldest entries are evicted first.
    ///
    /// It applies to all handles of this store in this process. Each process enforces its own bound, and sees what
    /// the others insert when it counts. With four processes that insert equally fast, there may be a few per cent
    /// more for a while.
    #[must_use]
    pub fn capacity(self, entries: usize) -> Self {
        self.external.bytes.limits.capacity.store(entries.max(1) as u64, Relaxed);
        self
    }

    /// Sets the maximum number of bytes: 1 GiB by default; 0 counts as 1. The oldest entries are evicted first.
    ///
    /// The pages of the file that are in use count. The log beside it adds some 4 MB.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.external.bytes.limits.max_bytes.store(bytes.max(1), Relaxed);
        self
    }

    /// Sets how long a call waits for another process that writes, or for a connection: 500 ms by default.
    #[must_use]
    pub fn io_timeout(self, time: Duration) -> Self {
        self.external.bytes.limits.io_timeout.set(time);
        self
    }

    /// Removes the expired entries, and returns how many there were.
    ///
    /// Expired entries are never returned, and inserts remove them gradually. `sweep` looks at every entry, a few
    /// hundred at a time, so that other callers are not blocked.
    ///
    /// # Errors
    /// Some may still be there.
    pub fn sweep(&self) -> Result<usize, StoreError> {
        self.external.ask(Database::sweep_all)
    }
}

lending_store!(Sqlite);

external_store! { Sqlite, r#"
```
use std::time::Duration;
use opero::cache::{Key, Sqlite};
use opero::time::ManualClock;

# fn main() -> Result<(), Box<dyn std::error::Error>> {
# let path = std::env::temp_dir().join(format!("opero-doc-get-{}.db", std::process::id()));
let clock = std::sync::Arc::new(ManualClock::new());
let store = Sqlite::open(&path)?.clock(clock.clone());
let key = Key::new("app", "greeting", &"Ada");
store.set(&key, String::from("Hello, Ada"), Some(Duration::from_secs(60)))?;

clock.advance(Duration::from_secs(59));
let entry = store.get::<String>(&key)?.expect("a second is left");
assert_eq!((entry.value().as_str(), entry.time_left()), ("Hello, Ada", Some(Duration::from_secs(1))));
clock.advance(Duration::from_secs(1));
assert!(store.get::<String>(&key)?.is_none());
# drop(store);
# for end in ["", "-wal", "-shm"] { let _ = std::fs::remove_file(format!("{}{end}", path.display())); }
# Ok(())
# }
```
"# }
