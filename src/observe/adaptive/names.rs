//! A bounded map from names to values.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

/// A program has a few dozen operations. Names that are created at run time must not fill the memory.
pub(super) const CAPACITY: usize = 1000;

/// Values of up to 1,000 names. A new name beyond that replaces the one that was changed least recently.
#[derive(Debug)]
pub(super) struct Names<T> {
    values: BTreeMap<Box<str>, Used<T>>,
    /// The total number of changes.
    changes: u64,
}

#[derive(Debug)]
struct Used<T> {
    /// The number of the last change of this value.
    last: u64,
    value: T,
}

impl<T> Names<T> {
    pub(super) const fn new() -> Self {
        Names { values: BTreeMap::new(), changes: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.values.get(name).map(|used| &used.value)
    }

    /// Changes the value of a name. Creates it first if there is none.
    pub(super) fn change<R>(&mut self, name: &str, make: impl FnOnce() -> T, change: impl FnOnce(&mut T) -> R) -> R {
        self.changes += 1;
        // Copy the name only if it is new.
        if let Some(used) = self.values.get_mut(name) {
            used.last = self.changes;
            return change(&mut used.value);
        }
        if self.values.len() >= CAPACITY {
            self.forget_one();
        }
        let mut value = make();
        let result = change(&mut value);
        self.values.insert(name.into(), Used { last: self.changes, value });
        result
    }

    fn forget_one(&mut self) {
        let least = self.values.iter().min_by_key(|(_, used)| used.last).map(|(name, _)| name.clone());
        if let Some(name) = least {
            self.values.remove(&name);
        }
    }
}
