//! Thread mode into a list.
#![cfg(feature = "map")]

use std::cell::Cell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use opero::map::{ItemContext, Map, Summary};
use opero::time::{Clock, ManualClock};
use opero::{Call, Error};

type Named = Map<&'static str>;
type Outcome<T> = Result<T, Error<String>>;

/// Panics without a message on stderr.
fn panic_quietly(message: &str) -> ! {
    resume_unwind(Box::new(message.to_owned()))
}

fn values<T: std::fmt::Debug>(results: Vec<Outcome<T>>) -> Vec<T> {
    results.into_iter().map(|result| result.expect("succeeds")).collect()
}

fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload.downcast_ref::<String>().expect("a text")
}

#[test]
fn results_are_in_the_order_of_the_items() {
    for workers in [1, 2, 4, 9, 64] {
        for items in [0, 1, 2, 3, 5, 100, 5000] {
            let results = Map::new("order").workers(workers).thread(0..items, |n, place| {
                assert_eq!(place.index(), n);
                Outcome::Ok(n * 2)
            });
            assert_eq!(values(results), (0..items).map(|n| n * 2).collect::<Vec<_>>(), "{workers} workers");
        }
    }
}

#[test]
fn chunks_of_every_size_lose_and_duplicate_nothing() {
    for size in [1, 2, 3, 7, 99, 100, 101, usize::MAX] {
        for ordered in [true, false] {
            let results = Map::new("chunks").chunk_size(size).ordered(ordered).thread(0..100, |n, _| Outcome::Ok(n));
            let mut values = values(results);
            if !ordered {
                values.sort_unstable();
            }
            assert_eq!(values, (0..100).collect::<Vec<_>>(), "{size}");
        }
    }
}

#[test]
fn without_order_results_come_as_completed() {
    let (third_runs, is_running) = channel::<()>();
    let (third_runs, is_running) = (Mutex::new(third_runs), Mutex::new(is_running));
    let map = Map::new("completion").workers(2).chunk_size(1).ordered(false);
    let results = map.thread(0..3, |n, _| {
        match n {
            // Ends after the worker of the other items is done with the second.
            0 => is_running.lock().unwrap().recv().unwrap(),
            2 => third_runs.lock().unwrap().send(()).unwrap(),
            _ => {}
        }
        Outcome::Ok(n)
    });
    assert_eq!(values(results)[0], 1);
}

#[test]
fn as_many_items_run_at_once_as_there_are_workers() {
    for workers in [2, 4, 16] {
        let all = Barrier::new(workers);
        let results = Map::new("at once").workers(workers).chunk_size(1).thread(0..workers * 2, |n, _| {
            all.wait();
            Outcome::Ok(n)
        });
        assert_eq!(results.len(), workers * 2);
    }
}

#[test]
fn one_worker_or_one_item_takes_no_thread() {
    let here = thread::current().id();
    let run_elsewhere = |map: Map<&str>, items: usize| {
        values(map.thread(0..items, |_, _| Outcome::Ok(thread::current().id())))
            .into_iter()
            .filter(|id| *id != here)
            .count()
    };
    assert_eq!(run_elsewhere(Map::new("alone").workers(1), 1000), 0);
    assert_eq!(run_elsewhere(Map::new("alone").workers(8), 1), 0);
}

#[test]
fn no_more_workers_than_items() {
    let started = Mutex::new(HashSet::new());
    Map::new("few").workers(64).thread(0..3, |_, _| {
        started.lock().unwrap().insert(thread::current().id());
        Outcome::Ok(())
    });
    assert!(started.into_inner().unwrap().len() <= 3);
}

#[test]
fn the_input_is_pulled_as_it_is_needed() {
    let (pulled, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let workers = 3;
    let items = (0..200).inspect(|_| {
        let ahead = pulled.fetch_add(1, SeqCst) - done.load(SeqCst);
        assert!(ahead <= workers, "{ahead} items ahead");
    });
    let results = Map::new("lazy").workers(workers).chunk_size(1).thread(items, |n, _| {
        done.fetch_add(1, SeqCst);
        Outcome::Ok(n)
    });
    assert_eq!(values(results).len(), 200);
}

#[test]
fn an_input_may_wait_for_the_results_of_its_items() {
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let mut next = Some(0);
    let items = std::iter::from_fn(move || {
        if next.is_none() {
            next = told.recv().unwrap();
        }
        next.take()
    });
    let results = Map::new("feedback").workers(2).thread(items, |n, _| {
        tell.lock().unwrap().send((n < 50).then_some(n + 1)).unwrap();
        Outcome::Ok(n)
    });
    assert_eq!(values(results), (0..=50).collect::<Vec<_>>());
}

#[test]
fn everything_may_borrow() {
    let texts = vec![String::from("a"), String::from("bb"), String::from("ccc")];
    let total = AtomicUsize::new(0);
    let mut calls = vec![0; 3];
    let results = Map::new(texts[0].as_str()).thread(calls.iter_mut().zip(&texts), |(count, text), _| {
        *count += 1;
        total.fetch_add(text.len(), SeqCst);
        Outcome::Ok(text.as_str())
    });
    assert_eq!(values(results), ["a", "bb", "ccc"]);
    assert_eq!((total.into_inner(), calls), (6, vec![1, 1, 1]));
}

#[test]
fn a_panic_is_the_error_of_its_item() {
    for workers in [1, 4] {
        let results = Map::new("thirds").workers(workers).thread(0..300, |n, _| {
            if n % 3 == 0 {
                panic_quietly(&format!("item {n}"));
            }
            Outcome::Ok(n)
        });
        for (n, result) in results.iter().enumerate() {
            match result {
                Err(Error::Panicked(panicked)) if n % 3 == 0 => {
                    assert_eq!((panicked.message(), panicked.name()), (&*format!("item {n}"), "thirds"));
                }
                Ok(value) => assert!(n % 3 != 0 && *value == n),
                Err(error) => panic!("{n}: {error}"),
            }
        }
        assert_eq!(results.len(), 300);
    }
}

/// A type whose drop panics, as no drop should.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        panic_quietly("grenade");
    }
}

#[test]
fn a_panic_while_dropping_an_item_is_its_result() {
    let results = Map::new("grenades").max_failures(5).thread((0..50).map(|_| Grenade), |grenade, _| {
        drop(grenade);
        Outcome::Ok(())
    });
    assert_eq!(Summary::of(&results).panicked(), 50);
}

#[test]
fn a_panic_of_the_input_ends_the_map_when_the_running_items_are_done() {
    for workers in [1, 2, 4] {
        let (started, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..100).inspect(|n| {
            if *n == 40 {
                panic_quietly("dry");
            }
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            Map::new("input").workers(workers).thread(items, |n, _| {
                started.fetch_add(1, SeqCst);
                thread::yield_now();
                done.fetch_add(1, SeqCst);
                Outcome::Ok(n)
            })
        }));
        assert_eq!(message(&*outcome.expect_err("it panicked")), "dry");
        let (started, done) = (started.into_inner(), done.into_inner());
        assert!(started == done && started <= 40, "{started}, {done}");
    }
}

#[test]
fn after_max_failures_no_item_starts() {
    let ran = AtomicUsize::new(0);
    let results = Map::new("failing").workers(4).max_failures(10).thread(0..100_000, |_, _| -> Outcome<()> {
        ran.fetch_add(1, SeqCst);
        panic_quietly("failed")
    });
    let summary = Summary::of(&results);
    let ran = ran.into_inner();
    assert!((10..=13).contains(&ran), "{ran}");
    assert_eq!((summary.panicked(), summary.skipped()), (ran, 100_000 - ran));
    let skipped = results.last().unwrap().as_ref().unwrap_err();
    assert_eq!(skipped.to_string(), "Skipped by failing: `max_failures: 10` was reached");
}

#[test]
fn an_endless_input_ends_when_the_map_does() {
    for (workers, ordered) in [(1, true), (1, false), (3, true), (3, false)] {
        let map = Map::new("endless").workers(workers).ordered(ordered).max_failures(100);
        let results = map.thread(0_u64.., |n, _| if n % 2 == 0 { Ok(n) } else { Err(failed()) });
        let summary = Summary::of(&results);
        assert!((100..103).contains(&summary.all_failed()) && summary.skipped() > 0, "{summary}");
    }
}

fn failed() -> Error<String> {
    Call::new("fails").retries(0).run(|_| Err::<(), _>(String::new())).unwrap_err()
}

#[test]
fn after_the_deadline_no_item_starts() {
    for workers in [1, 4] {
        for limit in [1, 2, 5, 49, 50, 51] {
            let clock = ManualClock::new();
            let limit = Duration::from_millis(limit);
            let ran = AtomicUsize::new(0);
            let map = Map::new("late").workers(workers).clock(&clock).deadline(limit);
            let results = map.thread(0..50, |n, _| {
                ran.fetch_add(1, SeqCst);
                clock.sleep(Duration::from_millis(1));
                Outcome::Ok(n)
            });
            let summary = Summary::of(&results);
            assert_eq!((summary.total(), summary.succeeded()), (50, ran.into_inner()));
            assert_eq!(summary.timeout(), 50 - summary.succeeded());
            let in_time = usize::try_from(limit.as_millis()).unwrap().min(50);
            assert!((in_time..in_time + workers).contains(&summary.succeeded()), "{summary} within {limit:?}");
        }
    }
}

#[test]
fn an_invalid_option_is_the_error_of_each_item() {
    let options: [fn(Named) -> Named; 4] =
        [|map| map.workers(0), |map| map.chunk_size(0), |map| map.deadline(Duration::ZERO), |map| map.max_failures(0)];
    for set in options {
        let ran = AtomicBool::new(false);
        let run = |_: usize, _: ItemContext| {
            ran.store(true, SeqCst);
            Outcome::Ok(())
        };
        let results = set(Map::new("wrong")).thread(0..7, run);
        assert_eq!(Summary::of(&results).configuration(), 7);
        assert!(!set(Map::new("wrong")).thread(0.., run).is_empty(), "an endless input says what is wrong, and ends");
        assert!(!ran.into_inner());
    }
}

#[test]
fn maps_inside_maps_finish() {
    for workers in [1, 2, 4] {
        let sum = |items: std::ops::Range<usize>, op: &(dyn Fn(usize) -> usize + Sync)| -> usize {
            values(Map::new("nested").workers(workers).thread(items, |n, _| Outcome::Ok(op(n)))).into_iter().sum()
        };
        assert_eq!(sum(0..4, &|a| sum(0..5, &|b| sum(0..6, &|c| a * b * c))), 6 * 10 * 15);
    }
}

#[test]
fn nested_maps_have_all_their_workers() {
    let all = Barrier::new(9);
    let results = Map::new("outer").workers(3).thread(0..3, |_, _| {
        Ok(Map::new("inner").workers(3).thread(0..3, |_, _| {
            all.wait();
            Outcome::Ok(())
        }))
    });
    assert_eq!(values(results).len(), 3);
}

#[test]
fn maps_of_many_threads_at_once_do_not_mix() {
    thread::scope(|scope| {
        for start in 0..4 {
            scope.spawn(move || {
                for _ in 0..100 {
                    let results = Map::new("mixed").workers(3).thread(start..start + 50, |n, _| Outcome::Ok(n));
                    assert_eq!(values(results), (start..start + 50).collect::<Vec<_>>());
                }
            });
        }
    });
}

/// Items that wait for a signal from outside before they end.
fn held() -> (Vec<Sender<()>>, Vec<Receiver<()>>) {
    (0..4).map(|_| channel()).unzip()
}

#[test]
fn a_long_item_blocks_only_its_own_worker() {
    // The first item blocks its worker until all others are done, although the chunks have grown by then.
    let (release, held) = channel::<()>();
    let (release, held) = (Mutex::new(release), Mutex::new(held));
    let done = AtomicUsize::new(0);
    let results = Map::new("long").workers(2).thread(0..2000, |n, _| {
        if n == 0 {
            held.lock().unwrap().recv().unwrap();
        } else if done.fetch_add(1, SeqCst) == 1998 {
            release.lock().unwrap().send(()).unwrap();
        }
        Outcome::Ok(n)
    });
    assert_eq!(values(results), (0..2000).collect::<Vec<_>>());
}

#[test]
fn values_need_not_be_sync() {
    let (senders, receivers) = held();
    for sender in &senders {
        sender.send(()).unwrap();
    }
    let results = Map::new("send only").thread(receivers, |receiver, _| {
        receiver.recv().unwrap();
        Outcome::Ok(Cell::new(1))
    });
    assert_eq!(values(results).into_iter().map(Cell::into_inner).sum::<i32>(), 4);
}

#[cfg(feature = "memory")]
#[test]
fn above_the_memory_limit_one_item_runs_at_a_time() {
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Map::new("tight").workers(4).memory(1).thread(0..20, |n, _| {
        most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
        thread::yield_now();
        now.fetch_sub(1, SeqCst);
        Outcome::Ok(n)
    });
    assert_eq!(values(results), (0..20).collect::<Vec<_>>());
    // On a platform that cannot measure the process, the limit is never exceeded.
    if opero::memory::Monitor::new(1).is_exceeded() {
        assert_eq!(most.into_inner(), 1);
    }
}
