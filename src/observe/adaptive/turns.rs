//! Chooses the candidate of the next call of an operation.

use alloc::vec::Vec;

use super::history::{LEAST_RECORDS, LEAST_SAMPLES};

/// Once there is a choice, one in this many calls runs with another candidate.
const EVERY: u64 = 10;
/// The number of such calls in a row with the same candidate, so that it then has enough samples.
const IN_A_ROW: u64 = LEAST_SAMPLES as u64;
/// The number of calls after which a candidate whose calls are always abandoned is no longer waited for.
const MOST_TURNS: usize = 4 * LEAST_SAMPLES;
/// The list can be a different one in each call. Beyond this many candidates, those that are no longer in the list are
/// forgotten.
const REMEMBERED: usize = 100;

/// First runs all candidates in turn, until each has 5 samples and there are 10 in all. Then runs the choice, except
/// that every tenth call runs another candidate: five times the same, then the next.
///
/// The result depends only on earlier calls, not on chance.
#[derive(Debug)]
pub(super) struct Turns<C> {
    tried: Vec<Tried<C>>,
    choice: Option<C>,
    /// The number of calls since there is a choice.
    calls: u64,
    /// The number of these calls that tried another candidate.
    explored: u64,
}

#[derive(Debug)]
struct Tried<C> {
    config: C,
    /// The number of calls that have begun, that are over, and that were recorded.
    begun: u64,
    over: usize,
    samples: usize,
}

impl<C> Turns<C> {
    pub(super) const fn new() -> Self {
        Turns { tried: Vec::new(), choice: None, calls: 0, explored: 0 }
    }

    /// The candidate of all calls that do not explore. `None` before each candidate has had its turns.
    pub(super) const fn choice(&self) -> Option<&C> {
        self.choice.as_ref()
    }
}

impl<C: Clone + PartialEq> Turns<C> {
    /// Returns the candidate of a call that begins now; `None` if the list is empty. `suggest` returns the best
    /// candidate of the list, or `None` to keep the one it is given.
    pub(super) fn next(&mut self, list: &[C], suggest: impl FnOnce(&C) -> Option<C>) -> Option<C> {
        let first = list.first()?;
        if self.tried.len() > REMEMBERED {
            self.tried.retain(|tried| list.contains(&tried.config));
        }
        let next = if self.lacks_samples(list, first) {
            list.iter().min_by_key(|config| self.get(config).map_or(0, |tried| tried.begun)).unwrap_or(first).clone()
        } else {
            self.settled(list, first, suggest)
        };
        self.note(&next, |tried| tried.begun += 1);
        Some(next)
    }

    /// Counts a call with this candidate that was recorded.
    pub(super) fn sampled(&mut self, config: &C) {
        self.note(config, |tried| tried.samples += 1);
    }

    /// Counts a call with this candidate that is over, however it ended.
    pub(super) fn over(&mut self, config: &C) {
        self.note(config, |tried| tried.over += 1);
    }

    /// Returns whether a candidate has too few samples.
    fn lacks_samples(&self, list: &[C], first: &C) -> bool {
        let is_alone = list.iter().all(|config| config == first);
        let least = if is_alone { LEAST_RECORDS } else { LEAST_SAMPLES };
        let is_known = |tried: &Tried<C>| tried.samples >= least || tried.over >= MOST_TURNS;
        !list.iter().all(|config| self.get(config).is_some_and(is_known))
    }

    /// Returns the choice, or another candidate if it is time for one.
    fn settled(&mut self, list: &[C], first: &C, suggest: impl FnOnce(&C) -> Option<C>) -> C {
        let current = self.choice.take().filter(|choice| list.contains(choice)).unwrap_or_else(|| first.clone());
        let choice = suggest(&current).unwrap_or(current);
        let next = self.by_turns(list, &choice).unwrap_or(&choice).clone();
        self.choice = Some(choice);
        next
    }

    /// Returns a candidate other than the choice, if it is time for one.
    fn by_turns<'l>(&mut self, list: &'l [C], choice: &C) -> Option<&'l C> {
        self.calls = self.calls.wrapping_add(1);
        if self.calls % EVERY != 0 {
            return None;
        }
        let others: Vec<_> = list.iter().filter(|config| *config != choice).collect();
        let turn = (self.explored / IN_A_ROW).checked_rem(others.len() as u64)?;
        self.explored = self.explored.wrapping_add(1);
        others.get(usize::try_from(turn).ok()?).copied()
    }

    fn get(&self, config: &C) -> Option<&Tried<C>> {
        self.tried.iter().find(|tried| tried.config == *config)
    }

    /// Changes the counts of a candidate.
    fn note(&mut self, config: &C, change: impl FnOnce(&mut Tried<C>)) {
        if let Some(tried) = self.tried.iter_mut().find(|tried| tried.config == *config) {
            return change(tried);
        }
        let mut tried = Tried { config: config.clone(), begun: 0, over: 0, samples: 0 };
        change(&mut tried);
        self.tried.push(tried);
    }
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests {
    use super::*;

    /// Runs `calls` calls one after another, with `best` as the suggestion, and returns their candidates.
    fn run(turns: &mut Turns<char>, list: &[char], best: char, calls: usize) -> alloc::string::String {
        let call = |_| {
            let next = turns.next(list, |_| Some(best)).expect("a list that is not empty");
            turns.sampled(&next);
            turns.over(&next);
            next
        };
        (0..calls).map(call).collect()
    }

    #[test]
    fn all_run_in_turn_then_the_best_with_another_in_every_tenth_call() {
        let mut turns = Turns::new();
        let list = ['a', 'b', 'c'];
        assert_eq!(run(&mut turns, &list, 'b', 15), "abcabcabcabcabc");
        assert_eq!(turns.choice(), None);
        for other in ["a", "c", "a"] {
            let expected = ["bbbbbbbbb", other].concat().repeat(5);
            assert_eq!(run(&mut turns, &list, 'b', 50), expected);
        }
        assert_eq!(turns.choice(), Some(&'b'));
    }

    #[test]
    fn a_single_candidate_has_ten_turns_and_is_the_choice() {
        for list in [&['a'][..], &['a', 'a']] {
            let mut turns = Turns::new();
            assert_eq!(run(&mut turns, list, 'a', 10), "aaaaaaaaaa");
            assert_eq!(turns.choice(), None);
            assert_eq!(run(&mut turns, list, 'a', 25), "a".repeat(25));
            assert_eq!(turns.choice(), Some(&'a'));
        }
        assert_eq!(Turns::<char>::new().next(&[], |_| None), None);
    }

    #[test]
    fn without_a_suggestion_the_first_candidate_is_the_choice() {
        let mut turns = Turns::new();
        run(&mut turns, &['a', 'b'], 'b', 10);
        assert_eq!(turns.next(&['a', 'b'], |_| None), Some('a'));
        assert_eq!(run(&mut turns, &['a', 'b'], 'b', 1), "b");
        assert_eq!(turns.next(&['a', 'c'], |_| None), Some('c'), "it has not been tried");
        run(&mut turns, &['a', 'c'], 'c', 5);
        assert_eq!(
            turns.next(&['a', 'c'], |current| {
                assert_eq!(*current, 'a');
                None
            }),
            Some('a')
        );
    }

    #[test]
    fn concurrent_calls_take_turns_until_enough_of_them_have_ended() {
        let mut turns = Turns::new();
        let begun: alloc::string::String = (0..20).filter_map(|_| turns.next(&['a', 'b'], |_| None)).collect();
        assert_eq!(begun, "ab".repeat(10));
        (0..5).for_each(|_| turns.sampled(&'a'));
        (0..4).for_each(|_| turns.sampled(&'b'));
        assert_eq!(turns.next(&['a', 'b'], |_| Some('b')), Some('a'), "still in turn");
        turns.sampled(&'b');
        assert_eq!(turns.next(&['a', 'b'], |_| Some('b')), Some('b'));
        assert_eq!(turns.choice(), Some(&'b'));
    }

    #[test]
    fn a_candidate_that_is_always_abandoned_does_not_block_the_choice() {
        let mut turns = Turns::new();
        let mut calls = 0;
        while turns.choice().is_none() {
            let next = turns.next(&['a', 'b'], |_| Some('b')).expect("a candidate");
            if next == 'b' {
                turns.sampled(&next);
            }
            turns.over(&next);
            calls += 1;
        }
        assert_eq!(calls, 2 * MOST_TURNS, "the last call makes the choice");
    }

    #[test]
    fn changing_lists_take_bounded_memory() {
        let mut turns = Turns::new();
        for n in 0..1000 {
            turns.next(&[n, n + 1], |_| None);
            assert!(turns.tried.len() <= REMEMBERED + 1);
        }
    }
}
