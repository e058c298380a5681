//! The database of a store, and how it is queried.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::Connection;

use super::super::external::wall::{AtomicDuration, Wall};
use super::super::external::{Bytes, Fault, Health, Times};
use super::super::{Key, StoreError};
use super::connections::{Reader, Writer};
use super::gauge::Gauge;
use super::header::Owner;
use super::pool::{Pool, Unlent};
use super::sweep::Pace;
use super::trouble::Trouble;
use super::write_lock::WriteLock;
use super::{entries, names, schema};
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// The number of threads that read at once.
const READERS: usize = 8;
/// How long a query waits for others, unless `io_timeout` is set.
const IO_TIMEOUT: Duration = Duration::from_millis(500);
/// Opening may take longer than a query: another process may have crashed, and its log must be recovered.
const OPENING: Duration = Duration::from_secs(5);

/// The file of a store, shared by all its handles.
pub(crate) struct Database {
    pub(super) path: PathBuf,
    pub(super) readers: Pool<Reader>,
    /// One connection writes at a time: SQLite permits no more.
    pub(super) writer: Pool<Writer>,
    pub(super) limits: Limits,
    lock: WriteLock,
    /// The last stamp that was given to an entry.
    stamp: AtomicU64,
    pub(super) pace: Pace,
    pub(super) health: Arc<Health>,
    pub(super) wall: Wall,
    pub(super) this: Weak<Database>,
}

/// The options of a store.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) capacity: AtomicU64,
    pub(super) max_bytes: AtomicU64,
    pub(super) io_timeout: AtomicDuration,
}

impl Database {
    pub(super) fn open(path: &Path, health: Arc<Health>, wall: Wall) -> Result<Arc<Self>, StoreError> {
        let (end, path) = (Instant::now() + OPENING, path.to_path_buf());
        let told = |trouble: Trouble| match trouble {
            Trouble::Other(error) => error,
            trouble => StoreError::new(format_args!("`{}` cannot be opened: {trouble}", path.display())),
        };
        let writer = Writer::open(&path, end, &health).map_err(told)?;
        let reader = Reader::open(&path, end).map_err(told)?;
        Ok(Arc::new_cyclic(|this| Database {
            readers: Pool::new(READERS, reader),
            writer: Pool::new(1, writer),
            limits: Limits {
                capacity: AtomicU64::new(1_000_000),
                max_bytes: AtomicU64::new(1 << 30),
                io_timeout: AtomicDuration::new(IO_TIMEOUT),
            },
            lock: WriteLock::default(),
            stamp: AtomicU64::new(0),
            pace: Pace::default(),
            health,
            wall,
            this: this.clone(),
            path,
        }))
    }

    pub(super) fn timeout(&self) -> Duration {
        self.limits.io_timeout.get()
    }

    /// Runs a query that needs no lock.
    pub(super) fn read<T>(&self, question: impl Fn(&Connection) -> Result<T, Trouble>) -> Result<T, Fault> {
        let timeout = self.timeout();
        let make = || Reader::open(&self.path, Instant::now() + timeout);
        let answer = self.readers.with(timeout, make, |reader, left| {
            reader.patience.set(left);
            question(&reader.connection)
        });
        match answer {
            Ok(Err(trouble)) | Err(Unlent::Unmade(trouble)) if trouble.is_damage() || trouble.is_out_of_reach() => {
                self.write(|writer| question(&writer.connection))
            }
            Ok(answer) => answer.map_err(Trouble::fault),
            Err(Unlent::Unmade(trouble)) => Err(trouble.fault()),
            Err(Unlent::InUse) => {
                Err(Fault::Down(StoreError::new("all connections were in use for the whole `io_timeout`")))
            }
        }
    }

    /// Runs a query on the connection that writes. If the file turns out to be damaged it is started anew; if it was
    /// moved or deleted it is reopened. Then the query runs again.
    pub(super) fn write<T>(&self, question: impl Fn(&mut Writer) -> Result<T, Trouble>) -> Result<T, Fault> {
        let timeout = self.timeout();
        let Some(asking) = self.lock.admit(timeout) else { return Err(WriteLock::fault()) };
        let answer = self.lend_writer(timeout, |writer, left| {
            // A probe of the lock does not wait.
            writer.patience.set(if asking.is_probe() { Duration::ZERO } else { left });
            match question(writer) {
                Err(trouble) if trouble.is_damage() => {
                    writer.patience.set(left);
                    self.start_anew(writer, trouble, left)?;
                    question(writer)
                }
                Err(trouble) if trouble.is_out_of_reach() => {
                    if !self.find_again(writer)? {
                        return Err(trouble);
                    }
                    question(writer)
                }
                answer => answer,
            }
        });
        match answer {
            Ok(Ok(answer)) => {
                self.lock.was_free();
                Ok(answer)
            }
            Ok(Err(trouble)) | Err(Unlent::Unmade(trouble)) if trouble.is_lock() => {
                self.lock.was_held(asking);
                Err(WriteLock::fault())
            }
            Ok(Err(trouble)) | Err(Unlent::Unmade(trouble)) => Err(trouble.fault()),
            Err(Unlent::InUse) => Err(WriteLock::fault()),
        }
    }

    /// Runs `work` with the writer, whether or not another process holds the lock.
    pub(super) fn with_writer<T>(&self, work: impl FnOnce(&mut Writer) -> Result<T, Trouble>) -> Result<T, Fault> {
        match self.lend_writer(self.timeout(), |writer, _| work(writer)) {
            Ok(answer) => answer.map_err(Trouble::fault),
            Err(Unlent::Unmade(trouble)) => Err(trouble.fault()),
            Err(Unlent::InUse) => Err(WriteLock::fault()),
        }
    }

    /// Lends the connection that writes, with the time left of `timeout`.
    fn lend_writer<T>(
        &self,
        timeout: Duration,
        work: impl FnOnce(&mut Writer, Duration) -> Result<T, Trouble>,
    ) -> Result<Result<T, Trouble>, Unlent<Trouble>> {
        let make = || Writer::open(&self.path, Instant::now() + timeout, &self.health);
        self.writer.with(timeout, make, work)
    }

    /// Empties a damaged file, if it is marked as ours. A cache may be lost.
    fn start_anew(&self, writer: &mut Writer, trouble: Trouble, wait: Duration) -> Result<(), Trouble> {
        if Owner::of(&self.path).ok() != Some(Owner::Us) {
            return Err(trouble);
        }
        schema::start_anew(&mut writer.connection, &self.path, Instant::now() + wait)?;
        (writer.rows, writer.bytes) = (Gauge::default(), Gauge::default());
        self.readers.renew();
        self.health.note(StoreError::new(format_args!("the store was damaged and is started anew: {trouble}")));
        Ok(())
    }

    /// Returns the stamp of an entry that is inserted now: greater than the one before.
    fn next_stamp(&self, written: u64) -> i64 {
        // Half of SQLite's range stays free above this, for entries after a time when the clock was wrong.
        const LATEST: u64 = 1 << 62;
        let next = |last: u64| last.saturating_add(1).max(written).min(LATEST);
        let last = self.stamp.fetch_update(Relaxed, Relaxed, |last| Some(next(last))).unwrap_or(0);
        entries::signed(next(last))
    }
}

impl Bytes for Database {
    fn get(&self, key: &Key<'_>, limit: usize) -> Result<Option<Vec<u8>>, Fault> {
        self.read(|connection| entries::get(connection, key, limit))
    }

    fn set(&self, key: &Key<'_>, record: Vec<u8>, times: Times) -> Result<(), Fault> {
        self.write(|writer| {
            let before = writer.connection.last_insert_rowid();
            entries::set(&writer.connection, key, &record, times, self.next_stamp(times.written))?;
            // An entry that existed keeps its row.
            writer.rows.add(u64::from(writer.connection.last_insert_rowid() != before));
            writer.bytes.add((record.len() as u64).saturating_add(entries::OVERHEAD));
            self.keep_bounds(writer);
            Ok(())
        })?;
        if self.pace.is_due(times.written) {
            self.sweep_aside();
        }
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Fault> {
        self.write(|writer| Ok(entries::remove(&writer.connection, key)? > 0))
    }

    fn clear(&self, namespace: &str) -> Result<usize, Fault> {
        let [mut start, end] = names::range(namespace);
        let mut cleared = 0;
        // Entries that are inserted meanwhile are removed or not, as if they came before or after.
        loop {
            let (some, next) = self.write(|writer| entries::clear_some(&mut writer.connection, &start, &end))?;
            cleared += some;
            match next {
                Some(next) => start = next,
                None => return Ok(cleared),
            }
        }
    }

    fn io_timeout(&self) -> Duration {
        self.timeout()
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.path).field("limits", &self.limits).finish_non_exhaustive()
    }
}
