//! Rayon mode: as a list, with `each`, and as a stream.
#![cfg(feature = "rayon")]

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use opero::map::{Map, Progress, Summary};
use opero::time::{Clock, ManualClock};
use opero::{Call, Error};

type Outcome<T> = Result<T, Error<String>>;

/// Panics without a message on stderr.
fn panic_quietly(message: &str) -> ! {
    resume_unwind(Box::new(message.to_owned()))
}

fn values<T: std::fmt::Debug>(results: impl IntoIterator<Item = Outcome<T>>) -> Vec<T> {
    results.into_iter().map(|result| result.expect("succeeds")).collect()
}

/// The same map by its three methods.
fn faces<T: Send + 'static>(
    map: &Map<&'static str>,
    items: impl Iterator<Item = usize> + Clone + Send + 'static,
    op: impl Fn(usize) -> Outcome<T> + Copy + Send + Sync + 'static,
) -> [Vec<Outcome<T>>; 3] {
    let list = map.clone().rayon(items.clone(), |n, _| op(n));
    let mut handed = Vec::new();
    let summary = map.clone().rayon_each(items.clone(), |n, _| op(n), |result| handed.push(result));
    assert_eq!(summary, Summary::of(&handed));
    [list, handed, map.clone().rayon_stream(items, move |n, _| op(n)).collect()]
}

#[test]
fn results_are_in_the_order_of_the_items() {
    for workers in [1, 2, 5] {
        for items in [0, 1, 2, 3, 100, 5000] {
            for results in faces(&Map::new("order").workers(workers), 0..items, |n| Ok(n * 2)) {
                assert_eq!(values(results), (0..items).map(|n| n * 2).collect::<Vec<_>>(), "{workers} workers");
            }
        }
    }
}

#[test]
fn chunks_of_every_size_lose_and_duplicate_nothing() {
    for size in [1, 2, 7, 99, 100, 101, 1_000_000] {
        for ordered in [true, false] {
            for results in faces(&Map::new("chunks").chunk_size(size).ordered(ordered), 0..100, Ok) {
                let mut values = values(results);
                if !ordered {
                    values.sort_unstable();
                }
                assert_eq!(values, (0..100).collect::<Vec<_>>(), "{size}");
            }
        }
    }
}

#[test]
fn without_order_results_come_as_completed() {
    let map = Map::new("completion").workers(2).chunk_size(1).ordered(false);
    let op = |turn: &Barrier, n| {
        // The first item ends only after the second: its worker waits here until the third runs.
        if n != 1 {
            turn.wait();
        }
        Outcome::Ok(n)
    };
    let turn = Barrier::new(2);
    let results = values(map.clone().rayon(0..3, |n, _| op(&turn, n)));
    assert_eq!(results[0], 1);
    let mut handed = Vec::new();
    map.clone().rayon_each(0..3, |n, _| op(&turn, n), |result| handed.extend(result));
    assert_eq!(handed[0], 1);
    let results = map.rayon_stream(0..3, move |n, _| op(&turn, n));
    assert_eq!(values(results)[0], 1);
}

#[test]
fn workers_are_the_threads_of_a_pool_of_that_size() {
    let seen = Mutex::new(HashSet::new());
    for _ in 0..20 {
        let op = |n, _| {
            let thread = thread::current();
            seen.lock().unwrap().insert((thread.name().map(str::to_owned), thread.id()));
            Outcome::Ok(n)
        };
        assert_eq!(Map::new("pool").workers(3).rayon(0..100, op).len(), 100);
        Map::new("pool").workers(3).rayon_each(0..100, op, |_| ());
    }
    let seen = seen.into_inner().unwrap();
    assert!((1..=3).contains(&seen.len()), "no thread is started anew: {seen:?}");
    assert!(seen.iter().all(|(name, _)| name.as_ref().unwrap().starts_with("opero-rayon-3-")));
}

#[test]
fn workers_beyond_the_items_have_no_thread() {
    let op = |_| Outcome::Ok(thread::current().name().expect("a thread of a pool has a name").to_owned());
    for results in faces(&Map::new("many").workers(usize::MAX), 0..3, op) {
        assert!(values(results).iter().all(|name| name.starts_with("opero-rayon-4-")));
    }
    for results in faces(&Map::new("none").workers(usize::MAX), 0..0, op) {
        assert!(values(results).is_empty());
    }
}

#[test]
fn items_and_operation_may_borrow() {
    let (words, seen) = (["a".to_owned(), "b".to_owned()], AtomicUsize::new(0));
    let op = |place: usize| {
        seen.fetch_add(1, SeqCst);
        Ok::<_, Error<&str>>(words[place].as_str())
    };
    assert_eq!(Map::new("borrow").rayon(&[0, 1], |n, _| op(*n)), [Ok("a"), Ok("b")]);
    let handed = Cell::new(0);
    let each = |result: Result<&str, _>| handed.set(handed.get() + result.unwrap().len());
    Map::new("borrow").rayon_each(&[0, 1], |n, _| op(*n), each);
    assert_eq!((handed.get(), seen.into_inner()), (2, 4));
}

#[test]
fn a_panic_is_the_error_of_its_item() {
    let op = |n| if n % 3 == 1 { panic_quietly(&format!("no {n}")) } else { Ok(n) };
    for results in faces(&Map::new("panics").workers(2), 0..100, op) {
        assert_eq!(results.len(), 100);
        for (n, result) in results.iter().enumerate() {
            match result {
                Ok(value) => assert!(*value == n && n % 3 != 1),
                Err(error) => assert_eq!(error.to_string(), format!("Panic in panics: no {n}")),
            }
        }
    }
}

#[test]
fn a_panic_of_the_input_is_resumed_after_the_results_before_it() {
    let items = || {
        (0..100).inspect(|n| {
            if *n == 50 {
                panic_quietly("input")
            }
        })
    };
    let message = |work: &mut dyn FnMut()| {
        let payload = catch_unwind(AssertUnwindSafe(work)).expect_err("panics");
        payload.downcast_ref::<String>().expect("a text").clone()
    };
    let list = || drop(Map::new("input").rayon(items(), |n, _| Outcome::Ok(n)));
    assert_eq!(message(&mut { list }), "input");
    let mut handed = Vec::new();
    let mut each = |result| handed.push(result);
    let mut map = || _ = Map::new("input").rayon_each(items(), |n, _| Outcome::Ok(n), &mut each);
    assert_eq!(message(&mut map), "input");
    assert_eq!(values(handed), (0..50).collect::<Vec<_>>());
    let mut stream = Map::new("input").rayon_stream(items(), |n, _| Outcome::Ok(n));
    assert_eq!(values(stream.by_ref().take(50)), (0..50).collect::<Vec<_>>());
    assert_eq!(message(&mut || drop(stream.next())), "input");
    assert!(stream.next().is_none());
}

#[test]
fn after_max_failures_nothing_starts() {
    let (map, started) = (Map::new("failures").workers(2).max_failures(3), Arc::new(AtomicUsize::new(0)));
    let started_too = Arc::clone(&started);
    let op = move |_, _| -> Outcome<()> {
        started_too.fetch_add(1, SeqCst);
        panic_quietly("body")
    };
    let results = map.clone().rayon(0..100_000, &op);
    let summary = Summary::of(&results);
    assert_eq!(summary.total(), 100_000);
    assert!((3..=4).contains(&summary.panicked()), "{summary}");
    assert_eq!((summary.panicked() + summary.skipped(), started.swap(0, SeqCst)), (100_000, summary.panicked()));

    let summary = map.clone().rayon_each(0..100_000, &op, |_| ());
    assert_eq!(started.swap(0, SeqCst), summary.panicked());
    assert!(summary.total() < 1000 && summary.skipped() > 0, "{summary}");

    // An endless input ends when no item starts any more.
    let endless = std::iter::repeat(0);
    let summary = Summary::of(&map.clone().rayon(endless.clone(), &op));
    assert!((3..=4).contains(&summary.panicked()), "{summary}");
    let summary: Summary = map.rayon_stream(endless, op).collect();
    assert!((3..=4).contains(&summary.panicked()), "{summary}");
}

#[test]
fn after_the_deadline_nothing_starts() {
    let clock = Arc::new(ManualClock::new());
    let map = || Map::new("deadline").workers(1).chunk_size(1).deadline(Duration::from_secs(10)).clock(clock.clone());
    let asleep = clock.clone();
    let op = move |n, _| {
        asleep.sleep(Duration::from_secs(1));
        Outcome::Ok(n)
    };
    let results = map().rayon(0..100, &op);
    let summary = Summary::of(&results);
    assert_eq!((summary.succeeded(), summary.timeout()), (10, 90));
    assert!(results[..10].iter().all(Result::is_ok));
    let summary = map().rayon_each(0.., &op, |_| ());
    assert!(summary.succeeded() == 10 && summary.timeout() <= 2, "{summary}");
    let summary: Summary = map().rayon_stream(0.., op).collect();
    assert!(summary.succeeded() == 10 && summary.timeout() <= 2, "{summary}");
}

#[test]
fn an_invalid_option_is_the_error_of_each_item() {
    for map in [Map::new("wrong").workers(0), Map::new("wrong").chunk_size(0), Map::new("wrong").max_failures(0)] {
        let [list, handed, streamed] = faces(&map, 0..50, |_| -> Outcome<()> { unreachable!("nothing runs") });
        assert_eq!(list.len(), 50);
        assert!(!handed.is_empty() && !streamed.is_empty());
        for result in list.into_iter().chain(handed).chain(streamed) {
            assert!(result.unwrap_err().is_configuration());
        }
    }
}

#[test]
fn the_number_of_items_ahead_is_bounded() {
    for (workers, chunk_size) in [(1, 1), (2, 1), (2, 10), (3, 100)] {
        let handed = Arc::new(AtomicUsize::new(0));
        let handed_too = Arc::clone(&handed);
        let items = (0..5000).inspect(move |n| {
            let ahead = n - handed_too.load(SeqCst);
            assert!(ahead < workers + chunk_size, "{ahead} with {workers} workers");
        });
        let map = Map::new("ahead").workers(workers).chunk_size(chunk_size);
        let summary = map.clone().rayon_each(
            items.clone(),
            |n, _| Outcome::Ok(n),
            |_| {
                handed.fetch_add(1, SeqCst);
            },
        );
        assert_eq!((summary.succeeded(), handed.swap(0, SeqCst)), (5000, 5000));
        let stream = map.rayon_stream(items, |n, _| Outcome::Ok(n));
        assert_eq!(stream.inspect(|_| _ = handed.fetch_add(1, SeqCst)).count(), 5000);
    }
}

#[test]
fn a_slow_item_blocks_no_other() {
    // The first item occupies one of two workers until all other results have been passed on.
    let (go_on, waiting) = channel::<()>();
    let waiting = Mutex::new(waiting);
    let mut handed = 0;
    let map = Map::new("slow").workers(2).chunk_size(1).ordered(false);
    let op = |n, _| {
        if n == 0 {
            waiting.lock().unwrap().recv().unwrap();
        }
        Outcome::Ok(n)
    };
    map.rayon_each(0..1000, op, |_| {
        handed += 1;
        if handed == 999 {
            go_on.send(()).unwrap();
        }
    });
    assert_eq!(handed, 1000);
}

#[test]
fn after_a_break_no_item_starts() {
    let (started, pulled) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let items = (0_usize..).inspect(|_| _ = pulled.fetch_add(1, SeqCst));
    let op = |n, _| {
        started.fetch_add(1, SeqCst);
        Outcome::Ok(n)
    };
    let summary = Map::new("break").workers(2).chunk_size(4).rayon_each(items, op, |result| match result {
        Ok(20) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert_eq!((summary.total(), summary.succeeded()), (21, 21));
    assert!(started.into_inner() <= 27 && pulled.into_inner() <= 27);
}

#[test]
fn a_panic_of_each_is_resumed_when_the_running_items_are_done() {
    let running = AtomicUsize::new(0);
    let op = |n, _| {
        running.fetch_add(1, SeqCst);
        let result = Call::new("ask").run(|_| Outcome::Ok(n));
        running.fetch_sub(1, SeqCst);
        result
    };
    let each = |_| -> () { panic_quietly("each") };
    let map = AssertUnwindSafe(|| Map::new("each").workers(2).rayon_each(0.., op, each));
    assert!(catch_unwind(map).is_err());
    assert_eq!(running.into_inner(), 0);
}

#[test]
fn a_dropped_stream_starts_no_further_item() {
    let (started, starts) = channel();
    let op = move |n, _| {
        started.send(n).expect("the test listens");
        Outcome::Ok(n)
    };
    let mut stream = Map::new("drop").workers(2).chunk_size(2).rayon_stream(0_usize.., op);
    assert_eq!(stream.next().unwrap().unwrap(), 0);
    drop(stream);
    // The channel closes when the last job has dropped the operation.
    assert!(starts.iter().count() <= 4);
}

#[test]
fn a_stream_runs_nothing_before_the_first_next() {
    let pulled = Arc::new(AtomicUsize::new(0));
    let pulled_too = Arc::clone(&pulled);
    let items = (0..10).inspect(move |_| _ = pulled_too.fetch_add(1, SeqCst));
    let mut stream = Map::new("lazy").workers(1).chunk_size(1).rayon_stream(items, |n, _| Outcome::Ok(n));
    assert_eq!(pulled.load(SeqCst), 0);
    assert!(stream.next().is_some());
    assert!(pulled.load(SeqCst) <= 2);
}

#[test]
fn the_input_of_a_list_is_pulled_on_the_callers_thread() {
    // An iterator that is not `Send`.
    let pulled = std::rc::Rc::new(Cell::new(0));
    let items = (0..10).inspect(|n| pulled.set(pulled.get() + n));
    assert_eq!(Map::new("here").rayon(items, |n, _| Outcome::Ok(n)).len(), 10);
    assert_eq!(pulled.get(), 45);
}

#[test]
fn endless_maps_leave_room_for_others_on_their_pool() {
    for micros in [0, 20, 300] {
        let is_over = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let op = move |n, _| {
                        let start = std::time::Instant::now();
                        while start.elapsed() < Duration::from_micros(micros) {}
                        Outcome::Ok(n)
                    };
                    let results = Map::new("endless").workers(2).rayon_stream(0_u64.., op);
                    assert!(results.take_while(|_| is_over.load(SeqCst) == 0).all(|result| result.is_ok()));
                });
            }
            for _ in 0..3 {
                for ordered in [true, false] {
                    let results = Map::new("other").workers(2).ordered(ordered).rayon(0..100, |n, _| Outcome::Ok(n));
                    assert_eq!(values(results).len(), 100);
                }
            }
            is_over.store(1, SeqCst);
        });
    }
}

/// Every mode inside every other, on pools of one thread.
fn nested(depth: usize, shape: usize) -> usize {
    if depth == 0 {
        return 1;
    }
    let map = || Map::new("nested").workers(1 + shape % 2);
    let op = move |n, _| Outcome::Ok(nested(depth - 1, shape / 12 + n));
    let mut sum = 0;
    let mut add = |result: Outcome<usize>| sum += result.expect("succeeds");
    match shape / 2 % 6 {
        0 => map().rayon(0..3, op).into_iter().for_each(add),
        1 => _ = map().rayon_each(0..3, op, add),
        2 => map().rayon_stream(0..3, op).for_each(add),
        3 => map().thread(0..3, op).into_iter().for_each(add),
        4 => _ = map().thread_each(0..3, op, add),
        _ => map().thread_stream(0..3, op).for_each(&mut add),
    }
    sum
}

#[test]
fn nested_maps_finish_whatever_the_mode() {
    for shape in 0..144 {
        assert_eq!(nested(3, shape), 27, "{shape}");
    }
}

/// An item that waits for memory may be above the running one on the stack of the only thread.
#[cfg(feature = "memory")]
#[test]
fn nested_maps_finish_above_the_memory_limit() {
    let map = || Map::new("memory").workers(1).chunk_size(1).memory(1);
    let results = map().rayon(0..3, |n, _| {
        let mut sum = n;
        map().rayon_each(0..2, |m, _| Outcome::Ok(m), |result| sum += result.expect("succeeds"));
        Outcome::Ok(sum)
    });
    assert_eq!(values(results), [1, 2, 3]);
}

#[test]
fn many_maps_at_once_share_the_pools() {
    thread::scope(|scope| {
        for shape in 0..12 {
            scope.spawn(move || assert_eq!(nested(4, shape), 81));
        }
    });
}

#[test]
fn on_a_pool_of_the_user_it_runs_on_that_pool() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (here, ids) = pool.install(|| {
        let here = thread::current().id();
        let mut ids = values(Map::new("there").rayon(0..10, |_, _| Outcome::Ok(thread::current().id())));
        let add = |result: Outcome<_>| ids.extend(result);
        Map::new("there").rayon_each(0..10, |_, _| Outcome::Ok(thread::current().id()), add);
        (here, ids)
    });
    assert!(ids.len() == 20 && ids.iter().all(|id| *id == here));
}

#[test]
fn progress_is_reported() {
    let told = Mutex::new(Vec::new());
    let sink = |p: &Progress| told.lock().unwrap().push((p.done(), p.failed(), p.total()));
    let clock = ManualClock::new();
    let op = |n, _| {
        clock.sleep(Duration::from_millis(40));
        if n < 2 { panic_quietly("body") } else { Outcome::Ok(n) }
    };
    let map = || Map::new("progress").workers(1).clock(&clock).progress(sink);
    let expected = [(3, 2, Some(10)), (6, 2, Some(10)), (9, 2, Some(10)), (10, 2, Some(10))];
    map().rayon(0..10, op);
    assert_eq!(told.lock().unwrap().drain(..).collect::<Vec<_>>(), expected);
    map().rayon_each(0..10, op, |_| ());
    assert_eq!(told.lock().unwrap().drain(..).collect::<Vec<_>>(), expected);
    map().thread_each(0..10, op, |_| ());
    assert_eq!(told.lock().unwrap().drain(..).collect::<Vec<_>>(), expected);
    map().thread(0..10, op);
    assert_eq!(told.lock().unwrap().drain(..).collect::<Vec<_>>(), expected);
}

#[test]
fn an_endless_input_runs_in_bounded_memory() {
    let count = 200_000;
    let summary = Map::new("much").rayon_each(
        0_u64..,
        |n, _| Outcome::Ok(n),
        |result| match result {
            Ok(n) if n < count - 1 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        },
    );
    assert_eq!(summary.succeeded() as u64, count);
    let stream = Map::new("much").ordered(false).rayon_stream(0_u64.., |n, _| Outcome::Ok(n));
    assert_eq!(stream.take(200_000).flatten().count() as u64, count);
}
