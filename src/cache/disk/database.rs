//! Opens and reads the database, and starts it anew if it is damaged.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::panic::AssertUnwindSafe;
use std::io::ErrorKind;
use std::panic::catch_unwind;

use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition};

use super::super::StoreError;
use super::file::{Image, StoreFile};
use super::layout::{Slot, read_ticket, space_of};

/// Slots by key.
pub(super) const ENTRIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entries");
/// Tickets by the number of the write: the oldest comes first.
pub(super) const QUEUE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("queue");
/// The number of entries of each space.
pub(super) const COUNTS: TableDefinition<'_, &[u8], u64> = TableDefinition::new("counts");
/// Spaces that were cleared and are not swept yet: entries with a lower number are gone.
pub(super) const CLEARED: TableDefinition<'_, &[u8], u64> = TableDefinition::new("cleared");
pub(super) const TOTALS: TableDefinition<'_, &str, u64> = TableDefinition::new("totals");
pub(super) const BYTES: &str = "bytes";
pub(super) const LIVE: &str = "entries";

/// The memory of redb's page cache. The operating system caches pages as well.
const CACHE: usize = 32 << 20;

/// Why the database can no longer be used as it is.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file does not contain what was written to it.
    Damage(String),
    /// The operating system fails to read or write.
    Fault(String),
}

impl Trouble {
    fn of(error: &redb::Error) -> Self {
        use redb::Error;
        let is_damage = match error {
            Error::Io(error) => matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData),
            Error::Corrupted(_)
            | Error::LockPoisoned(_)
            | Error::RepairAborted
            | Error::TableDoesNotExist(_)
            | Error::TableIsMultimap(_)
            | Error::TableTypeMismatch { .. }
            | Error::TransactionPoisoned
            | Error::TypeDefinitionChanged { .. }
            | Error::UpgradeRequired(_) => true,
            _ => false,
        };
        if is_damage { Trouble::Damage(error.to_string()) } else { Trouble::Fault(error.to_string()) }
    }

    pub(super) fn error(&self) -> StoreError {
        StoreError::new(match self {
            Trouble::Damage(what) => format!("the store's file is damaged: {what}"),
            Trouble::Fault(what) => format!("the store's file cannot be used: {what}"),
        })
    }
}

/// Runs redb code, which may panic on a damaged file.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, Trouble> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Trouble::of(&error)),
        Err(_) => Err(Trouble::Damage("redb has panicked".into())),
    }
}

/// A database, its first reader, and the error to report if the file was started anew.
pub(super) type Opened = (Database, Reader, Option<StoreError>);

/// Opens the database of a file. A damaged database is started anew in place: the entries of a cache can be lost.
pub(super) fn open(file: &Arc<StoreFile>) -> Result<Opened, StoreError> {
    match guarded(|| open_as_it_is(file)) {
        Ok((database, reader)) => Ok((database, reader, None)),
        Err(trouble @ Trouble::Fault(_)) => Err(trouble.error()),
        Err(trouble @ Trouble::Damage(_)) => begin_anew(file, &trouble.error()),
    }
}

/// Replaces a damaged database with an empty one.
pub(super) fn begin_anew(file: &Arc<StoreFile>, damage: &StoreError) -> Result<Opened, StoreError> {
    file.begin_anew().map_err(|error| Trouble::Fault(error.to_string()).error())?;
    let (database, reader) = guarded(|| open_as_it_is(file)).map_err(|trouble| trouble.error())?;
    Ok((database, reader, Some(StoreError::new(format_args!("{damage}; it was started anew")))))
}

fn open_as_it_is(file: &Arc<StoreFile>) -> Result<(Database, Reader), redb::Error> {
    let database = Database::builder().set_cache_size(CACHE).create_with_backend(Image(file.clone()))?;
    let tables = database.begin_read()?.list_tables()?.count();
    if tables == 0 {
        let transaction = database.begin_write()?;
        transaction.open_table(ENTRIES)?;
        transaction.open_table(QUEUE)?;
        transaction.open_table(COUNTS)?;
        transaction.open_table(CLEARED)?;
        transaction.open_table(TOTALS)?;
        transaction.commit()?;
    }
    let reader = Reader::new(&database)?;
    Ok((database, reader))
}

/// Returns the spaces that were cleared and are not swept yet, each with the number up to which it was cleared.
pub(super) fn cleared_spaces(
    table: &impl ReadableTable<&'static [u8], u64>,
) -> Result<BTreeMap<Vec<u8>, u64>, redb::Error> {
    let mut cleared = BTreeMap::new();
    for row in table.iter()? {
        let (space, number) = row?;
        cleared.insert(space.value().to_vec(), number.value());
    }
    Ok(cleared)
}

/// Returns the number of entries, and the bytes they take.
pub(super) fn totals(table: &impl ReadableTable<&'static str, u64>) -> Result<(u64, u64), redb::Error> {
    let total = |name| table.get(name).map(|total| total.map_or(0, |total| total.value()));
    Ok((total(LIVE)?, total(BYTES)?))
}

/// A snapshot of the database. Each commit replaces the reader, so that a look-up needs no transaction.
pub(super) struct Reader {
    transaction: ReadTransaction,
    entries: ReadOnlyTable<&'static [u8], &'static [u8]>,
    cleared: BTreeMap<Vec<u8>, u64>,
    pub(super) live: u64,
    bytes: u64,
}

/// The result of a look-up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    None,
    /// The row does not contain what was written.
    Damaged,
    Record(Vec<u8>),
}

/// How much a store may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) capacity: u64,
    pub(super) max_bytes: u64,
}

impl Bounds {
    pub(super) const fn hold(&self, entries: u64, bytes: u64) -> bool {
        entries <= self.capacity && bytes <= self.max_bytes
    }
}

/// An expired entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expired {
    pub(super) number: u64,
    pub(super) key: Vec<u8>,
}

impl Reader {
    pub(super) fn new(database: &Database) -> Result<Self, redb::Error> {
        let transaction = database.begin_read()?;
        let entries = transaction.open_table(ENTRIES)?;
        let cleared = cleared_spaces(&transaction.open_table(CLEARED)?)?;
        let (live, bytes) = totals(&transaction.open_table(TOTALS)?)?;
        Ok(Reader { transaction, entries, cleared, live, bytes })
    }

    /// Returns the record of a key, if it has at most `limit` bytes.
    pub(super) fn get(&self, key: &[u8], limit: usize) -> Result<Row, redb::Error> {
        let Some(slot) = self.entries.get(key)? else { return Ok(Row::None) };
        let Some(slot) = Slot::read(key, slot.value()) else { return Ok(Row::Damaged) };
        let is_cleared =
            !self.cleared.is_empty() && self.cleared.get(space_of(key)).is_some_and(|number| slot.number < *number);
        if is_cleared || slot.record.len() > limit {
            return Ok(Row::None);
        }
        Ok(Row::Record(slot.record.to_vec()))
    }

    /// Returns the number after the highest one in use.
    pub(super) fn next_number(&self) -> Result<u64, redb::Error> {
        let last = self.transaction.open_table(QUEUE)?.last()?.map_or(0, |(number, _)| number.value());
        let cleared = self.cleared.values().copied().max().unwrap_or(0);
        Ok(last.max(cleared).saturating_add(1))
    }

    /// Is the store over its bounds, or is there anything to sweep?
    pub(super) fn is_over(&self, bounds: &Bounds) -> bool {
        !self.cleared.is_empty() || !bounds.hold(self.live, self.bytes)
    }

    /// Checks `steps` entries from number `from` on for expired ones. Returns them, and the number to go on with, or
    /// `None` to start over.
    pub(super) fn expired(
        &self,
        from: u64,
        steps: usize,
        now: u64,
    ) -> Result<(Vec<Expired>, Option<u64>), redb::Error> {
        let (queue, mut expired) = (self.transaction.open_table(QUEUE)?, Vec::new());
        let mut next = from;
        for (step, row) in queue.range(from..)?.enumerate() {
            if step == steps {
                return Ok((expired, Some(next)));
            }
            let (number, ticket) = row?;
            let number = number.value();
            next = number.saturating_add(1);
            match read_ticket(ticket.value()) {
                Some((times, key)) if times.is_over(now) => expired.push(Expired { number, key: key.to_vec() }),
                _ => {}
            }
        }
        Ok((expired, None))
    }
}
