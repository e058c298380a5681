//! What a store outside of the process keeps for an entry: a header, and the value with the names of its fields.
//!
//! | bytes | what |
//! |---|---|
//! | 2 | the format, `[b'o', 1]` |
//! | 8 | which type the value has: a hash of its name |
//! | 8 | when it was put in, in microseconds since 1970 |
//! | 8 | its time to live in microseconds; all ones where it has no end |
//! | 8 | the checksum of all else |
//! | the rest | the value as `MessagePack`, structs as maps |
//!
//! Numbers are little-endian. Fields go by name, since a format that goes by position reads a value of a struct whose fields
//! have changed places as another, without an error.

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

/// Values may hold each other so deep. Reading them takes stack for each level.
const DEPTH: usize = 256;

/// When an entry was put in and when its time is over, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) written: u64,
    /// In microseconds; `u64::MAX` is no end.
    pub(crate) time_to_live: u64,
}

impl Times {
    /// Those of an entry that is put in now.
    pub(crate) fn new(written: u64, time_to_live: Option<Duration>) -> Self {
        Times { written, time_to_live: time_to_live.map_or(u64::MAX, micros) }
    }

    /// When its time is over; `u64::MAX` is never.
    pub(crate) const fn expires(self) -> u64 {
        self.written.saturating_add(self.time_to_live)
    }

    /// Is its time over? One that was put in later than now is, too, where it has an end: the clock has been set back, and
    /// nobody knows how old it is.
    pub(crate) const fn is_over(self, now: u64) -> bool {
        self.expires() != u64::MAX && (self.expires() <= now || self.written > now)
    }

    /// What a store tells of an entry whose clock may be another than the one it was written by.
    pub(crate) fn tell<V>(self, value: V, now: u64) -> Entry<V> {
        let age = now.saturating_sub(self.written);
        let left = (self.time_to_live != u64::MAX).then(|| self.time_to_live.saturating_sub(age));
        Entry::new(value).aged(Duration::from_micros(age)).expires_in(left.map(Duration::from_micros))
    }
}

/// Why a record is no entry for who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Of another format or another type.
    Foreign,
    /// It is not as it was written.
    Damaged,
}

/// What is kept for a value.
pub(crate) fn write<V: Serialize>(value: &V, times: Times) -> Result<Vec<u8>, StoreError> {
    let mut record = Vec::with_capacity(HEADER + 64);
    record.extend(FORMAT);
    record.extend(type_of::<V>().to_le_bytes());
    record.extend(times.written.to_le_bytes());
    record.extend(times.time_to_live.to_le_bytes());
    record.extend([0; 8]);
    let mut serializer = rmp_serde::Serializer::new(&mut record).with_struct_map();
    value.serialize(&mut serializer).map_err(|error| {
        StoreError::new(format_args!("a value of type `{}` cannot be written: {error}", type_name::<V>()))
    })?;
    let checksum = checksum(&record);
    record[CHECKSUM..HEADER].copy_from_slice(&checksum.to_le_bytes());
    Ok(record)
}

/// When a record was written, if it is one of a value of this type. Its value is not looked at.
pub(crate) fn times<V>(record: &[u8]) -> Result<Times, Unreadable> {
    let times = any_times(record)?;
    if word(record, 2) == type_of::<V>() { Ok(times) } else { Err(Unreadable::Foreign) }
}

/// The same of a value of any type.
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

/// The value of a record.
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

/// By its name, which is all of a type that another process knows. A value that is put in by reference is read without.
fn type_of<V>() -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(type_name::<V>().trim_start_matches('&').as_bytes());
    hasher.finish()
}

/// It tells a record that was torn or has rotted, and not one that was forged: who can write to a store can write any value.
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

    /// What a program of another release has under the same name.
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

    /// A record of `V` that says it is one of `W`.
    fn renamed<V: Serialize, W>(value: &V) -> Vec<u8> {
        let mut record = write(value, TIMES).unwrap();
        record[2..10].copy_from_slice(&type_of::<W>().to_le_bytes());
        let checksum = checksum(&record);
        record[CHECKSUM..HEADER].copy_from_slice(&checksum.to_le_bytes());
        record
    }

    #[test]
    fn fields_that_have_changed_places_are_found_by_their_names() {
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
            "its name is, its value not"
        );
        assert_eq!(read::<u8>(&renamed::<_, u8>(&(7_u8, 8_u8))), Err(Unreadable::Foreign));
    }

    #[test]
    fn values_in_values_without_end_are_refused_and_not_followed() {
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
    fn the_format_is_what_it_was() {
        let record = write(&Page { title: "x".into(), words: 3, links: vec![None] }, TIMES).unwrap();
        assert_eq!(record[..2], *b"o\x01");
        assert_eq!(record[10..26], [64, 75, 76, 0, 0, 0, 0, 0, 0, 135, 147, 3, 0, 0, 0, 0]);
        assert_eq!(record[HEADER..], *b"\x83\xa5title\xa1x\xa5words\x03\xa5links\x91\xc0");
        // A name alone, so that this is the same in every process and release.
        assert_eq!((type_of::<u32>(), type_of::<&&u32>()), (0x8bac_f4ad_828c_7fe7, 0x8bac_f4ad_828c_7fe7));
    }

    #[test]
    fn who_was_put_in_later_than_now_has_no_time_left() {
        assert!(TIMES.is_over(4_999_999) && !TIMES.is_over(5_000_000));
        assert!(!TIMES.is_over(64_999_999) && TIMES.is_over(65_000_000));
        assert!(!Times::new(5, None).is_over(4) && !Times::new(5, None).is_over(u64::MAX));
        assert!(!Times::new(5, Some(Duration::MAX)).is_over(u64::MAX));
        let entry = TIMES.tell((), 4_000_000);
        assert_eq!((entry.age(), entry.time_left()), (Some(Duration::ZERO), Some(Duration::from_secs(60))));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(title in ".{0,20}", words: u32, links in proptest::collection::vec(any::<Option<i64>>(), 0..4)) {
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
        fn a_record_that_is_not_as_it_was_written_is_no_entry(at in 0..60_usize, bit in 0..8_u32, len in 0..60_usize) {
            let page = Page { title: "as it was".into(), words: 3, links: vec![Some(1), None] };
            let record = write(&page, TIMES).unwrap();
            let mut flipped = record.clone();
            flipped[at % record.len()] ^= 1 << bit;
            prop_assert!(read::<Page>(&flipped).is_err());
            prop_assert!(read::<Page>(&record[..len % record.len()]).is_err());
        }
    }
}
