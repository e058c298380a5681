//! The tuned numbers, by name and by change.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use core::num::NonZeroU32;

use super::numbers::Numbers;

/// The number of superseded changes that are kept for calls that began before the next change of the same name. A call
/// that outlasts them goes on with the values written at its use.
const REMEMBERED: usize = 1000;

/// The numbers of each name, current and recent.
#[derive(Debug)]
pub(super) struct Table {
    /// The last change of each name that is tuned.
    names: BTreeMap<String, NonZeroU32>,
    /// The numbers of the name after each change.
    changes: BTreeMap<NonZeroU32, Numbers>,
    /// The superseded changes, oldest first.
    old: VecDeque<NonZeroU32>,
}

impl Table {
    pub(super) const fn new() -> Self {
        Table { names: BTreeMap::new(), changes: BTreeMap::new(), old: VecDeque::new() }
    }

    /// Returns the last change of a tuned name.
    pub(super) fn of(&self, name: &str) -> Option<NonZeroU32> {
        self.names.get(name).copied()
    }

    pub(super) fn after(&self, change: NonZeroU32) -> Option<&Numbers> {
        self.changes.get(&change)
    }

    pub(super) fn get(&self, name: &str) -> Numbers {
        self.names.get(name).and_then(|change| self.changes.get(change)).cloned().unwrap_or_default()
    }

    /// Stores the numbers of a name after a change.
    pub(super) fn put(&mut self, name: &str, numbers: Numbers, change: NonZeroU32) {
        let before = if numbers.is_empty() {
            self.names.remove(name)
        } else {
            self.changes.insert(change, numbers);
            self.names.insert(name.into(), change)
        };
        self.old.extend(before);
        while self.old.len() > REMEMBERED {
            if let Some(change) = self.old.pop_front() {
                self.changes.remove(&change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tunable::{Tunable, Value};
    use super::*;

    fn retries(count: u32) -> Numbers {
        Numbers::default().with(Tunable::Retries, Value::Count(count))
    }

    fn number(change: u32) -> NonZeroU32 {
        NonZeroU32::new(change).unwrap()
    }

    #[test]
    fn a_change_is_kept_for_calls_that_began_before_the_next() {
        let mut table = Table::new();
        table.put("a", retries(1), number(1));
        table.put("b", retries(2), number(2));
        table.put("a", retries(3), number(3));
        assert_eq!((table.get("a"), table.of("a")), (retries(3), Some(number(3))));
        assert_eq!([1, 2, 3].map(|n| table.after(number(n)).cloned()), [1, 2, 3].map(|n| Some(retries(n))));
        table.put("a", Numbers::default(), number(4));
        assert_eq!((table.get("a"), table.of("a")), (Numbers::default(), None));
        assert_eq!(table.after(number(3)), Some(&retries(3)));
    }

    #[test]
    fn the_table_stays_small_after_many_changes() {
        let mut table = Table::new();
        table.put("constant", retries(7), number(1));
        for change in 2..10_000 {
            let numbers = if change % 3 == 0 { Numbers::default() } else { retries(change) };
            table.put("changing", numbers, number(change));
        }
        assert!(table.changes.len() <= REMEMBERED + 2 && table.old.len() <= REMEMBERED && table.names.len() <= 2);
        assert_eq!(table.get("constant"), retries(7));
        assert_eq!(table.after(number(2)), None);
    }
}
