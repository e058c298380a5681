//! Extreme sizes: whatever is requested, memory and threads are bounded by the actual input.

#[path = "support/maps.rs"]
mod maps;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::iter;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use maps::{FACES, Face, MODES, Mode, Options};
use watchdog::watched;

/// Numbers near which sums and products of sizes overflow, or memory runs out.
const HUGE: [usize; 4] = [usize::MAX, usize::MAX / 2 + 1, usize::MAX / 4, usize::MAX / 64];

/// The size hint of an input of ten items.
#[derive(Clone, Copy, Debug)]
enum Hint {
    Known,
    Unknown,
    /// At most `usize::MAX`.
    AtMost,
    /// At least and at most `usize::MAX`.
    Endless,
}

const HINTS: [Hint; 4] = [Hint::Known, Hint::Unknown, Hint::AtMost, Hint::Endless];

/// The numbers from 0 up to `end`, exclusive, with this size hint.
struct Numbers {
    next: usize,
    end: usize,
    hint: Hint,
}

fn numbers(end: usize, hint: Hint) -> Numbers {
    Numbers { next: 0, end, hint }
}

impl Iterator for Numbers {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let n = self.next;
        self.next += 1;
        (n < self.end).then_some(n)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end - self.next.min(self.end);
        match self.hint {
            Hint::Known => (left, Some(left)),
            Hint::Unknown => (0, None),
            Hint::AtMost => (0, Some(usize::MAX)),
            Hint::Endless => (usize::MAX, Some(usize::MAX)),
        }
    }
}

/// The values of the first results, at most as many as are wanted.
fn first(
    wanted: usize,
    mode: (Mode, Face),
    options: Options,
    items: impl Iterator<Item = usize> + Send + 'static,
) -> Vec<usize> {
    let mut values = Vec::new();
    maps::any(mode, options, items, Ok, |result| {
        values.push(result.expect("every item has its value"));
        if values.len() < wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    values.sort_unstable();
    values
}

/// Maps ten items in this mode with these options, whatever the size hint.
fn ten_items(mode: Mode, options: impl Fn() -> Vec<Options>) {
    for (face, hint) in FACES.into_iter().flat_map(|face| HINTS.map(|hint| (face, hint))) {
        for options in options().into_iter().flat_map(|it| [it, Options { unordered: true, ..it }]) {
            watched((mode, face, hint, options), || {
                let values = first(10, (mode, face), options, numbers(10, hint));
                assert_eq!(values, (0..10).collect::<Vec<_>>(), "{mode:?} {face:?} {hint:?} {options:?}");
            });
        }
    }
}

fn chunks_of_every_size() -> Vec<Options> {
    let workers = [None, Some(1), Some(3)];
    let chunks = HUGE.into_iter().chain([1000]);
    let options = |chunk| workers.map(|workers| Options { workers, chunk_size: Some(chunk), ..Options::default() });
    chunks.flat_map(options).collect()
}

fn any_number_of_workers() -> Vec<Options> {
    let chunks = [None, Some(1), Some(usize::MAX)];
    let workers = HUGE.into_iter().chain([2000]);
    let options =
        |workers| chunks.map(|chunk_size| Options { workers: Some(workers), chunk_size, ..Options::default() });
    workers.flat_map(options).collect()
}

#[test]
fn a_chunk_for_threads_is_no_larger_than_the_input() {
    ten_items(Mode::Thread, chunks_of_every_size);
}

#[test]
fn a_chunk_for_rayon_is_no_larger_than_the_input() {
    ten_items(Mode::Rayon, chunks_of_every_size);
}

#[test]
fn a_chunk_for_futures_is_no_larger_than_the_input() {
    ten_items(Mode::Async, chunks_of_every_size);
}

#[test]
fn any_number_of_threads_can_be_requested() {
    ten_items(Mode::Thread, any_number_of_workers);
}

#[test]
fn any_number_of_rayon_workers_can_be_requested() {
    ten_items(Mode::Rayon, any_number_of_workers);
}

#[test]
fn any_number_of_futures_can_be_requested() {
    ten_items(Mode::Async, any_number_of_workers);
}

#[test]
fn an_input_with_an_endless_size_hint_returns_its_first_results() {
    for (mode, face) in MODES.into_iter().flat_map(|mode| [(mode, Face::Each), (mode, Face::Stream)]) {
        for chunk_size in iter::once(None).chain([1, 7].map(Some)) {
            for workers in [None, Some(1), Some(3)] {
                let options = Options { workers, chunk_size, ..Options::default() };
                watched((mode, face, options), || {
                    let taken = |items: Box<dyn Iterator<Item = usize> + Send>| first(5, (mode, face), options, items);
                    assert_eq!(taken(Box::new(0..)), [0, 1, 2, 3, 4], "{mode:?} {face:?} {options:?}");
                    // One item fewer than an endless input.
                    assert_eq!(taken(Box::new(0..usize::MAX - 1)), [0, 1, 2, 3, 4], "{mode:?} {face:?} {options:?}");
                    let lies = numbers(usize::MAX, Hint::Endless);
                    assert_eq!(taken(Box::new(lies)), [0, 1, 2, 3, 4], "{mode:?} {face:?} {options:?}");
                });
            }
        }
    }
}

#[test]
fn max_failures_can_be_the_largest_number() {
    for (mode, face) in MODES.into_iter().flat_map(|mode| FACES.map(|face| (mode, face))) {
        let options = Options { max_failures: Some(usize::MAX), deadline: Some(Duration::MAX), ..Options::default() };
        watched((mode, face, options), || {
            assert_eq!(first(10, (mode, face), options, 0..10), (0..10).collect::<Vec<_>>(), "{mode:?} {face:?}");
        });
    }
}

#[test]
fn two_thousand_rayon_workers_for_ten_items_do_not_delay_their_map_or_another() {
    let many = Options { workers: Some(2000), ..Options::default() };
    let few = Options { workers: Some(3), ..Options::default() };
    let run = |options, face| {
        let start = Instant::now();
        assert_eq!(first(10, (Mode::Rayon, face), options, numbers(10, Hint::Unknown)), (0..10).collect::<Vec<_>>());
        start.elapsed()
    };
    for face in FACES {
        watched(face, || {
            thread::scope(|scope| {
                let first = scope.spawn(|| run(many, face));
                thread::sleep(Duration::from_millis(20));
                let second = run(few, face);
                let first = first.join().expect("its map ends");
                assert!(first < Duration::from_secs(10), "{face:?}: it took {first:?}");
                assert!(second < Duration::from_secs(5), "{face:?}: another map took {second:?}");
            });
        });
    }
}
