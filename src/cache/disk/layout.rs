//! The layout of the tables: keys, slots and tickets.
//!
//! | what | bytes |
//! |---|---|
//! | space | the length of the namespace (4, big-endian), the namespace |
//! | key | the space, the name, the fingerprint (16, big-endian) |
//! | slot | the number of the write (8), a checksum of key and number (8), the record |
//! | ticket | when it was written (8), its time to live (8), the key |
//!
//! A space begins with its length, so no space is a prefix of another, whatever bytes the namespaces contain: the
//! entries of a namespace are the keys with the prefix of its space. Numbers are little-endian, except in keys.

use alloc::vec::Vec;
use core::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::super::Key;
use super::super::external::Times;

/// The bytes of a slot before its record.
const SLOT: usize = 16;
/// The bytes of a ticket before its key.
const TICKET: usize = 16;
/// The approximate size of a row in the tables, beside its slot and twice its key.
const ROW: usize = TICKET + 16;

/// Returns the prefix of all keys of a namespace.
pub(super) fn space(namespace: &str) -> Vec<u8> {
    let mut space = Vec::with_capacity(4 + namespace.len());
    push_space(&mut space, namespace);
    space
}

pub(super) fn key(key: &Key<'_>) -> Vec<u8> {
    let (namespace, name) = (key.namespace(), key.name());
    let mut bytes = Vec::with_capacity(4 + namespace.len() + name.len() + 16);
    push_space(&mut bytes, namespace);
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(&key.fingerprint().to_be_bytes());
    bytes
}

fn push_space(bytes: &mut Vec<u8>, namespace: &str) {
    // A namespace of 4 GiB does not fit into a key of redb either.
    let length = u32::try_from(namespace.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(namespace.as_bytes());
}

/// Returns the space of a key.
pub(super) fn space_of(key: &[u8]) -> &[u8] {
    let length = key.first_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    let end = usize::try_from(length).map_or(usize::MAX, |length| length.saturating_add(4));
    key.get(..end).unwrap_or(key)
}

/// The value that is stored for a key.
pub(super) struct Slot<'a> {
    pub(super) number: u64,
    pub(super) record: &'a [u8],
}

impl<'a> Slot<'a> {
    pub(super) fn write(number: u64, key: &[u8], record: &[u8]) -> Vec<u8> {
        let mut slot = Vec::with_capacity(SLOT + record.len());
        slot.extend_from_slice(&number.to_le_bytes());
        slot.extend_from_slice(&check(number, key).to_le_bytes());
        slot.extend_from_slice(record);
        slot
    }

    /// Returns `None` if the slot does not belong to this key: the file is damaged.
    pub(super) fn read(key: &[u8], slot: &'a [u8]) -> Option<Self> {
        let number = word(slot, 0)?;
        let record = slot.get(SLOT..)?;
        (word(slot, 8)? == check(number, key)).then_some(Slot { number, record })
    }
}

/// Binds a record to its key, so that a record at a wrong place is rejected.
fn check(number: u64, key: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write_u64(number);
    hasher.write(key);
    hasher.finish()
}

pub(super) fn ticket(times: Times, key: &[u8]) -> Vec<u8> {
    let mut ticket = Vec::with_capacity(TICKET + key.len());
    ticket.extend_from_slice(&times.written.to_le_bytes());
    ticket.extend_from_slice(&times.time_to_live.to_le_bytes());
    ticket.extend_from_slice(key);
    ticket
}

pub(super) fn read_ticket(ticket: &[u8]) -> Option<(Times, &[u8])> {
    let times = Times { written: word(ticket, 0)?, time_to_live: word(ticket, 8)? };
    Some((times, ticket.get(TICKET..)?))
}

/// Returns what a row counts towards `max_bytes`.
pub(super) fn weight(key: usize, slot: usize) -> u64 {
    (key.saturating_mul(2).saturating_add(slot).saturating_add(ROW)) as u64
}

/// Returns the weight of a record that is not written yet.
pub(super) fn weight_of_record(key: &[u8], record: &[u8]) -> u64 {
    weight(key.len(), record.len().saturating_add(SLOT))
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_keys_of_a_namespace_are_those_that_begin_with_its_space(
            one in "[a:\u{0}\u{ff}]{0,3}", name in "[a:\u{0}\u{ff}]{0,3}", other in "[a:\u{0}\u{ff}]{0,3}",
        ) {
            let bytes = key(&Key::new(&one, &name, &1));
            prop_assert_eq!(space_of(&bytes), space(&one));
            prop_assert_eq!(bytes.starts_with(&space(&other)), one == other);
        }

        #[test]
        fn two_keys_have_different_bytes(a in "[a\u{0}]{0,3}", b in "[a\u{0}]{0,3}", c in "[a\u{0}]{0,3}", d in "[a\u{0}]{0,3}") {
            let (one, other) = (Key::new(&a, &b, &1), Key::new(&c, &d, &1));
            prop_assert_eq!(key(&one) == key(&other), one == other);
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = (space_of(&bytes), Slot::read(b"key", &bytes).is_some(), read_ticket(&bytes));
        }
    }

    #[test]
    fn a_slot_belongs_to_one_key_and_number() {
        let slot = Slot::write(7, b"key", b"record");
        let read = Slot::read(b"key", &slot).map(|slot| (slot.number, slot.record));
        assert_eq!(read, Some((7, &b"record"[..])));
        assert!(Slot::read(b"kez", &slot).is_none());
        let mut renumbered = slot.clone();
        renumbered[0] = 8;
        assert!(Slot::read(b"key", &renumbered).is_none());
        assert!((0..SLOT).all(|length| Slot::read(b"key", &slot[..length]).is_none()));
    }

    #[test]
    fn a_ticket_has_its_time_and_key() {
        let times = Times { written: 5, time_to_live: 6 };
        let name = String::from("key");
        assert_eq!(read_ticket(&ticket(times, name.as_bytes())), Some((times, name.as_bytes())));
    }
}
