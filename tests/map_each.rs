//! Thread mode with `each` and as an iterator.
#![cfg(feature = "map")]

use std::cell::Cell;
use std::iter;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use opero::Error;
use opero::map::{Map, Summary};
use opero::time::{Clock, ManualClock};

type Named = Map<&'static str>;
type Outcome<T> = Result<T, Error<String>>;

const SECOND: Duration = Duration::from_secs(1);

/// Panics without a message on stderr.
fn panic_quietly(message: &str) -> ! {
    resume_unwind(Box::new(message.to_owned()))
}

fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload.downcast_ref::<String>().expect("a text")
}

/// Maps with all numbers of workers and chunk sizes that make a difference.
fn every_map(name: &'static str) -> impl Iterator<Item = (usize, Option<usize>, Named)> {
    let chunks = [None, Some(1), Some(3), Some(64), Some(usize::MAX)];
    [1, 2, 4, 16].into_iter().flat_map(move |workers| {
        chunks.map(|chunk| {
            let map = Map::new(name).workers(workers);
            (workers, chunk, chunk.map_or(map, |chunk| Map::new(name).workers(workers).chunk_size(chunk)))
        })
    })
}

#[test]
fn every_result_is_passed_on_in_order() {
    for items in [0, 1, 2, 5, 1000] {
        for (_, _, map) in every_map("each") {
            let mut handed = Vec::new();
            let summary = map.thread_each(
                0..items,
                |n, place| {
                    assert_eq!(place.index(), n);
                    Outcome::Ok(n)
                },
                |result| handed.push(result.unwrap()),
            );
            assert_eq!(handed, (0..items).collect::<Vec<_>>());
            assert_eq!((summary.total(), summary.succeeded()), (items, items));
        }
        for (_, _, map) in every_map("stream") {
            let results = map.thread_stream(0..items, |n, _| Outcome::Ok(n));
            assert_eq!(results.map(Result::unwrap).collect::<Vec<_>>(), (0..items).collect::<Vec<_>>());
        }
    }
}

#[test]
fn without_order_nothing_is_lost_or_duplicated() {
    for (_, _, map) in every_map("unordered") {
        let mut handed = Vec::new();
        let _ = map.ordered(false).thread_each(0..1000, |n, _| Outcome::Ok(n), |result| handed.push(result.unwrap()));
        handed.sort_unstable();
        assert_eq!(handed, (0..1000).collect::<Vec<_>>());
    }
}

#[test]
fn without_order_results_are_passed_on_as_completed() {
    let (release, held) = channel();
    let held = Mutex::new(held);
    let mut order = Vec::new();
    let map = Map::new("completion").workers(2).chunk_size(1).ordered(false);
    let _ = map.thread_each(
        0..4,
        |n, _| {
            if n == 0 {
                held.lock().unwrap().recv().unwrap();
            }
            Outcome::Ok(n)
        },
        |result| {
            order.push(result.unwrap());
            if order.len() == 3 {
                release.send(()).unwrap();
            }
        },
    );
    assert_eq!(order, [1, 2, 3, 0]);
}

#[test]
fn results_come_while_others_run() {
    // Each item waits until all results before it have been passed on.
    for (_, _, map) in every_map("flow") {
        for ordered in [true, false] {
            let (handed, changed) = (Mutex::new(0), Condvar::new());
            let op = |n: usize, _| {
                drop(changed.wait_while(handed.lock().unwrap(), |handed| *handed < n));
                Outcome::Ok(n)
            };
            let summary = map.clone().ordered(ordered).thread_each(0..300, op, |_| {
                *handed.lock().unwrap() += 1;
                changed.notify_all();
            });
            assert_eq!(summary.succeeded(), 300);
        }
    }
}

#[test]
fn as_many_items_run_at_once_as_there_are_workers() {
    for (workers, _, map) in every_map("at once") {
        let all = Barrier::new(workers);
        let items = workers * 8;
        let summary = map.chunk_size(1).thread_each(
            0..items,
            |_, _| {
                all.wait();
                Outcome::Ok(())
            },
            |_| (),
        );
        assert_eq!(summary.succeeded(), items);
    }
    for (workers, _, map) in every_map("at once") {
        let all = Barrier::new(workers);
        let items = workers * 8;
        assert_eq!(
            map.chunk_size(1)
                .thread_stream(0..items, move |_, _| {
                    all.wait();
                    Outcome::Ok(())
                })
                .count(),
            items
        );
    }
}

#[test]
fn the_number_of_items_ahead_is_bounded() {
    for (workers, chunk, map) in every_map("ahead") {
        let most = workers.saturating_add(chunk.unwrap_or(4096 + workers));
        let (pulled, handed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..6_000).inspect(|_| {
            let ahead = pulled.fetch_add(1, SeqCst) + 1 - handed.load(SeqCst);
            assert!(ahead <= most, "{ahead} ahead, with {workers} workers and chunks of {chunk:?}");
        });
        let _ = map.thread_each(
            items,
            |n, _| Outcome::Ok(n),
            |_| {
                handed.fetch_add(1, SeqCst);
            },
        );
    }
}

#[test]
fn a_worker_that_waits_for_the_consumer_occupies_no_thread() {
    let pulled = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pulled);
    let items = (0..).inspect(move |_| {
        counted.fetch_add(1, SeqCst);
    });
    let mut results = Map::new("slow").workers(2).chunk_size(2).thread_stream(items, |n, _| Outcome::Ok(n));
    for expected in 0..100 {
        assert_eq!(results.next(), Some(Ok(expected)));
        assert!(pulled.load(SeqCst) <= 100 + 4);
    }
}

#[test]
fn after_a_break_no_item_starts() {
    for (workers, _, map) in every_map("break") {
        let mut handed = 0;
        let (started, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let summary = map.thread_each(
            0..,
            |n: u64, _| {
                started.fetch_add(1, SeqCst);
                thread::yield_now();
                ended.fetch_add(1, SeqCst);
                Outcome::Ok(n)
            },
            |_| {
                handed += 1;
                if handed == 10 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!((handed, summary.total()), (10, 10), "{workers} workers");
        assert_eq!(started.load(SeqCst), ended.load(SeqCst), "those that ran were waited for");
    }
}

#[test]
fn a_panic_of_the_closure_is_resumed_when_the_running_items_are_done() {
    for (_, _, map) in every_map("closure") {
        let (started, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            map.thread_each(
                0..,
                |n: u64, _| {
                    started.fetch_add(1, SeqCst);
                    thread::yield_now();
                    ended.fetch_add(1, SeqCst);
                    Outcome::Ok(n)
                },
                |result| {
                    if result == Ok(3) {
                        panic_quietly("enough");
                    }
                },
            )
        }));
        assert_eq!(message(&*outcome.expect_err("it panicked")), "enough");
        assert_eq!(started.load(SeqCst), ended.load(SeqCst));
    }
}

#[test]
fn a_panic_of_the_input_is_resumed_after_the_results_before_it() {
    let dry = |n: &i32| {
        if *n == 40 {
            panic_quietly("dry");
        }
    };
    for (_, _, map) in every_map("input") {
        let mut handed = 0;
        let each = |_| handed += 1;
        let items = (0..100).inspect(dry);
        let outcome = catch_unwind(AssertUnwindSafe(|| map.thread_each(items, |n, _| Outcome::Ok(n), each)));
        assert_eq!(message(&*outcome.expect_err("it panicked")), "dry");
        assert_eq!(handed, 40);
    }
    for (_, _, map) in every_map("input") {
        let mut results = map.thread_stream((0..100).inspect(dry), |n, _| Outcome::Ok(n));
        assert_eq!(results.by_ref().take(40).count(), 40);
        let outcome = catch_unwind(AssertUnwindSafe(|| results.next()));
        assert_eq!(message(&*outcome.expect_err("it panicked")), "dry");
        assert_eq!(results.next(), None);
    }
}

#[test]
fn panics_of_items_are_their_errors() {
    for (_, _, map) in every_map("thirds") {
        let op = |n: usize, _| if n % 3 == 0 { panic_quietly("third") } else { Outcome::Ok(n) };
        let mut position = 0;
        let summary = map.thread_each(0..300, op, |result| {
            assert_eq!(result.is_err_and(|error| error.is_panicked()), position % 3 == 0);
            position += 1;
        });
        assert_eq!((summary.panicked(), summary.total()), (100, 300));
    }
}

#[test]
fn the_closure_and_the_operation_may_borrow() {
    let words = vec![String::from("a"), String::from("bb")];
    let longest = Cell::new("");
    let _ = Map::new(words[0].as_str()).thread_each(
        &words,
        |word, _| Outcome::Ok(word.as_str()),
        |word| {
            longest.set(word.unwrap());
        },
    );
    assert_eq!(longest.get(), "bb");
}

#[test]
fn the_map_ends_with_the_reason() {
    for (workers, chunk, map) in every_map("failures") {
        let most = workers.saturating_add(chunk.unwrap_or(4096 + workers));
        let summary = map.max_failures(5).thread_each(
            0_u64..,
            |n, _| if n % 2 == 0 { Outcome::Ok(n) } else { panic_quietly("odd") },
            |_| (),
        );
        assert!((5..5 + workers).contains(&summary.panicked()), "{summary}");
        assert!(summary.skipped() > 0 && summary.skipped() <= most, "{summary}");
    }
    let clock = ManualClock::new();
    let map = Map::new("deadline").clock(&clock).deadline(3 * SECOND).workers(1);
    let op = |n: u64, _| {
        clock.sleep(SECOND);
        Outcome::Ok(n)
    };
    let summary = map.thread_each(0.., op, |_| ());
    assert_eq!((summary.succeeded(), summary.timeout() > 0), (3, true), "{summary}");
}

#[test]
fn an_invalid_option_is_an_error_and_ends_the_map() {
    let options: [fn(Named) -> Named; 4] =
        [|map| map.workers(0), |map| map.chunk_size(0), |map| map.deadline(Duration::ZERO), |map| map.max_failures(0)];
    for set in options {
        let summary = set(Map::new("wrong")).thread_each(0.., |_: u64, _| -> Outcome<()> { unreachable!() }, |_| ());
        assert!(summary.configuration() > 0 && summary.configuration() == summary.total(), "{summary}");
        let mut results = set(Map::new("wrong")).thread_stream(0.., |_: u64, _| -> Outcome<()> { unreachable!() });
        assert!(results.next().is_some_and(|result| result.is_err_and(|error| error.is_configuration())));
        assert!(results.all(|result| result.is_err_and(|error| error.is_configuration())));
    }
}

/// Counts the living instances.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Counted(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn a_dropped_stream_starts_no_item_and_drops_everything() {
    for taken in [0, 1, 2, 10, 100] {
        for (_, _, map) in every_map("dropped") {
            let (living, gone) = (Arc::new(AtomicUsize::new(0)), channel::<()>());
            let (held, gone) = gone;
            let (of_items, of_op) = (Arc::clone(&living), Counted::new(&living));
            let items = iter::repeat_with(move || Counted::new(&of_items));
            let mut results = map.thread_stream(items, move |item, _| {
                let _ = (&of_op, &held);
                Outcome::Ok(item)
            });
            assert_eq!(results.by_ref().take(taken).flatten().count(), taken);
            drop(results);
            // The operation is dropped with the last worker.
            assert!(gone.recv().is_err());
            while living.load(SeqCst) > 0 {
                thread::yield_now();
            }
        }
    }
}

#[test]
fn a_dropped_stream_does_not_wait_for_running_items() {
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let mut results = Map::new("prompt").workers(2).chunk_size(2).thread_stream(0_u64.., move |n, _| {
        if n > 0 {
            let _ = held.lock().unwrap().recv();
        }
        Outcome::Ok(n)
    });
    assert_eq!(results.next(), Some(Ok(0)));
    drop(results);
    drop(release);
}

#[test]
fn maps_inside_maps_finish() {
    for workers in [1, 2, 4] {
        let sum = |items: u64, op: &(dyn Fn(u64) -> u64 + Sync)| {
            let mut sum = 0;
            let _ = Map::new("nested").workers(workers).thread_each(
                0..items,
                |n, _| Outcome::Ok(op(n)),
                |n| sum += n.unwrap(),
            );
            sum
        };
        assert_eq!(sum(4, &|a| sum(5, &|b| sum(6, &|c| a * b * c))), 6 * 10 * 15);
        let streamed = Map::new("outer").workers(workers).thread_stream(0_u64..20, move |n, _| {
            let inner = Map::new("inner").workers(workers).thread_stream(0..n, |n, _| Outcome::Ok(n));
            Outcome::Ok(inner.map(Result::unwrap).sum::<u64>())
        });
        assert_eq!(streamed.map(Result::unwrap).sum::<u64>(), (0..20).map(|n| n * (n.max(1) - 1) / 2).sum());
    }
}

#[test]
fn a_stream_can_be_sent_to_another_thread() {
    let results = Map::new("moved").thread_stream(0..100, |n, _| Outcome::Ok(n));
    assert_eq!(thread::spawn(move || results.count()).join().unwrap(), 100);
}

#[test]
fn a_summary_counts_the_results_that_were_passed_on() {
    let mut results = Vec::new();
    let summary = Map::new("summary").thread_each(
        0..50,
        |n, _| if n % 5 == 0 { panic_quietly("fifth") } else { Outcome::Ok(n) },
        |result| results.push(result),
    );
    assert_eq!(summary, Summary::of(&results));
}

#[test]
fn an_input_may_wait_for_results_that_are_passed_on() {
    // Like a crawler: a page contains the addresses of the next pages.
    for workers in [1, 2, 4] {
        let (found, next) = channel();
        found.send(1_u64).unwrap();
        let mut left = 200;
        let found = Cell::new(Some(found));
        let summary = Map::new("crawl").workers(workers).thread_each(
            next,
            |n, _| Outcome::Ok(n + 1),
            |n| {
                left -= 1;
                let sender = found.take().filter(|_| left > 0);
                if let Some(sender) = &sender {
                    sender.send(n.unwrap()).unwrap();
                }
                found.set(sender);
            },
        );
        assert_eq!(summary.succeeded(), 200);
    }
}

#[test]
fn results_are_passed_on_while_the_input_waits() {
    let (more, items) = channel();
    for n in 0..3 {
        more.send(n).unwrap();
    }
    let mut results = Map::new("slow input").workers(2).thread_stream(items, |n: u64, _| Outcome::Ok(n));
    // The input blocks after the third item, and the results arrive nevertheless.
    assert_eq!(results.by_ref().take(3).map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 2]);
    more.send(3).unwrap();
    drop(more);
    assert_eq!(results.map(Result::unwrap).collect::<Vec<_>>(), [3]);
}
