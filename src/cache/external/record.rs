//! The record that a store outside of the process keeps for an entry: a header, and the value with the names of its
//! fields.
//!
//! | bytes | what |
//! |---|---|
//! | 2 | the format, `[b'o', 1]` |
//! | 8 | the type of the value: a hash of its name |
//! | 8 | when it was inserted, in microseconds since 1970 |
//! | 8 | its time to live in microseconds; all ones if it never expires |
//! | 8 | the checksum of everything else |
//! | the rest | the value as `MessagePack`, structs as maps |
//!
//! Numbers are little-endian. Fields are stored by name: a format that stores them by position would silently misread
//! a struct whose fields were reordered.

use alloc::vec::Vec;
use core::any::type_name;
use core::hash::Hasher;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use siphasher::sip::SipHasher13;

use super::super::{Entry, StoreError};
use super::checksum;
use super::wall::micros;

const FORMAT: [u8; 2] = [b'o', 1];
/// The bytes of a header.
pub(crate) const HEADER: usize = 34;
const CHECKSUM: usize = 26;

/// How deep values may be nested. Reading takes stack for each level.
const DEPTH: usize = 256;

/// When an entry was inserted and how long it lives, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) written: u64,
    /// In microseconds; `u64::MAX` means that it never expires.
    pub(crate) time_to_live: u64,
}

impl Times {
    /// Creates the times of an entry that is inserted now.
    pub(crate) fn new(written: u64, time_to_live: Option<Duration>) -> Self {
        Times { written, time_to_live: time_to_live.map_or(u64::MAX, micros) }
    }

    /// Returns when it expires; `u64::MAX` is never.
    pub(crate) const fn expires(self) -> u64 {
        self.written.saturating_add(self.time_to_live)
    }

    /// Has it expired? An entry that was inserted later than now has, unless it never expires: the clock was set
    /// back, and its age is unknown.
    pub(crate) const fn is_over(self, now: u64) -> bool {
        self.expires() != u64::MAX && (self.expires() <= now || self.written > now)
    }

    /// Returns the entry for the caller of a store. It may have been written by another clock.
    pub(crate) fn tell<V>(self, value: V, now: u64) -> Entry<V> {
        let age = now.saturating_sub(self.written);
        let left = (self.time_to_live != u64::MAX).then(|| self.time_to_live.saturating_sub(age));
        Entry::new(value).aged(Duration::from_micros(age)).expires_in(left.map(Duration::from_micros))
    }
}

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Of another format or another type.
    Foreign,
    /// It is not as it was written.
    Damaged,
}

/// Serializes a value to a record.
pub(crate) fn write<V: Serialize>(value: &V, times: Times) -> Result<Vec<u8>, StoreError> {
    let mut record = Vec::with_capacity(HEADER + 64);
    record.extend(FORMAT);
    record.extend(type_of::<V>().to_le_bytes());
    record.extend(times.written.to_le_bytes());
    record.extend(times.time_to_live.to_le_bytes());
    record.extend([0; 8]);
    let mut serializer = rmp_serde::Serializer::new(&mut record).with_struct_map();
    value.serialize(&mut serializer).map_err(|error| {
        StoreError::new(format_args!("a value of type `{}` cannot be serialized: {error}", type_name::<V>()))
    })?;
    let checksum = checksum(&record);
    record[CHECKSUM..HEADER].copy_from_slice(&checksum.to_le_bytes());
    Ok(record)
}

/// Returns the times of a record, if it holds a value of this type. The value is not read.
pub(crate) fn times<V>(record: &[u8]) -> Result<Times, Unreadable> {
    let times = any_times(record)?;
    if word(record, 2) == type_of::<V>() { Ok(times) } else { Err(Unreadable::Foreign) }
}

/// Returns the times of a record, whatever the type of its value.
pub(crate) fn any_times(record: &[u8]) -> Result<Times, Unreadable> {
    let header = record.get(..HEADER).ok_or(Unreadable::Damaged)?;
    if header[..2] != FORMAT {
        return Err(Unreadable::Foreign);
    }
    if word(header, CHECKSUM) != checksum(record) {
        return Err(Unreadable::Damaged);
    }
    Ok(Times { written: word(header, 10), time_to_live: word(header, 18) })
}

/// Reads the value of a record.
pub(crate) fn value<V: DeserializeOwned>(record: &[u8]) -> Result<V, Unreadable> {
    let mut rest = record.get(HEADER..).ok_or(Unreadable::Damaged)?;
    let mut deserializer = rmp_serde::Deserializer::new(&mut rest);
    deserializer.set_max_depth(DEPTH);
    let value = V::deserialize(&mut deserializer).map_err(|_| Unreadable::Foreign)?;
    if rest.is_empty() { Ok(value) } else { Err(Unreadable::Foreign) }
}

fn word(header: &[u8], at: usize) -> u64 {
    header[at..at + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Hashes the name of the type, which is all that another process knows of it. References are removed: a value that
/// is written by reference is read by value.
fn type_of<V>() -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(type_name::<V>().trim_start_matches('&').as_bytes());
    hasher.finish()
}

/// Detects records that were torn or corrupted, but not forged ones: whoever can write to a store can write any
/// value.
fn checksum(record: &[u8]) -> u64 {
    checksum::of(&record[..CHECKSUM], &record[HEADER..])
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    const TIMES: Times = Times { written: 5_000_000, time_to_live: 60_000_000 };

    fn read<V: DeserializeOwned>(record: &[u8]) -> Result<V, Unreadable> {
        times::<V>(record).and_then(|_| value(record))
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Page {
        title: String,
        words: u32,
        links: Vec<Option<i64>>,
    }

    /// What another release of the program has under the same name.
    mod other {
        use super::{Deserialize, Serialize, String};

        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        pub(super) struct Swapped {
            pub(super) b: String,
            pub(super) a: String,
        }
    }

    #[derive(Serialize)]
    struct Straight {
        a: String,
        b: String,
    }

    /// A record of `V` that claims to be of `W`.
    fn renamed<V: Serialize, W>(value: &V) -> Vec<u8> {
        let mut record = write(value, TIMES).unwrap();
        record[2..10].copy_from_slice(&type_of::<W>().to_le_bytes());
        let checksum = checksum(&record);
        record[CHECKSUM..HEADER].copy_from_slice(&checksum.to_le_bytes());
        record
    }

    #[test]
    fn reordered_fields_are_found_by_name() {
        let record = renamed::<_, other::Swapped>(&Straight { a: "a".into(), b: "b".into() });
        assert_eq!(read(&record), Ok(other::Swapped { a: "a".into(), b: "b".into() }));
    }

    #[test]
    fn a_value_of_another_type_is_foreign() {
        let record = write(&7_u32, TIMES).unwrap();
        assert_eq!(read::<u32>(&record), Ok(7));
        assert_eq!(read::<u64>(&record), Err(Unreadable::Foreign));
        assert_eq!(
            read::<String>(&renamed::<_, String>(&7_u32)),
            Err(Unreadable::Foreign),
            "its name matches, its value does not"
        );
        assert_eq!(read::<u8>(&renamed::<_, u8>(&(7_u8, 8_u8))), Err(Unreadable::Foreign));
    }

    #[test]
    fn values_nested_too_deep_are_refused() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "never made")]
        struct Nest(Vec<Nest>);
        let mut record = renamed::<_, Nest>(&());
        record.truncate(HEADER);
        record.extend(vec![0x91; 1 << 20]);
        let checksum = checksum(&record);
        record[CHECKSUM..HEADER].copy_from_slice(&checksum.to_le_bytes());
        assert_eq!(read::<Nest>(&record).err(), Some(Unreadable::Foreign));
    }

    #[test]
    fn the_format_is_stable() {
        let record = write(&Page { title: "x".into(), words: 3, links: vec![None] }, TIMES).unwrap();
        assert_eq!(record[..2], *b"o\x01");
        assert_eq!(record[10..26], [64, 75, 76, 0, 0, 0, 0, 0, 0, 135, 147, 3, 0, 0, 0, 0]);
        assert_eq!(record[HEADER..], *b"\x83\xa5title\xa1x\xa5words\x03\xa5links\x91\xc0");
        // Only the name counts, so that this is the same in every process and release.
        assert_eq!((type_of::<u32>(), type_of::<&&u32>()), (0x8bac_f4ad_828c_7fe7, 0x8bac_f4ad_828c_7fe7));
    }

    #[test]
    fn an_entry_from_the_future_has_expired() {
        assert!(TIMES.is_over(4_999_999) && !TIMES.is_over(5_000_000));
        assert!(!TIMES.is_over(64_999_999) && TIMES.is_over(65_000_000));
        assert!(!Times::new(5, None).is_over(4) && !Times::new(5, None).is_over(u64::MAX));
        assert!(!Times::new(5, Some(Duration::MAX)).is_over(u64::MAX));
        let entry = TIMES.tell((), 4_000_000);
        assert_eq!((entry.age(), entry.time_left()), (Some(Duration::ZERO), Some(Duration::from_secs(60))));
    }

    proptest! {
        #[test]
        fn a_written_value_is_read_back(title in ".{0,20}", words: u32, links in proptest::collection::vec(any::<Option<i64>>(), 0..4)) {
            let page = Page { title, words, links };
            let record = write(&page, TIMES).unwrap();
            prop_assert_eq!(times::<Page>(&record), Ok(TIMES));
            prop_assert_eq!(read::<Page>(&record), Ok(page));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = times::<Page>(&bytes);
            prop_assert!(read::<Page>(&bytes).is_err());
            let _ = value::<Page>(&bytes);
            let _ = value::<Vec<(u8, String)>>(&bytes);
        }

        #[test]
        fn a_corrupted_record_is_refused(at in 0..60_usize, bit in 0..8_u32, len in 0..60_usize) {
            let page = Page { title: "as it was".into(), words: 3, links: vec![Some(1), None] };
            let record = write(&page, TIMES).unwrap();
            let mut flipped = record.clone();
            flipped[at % record.len()] ^= 1 << bit;
            prop_assert!(read::<Page>(&flipped).is_err());
            prop_assert!(read::<Page>(&record[..len % record.len()]).is_err());
        }
    }
}
