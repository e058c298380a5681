//! What is kept by name, of so many names at most.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

/// A program has a few dozen operations; names that are made up as it runs must not fill its memory.
pub(super) const CAPACITY: usize = 1000;

/// A value for each of at most 1,000 names. One more takes the place of the one that was changed least recently.
#[derive(Debug)]
pub(super) struct Names<T> {
    values: BTreeMap<Box<str>, Used<T>>,
    /// How often a value was changed.
    changes: u64,
}

#[derive(Debug)]
struct Used<T> {
    /// Which change of all was its last.
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

    /// Changes the value of a name, which is made where there is none.
    pub(super) fn change<R>(&mut self, name: &str, make: impl FnOnce() -> T, change: impl FnOnce(&mut T) -> R) -> R {
        self.changes += 1;
        // The name is copied only where it is new.
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
