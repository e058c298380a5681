//! The writes that are not on disk yet. Nothing here blocks.

use alloc::sync::Arc;
use alloc::vec::Vec;
use std::collections::HashMap;

use super::super::external::Times;
use super::layout::space_of;
use crate::sync::AtomicUsize;

/// The maximum number and size of the queued writes. As much again may be on its way to the disk.
const WRITES: usize = 4096;
const BYTES: usize = 16 << 20;
/// The memory of a queued write beside its key and record.
const WRITE: usize = 128;

/// What happens to a key.
#[derive(Clone, Debug)]
pub(super) enum What {
    Set(Arc<Vec<u8>>, Times),
    Remove,
}

#[derive(Clone, Debug)]
pub(super) struct Write {
    /// Numbers rise with each write, also across restarts.
    pub(super) number: u64,
    pub(super) what: What,
}

/// Records that a space was cleared: entries with a lower number are gone.
#[derive(Clone, Debug)]
pub(super) struct Clear {
    pub(super) number: u64,
    pub(super) space: Vec<u8>,
    /// How many entries there were, once this is known.
    pub(super) count: Arc<AtomicUsize>,
}

/// The last write of each key, and the clears.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) writes: HashMap<Vec<u8>, Write>,
    pub(super) clears: Vec<Clear>,
    bytes: usize,
    /// The highest number in the batch.
    pub(super) last: u64,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.clears.is_empty()
    }

    fn put(&mut self, key: Vec<u8>, write: Write) {
        self.last = self.last.max(write.number);
        let length = key.len();
        self.bytes += weight(length, &write);
        if let Some(before) = self.writes.insert(key, write) {
            self.bytes = self.bytes.saturating_sub(weight(length, &before));
        }
    }
}

fn weight(key: usize, write: &Write) -> usize {
    let record = match &write.what {
        What::Set(record, _) => record.len(),
        What::Remove => 0,
    };
    WRITE + key + record
}

/// What is known about a key without the disk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    Absent,
    Record(Arc<Vec<u8>>),
}

/// The writes that are queued, and those that are on their way to the disk.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    waiting: Batch,
    taken: Option<Arc<Batch>>,
    /// The number of the next write.
    next: u64,
}

impl Buffer {
    pub(super) fn new(next: u64) -> Self {
        Buffer { next, ..Buffer::default() }
    }

    pub(super) fn look(&self, key: &[u8]) -> Known {
        let taken = self.taken.as_deref();
        if self.waiting.is_empty() && taken.is_none() {
            return Known::Nothing;
        }
        let write = self.waiting.writes.get(key).or_else(|| taken?.writes.get(key));
        let clears = self.waiting.clears.iter().chain(taken.into_iter().flat_map(|taken| &taken.clears));
        let cleared = clears.filter(|clear| clear.space == space_of(key)).map(|clear| clear.number).max();
        match write {
            Some(write) if cleared.is_none_or(|cleared| cleared < write.number) => match &write.what {
                What::Set(record, _) => Known::Record(record.clone()),
                What::Remove => Known::Absent,
            },
            None if cleared.is_none() => Known::Nothing,
            _ => Known::Absent,
        }
    }

    /// Is there room for one more write of `bytes`? A write that is larger than the whole buffer must be alone in it.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let waiting = &self.waiting;
        let count = waiting.writes.len() + waiting.clears.len();
        count == 0 || count < WRITES && waiting.bytes.saturating_add(bytes) <= BYTES
    }

    /// Should the writer start at once instead of waiting for more?
    pub(super) fn is_half_full(&self) -> bool {
        self.waiting.writes.len() >= WRITES / 2 || self.waiting.bytes >= BYTES / 2
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Queues a write, and returns its number.
    pub(super) fn write(&mut self, key: Vec<u8>, what: What) -> u64 {
        let number = self.number();
        self.waiting.put(key, Write { number, what });
        number
    }

    pub(super) fn clear(&mut self, space: Vec<u8>, count: Arc<AtomicUsize>) -> u64 {
        let number = self.number();
        self.waiting.bytes += WRITE + space.len();
        self.waiting.last = number;
        self.waiting.clears.push(Clear { number, space, count });
        number
    }

    fn number(&mut self) -> u64 {
        let number = self.next;
        self.next = number.saturating_add(1);
        number
    }

    /// Returns the number of the last queued write.
    pub(super) fn last(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// Takes the queued writes, to be written. They are found here until they are settled.
    pub(super) fn take(&mut self) -> Arc<Batch> {
        let batch = Arc::new(core::mem::take(&mut self.waiting));
        self.taken = Some(batch.clone());
        batch
    }

    /// The writes that were taken are on disk.
    pub(super) fn settle(&mut self) {
        self.taken = None;
    }

    /// The writes that were taken are not on disk. Their values are dropped, but the values before them must not come
    /// back: the next batch removes their keys.
    pub(super) fn put_back(&mut self) {
        let Some(taken) = self.taken.take() else { return };
        for (key, Write { number, .. }) in &taken.writes {
            if !self.waiting.writes.contains_key(key) {
                self.waiting.put(key.clone(), Write { number: *number, what: What::Remove });
            }
        }
        let later = core::mem::take(&mut self.waiting.clears);
        self.waiting.clears.clone_from(&taken.clears);
        self.waiting.clears.extend(later);
        self.waiting.last = self.waiting.last.max(taken.last);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::super::super::Key;
    use super::super::layout::{key, space};
    use super::*;

    const TIMES: Times = Times { written: 0, time_to_live: u64::MAX };

    fn set(buffer: &mut Buffer, namespace: &str, value: u8) -> u64 {
        buffer.write(key(&Key::new(namespace, "", &1)), What::Set(Arc::new(vec![value]), TIMES))
    }

    /// `Err` if only the file knows.
    fn look(buffer: &Buffer, namespace: &str) -> Result<Option<u8>, ()> {
        match buffer.look(&key(&Key::new(namespace, "", &1))) {
            Known::Nothing => Err(()),
            Known::Absent => Ok(None),
            Known::Record(record) => Ok(record.first().copied()),
        }
    }

    fn clear(buffer: &mut Buffer, namespace: &str) {
        buffer.clear(space(namespace), Arc::default());
    }

    #[test]
    fn the_last_write_of_a_key_is_found_until_it_is_settled() {
        let mut buffer = Buffer::new(7);
        assert_eq!((look(&buffer, "a"), set(&mut buffer, "a", 1)), (Err(()), 7));
        assert_eq!(look(&buffer, "a"), Ok(Some(1)));
        assert_eq!(buffer.take().last, 7);
        assert_eq!((look(&buffer, "a"), buffer.is_empty()), (Ok(Some(1)), true));
        assert_eq!((set(&mut buffer, "a", 2), look(&buffer, "a")), (8, Ok(Some(2))));
        buffer.settle();
        assert_eq!(look(&buffer, "a"), Ok(Some(2)));
        buffer.write(key(&Key::new("a", "", &1)), What::Remove);
        assert_eq!((look(&buffer, "a"), buffer.last()), (Ok(None), 9));
    }

    #[test]
    fn a_clear_hides_the_earlier_entries_of_its_namespace_only() {
        let mut buffer = Buffer::new(1);
        set(&mut buffer, "a", 1);
        set(&mut buffer, "aa", 2);
        clear(&mut buffer, "a");
        assert_eq!((look(&buffer, "a"), look(&buffer, "aa"), look(&buffer, "")), (Ok(None), Ok(Some(2)), Err(())));
        buffer.take();
        set(&mut buffer, "a", 3);
        assert_eq!(look(&buffer, "a"), Ok(Some(3)));
        buffer.settle();
        assert_eq!((look(&buffer, "a"), look(&buffer, "aa")), (Ok(Some(3)), Err(())));
    }

    #[test]
    fn after_a_failure_the_old_value_does_not_come_back() {
        let mut buffer = Buffer::new(1);
        set(&mut buffer, "a", 1);
        set(&mut buffer, "b", 1);
        clear(&mut buffer, "c");
        buffer.take();
        set(&mut buffer, "b", 2);
        buffer.put_back();
        assert_eq!((look(&buffer, "a"), look(&buffer, "b"), look(&buffer, "c")), (Ok(None), Ok(Some(2)), Ok(None)));
        let again = buffer.take();
        assert_eq!((again.writes.len(), again.clears.len(), again.last), (2, 1, 4));
    }

    #[test]
    fn there_is_room_up_to_the_bound_or_for_one_larger_write() {
        let mut buffer = Buffer::new(1);
        assert!(buffer.has_room(BYTES * 2) && !buffer.is_half_full());
        for n in 0..WRITES as u64 {
            assert!(buffer.has_room(10));
            buffer.write(n.to_be_bytes().to_vec(), What::Remove);
        }
        assert!(!buffer.has_room(10) && buffer.is_half_full());
        buffer.take();
        assert!(buffer.has_room(10));
        buffer.write(vec![0], What::Set(Arc::new(vec![0; BYTES - 1000]), TIMES));
        assert!(buffer.has_room(100) && !buffer.has_room(2000) && buffer.is_half_full());
    }
}
