//! A reorder buffer for batches of results.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Gives batches of results out in the order of their items, or as they were put in.
#[derive(Debug)]
pub(crate) struct ReorderBuffer<R> {
    is_ordered: bool,
    /// By the position of the first result.
    batches: BTreeMap<usize, Vec<R>>,
    /// The position of the result that is due.
    due: usize,
    /// How many results were put in.
    count: usize,
}

impl<R> ReorderBuffer<R> {
    pub(crate) const fn new(is_ordered: bool) -> Self {
        ReorderBuffer { is_ordered, batches: BTreeMap::new(), due: 0, count: 0 }
    }

    /// Adds the results of consecutive items, of which the first is at `first`.
    pub(crate) fn put(&mut self, first: usize, batch: Vec<R>) {
        let position = if self.is_ordered { first } else { self.count };
        self.count += batch.len();
        if !batch.is_empty() {
            self.batches.insert(position, batch);
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

    fn takes(reorder: &mut ReorderBuffer<char>) -> Vec<Vec<char>> {
        core::iter::from_fn(|| reorder.take()).collect()
    }

    #[test]
    fn ordered_results_wait_for_those_before_them() {
        let mut reorder = ReorderBuffer::new(true);
        reorder.put(3, "de".chars().collect());
        reorder.put(2, "c".chars().collect());
        assert!(!reorder.has_due() && reorder.take().is_none());
        reorder.put(0, "ab".chars().collect());
        assert!(reorder.has_due());
        assert_eq!(takes(&mut reorder), [Vec::from(['a', 'b']), Vec::from(['c']), Vec::from(['d', 'e'])]);
        reorder.put(5, Vec::new());
        assert!(!reorder.has_due());
        reorder.put(5, "f".chars().collect());
        assert_eq!(takes(&mut reorder), [['f']]);
    }

    #[test]
    fn the_others_do_not() {
        let mut reorder = ReorderBuffer::new(false);
        reorder.put(3, "de".chars().collect());
        reorder.put(9, "j".chars().collect());
        assert_eq!(takes(&mut reorder), [Vec::from(['d', 'e']), Vec::from(['j'])]);
        reorder.put(0, "abc".chars().collect());
        assert_eq!(takes(&mut reorder), [['a', 'b', 'c']]);
    }
}
