//! Maps with every option at once, within the default recursion limit, by the renamed crate.

use std::ops::ControlFlow;
use std::time::Duration;

use futures_lite::Stream;
use resil::cache::Memory;
use resil::map::{Progress, Summary, split};
use resil::time::ManualClock;
use resil::{Error, opmap};

use crate::options::Fault;

/// The answer of a host about a number.
pub type Answer = Result<u32, Error<Fault>>;

/// Asks hosts about numbers until an answer is more than `enough`.
pub fn ask_each(
    clock: &ManualClock,
    answers: &Memory<u32>,
    enough: u32,
    answer: &(dyn Fn(u32, &str, u32) -> Result<u32, Fault> + Sync),
    seen: &mut dyn FnMut(&Answer),
) -> Summary {
    opmap! {
        (number, _) in (1_u32..).zip(["a"; 100]),
        mode: thread, workers: 2, ordered: true, chunk_size: 1, max_failures: 5, deadline: 1h,
        progress: |progress: &Progress| debug_assert!(progress.done() <= 100),
        each: |result| {
            seen(&result);
            if result.is_ok_and(|answer| answer > enough) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
        cache: 1h30m, key: (number, "a"), namespace: "maps", capacity: 100, store: answers, timeout: 10s,
        rate: 1000/s, burst: 5, scope: per_key(number), max_wait: 1s, retries: 3, backoff: 2.0, min_delay: 10ms, max_delay: 1s,
        jitter: none, retry_on: Fault::Busy(_) | Fault::Gone, retry_if: |fault| *fault != Fault::Busy(0),
        retry_after: |fault| if let Fault::Busy(secs) = fault { Some(Duration::from_secs(*secs)) } else { None },
        attempt: attempt, fallback: host in ["a", "b"], fallback_delay: 1ms, fallback_on: Fault::Busy(_),
        name: "ask_each", clock: clock,
        => answer(number, host, attempt)
    }
}

/// Does the same with a stream, for as long as it is polled.
pub fn ask_in_order<'a>(
    clock: &'a ManualClock,
    answers: &'a Memory<u32>,
    answer: &'a impl AsyncFn(u32, &str, u32) -> Result<u32, Fault>,
) -> impl Stream<Item = Answer> {
    opmap! {
        number in 1_u32..,
        mode: async, workers: 2, ordered, chunk_size: 1, max_failures: 5, deadline: 1h,
        progress: |progress: &Progress| debug_assert_eq!(progress.total(), None),
        stream,
        cache: 1h30m, key: (number, "a"), namespace: "maps", capacity: 100, store: answers, timeout: 10s,
        rate: 1000/s, burst: 5, scope: per_key(number), max_wait: 1s, retries: 3, backoff: 2.0, min_delay: 10ms, max_delay: 1s,
        jitter: none, retry_on: Fault::Busy(_) | Fault::Gone, retry_if: |fault| *fault != Fault::Busy(0),
        retry_after: |fault| if let Fault::Busy(secs) = fault { Some(Duration::from_secs(*secs)) } else { None },
        attempt: attempt, fallback: host in ["a", "b"], fallback_delay: 1ms, fallback_on: Fault::Busy(_),
        name: "ask_in_order", clock: clock,
        => async move { answer(number, host, attempt).await }
    }
}

/// A point, to be destructured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// To the right.
    pub x: i32,
    /// Up.
    pub y: i32,
}

/// Patterns and delimiters in every mode: the sums of the coordinates.
pub async fn sums(points: &[Point]) -> Vec<i32> {
    let threads = opmap!(Point { x, y } in points, workers: 3 => x.checked_add(*y).ok_or("too much"));
    let rayon = opmap![&Point { x, y } in points, mode: rayon, chunk_size: 2, => x.checked_add(y).ok_or("too much")];
    let first = opmap!((0 | 1.., Point { x, y }) in points.iter().enumerate()
        => async { x.checked_add(*y).ok_or("too much") });
    let mut sums = Vec::new();
    for results in [threads, rayon, first.await] {
        sums.extend(split(results).0);
    }
    sums
}

/// An items expression with braces is written in parentheses, as in `for`.
#[must_use]
pub fn in_parentheses() -> Vec<Result<i32, Error<String>>> {
    opmap! { n in ({ let Point { x, y } = Point { x: 1, y: 3 }; x..y }) => Ok(n) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_lite::StreamExt;
    use futures_lite::future::block_on;

    use super::*;

    #[test]
    fn every_option_works_on_threads() {
        let (clock, answers, mut seen) = (ManualClock::new(), Memory::new(), Vec::new());
        let answer = |number, host: &str, attempt| match (number, attempt) {
            (1, 1) => Err(Fault::Busy(5)),
            (1, 2 | 3) | (2, _) => Err(Fault::Gone),
            _ => Ok(number * 10 + u32::from(host == "b")),
        };
        let summary = ask_each(&clock, &answers, 30, &answer, &mut |result| seen.push(result.as_ref().ok().copied()));
        assert_eq!(seen, [Some(10), None, Some(30), Some(40)]);
        assert_eq!((summary.total(), summary.all_failed(), summary.retried()), (4, 1, 1));

        let gone = |_, _: &str, _| Err(Fault::Gone);
        let summary = ask_each(&clock, &answers, 0, &gone, &mut |result| assert_eq!(*result, Ok(10), "from the store"));
        assert_eq!(summary.total(), 1);
        let summary = ask_each(&clock, &Memory::new(), 0, &gone, &mut |_| ());
        assert!((5..=6).contains(&summary.all_failed()), "{summary}");
        assert_eq!(summary.skipped(), 1, "the first that was not started; the rest is left");
    }

    #[test]
    fn every_option_works_in_one_task() {
        let (clock, answers) = (ManualClock::new(), Memory::new());
        let are_gone = Cell::new(false);
        let answer = async |number, _: &str, attempt| {
            if are_gone.get() || attempt < number { Err(Fault::Gone) } else { Ok(number) }
        };
        let first: Vec<_> = block_on(ask_in_order(&clock, &answers, &answer).take(5).collect());
        assert_eq!(first[..4], [Ok(1), Ok(2), Ok(3), Ok(4)]);
        assert_eq!(first[4].as_ref().unwrap_err().attempts().len(), 4);
        are_gone.set(true);
        let again: Vec<_> = block_on(ask_in_order(&clock, &answers, &answer).take(2).collect());
        assert_eq!(again, [Ok(1), Ok(2)], "from the store");
    }

    #[test]
    fn patterns_and_delimiters() {
        let points = [(1, 2), (3, 4), (i32::MAX, 1)].map(|(x, y)| Point { x, y });
        assert_eq!(block_on(sums(&points)), [3, 7, 3, 7, 3, 7]);
        assert_eq!(in_parentheses(), [Ok(1), Ok(2)]);
    }
}
