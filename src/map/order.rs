//! Puts results that complete in any order into the order of their items.
//!
//! There are three ways, each the fastest for its mode. [`ReorderBuffer`] takes batches and passes them to a consumer.
//! `ItemReorder` does the same with single results of one task. [`SortedRuns`] merges the results of all workers once
//! at the end.

use alloc::collections::BTreeMap;
#[cfg(feature = "async")]
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Returns batches of results in the order of their items, or in the order they were added.
#[derive(Debug)]
pub(crate) struct ReorderBuffer<R> {
    is_ordered: bool,
    /// The batches, by the position of their first result.
    batches: BTreeMap<usize, Vec<R>>,
    /// The position of the next result to return.
    due: usize,
    /// The number of results that were added.
    count: usize,
}

impl<R> ReorderBuffer<R> {
    pub(crate) const fn new(is_ordered: bool) -> Self {
        ReorderBuffer { is_ordered, batches: BTreeMap::new(), due: 0, count: 0 }
    }

    /// Adds the results of consecutive items. `first` is the position of the first item.
    pub(crate) fn put(&mut self, first: usize, batch: Vec<R>) {
        let position = if self.is_ordered { first } else { self.count };
        self.count += batch.len();
        if !batch.is_empty() {
            self.batches.insert(position, batch);
        }
    }

    /// Takes the next batch, if it is there.
    pub(crate) fn take(&mut self) -> Option<Vec<R>> {
        let batch = self.batches.remove(&self.due)?;
        self.due += batch.len();
        Some(batch)
    }

    /// The number of results that were added and not yet taken.
    pub(crate) fn len(&self) -> usize {
        self.count - self.due
    }

    /// Returns whether the next batch is there.
    pub(crate) fn has_due(&self) -> bool {
        self.batches.contains_key(&self.due)
    }
}

/// Returns single results in the order of their items, or in the order they were added.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(crate) struct ItemReorder<R> {
    is_ordered: bool,
    /// The results that were not returned yet, starting with the next one. `None` if a result is still missing.
    ahead: VecDeque<Option<R>>,
    given: usize,
}

#[cfg(feature = "async")]
impl<R> ItemReorder<R> {
    pub(crate) const fn new(is_ordered: bool) -> Self {
        ItemReorder { is_ordered, ahead: VecDeque::new(), given: 0 }
    }

    /// Adds the result of the item at `index`. Each item has exactly one result.
    #[inline]
    pub(crate) fn put(&mut self, index: usize, result: R) {
        let position = if self.is_ordered { index - self.given } else { self.ahead.len() };
        if position >= self.ahead.len() {
            self.ahead.resize_with(position, || None);
            self.ahead.push_back(Some(result));
        } else {
            self.ahead[position] = Some(result);
        }
    }

    /// Takes the next result, if it is there.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<R> {
        self.ahead.front()?.as_ref()?;
        self.given += 1;
        self.ahead.pop_front().flatten()
    }

    /// Returns whether the next result is there.
    #[inline]
    pub(crate) fn has_due(&self) -> bool {
        self.ahead.front().is_some_and(Option::is_some)
    }

    /// The number of results that were returned.
    pub(crate) const fn given(&self) -> usize {
        self.given
    }
}

/// The results of one worker, as runs of consecutive positions. Adding a result takes no lock and no allocation. The
/// runs of all workers are merged at the end.
#[derive(Debug)]
pub(crate) struct SortedRuns<R>(Vec<Ascending<R>>);

/// Results with ascending positions, stored as runs.
#[derive(Debug)]
struct Ascending<R> {
    runs: Vec<Run>,
    /// The number of results that have a position.
    placed: usize,
    results: Vec<R>,
}

impl<R> Ascending<R> {
    #[inline]
    fn place(&mut self, position: usize, count: usize) {
        match self.runs.last_mut() {
            Some(run) if run.end() == position => run.len += count,
            _ => self.runs.push(Run { first: position, len: count }),
        }
        self.placed += count;
    }
}

#[derive(Clone, Copy, Debug)]
struct Run {
    first: usize,
    len: usize,
}

impl Run {
    const fn end(self) -> usize {
        self.first + self.len
    }
}

impl<R> SortedRuns<R> {
    pub(crate) const fn new() -> Self {
        SortedRuns(Vec::new())
    }

    /// Adds the result at `position`.
    #[inline]
    pub(crate) fn push(&mut self, position: usize, result: R) {
        let last = self.after(position);
        last.place(position, 1);
        last.results.push(result);
    }

    /// Adds a result whose position is set later by [`place`](SortedRuns::place). Positions must ascend.
    #[inline]
    pub(crate) fn push_unplaced(&mut self, result: R) {
        self.after(usize::MAX).results.push(result);
    }

    /// Sets the positions of the results that have none yet. `position` is given their number and returns the position
    /// of the first.
    #[inline]
    pub(crate) fn place(&mut self, position: impl FnOnce(usize) -> usize) {
        if let Some(last) = self.0.last_mut() {
            let count = last.results.len() - last.placed;
            last.place(position(count), count);
        }
    }

    /// Returns the list to which a result at `position` can be added.
    #[inline]
    fn after(&mut self, position: usize) -> &mut Ascending<R> {
        let end = self.0.last().and_then(|last| last.runs.last()).map(|run| run.end());
        // Positions rarely descend: only when a worker takes items that another one has returned.
        if end.is_none_or(|end| end > position) && !self.0.last().is_some_and(|last| last.runs.is_empty()) {
            self.0.push(Ascending { runs: Vec::new(), placed: 0, results: Vec::new() });
        }
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// Adds the results of another worker.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Returns all results in the order of their positions.
    pub(crate) fn into_results(mut self) -> Vec<R> {
        if self.0.len() == 1 {
            return self.0.pop().map(|only| only.results).unwrap_or_default();
        }
        let numbered =
            self.0.iter().enumerate().flat_map(|(number, part)| part.runs.iter().map(move |run| (*run, number)));
        let mut runs: Vec<(Run, usize)> = numbered.collect();
        runs.sort_unstable_by_key(|(run, _)| run.first);
        let mut results = Vec::with_capacity(self.0.iter().map(|part| part.results.len()).sum());
        let mut parts: Vec<_> = self.0.into_iter().map(|part| part.results.into_iter()).collect();
        for (run, part) in runs {
            results.extend(parts[part].by_ref().take(run.len));
        }
        results
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
    fn unordered_results_do_not_wait() {
        let mut reorder = ReorderBuffer::new(false);
        reorder.put(3, "de".chars().collect());
        reorder.put(9, "j".chars().collect());
        assert_eq!(takes(&mut reorder), [Vec::from(['d', 'e']), Vec::from(['j'])]);
        reorder.put(0, "abc".chars().collect());
        assert_eq!(takes(&mut reorder), [['a', 'b', 'c']]);
    }

    #[cfg(feature = "async")]
    fn given(reorder: &mut ItemReorder<char>) -> Vec<char> {
        core::iter::from_fn(|| reorder.next()).collect()
    }

    #[cfg(feature = "async")]
    #[test]
    fn an_ordered_result_waits_for_those_before_it() {
        let mut reorder = ItemReorder::new(true);
        reorder.put(2, 'c');
        reorder.put(3, 'd');
        assert!(given(&mut reorder).is_empty());
        reorder.put(0, 'a');
        assert_eq!(given(&mut reorder), ['a']);
        reorder.put(1, 'b');
        reorder.put(5, 'f');
        assert_eq!((given(&mut reorder), reorder.given()), (Vec::from(['b', 'c', 'd']), 4));
        reorder.put(4, 'e');
        assert_eq!(given(&mut reorder), ['e', 'f']);
    }

    #[cfg(feature = "async")]
    #[test]
    fn unordered_results_keep_the_order_of_completion() {
        let mut reorder = ItemReorder::new(false);
        for (index, result) in [(2, 'c'), (0, 'a'), (7, 'h')] {
            reorder.put(index, result);
        }
        assert_eq!((given(&mut reorder), reorder.given()), (Vec::from(['c', 'a', 'h']), 3));
    }

    #[test]
    fn runs_are_merged_by_position() {
        let (mut one, mut other) = (SortedRuns::new(), SortedRuns::new());
        for place in [0, 1, 2, 7, 5] {
            one.push(place, place);
        }
        for place in [3, 6, 4] {
            other.push(place, place);
        }
        // In each list, positions descend once.
        assert_eq!((one.0.len(), other.0.len()), (2, 2));
        one.append(other);
        assert_eq!(one.into_results(), (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn results_can_get_their_positions_later() {
        let (mut one, mut other) = (SortedRuns::new(), SortedRuns::new());
        one.push_unplaced(0);
        one.push_unplaced(1);
        other.push_unplaced(2);
        other.place(|count| 3 - count);
        one.place(|count| count - 2);
        one.push_unplaced(3);
        one.place(|_| 3);
        one.append(other);
        assert_eq!(one.into_results(), [0, 1, 2, 3]);
    }

    #[test]
    fn no_results_are_an_empty_list() {
        assert!(SortedRuns::<()>::new().into_results().is_empty());
    }
}
