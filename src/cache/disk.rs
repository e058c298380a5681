//! A store in one file of one process.

use alloc::sync::Arc;
use core::time::Duration;
use std::path::Path;

use super::StoreError;
use super::external::wall::Wall;
use super::external::{External, Health, external_store};
use file::StoreFile;
use write_behind::WriteBehind;

mod buffer;
mod database;
mod file;
mod layout;
mod transaction;
mod write_behind;
mod writer;

/// A store in a file. Entries outlive the process; one process at a time has the file. Feature `disk`, Rust 1.90.
///
/// One store holds values of any types that implement serde's `Serialize + DeserializeOwned`. Clones are handles of
/// one store; a setting made through one applies to all.
///
/// # When values are on disk
/// A thread of the store writes, many values at once. [`set`](Disk::set) hands the value to that thread and returns;
/// look-ups find it at once. It is on disk some 20 ms later. Whenever the process is killed, each value is on disk
/// whole or not at all. [`remove`](Disk::remove) and [`clear`](Disk::clear) return once they are on disk, so what is
/// removed stays removed. [`flush`](Disk::flush) waits until everything that was set is on disk. Dropping the last
/// handle does the same, and closes the file. A store in a `static` is never dropped: if its last 20 ms matter, flush
/// it before the program ends.
///
/// A large store opens as fast as a small one, except after the process was killed. Then the file is checked, which
/// takes about 1.5 s for a gigabyte.
///
/// # Capacity
/// At most [`capacity`](Disk::capacity) entries and [`max_bytes`](Disk::max_bytes). The oldest entries are evicted
/// first, whether or not they are used; writing a value again makes it new. Expired entries are swept. The thread of
/// the store does all of this, from the first write on.
///
/// # Faults
/// A fault of the file never fails a cached call. The call goes on without the store, and the fault is counted and
/// kept as [`last_error`](Disk::last_error).
///
/// - If the disk is full or fails to write, new values are refused at once, and stored values are still read. The
///   store tries again after 50 ms to 1 s. A value that was accepted and then could not be written is lost, along
///   with the value that it was to replace.
/// - If the disk is slower than the writers, [`set`](Disk::set) waits for room among the 4,096 values or 16 MiB that
///   may be queued, for at most [`io_timeout`](Disk::io_timeout).
/// - A file that is damaged or truncated is started anew, in place. If a single entry is damaged, it is a miss and
///   counted in [`Stats::rejections`](super::Stats::rejections).
///
/// # Examples
/// ```
/// # let directory = std::env::temp_dir().join(format!("opero-disk-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory).unwrap();
/// # let path = directory.join("cache.opero");
/// use opero::cache::{Disk, Key};
/// use opero::opero;
///
/// fn load(page: u32) -> Result<String, String> { Ok(format!("page {page}")) }
///
/// let disk = Disk::open(&path)?.max_bytes(100 << 20);
/// let page = opero! { cache: 1h, store: &disk, name: "load" => load(7) };
/// assert_eq!(page.as_deref(), Ok("page 7"));
/// drop(disk);
///
/// // Another run of the program:
/// let disk = Disk::open(&path)?;
/// let entry = disk.get::<String>(&Key::new("opero", "load", &(7_u32,)))?;
/// assert_eq!(entry.map(|entry| entry.into_value()).as_deref(), Some("page 7"));
/// # drop(disk);
/// # std::fs::remove_dir_all(&directory).unwrap();
/// # Ok::<(), opero::cache::StoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Disk {
    external: External<WriteBehind>,
}

impl Disk {
    /// Opens the store in the file at `path`, or creates it with access for its owner only (mode 0600).
    ///
    /// A damaged file is started anew, and [`last_error`](Disk::last_error) says so. An empty file is a new store.
    ///
    /// # Errors
    /// The file cannot be created, read or written; it is already open, in another process or in this one; or it is
    /// not a store of this release, in which case it is not changed.
    ///
    /// # Examples
    /// ```
    /// # let path = std::env::temp_dir().join(format!("opero-disk-open-{}", std::process::id()));
    /// use opero::cache::Disk;
    ///
    /// let disk = Disk::open(&path)?;
    /// assert!(Disk::open(&path).is_err(), "it is open");
    /// drop(disk);
    /// assert!(Disk::open(&path).is_ok());
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), opero::cache::StoreError>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let named = |error: StoreError| StoreError::new(format_args!("cannot open {}: {error}", path.display()));
        let file = StoreFile::open(path)?;
        let (database, reader, lost) = database::open(&file).map_err(named)?;
        let (health, wall) = (Arc::new(Health::new()), Wall::default());
        let store = WriteBehind::new(file, database, reader, health.clone(), wall.clone());
        let store = store.map_err(|trouble| named(trouble.error()))?;
        if let Some(error) = lost {
            health.note(error);
        }
        Ok(Disk { external: External::new(Arc::new(store), health, wall) })
    }

    /// Sets the maximum number of entries: a million by default; 0 counts as 1. If there are more, the oldest are
    /// evicted with the next write.
    #[must_use]
    pub fn capacity(self, entries: usize) -> Self {
        let shared = &self.external.bytes.shared;
        shared.bound(&shared.capacity, entries as u64);
        self
    }

    /// Sets the maximum number of bytes of keys and values, plus about 100 bytes for each entry: 1 GiB by default; 0
    /// counts as 1. A larger value is refused.
    ///
    /// The file is larger: its pages are not full, and what a batch replaces stays until the next batch. Allow for
    /// twice `bytes` and 50 MiB. The file does not shrink by much when entries are removed.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        let shared = &self.external.bytes.shared;
        shared.bound(&shared.max_bytes, bytes);
        self
    }

    /// Sets the longest time a call waits for the disk: 1 s by default. [`flush`](Disk::flush) is not bounded.
    ///
    /// It bounds how long [`set`](Disk::set) waits for room, and how long [`remove`](Disk::remove) and
    /// [`clear`](Disk::clear) wait to be on disk. A read that hangs in the operating system is not interrupted.
    #[must_use]
    pub fn io_timeout(self, time: Duration) -> Self {
        self.external.bytes.shared.io_timeout.set(time);
        self
    }

    /// Waits until everything that was set is on disk, however long that takes.
    ///
    /// # Errors
    /// Some of what was set since the last flush could not be written.
    ///
    /// # Examples
    /// ```
    /// # let path = std::env::temp_dir().join(format!("opero-disk-flush-{}", std::process::id()));
    /// use opero::cache::{Disk, Key};
    ///
    /// let disk = Disk::open(&path)?;
    /// disk.set(&Key::new("app", "answer", &()), 42, None)?;
    /// disk.flush()?;
    /// assert_eq!(disk.len(), 1);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), opero::cache::StoreError>(())
    /// ```
    pub fn flush(&self) -> Result<(), StoreError> {
        self.external.bytes.flush()
    }

    /// Returns the number of entries on disk. Expired entries count until they are swept. Entries set in the last 20
    /// ms may be missing.
    #[must_use]
    pub fn len(&self) -> usize {
        self.external.bytes.len()
    }

    /// Returns whether no entry is on disk. See [`len`](Disk::len).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

external_store! {
    Disk,
    r#"
```
# let path = std::env::temp_dir().join(format!("opero-disk-get-{}", std::process::id()));
use std::time::Duration;
use opero::cache::{Disk, Key};
use opero::time::ManualClock;

let clock = std::sync::Arc::new(ManualClock::new());
let disk = Disk::open(&path)?.clock(clock.clone());
let key = Key::new("app", "answer", &());
disk.set(&key, 42_u32, Some(Duration::from_secs(60)))?;
clock.advance(Duration::from_secs(59));
assert_eq!(disk.get::<u32>(&key)?.map(|entry| *entry.value()), Some(42));
clock.advance(Duration::from_secs(1));
assert_eq!(disk.get::<u32>(&key)?, None);
# std::fs::remove_file(&path).unwrap();
# Ok::<(), opero::cache::StoreError>(())
```
"#
}
