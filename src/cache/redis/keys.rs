//! The keys on a server.
//!
//! | key | what |
//! |---|---|
//! | `opero:entry:5:pages:app::load:37683202e9e2f33485ae91b341047be6` | an entry: the length of its namespace in bytes, its namespace, its name, its fingerprint |
//! | `opero:lease:5:pages:app::load:37683202e9e2f33485ae91b341047be6` | the token of the holder of its lease |
//! | `opero:index:pages` | a sorted set of the entries of a namespace, ordered by expiry |
//! | `opero:clearing:pages` | the same, of entries that are being removed |
//! | `opero:rate:name:100/1000000000ns:app::load` | a rate that processes share: see [`rate`](crate::rate) |
//!
//! A namespace may contain any text: its length says where it ends. `opero` is the prefix.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use super::super::Key;
use crate::sync::OnceLock;

const PREFIX: &str = "opero";
/// The digits of a fingerprint.
const DIGITS: usize = 32;

/// The prefix of the keys of a store.
#[derive(Debug, Default)]
pub(super) struct Keys(OnceLock<Box<str>>);

impl Keys {
    pub(super) const fn new() -> Self {
        Keys(OnceLock::new())
    }

    /// Sets the prefix. The first prefix stays.
    pub(super) fn set_prefix(&self, prefix: &str) {
        self.0.get_or_init(|| prefix.into());
    }

    pub(super) fn prefix(&self) -> &str {
        self.0.get_or_init(|| PREFIX.into())
    }

    pub(super) fn entry(&self, key: &Key<'_>) -> String {
        self.of_key("entry", key)
    }

    pub(super) fn lease(&self, key: &Key<'_>) -> String {
        self.of_key("lease", key)
    }

    fn of_key(&self, kind: &str, key: &Key<'_>) -> String {
        let prefix = self.prefix();
        let length = prefix.len() + kind.len() + key.namespace().len() + key.name().len() + DIGITS + 24;
        let mut text = String::with_capacity(length);
        // Writing to a `String` never fails.
        let _ = write!(text, "{prefix}:{kind}:{}:{key}", key.namespace().len());
        text
    }

    /// Returns the part of a key that all entries of a namespace share, up to their name in the index.
    pub(super) fn base(&self, namespace: &str) -> String {
        format!("{}:entry:{}:{namespace}:", self.prefix(), namespace.len())
    }

    /// Returns the name of an entry in the index: the end of its key.
    pub(super) fn member<'e>(entry: &'e str, key: &Key<'_>) -> &'e str {
        let length = key.name().len() + 1 + DIGITS;
        entry.get(entry.len().saturating_sub(length)..).unwrap_or(entry)
    }

    pub(super) fn index(&self, namespace: &str) -> String {
        format!("{}:index:{namespace}", self.prefix())
    }

    pub(super) fn clearing(&self, namespace: &str) -> String {
        format!("{}:clearing:{namespace}", self.prefix())
    }

    /// Returns the prefix of all entries.
    pub(super) fn entries(&self) -> String {
        format!("{}:entry:", self.prefix())
    }

    /// Parses the key of an entry.
    pub(super) fn read(&self, text: &[u8]) -> Option<Key<'static>> {
        let text = core::str::from_utf8(text).ok()?;
        let rest = text.strip_prefix(self.prefix())?.strip_prefix(":entry:")?;
        let (length, rest) = rest.split_once(':')?;
        let (namespace, rest) = rest.split_at_checked(length.parse().ok()?)?;
        let (name, digits) = rest.strip_prefix(':')?.rsplit_once(':')?;
        let is_plain = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let fingerprint = u128::from_str_radix(digits, 16).ok().filter(|_| is_plain)?;
        Some(Key::with(namespace, name, fingerprint).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_read_as_it_was_written(namespace in "[:a0é]{0,6}", name in "[:a0é]{0,6}", fingerprint: u128) {
            let keys = Keys::new();
            let key = Key::with(&namespace, &name, fingerprint);
            let text = keys.entry(&key);
            prop_assert_eq!(keys.read(text.as_bytes()), Some(key.clone()));
            prop_assert!(text.starts_with(&keys.entries()));
            prop_assert_eq!(keys.base(&namespace) + Keys::member(&text, &key), text);
            prop_assert_eq!(keys.read(keys.lease(&key).as_bytes()), None);
        }

        #[test]
        fn two_namespaces_have_no_entry_in_common(
            one in "[:0-2]{0,4}", other in "[:0-2]{0,4}", name in "[:0-2]{0,4}", second in "[:0-2]{0,4}",
        ) {
            let keys = Keys::new();
            let (left, right) = (keys.entry(&Key::with(&one, &name, 0)), keys.entry(&Key::with(&other, &second, 0)));
            prop_assert_eq!(left == right, (one, name) == (other, second));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "(opero:entry:)?[0-9:é]{0,40}") {
            let _ = Keys::new().read(text.as_bytes());
        }
    }

    #[test]
    fn the_names_are_stable() {
        let keys = Keys::new();
        let key = Key::with("pages", "app::load", 0x3768_3202_e9e2_f334_85ae_91b3_4104_7be6);
        assert_eq!(keys.entry(&key), "opero:entry:5:pages:app::load:37683202e9e2f33485ae91b341047be6");
        assert_eq!(keys.lease(&key), "opero:lease:5:pages:app::load:37683202e9e2f33485ae91b341047be6");
        assert_eq!(
            (keys.index("pages"), keys.clearing("pages")),
            ("opero:index:pages".into(), "opero:clearing:pages".into())
        );
        let own = Keys::new();
        own.set_prefix("shop");
        own.set_prefix("other");
        assert_eq!(own.entry(&key), "shop:entry:5:pages:app::load:37683202e9e2f33485ae91b341047be6");
    }
}
