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

/// A store in a file: entries outlive the process, and no other process has them. Feature `disk`, Rust 1.90.
///
/// Values of any types that are `Serialize + DeserializeOwned` of serde share one store. Clones are handles of one store, and
/// what is set by one holds for all.
///
/// # What is on disk when
/// A thread of the store writes, many values at once. [`set`](Disk::set) leaves the value with it and goes on; who asks finds
/// it at once. On disk it is some 20 ms later, and whenever the process is killed, each value is there whole or not at all.
/// [`remove`](Disk::remove) and [`clear`](Disk::clear) come back once they are on disk, so what is gone stays gone.
/// [`flush`](Disk::flush) waits for all that was set. So does the drop of the last handle, which closes the file; a store in a
/// `static` is never dropped, so flush it before the program ends, if its last 20 ms matter.
///
/// Opening takes no longer for a large store, except after the process was killed: then the file is checked, in about 1.5 s
/// for a gigabyte.
///
/// # How much it holds
/// [`capacity`](Disk::capacity) entries and [`max_bytes`](Disk::max_bytes). The oldest make room first, whether or not they are
/// asked for; to write a value again makes it new. Entries whose time is over are swept away. The thread of the store does
/// all of that, from the first write on.
///
/// # Faults
/// No fault of the file fails a cached call: it goes on without the store, and the fault is counted and kept as
/// [`last_error`](Disk::last_error).
///
/// - Where the disk is full or does not write, values are refused at once, and what is stored is read as before. The store tries
///   again after 50 ms to 1 s. A value that was accepted, and could then not be written, is gone, and the one it was to replace
///   with it.
/// - Where the disk is slower than what is set, [`set`](Disk::set) waits until there is room again among the 4,096 values or
///   16 MiB that may wait to be written, at most [`io_timeout`](Disk::io_timeout).
/// - A file that is damaged or cut off is begun anew, in place. An entry that is damaged alone is a miss, and counted in
///   [`Stats::rejections`](super::Stats::rejections).
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
/// assert_eq!(opero! { cache: 1h, store: &disk, name: "load" => load(7) }.as_deref(), Ok("page 7"));
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
    /// Opens the store in the file at `path`, or makes one there, which only its owner may read (mode 0600).
    ///
    /// A file that is damaged is begun anew, and [`last_error`](Disk::last_error) says so. An empty file is a new store.
    ///
    /// # Errors
    /// The file cannot be made, read or written; it is open already, in another process or in this one; or it is no store of
    /// this release, in which case it is left as it is.
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

    /// Keeps at most so many entries: a million by default; 0 counts as 1. Of those that are there, the oldest make room with the
    /// next write.
    #[must_use]
    pub fn capacity(self, entries: usize) -> Self {
        let shared = &self.external.bytes.shared;
        shared.bound(&shared.capacity, entries as u64);
        self
    }

    /// Keeps at most so many bytes of keys and values, with about 100 for each entry: 1 GiB by default; 0 counts as 1. A value
    /// that is larger is refused.
    ///
    /// The file is larger, since pages are not full, and what a batch replaces stays until the next: allow for twice that and
    /// 50 MiB. It does not shrink by much when entries go.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        let shared = &self.external.bytes.shared;
        shared.bound(&shared.max_bytes, bytes);
        self
    }

    /// Nobody waits longer for the disk: 1 s by default. [`flush`](Disk::flush) does.
    ///
    /// It is the longest that [`set`](Disk::set) waits for room, and [`remove`](Disk::remove) and [`clear`](Disk::clear) until
    /// they are on disk. A system that does not come back from reading a file is not interrupted.
    #[must_use]
    pub fn io_timeout(self, time: Duration) -> Self {
        self.external.bytes.shared.io_timeout.set(time);
        self
    }

    /// Waits until all that was set is on disk, for as long as that takes.
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

    /// How many entries are on disk, with those whose time is over and that are not swept away yet. What was set in the last
    /// 20 ms may be missing.
    #[must_use]
    pub fn len(&self) -> usize {
        self.external.bytes.len()
    }

    /// Is no entry on disk? See [`len`](Disk::len).
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
