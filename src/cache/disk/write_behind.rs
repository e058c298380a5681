//! The write-behind buffer. Callers look up in it and leave their writes in it; the writer takes them to the disk.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use redb::Database;

use super::super::external::wall::{AtomicDuration, Wall};
use super::super::external::{Bytes, Fault, Health, Times, record};
use super::super::{Key, StoreError};
use super::buffer::{Batch, Buffer, Known, What};
use super::database::{Bounds, Reader, Row, Trouble, guarded};
use super::file::StoreFile;
use super::layout;
use super::writer;
use crate::error::Rounded;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicU64, AtomicUsize, Condvar, Mutex, MutexGuard, lock, thread, wait_timeout};
use crate::time::{Clock, System};

const CAPACITY: u64 = 1_000_000;
const MAX_BYTES: u64 = 1 << 30;
const IO_TIMEOUT: Duration = Duration::from_secs(1);

/// The state that the handles share with the writer.
pub(super) struct Shared {
    pub(super) file: Arc<StoreFile>,
    pub(super) health: Arc<Health>,
    pub(super) wall: Wall,
    pub(super) capacity: AtomicU64,
    pub(super) max_bytes: AtomicU64,
    pub(super) io_timeout: AtomicDuration,
    state: Mutex<State>,
    /// Signals the writer that there is work.
    pub(super) work: Condvar,
    /// Signals callers that the writer has taken or settled a batch.
    pub(super) news: Condvar,
}

pub(super) struct State {
    pub(super) buffer: Buffer,
    /// `None` while the database is being reopened.
    pub(super) reader: Option<Arc<Reader>>,
    /// How often the database has been opened. A caller that finds damage says in which opening.
    pub(super) opened: u64,
    pub(super) damage: Option<StoreError>,
    /// `None` while the writer has it.
    pub(super) database: Option<Database>,
    pub(super) writer: Option<thread::JoinHandle<()>>,
    /// A caller waits for the writes in the buffer.
    pub(super) is_urgent: bool,
    /// When the first write was queued in the empty buffer.
    pub(super) since: Option<Duration>,
    /// When the writer took the batch that it is writing.
    pub(super) taken_at: Option<Duration>,
    /// All writes up to this number are on disk, or have failed.
    pub(super) settled: u64,
    /// The last batch that failed: its last number, and the reason.
    pub(super) failed: Option<(u64, StoreError)>,
    /// Why values were lost since the last flush.
    pub(super) lost: Option<StoreError>,
    /// Why nothing can be written now.
    pub(super) failing: Option<StoreError>,
    /// The last handle was dropped.
    pub(super) is_ending: bool,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Sets a bound, and wakes the writer to apply it.
    pub(super) fn bound(&self, bound: &AtomicU64, to: u64) {
        bound.store(to.max(1), Relaxed);
        // Under the lock, so that a writer that is about to wait is notified.
        let _state = self.lock();
        self.work.notify_one();
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds { capacity: self.capacity.load(Relaxed), max_bytes: self.max_bytes.load(Relaxed) }
    }
}

/// The handles of a store together. Dropping it ends the writer.
pub(super) struct WriteBehind {
    pub(super) shared: Arc<Shared>,
}

impl fmt::Debug for WriteBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteBehind").field("file", &self.shared.file).finish_non_exhaustive()
    }
}

impl WriteBehind {
    pub(super) fn new(
        file: Arc<StoreFile>,
        database: Database,
        reader: Reader,
        health: Arc<Health>,
        wall: Wall,
    ) -> Result<Self, Trouble> {
        let next = guarded(|| reader.next_number())?;
        let state = State {
            buffer: Buffer::new(next),
            reader: Some(Arc::new(reader)),
            opened: 0,
            damage: None,
            database: Some(database),
            writer: None,
            is_urgent: false,
            since: None,
            taken_at: None,
            settled: next.saturating_sub(1),
            failed: None,
            lost: None,
            failing: None,
            is_ending: false,
        };
        let shared = Shared {
            file,
            health,
            wall,
            capacity: AtomicU64::new(CAPACITY),
            max_bytes: AtomicU64::new(MAX_BYTES),
            io_timeout: AtomicDuration::new(IO_TIMEOUT),
            state: Mutex::new(state),
            work: Condvar::new(),
            news: Condvar::new(),
        };
        Ok(WriteBehind { shared: Arc::new(shared) })
    }

    /// Looks up in the buffer, and then on disk.
    fn find(&self, key: &[u8], limit: usize) -> Result<Row, Fault> {
        let (reader, opened) = {
            let state = self.shared.lock();
            match state.buffer.look(key) {
                Known::Record(record) => {
                    drop(state);
                    return Ok(if record.len() > limit { Row::None } else { Row::Record(record.to_vec()) });
                }
                Known::Absent => return Ok(Row::None),
                Known::Nothing => {}
            }
            match (&state.reader, &state.failing) {
                (Some(reader), _) => (reader.clone(), state.opened),
                (None, Some(error)) => return Err(Fault::Here(error.clone())),
                (None, None) => return Err(Fault::Here(StoreError::new("the store's file is being reopened"))),
            }
        };
        guarded(|| reader.get(key, limit)).map_err(|trouble| Fault::Here(self.report(&trouble, opened)))
    }

    /// Asks the writer to start a damaged file anew.
    fn report(&self, trouble: &Trouble, opened: u64) -> StoreError {
        let error = trouble.error();
        if let Trouble::Damage(_) = trouble {
            let mut state = self.shared.lock();
            if state.opened == opened && state.damage.is_none() {
                state.damage = Some(error.clone());
                state.reader = None;
                let _ = self.start(&mut state);
                self.shared.work.notify_one();
            }
        }
        error
    }

    /// Starts the writer if it is not running.
    fn start(&self, state: &mut State) -> Result<(), Fault> {
        if state.writer.is_none() {
            let shared = self.shared.clone();
            let writer = thread::Builder::new().name("opero-disk".into()).spawn(move || writer::run(&shared));
            let no_writer = |error| StoreError::new(format_args!("the store's writer thread cannot start: {error}"));
            state.writer = Some(writer.map_err(no_writer)?);
        }
        Ok(())
    }

    /// Waits until there is room for `bytes`. Does not wait if the disk fails to write, or has already taken longer
    /// than the timeout.
    fn room(&self, bytes: usize) -> Result<MutexGuard<'_, State>, Fault> {
        let (mut state, timeout) = (self.shared.lock(), self.shared.io_timeout.get());
        let end = System.now().saturating_add(timeout);
        loop {
            self.start(&mut state)?;
            if state.buffer.has_room(bytes) {
                return Ok(state);
            }
            if let Some(error) = &state.failing {
                return Err(Fault::Here(error.clone()));
            }
            let now = System.now();
            if now >= end || state.is_late(now, timeout) {
                let timeout = Rounded(timeout);
                return Err(Fault::Here(StoreError::new(format_args!("the disk has not kept up for {timeout}"))));
            }
            state = wait_timeout(&self.shared.news, state, end.saturating_sub(now));
        }
    }

    fn noted(&self, state: &mut State) {
        if state.since.is_none() {
            state.since = Some(System.now());
            self.shared.work.notify_one();
        } else if state.is_urgent || state.buffer.is_half_full() {
            self.shared.work.notify_one();
        }
    }

    /// Waits until all writes up to `number` are on disk.
    fn settled<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        number: u64,
        timeout: Option<Duration>,
    ) -> Result<(), Fault> {
        state.is_urgent = true;
        self.shared.work.notify_one();
        let end = timeout.map(|timeout| System.now().saturating_add(timeout));
        loop {
            if state.settled >= number {
                return Ok(());
            }
            let failed = state.failed.as_ref().filter(|(last, _)| number <= *last).map(|(_, error)| error);
            if let Some(error) = failed.or(state.failing.as_ref()) {
                return Err(Fault::Here(error.clone()));
            }
            let now = System.now();
            let left = end.map_or(Duration::from_secs(1), |end| end.saturating_sub(now));
            if left.is_zero() || timeout.is_some_and(|timeout| state.is_late(now, timeout)) {
                return Err(Fault::Here(StoreError::new("the disk has not finished the write in time")));
            }
            state = wait_timeout(&self.shared.news, state, left);
        }
    }

    /// Waits until everything that was set is on disk.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let state = self.shared.lock();
        let number = state.buffer.last();
        let wait = if state.settled >= number {
            drop(state);
            Ok(())
        } else {
            self.settled(state, number, None)
        };
        let lost = self.shared.lock().lost.take();
        match (wait, lost) {
            (Err(fault), _) => Err(fault.into_error()),
            (Ok(()), Some(error)) => Err(error),
            (Ok(()), None) => Ok(()),
        }
    }

    pub(super) fn len(&self) -> usize {
        let live = self.shared.lock().reader.as_ref().map_or(0, |reader| reader.live);
        usize::try_from(live).unwrap_or(usize::MAX)
    }

    fn is_alive(&self, record: &[u8]) -> bool {
        record::any_times(record).is_ok_and(|times| !times.is_over(self.shared.wall.now()))
    }
}

impl State {
    /// Takes the queued writes, for the writer.
    pub(super) fn take(&mut self, now: Duration) -> Arc<Batch> {
        (self.is_urgent, self.since) = (false, None);
        self.taken_at = (!self.buffer.is_empty()).then_some(now);
        self.buffer.take()
    }

    /// Has the current write taken longer than the timeout?
    fn is_late(&self, now: Duration, timeout: Duration) -> bool {
        self.taken_at.is_some_and(|taken_at| now.saturating_sub(taken_at) > timeout)
    }
}

impl Bytes for WriteBehind {
    fn get(&self, key: &Key<'_>, limit: usize) -> Result<Option<Vec<u8>>, Fault> {
        Ok(match self.find(&layout::key(key), limit)? {
            Row::None => None,
            // An empty record: it is counted as one that cannot be read.
            Row::Damaged => Some(Vec::new()),
            Row::Record(record) => Some(record),
        })
    }

    fn set(&self, key: &Key<'_>, record: Vec<u8>, times: Times) -> Result<(), Fault> {
        let key = layout::key(key);
        let max_bytes = self.shared.max_bytes.load(Relaxed);
        if layout::weight_of_record(&key, &record) > max_bytes {
            let length = record.len();
            return Err(
                StoreError::new(format_args!("a value has {length} bytes, but `max_bytes` is {max_bytes}")).into()
            );
        }
        let mut state = self.room(key.len().saturating_add(record.len()))?;
        if let Some(error) = &state.failing {
            return Err(Fault::Here(error.clone()));
        }
        state.buffer.write(key, What::Set(Arc::new(record), times));
        self.noted(&mut state);
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Fault> {
        let key = layout::key(key);
        let is_there = match self.find(&key, usize::MAX)? {
            Row::None => false,
            Row::Damaged => true,
            Row::Record(record) => self.is_alive(&record),
        };
        let mut state = self.room(key.len())?;
        let is_gone = state.buffer.look(&key) == Known::Absent;
        let number = match is_there && !is_gone {
            true => state.buffer.write(key, What::Remove),
            // The removal may only be in the buffer.
            false if is_gone => state.buffer.last(),
            false => return Ok(false),
        };
        self.noted(&mut state);
        self.settled(state, number, Some(self.shared.io_timeout.get()))?;
        Ok(is_there && !is_gone)
    }

    fn clear(&self, namespace: &str) -> Result<usize, Fault> {
        let (space, count) = (layout::space(namespace), Arc::new(AtomicUsize::new(0)));
        let mut state = self.room(space.len())?;
        let number = state.buffer.clear(space, count.clone());
        self.noted(&mut state);
        self.settled(state, number, Some(self.shared.io_timeout.get()))?;
        Ok(count.load(Relaxed))
    }

    fn io_timeout(&self) -> Duration {
        self.shared.io_timeout.get()
    }
}

impl Drop for WriteBehind {
    /// Waits until everything is written, so that the file can be opened again at once.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_ending = true;
        let Some(writer) = state.writer.take() else {
            let (reader, database) = (state.reader.take(), state.database.take());
            drop(state);
            // Closing may write.
            let _ = guarded(|| {
                drop((reader, database));
                Ok(())
            });
            return;
        };
        drop(state);
        self.shared.work.notify_one();
        let _ = writer.join();
    }
}
