//! Results that are collected by many workers and merged once.

use alloc::vec::Vec;

/// The results of one worker, as runs of consecutive positions: no lock and no allocation for each result. Sorted and
/// merged at the end.
#[derive(Debug)]
pub(crate) struct SortedRuns<R>(Vec<Run<R>>);

#[derive(Debug)]
struct Run<R> {
    first: usize,
    results: Vec<R>,
}

impl<R> SortedRuns<R> {
    pub(crate) const fn new() -> Self {
        SortedRuns(Vec::new())
    }

    /// Adds the result at `position`.
    #[inline]
    pub(crate) fn push(&mut self, position: usize, result: R) {
        match self.0.last_mut() {
            Some(run) if run.first + run.results.len() == position => run.results.push(result),
            _ => self.0.push(Run { first: position, results: alloc::vec![result] }),
        }
    }

    /// Adds the results of another worker.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// All results in the order of their positions.
    pub(crate) fn into_results(mut self) -> Vec<R> {
        self.0.sort_unstable_by_key(|run| run.first);
        let count = self.0.iter().map(|run| run.results.len()).sum::<usize>();
        let mut runs = self.0.into_iter().map(|run| run.results);
        let mut results = runs.next().unwrap_or_default();
        results.reserve_exact(count - results.len());
        runs.for_each(|mut run| results.append(&mut run));
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_put_together_by_place() {
        let (mut one, mut other) = (SortedRuns::new(), SortedRuns::new());
        for place in [0, 1, 2, 7, 5] {
            one.push(place, place);
        }
        for place in [3, 6, 4] {
            other.push(place, place);
        }
        assert_eq!((one.0.len(), other.0.len()), (3, 3));
        one.append(other);
        assert_eq!(one.into_results(), (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_an_empty_list() {
        assert!(SortedRuns::<()>::new().into_results().is_empty());
    }
}
