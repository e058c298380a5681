//! A store in one file of SQLite, which several processes share.

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

/// A store in one file of SQLite, which outlives the process and which several processes share.
///
/// Values are of any types that serde knows. Clones are handles of one store. What a call puts in, every process that has the
/// file open finds: a [`set`](Sqlite::set) that has ended is in the file, and stays there if the process is killed. If the machine
/// fails, the last entries may be lost.
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
/// A call that is cached goes on without the store; [`stats`](Sqlite::stats) counts the errors, and
/// [`last_error`](Sqlite::last_error) tells the last.
///
/// | what happens | what the store does |
/// |---|---|
/// | another process holds the lock for longer than [`io_timeout`](Sqlite::io_timeout) | one call finds it out; until the lock is free, no other waits for it, and hits go on |
/// | the disk is full | nothing is put in until there is room; hits go on |
/// | the file is damaged | it is emptied in its place, when it is opened and later: a cache can be lost, a service has to start |
/// | the file is deleted or replaced | the store sees it within a second of being put into, and goes on with what has its name, or a new file |
///
/// Delete a store with its `-wal` and `-shm`, and no other way than all three at once.
///
/// # What is in the file
/// The names and the values as they are, and of the rest of a key its fingerprint. The file is made for its owner alone, mode
/// 0600, as SQLite's own `-wal` and `-shm` beside it are. It has to be on a disk of this machine: SQLite's log does not work over
/// a network. It does not shrink; what is removed makes room for what comes.
///
/// The format has a number. A file of another format, of another program or that is no database is not touched.
#[derive(Clone, Debug)]
pub struct Sqlite {
    external: External<Database>,
}

impl Sqlite {
    /// Opens the store in this file, or makes it where there is none. Its directory has to be there.
    ///
    /// # Errors
    /// The file cannot be made or opened, it is of another program, of another format or no database, or another process
    /// holds its lock for 5 seconds.
    ///
    /// # Examples
    /// ```
    /// use opero::cache::Sqlite;
    ///
    /// let error = Sqlite::open("/no such directory/cache.db").unwrap_err();
    /// assert!(error.to_string().starts_with("`/no such directory/cache.db` cannot be opened: "));
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let (health, wall) = (Arc::new(Health::new()), Wall::default());
        let database = Database::open(path.as_ref(), health.clone(), wall.clone())?;
        Ok(Sqlite { external: External::new(database, health, wall) })
    }

    /// Keeps at most so many entries, a million by default; 0 counts as 1. Those that were put in first make room.
    ///
    /// It is for all handles of this store. Each process keeps to its own, and sees what the others put in when it counts: with
    /// four that put in alike, some per cent more may be there for a while.
    #[must_use]
    pub fn capacity(self, entries: usize) -> Self {
        self.external.bytes.limits.capacity.store(entries.max(1) as u64, Relaxed);
        self
    }

    /// Keeps at most so many bytes, 1 GiB by default; 0 counts as 1. Those that were put in first make room.
    ///
    /// What counts are the pages of the file that are in use. The log beside it comes on top, some 4 MB.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.external.bytes.limits.max_bytes.store(bytes.max(1), Relaxed);
        self
    }

    /// Waits no longer than this for another process that writes, or for a connection: 500 ms by default.
    #[must_use]
    pub fn io_timeout(self, time: Duration) -> Self {
        self.external.bytes.limits.io_timeout.set(time);
        self
    }

    /// Removes the entries whose time is over, and says how many there were.
    ///
    /// They answer nobody, and are removed by and by where others are put in. It looks at every entry, a few hundred at a time:
    /// others are not held up.
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
