//! The name of an entry in the tables: one byte string, found by comparing bytes only.

use alloc::vec::Vec;
use core::hash::Hasher;

use siphasher::sip::SipHasher13;

use super::super::Key;

/// Separates the parts of a name. UTF-8 text contains neither this byte nor the next.
const SEPARATOR: u8 = 0xfe;

/// The namespace, the name and the fingerprint. The names of a namespace are contiguous.
pub(super) fn name(key: &Key<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.namespace().len() + key.name().len() + 18);
    bytes.extend_from_slice(key.namespace().as_bytes());
    bytes.push(SEPARATOR);
    bytes.extend_from_slice(key.name().as_bytes());
    bytes.push(SEPARATOR);
    bytes.extend_from_slice(&key.fingerprint().to_be_bytes());
    bytes
}

/// Returns the range of the names of a namespace.
pub(super) fn range(namespace: &str) -> [Vec<u8>; 2] {
    [SEPARATOR, SEPARATOR + 1].map(|end| [namespace.as_bytes(), &[end]].concat())
}

/// Returns the check value of a name, which a row stores. Without it a damaged index would return another entry's
/// value.
pub(super) fn tag(name: &[u8]) -> i64 {
    let mut hasher = SipHasher13::new();
    hasher.write(name);
    i64::from_ne_bytes(hasher.finish().to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_a_range_has_those_of_its_namespace() {
        let texts = ["", "a", "ab", "a\0", "b", "\u{10ffff}", "\u{10ffff}\u{10ffff}"];
        let mut names = Vec::new();
        for namespace in texts {
            let [start, end] = range(namespace);
            for (other, text) in texts.into_iter().flat_map(|other| texts.map(|text| (other, text))) {
                let name = name(&Key::new(other, text, &()));
                assert_eq!((&start..&end).contains(&&name), other == namespace, "{other:?} {namespace:?}");
                names.push(name);
            }
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), texts.len() * texts.len());
    }
}
