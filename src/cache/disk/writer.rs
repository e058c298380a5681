//! The writer thread: it writes batch after batch, and evicts and sweeps in between.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use redb::Database;

use super::super::StoreError;
use super::super::external::Backoff;
use super::buffer::Batch;
use super::database::{self, Expired, Opened, Reader, Trouble, guarded};
use super::transaction::{self, Sweep};
use super::write_behind::{Shared, State};
use crate::sync::Ordering::Relaxed;
use crate::sync::{MutexGuard, wait_timeout};
use crate::time::{Clock, System};

/// How long a write waits for others to be written with it.
const LINGER: Duration = Duration::from_millis(20);
/// How many entries an idle writer checks for expiry in a row, before it pauses.
const LOOKED_AT: usize = 512;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const BETWEEN_ROUNDS: Duration = Duration::from_secs(60);

/// What the writer does next.
enum Job {
    /// Writes a batch, which may be empty, and does pending clean-up.
    Write(Arc<Batch>),
    BeginAnew(StoreError),
    OpenAgain,
    End,
}

struct Writer {
    shared: Arc<Shared>,
    database: Option<Database>,
    sweep: Sweep,
    /// Where the next check for expired entries starts, and when.
    look_from: u64,
    look_at: Duration,
    /// After a failure: when to try the disk again.
    again_at: Option<Duration>,
    backoff: Backoff,
    /// The store is no longer needed, and the last attempt to write has been made.
    is_over: bool,
}

fn not_open() -> Trouble {
    Trouble::Fault("it is not open".to_string())
}

pub(super) fn run(shared: &Arc<Shared>) {
    let database = shared.lock().database.take();
    let mut writer = Writer {
        shared: shared.clone(),
        database,
        sweep: Sweep::default(),
        look_from: 0,
        look_at: System.now().saturating_add(BETWEEN_LOOKS),
        again_at: None,
        backoff: Backoff::default(),
        is_over: false,
    };
    loop {
        // A user's clock may panic.
        let turn = catch_unwind(AssertUnwindSafe(|| writer.turn()));
        match turn {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => writer.failed(&Trouble::Fault("the store's writer thread has panicked".to_string())),
        }
    }
    writer.close();
}

impl Writer {
    /// Does one job, and returns whether to go on.
    fn turn(&mut self) -> bool {
        match self.next() {
            Job::Write(batch) => match self.write(&batch) {
                Ok(()) => {}
                Err(trouble @ Trouble::Fault(_)) => self.failed(&trouble),
                Err(trouble @ Trouble::Damage(_)) => self.begin_anew(&trouble.error()),
            },
            Job::BeginAnew(error) => self.begin_anew(&error),
            Job::OpenAgain => self.open_again(),
            Job::End => return false,
        }
        true
    }

    /// Waits until there is something to do.
    fn next(&mut self) -> Job {
        let shared = self.shared.clone();
        let mut state = shared.lock();
        loop {
            let now = System.now();
            if let Some(error) = state.damage.take() {
                return Job::BeginAnew(error);
            }
            let job_at = match self.again_at {
                Some(_) if state.is_ending && self.is_over => return Job::End,
                Some(again_at) if state.is_ending => {
                    self.is_over = true;
                    again_at.min(now)
                }
                Some(again_at) => again_at,
                None => match self.due(&state, now) {
                    None if state.is_ending => return Job::End,
                    due => due.unwrap_or(self.look_at),
                },
            };
            if job_at <= now && self.database.is_none() {
                return Job::OpenAgain;
            }
            if job_at <= now {
                let batch = state.take(now);
                shared.news.notify_all();
                return Job::Write(batch);
            }
            state = wait_timeout(&shared.work, state, job_at.saturating_sub(now));
        }
    }

    /// Returns when to write next; `None` if there is nothing to write.
    fn due(&self, state: &State, now: Duration) -> Option<Duration> {
        if state.buffer.is_empty() {
            let is_over = |reader: &Arc<Reader>| reader.is_over(&self.shared.bounds());
            return (!state.is_ending && state.reader.as_ref().is_some_and(is_over)).then_some(now);
        }
        let is_urgent = state.is_urgent || state.is_ending || state.buffer.is_half_full();
        if is_urgent { Some(now) } else { Some(state.since.map_or(now, |since| since.saturating_add(LINGER))) }
            .map(|due| due.min(self.look_at))
    }

    fn write(&mut self, batch: &Batch) -> Result<(), Trouble> {
        let bounds = self.shared.bounds();
        let reader = self.shared.lock().reader.clone();
        let Some(reader) = reader else { return Err(not_open()) };
        let expired = self.look(&reader, batch)?;
        if batch.is_empty() && expired.is_empty() && !reader.is_over(&bounds) {
            self.written(batch, reader);
            return Ok(());
        }
        drop(reader);
        let Some(database) = &self.database else { return Err(not_open()) };
        let sweep = &mut self.sweep;
        let (evicted, reader) = guarded(|| {
            let transaction = database.begin_write()?;
            let evicted = transaction::apply(&transaction, batch, &expired, &bounds, sweep)?;
            transaction.commit()?;
            Ok((evicted, Reader::new(database)?))
        })?;
        self.shared.health.counters.evictions.fetch_add(evicted, Relaxed);
        self.written(batch, Arc::new(reader));
        Ok(())
    }

    /// Checks for expired entries. After each batch it checks twice as many as the batch contains, so that every
    /// entry is checked in the end, whatever the load.
    fn look(&mut self, reader: &Reader, batch: &Batch) -> Result<Vec<Expired>, Trouble> {
        let now = System.now();
        if batch.is_empty() && now < self.look_at {
            return Ok(Vec::new());
        }
        let steps = LOOKED_AT.max(batch.writes.len() * 2);
        let time = self.shared.wall.now();
        let (expired, next) = guarded(|| reader.expired(self.look_from, steps, time))?;
        self.look_from = next.unwrap_or(0);
        self.look_at = now.saturating_add(if next.is_some() { BETWEEN_LOOKS } else { BETWEEN_ROUNDS });
        Ok(expired)
    }

    fn written(&mut self, batch: &Batch, reader: Arc<Reader>) {
        (self.backoff, self.again_at) = (Backoff::default(), None);
        let mut state = self.shared.lock();
        let before = state.reader.replace(reader);
        state.buffer.settle();
        (state.taken_at, state.failing) = (None, None);
        state.settled = state.settled.max(batch.last);
        drop(state);
        self.shared.news.notify_all();
        drop(before);
    }

    /// Handles a failed write. After an error redb does nothing until it is reopened. That is done at once, so that
    /// the store can be read; writing is tried again later.
    fn failed(&mut self, trouble: &Trouble) {
        self.close();
        let error = trouble.error();
        self.shared.health.note(error.clone());
        self.fail_batch(&error).failing = Some(error.clone());
        self.shared.news.notify_all();
        self.again_at = Some(System.now().saturating_add(self.backoff.next()));
        if let Ok(opened) = database::open(&self.shared.file) {
            self.opened(opened);
        }
    }

    fn fail_batch(&self, error: &StoreError) -> MutexGuard<'_, State> {
        let mut state = self.shared.lock();
        state.buffer.put_back();
        state.taken_at = None;
        state.since = Some(System.now());
        state.failed = Some((state.buffer.last(), error.clone()));
        state.lost = Some(error.clone());
        state
    }

    fn close(&mut self) {
        let reader = self.shared.lock().reader.take();
        let database = self.database.take();
        let _ = guarded(|| {
            drop(reader);
            drop(database);
            Ok(())
        });
    }

    fn open_again(&mut self) {
        match database::open(&self.shared.file) {
            Ok(opened) => self.opened(opened),
            Err(error) => self.failed(&Trouble::Fault(error.to_string())),
        }
    }

    fn opened(&mut self, (database, reader, lost): Opened) {
        if let Some(error) = lost {
            self.shared.health.note(error);
        }
        self.database = Some(database);
        let mut state = self.shared.lock();
        state.reader = Some(Arc::new(reader));
        state.opened += 1;
        state.damage = None;
    }

    /// The file does not contain what was written to it. It is emptied in place, so that no other process gets it
    /// meanwhile.
    fn begin_anew(&mut self, error: &StoreError) {
        self.close();
        drop(self.fail_batch(error));
        match database::begin_anew(&self.shared.file, error) {
            Ok(opened) => self.opened(opened),
            Err(error) => self.failed(&Trouble::Fault(error.to_string())),
        }
        self.shared.news.notify_all();
    }
}
