//! Results on their way to the consumer: in the order of the items, or as they come.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Results that are ready, by their place in the row.
#[derive(Debug)]
pub(crate) struct Row<R> {
    is_ordered: bool,
    batches: BTreeMap<usize, Vec<R>>,
    /// The place of the result that is due.
    due: usize,
    /// How many results there were.
    count: usize,
}

impl<R> Row<R> {
    pub(crate) const fn new(is_ordered: bool) -> Self {
        Row { is_ordered, batches: BTreeMap::new(), due: 0, count: 0 }
    }

    /// Results of items that follow each other, the first of them at `first`.
    pub(crate) fn put(&mut self, first: usize, batch: Vec<R>) {
        let place = if self.is_ordered { first } else { self.count };
        self.count += batch.len();
        if !batch.is_empty() {
            self.batches.insert(place, batch);
        }
    }

    /// The results that are due.
    pub(crate) fn take(&mut self) -> Option<Vec<R>> {
        let batch = self.batches.remove(&self.due)?;
        self.due += batch.len();
        Some(batch)
    }

    /// Are there results that are due?
    pub(crate) fn has_due(&self) -> bool {
        self.batches.contains_key(&self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(row: &mut Row<char>) -> Vec<Vec<char>> {
        core::iter::from_fn(|| row.take()).collect()
    }

    #[test]
    fn ordered_results_wait_for_those_before_them() {
        let mut row = Row::new(true);
        row.put(3, "de".chars().collect());
        row.put(2, "c".chars().collect());
        assert!(!row.has_due() && row.take().is_none());
        row.put(0, "ab".chars().collect());
        assert!(row.has_due());
        assert_eq!(takes(&mut row), [Vec::from(['a', 'b']), Vec::from(['c']), Vec::from(['d', 'e'])]);
        row.put(5, Vec::new());
        assert!(!row.has_due());
        row.put(5, "f".chars().collect());
        assert_eq!(takes(&mut row), [['f']]);
    }

    #[test]
    fn the_others_do_not() {
        let mut row = Row::new(false);
        row.put(3, "de".chars().collect());
        row.put(9, "j".chars().collect());
        assert_eq!(takes(&mut row), [Vec::from(['d', 'e']), Vec::from(['j'])]);
        row.put(0, "abc".chars().collect());
        assert_eq!(takes(&mut row), [['a', 'b', 'c']]);
    }
}
