//! Maintenance beside the queries: enforces the bounds, removes expired entries, and checks whether the file still
//! exists.

use alloc::sync::Arc;
use std::time::Instant;

#[cfg(unix)]
use rusqlite::FileControl;

use super::super::StoreError;
use super::super::external::Fault;
use super::connections::Writer;
use super::database::Database;
use super::trouble::Trouble;
use super::{entries, leases};
use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::{AtomicBool, AtomicU64, Mutex, lock};

/// The number of rows to check or remove before others get a turn: a few tenths of a millisecond.
const STEP: u64 = 256;
/// The number of steps between two pauses of a sweep.
const STEPS: u64 = 64;
/// If there are no more entries than this, a write counts them itself, in the time of a few writes.
const COUNTED: u64 = 20_000;

/// When to sweep: after some time, or after a number of writes.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sets: AtomicU64,
    /// In microseconds since 1970.
    last: AtomicU64,
    is_busy: AtomicBool,
    /// Where the next sweep starts.
    cursor: Mutex<i64>,
}

impl Pace {
    const SETS: u64 = 4096;
    const TIME: u64 = 1_000_000;

    /// Counts a write. Is it time to sweep?
    pub(super) fn is_due(&self, now: u64) -> bool {
        let sets = self.sets.fetch_add(1, Relaxed) + 1;
        let is_due = sets >= Pace::SETS || now.abs_diff(self.last.load(Relaxed)) >= Pace::TIME;
        if is_due {
            self.sets.store(0, Relaxed);
            self.last.store(now, Relaxed);
        }
        is_due
    }

    fn begin(&self) -> bool {
        self.is_busy.compare_exchange(false, true, AcqRel, Acquire).is_ok()
    }

    fn end(&self) {
        self.is_busy.store(false, Release);
    }
}

impl Database {
    /// Sweeps on a background thread, unless a sweep is running.
    #[cold]
    pub(super) fn sweep_aside(&self) {
        let Some(store) = self.this.upgrade() else { return };
        if self.pace.begin() {
            blocking::unblock(move || {
                let _busy = Busy(&store);
                if let Err(fault) = store.sweep_some() {
                    store.health.note(fault.into_error());
                }
            })
            .detach();
        }
    }

    /// Continues where the last sweep ended.
    fn sweep_some(&self) -> Result<(), Fault> {
        if self.is_left() {
            return Ok(());
        }
        self.with_writer(|writer| self.find_again(writer))?;
        let now = self.wall.now();
        if self.read(|connection| leases::is_any_over(connection, now))? {
            self.write(|writer| leases::sweep(&mut writer.connection, &self.wall))?;
        }
        let mut cursor = lock(&self.pace.cursor);
        for _ in 0..STEPS {
            if self.is_left() {
                return Ok(());
            }
            let (_, next) = self.sweep_step(*cursor)?;
            *cursor = next.unwrap_or(0);
            if next.is_none() {
                break;
            }
        }
        drop(cursor);
        self.make_all_room()
    }

    /// Has every handle but that of the sweep been dropped?
    fn is_left(&self) -> bool {
        self.this.strong_count() <= 1
    }

    /// Checks all entries, and returns how many it has removed.
    pub(super) fn sweep_all(&self) -> Result<usize, Fault> {
        let (mut cursor, mut swept) = (0, 0);
        loop {
            let (some, next) = self.sweep_step(cursor)?;
            swept += some;
            match next {
                Some(next) => cursor = next,
                None => return Ok(swept),
            }
        }
    }

    fn sweep_step(&self, cursor: i64) -> Result<(usize, Option<i64>), Fault> {
        let (over, next) = self.read(|connection| entries::look_over(connection, cursor, STEP, || self.wall.now()))?;
        let swept =
            if over.is_empty() { 0 } else { self.write(|writer| entries::sweep(&mut writer.connection, &over))? };
        Ok((swept, next))
    }

    /// Evicts if there is too much. What cannot be removed now is removed next time.
    pub(super) fn keep_bounds(&self, writer: &mut Writer) {
        let (capacity, max_bytes) = self.bounds();
        if !writer.rows.is_due(capacity) && !writer.bytes.is_due(max_bytes) {
            return;
        }
        match self.make_room(writer, capacity, max_bytes) {
            Ok(false) => {}
            Ok(true) => self.sweep_aside(),
            Err(trouble) => self.health.note(trouble.error()),
        }
    }

    fn bounds(&self) -> (u64, u64) {
        (self.limits.capacity.load(Relaxed), self.limits.max_bytes.load(Relaxed))
    }

    /// Does one step of it. Is there more to do?
    fn make_room(&self, writer: &mut Writer, capacity: u64, max_bytes: u64) -> Result<bool, Trouble> {
        if writer.rows.is_due(capacity) {
            let rows = entries::count_up_to(&writer.connection, COUNTED)?;
            writer.is_uncounted = rows >= COUNTED;
            writer.rows.measured(rows);
        }
        if writer.bytes.is_due(max_bytes) {
            writer.bytes.measured(entries::bytes_used(&writer.connection)?);
        }
        Ok(self.evict_step(writer, capacity, max_bytes)? || writer.is_uncounted)
    }

    fn evict_step(&self, writer: &mut Writer, capacity: u64, max_bytes: u64) -> Result<bool, Trouble> {
        let (rows, bytes) = (writer.rows.excess(capacity), writer.bytes.excess(max_bytes));
        if rows == 0 && bytes == 0 {
            return Ok(false);
        }
        let evicted = entries::evict(&mut writer.connection, rows, bytes, STEP)?;
        self.health.counters.evictions.fetch_add(evicted.rows, Relaxed);
        writer.rows.removed(evicted.rows);
        writer.bytes.measured(entries::bytes_used(&writer.connection)?);
        Ok(evicted.is_more)
    }

    /// Counts and evicts on a background thread if a write would take too long for it.
    fn make_all_room(&self) -> Result<(), Fault> {
        let (capacity, max_bytes) = self.bounds();
        if self.with_writer(|writer| Ok(writer.is_uncounted))? {
            let rows = self.read(|connection| entries::count_up_to(connection, u64::MAX))?;
            self.with_writer(|writer| {
                writer.is_uncounted = false;
                writer.rows.measured(rows);
                Ok(())
            })?;
        }
        let is_over = |writer: &mut Writer| Ok(writer.rows.excess(capacity) > 0 || writer.bytes.excess(max_bytes) > 0);
        while self.with_writer(is_over)? && self.write(|writer| self.evict_step(writer, capacity, max_bytes))? {}
        Ok(())
    }

    /// If the file was deleted or replaced, continues with the file that has its name now. Returns whether it was.
    pub(super) fn find_again(&self, writer: &mut Writer) -> Result<bool, Trouble> {
        if !is_moved(writer)? {
            return Ok(false);
        }
        *writer = Writer::open(&self.path, Instant::now() + self.timeout(), &self.health)?;
        self.readers.renew();
        self.health.note(StoreError::new("the file of the store was deleted or replaced while it was open"));
        Ok(true)
    }
}

/// Marks a running sweep until it ends, also by a panic.
struct Busy<'s>(&'s Arc<Database>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.pace.end();
    }
}

#[cfg(unix)]
fn is_moved(writer: &Writer) -> Result<bool, Trouble> {
    let mut is_moved = 0;
    writer.connection.file_control(None::<&str>, FileControl::HasMoved(&mut is_moved))?;
    Ok(is_moved != 0)
}

/// An open file can be neither deleted nor replaced.
#[cfg(not(unix))]
fn is_moved(_: &Writer) -> Result<bool, Trouble> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn a_sweep_is_due_after_a_second_and_after_many_writes() {
        let pace = Pace::default();
        assert!(pace.is_due(5_000_000), "the first");
        assert!(!pace.is_due(5_999_999) && pace.is_due(6_000_000) && !pace.is_due(6_000_000));
        assert!(pace.is_due(1_000_000), "the clock was set back");
        assert_eq!((0..10 * Pace::SETS).filter(|_| pace.is_due(1_000_000)).count(), 10);
    }

    #[test]
    fn one_sweep_runs_at_a_time() {
        let pace = Pace::default();
        assert!(pace.begin() && !pace.begin());
        pace.end();
        assert!(pace.begin());
    }
}
