//! One transaction: writes, clears, and a step of cleaning up.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use redb::{ReadableTable, Table, WriteTransaction};

use super::buffer::{Batch, What, Write};
use super::database::{BYTES, Bounds, CLEARED, COUNTS, ENTRIES, Expired, LIVE, QUEUE, TOTALS, cleared_spaces, totals};
use super::layout::{Slot, space_of, ticket, weight};
use crate::sync::Ordering::Relaxed;

type Result<T> = core::result::Result<T, redb::Error>;

/// The minimum number of entries that one transaction evicts or sweeps. A bound, so that no transaction is long.
const STEP: usize = 512;

/// Where the sweep of a cleared space continues.
#[derive(Clone, Debug, Default)]
pub(super) struct Sweep {
    space: Vec<u8>,
    number: u64,
    from: Vec<u8>,
}

/// The tables of one transaction, and the counts as it changes them.
struct Tables<'t> {
    entries: Table<'t, &'static [u8], &'static [u8]>,
    queue: Table<'t, u64, &'static [u8]>,
    counts: Table<'t, &'static [u8], u64>,
    cleared_table: Table<'t, &'static [u8], u64>,
    cleared: BTreeMap<Vec<u8>, u64>,
    deltas: BTreeMap<Vec<u8>, i64>,
    live: u64,
    bytes: u64,
}

/// Applies a batch, removes expired entries, and sweeps and evicts a few more. Returns the number of evicted entries.
pub(super) fn apply(
    transaction: &WriteTransaction,
    batch: &Batch,
    expired: &[Expired],
    bounds: &Bounds,
    sweep: &mut Sweep,
) -> Result<u64> {
    let mut table = transaction.open_table(TOTALS)?;
    let mut tables = Tables::open(transaction, totals(&table)?)?;
    tables.carry_out(batch)?;
    for Expired { number, key } in expired {
        tables.discard(*number, key)?;
    }
    tables.sweep(sweep, STEP)?;
    let evicted = tables.evict(bounds, STEP.max(batch.writes.len() * 2))?;
    let (live, bytes) = tables.close()?;
    table.insert(LIVE, live)?;
    table.insert(BYTES, bytes)?;
    Ok(evicted)
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction, (live, bytes): (u64, u64)) -> Result<Self> {
        let cleared_table = transaction.open_table(CLEARED)?;
        let cleared = cleared_spaces(&cleared_table)?;
        Ok(Tables {
            entries: transaction.open_table(ENTRIES)?,
            queue: transaction.open_table(QUEUE)?,
            counts: transaction.open_table(COUNTS)?,
            cleared_table,
            cleared,
            deltas: BTreeMap::new(),
            live,
            bytes,
        })
    }

    /// Writes in the order of the keys, which is the order of the pages. Only a clear breaks the order.
    fn carry_out(&mut self, batch: &Batch) -> Result<()> {
        let mut writes: Vec<(&[u8], &Write)> = batch.writes.iter().map(|(key, write)| (&**key, write)).collect();
        writes.sort_unstable_by_key(|(key, _)| *key);
        let mut from = 0;
        let ends = batch.clears.iter().map(|clear| clear.number).chain([u64::MAX]);
        for (at, end) in ends.enumerate() {
            for (key, write) in writes.iter().filter(|(_, write)| (from..end).contains(&write.number)) {
                match &write.what {
                    What::Set(record, times) => {
                        self.put(key, write.number, &Slot::write(write.number, key, record), &ticket(*times, key))?;
                    }
                    What::Remove => self.remove(key)?,
                }
            }
            if let Some(clear) = batch.clears.get(at) {
                let count = self.clear(&clear.space, clear.number)?;
                clear.count.store(usize::try_from(count).unwrap_or(usize::MAX), Relaxed);
            }
            from = end;
        }
        Ok(())
    }

    fn put(&mut self, key: &[u8], number: u64, slot: &[u8], ticket: &[u8]) -> Result<()> {
        let before = self.entries.insert(key, slot)?.map(|before| Old::of(before.value()));
        self.forget(key, before)?;
        self.bytes = self.bytes.saturating_add(weight(key.len(), slot.len()));
        self.queue.insert(number, ticket)?;
        self.count(key, 1);
        Ok(())
    }

    fn remove(&mut self, key: &[u8]) -> Result<()> {
        let before = self.entries.remove(key)?.map(|before| Old::of(before.value()));
        self.forget(key, before)
    }

    /// Removes the old entry of a key from the queue and the counts.
    fn forget(&mut self, key: &[u8], before: Option<Old>) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        self.queue.remove(before.number)?;
        self.bytes = self.bytes.saturating_sub(weight(key.len(), before.length));
        if !self.is_cleared(key, before.number) {
            self.count(key, -1);
        }
        Ok(())
    }

    /// Removes the entry with a number, and returns whether there was one. If its key was written again, the new
    /// entry stays.
    fn discard(&mut self, number: u64, key: &[u8]) -> Result<bool> {
        let before = self.entries.get(key)?.map(|slot| Old::of(slot.value()));
        if before.is_none_or(|before| before.number != number) {
            self.queue.remove(number)?;
            return Ok(false);
        }
        self.remove(key)?;
        Ok(true)
    }

    fn is_cleared(&self, key: &[u8], number: u64) -> bool {
        !self.cleared.is_empty() && self.cleared.get(space_of(key)).is_some_and(|cleared| number < *cleared)
    }

    fn count(&mut self, key: &[u8], change: i64) {
        let space = space_of(key);
        match self.deltas.get_mut(space) {
            Some(delta) => *delta += change,
            None => drop(self.deltas.insert(space.to_vec(), change)),
        }
        self.live = self.live.saturating_add_signed(change);
    }

    /// Returns the number of entries of a space.
    fn count_of(&self, space: &[u8]) -> Result<u64> {
        let before = self.counts.get(space)?.map_or(0, |count| count.value());
        Ok(before.saturating_add_signed(self.deltas.get(space).copied().unwrap_or(0)))
    }

    /// Hides all entries of a space. They are swept later.
    fn clear(&mut self, space: &[u8], number: u64) -> Result<u64> {
        let count = self.count_of(space)?;
        if count > 0 {
            self.deltas.remove(space);
            self.counts.remove(space)?;
            self.live = self.live.saturating_sub(count);
            self.cleared_table.insert(space, number)?;
            self.cleared.insert(space.to_vec(), number);
        }
        Ok(count)
    }

    /// Sweeps some of the cleared entries.
    fn sweep(&mut self, sweep: &mut Sweep, steps: usize) -> Result<()> {
        let Some((space, number)) = self.cleared.first_key_value().map(|(space, number)| (space.clone(), *number))
        else {
            return Ok(());
        };
        if sweep.space != space || sweep.number != number {
            *sweep = Sweep { from: space.clone(), space, number };
        }
        let (mut dead, mut seen) = (Vec::new(), 0);
        for row in self.entries.range::<&[u8]>(sweep.from.as_slice()..)? {
            let (key, slot) = row?;
            if !key.value().starts_with(&sweep.space) || seen == steps {
                break;
            }
            seen += 1;
            sweep.from = key.value().to_vec();
            if Old::of(slot.value()).number < sweep.number {
                dead.push(sweep.from.clone());
            }
        }
        for key in dead {
            self.remove(&key)?;
        }
        if seen < steps {
            self.cleared_table.remove(sweep.space.as_slice())?;
            self.cleared.remove(&sweep.space);
        }
        Ok(())
    }

    /// Evicts the oldest entries, at most `steps`.
    fn evict(&mut self, bounds: &Bounds, steps: usize) -> Result<u64> {
        let mut evicted = 0;
        for _ in 0..steps {
            if bounds.hold(self.live, self.bytes) {
                break;
            }
            let Some((number, key)) = self.oldest()? else {
                // The store is empty, so the counts are 0, whatever a damaged file says.
                (self.live, self.bytes) = (0, 0);
                break;
            };
            let is_cleared = self.is_cleared(&key, number);
            if self.discard(number, &key)? && !is_cleared {
                evicted += 1;
            }
        }
        Ok(evicted)
    }

    fn oldest(&self) -> Result<Option<(u64, Vec<u8>)>> {
        let Some((number, ticket)) = self.queue.first()? else { return Ok(None) };
        let key = super::layout::read_ticket(ticket.value()).map_or(&[][..], |(_, key)| key);
        Ok(Some((number.value(), key.to_vec())))
    }

    /// Writes the counts of the spaces, and returns the total number of entries and their size.
    fn close(mut self) -> Result<(u64, u64)> {
        for space in self.deltas.keys() {
            let count = self.count_of(space)?;
            if count == 0 {
                self.counts.remove(space.as_slice())?;
            } else {
                self.counts.insert(space.as_slice(), count)?;
            }
        }
        Ok((self.live, self.bytes))
    }
}

/// What must be known of a slot that is removed.
#[derive(Clone, Copy, Debug)]
struct Old {
    number: u64,
    length: usize,
}

impl Old {
    fn of(slot: &[u8]) -> Self {
        let number = slot.first_chunk::<8>().map_or(0, |number| u64::from_le_bytes(*number));
        Old { number, length: slot.len() }
    }
}
