//! The id of a request, and where it is visible.

use std::collections::HashSet;
use std::future::Future;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::StreamExt;
use futures_lite::future::{yield_now, zip};
use opero::map::{Map, pool};
use opero::observe::ErrorContext;
use opero::observe::correlation::{current, with_id, with_id_async, with_new_id, with_new_id_async};
use opero::time::ManualClock;
use opero::{Error, opero, opmap};
use runtime::block_on;

#[path = "support/runtime.rs"]
mod runtime;

type Outcome<T> = Result<T, Error<String>>;

fn here() -> Option<String> {
    current().map(|id| id.to_string())
}

/// Returns the result of [`here`] in the scope of this id.
#[allow(clippy::unnecessary_wraps, reason = "it is compared with an option")]
fn some(id: &str) -> Option<String> {
    Some(id.to_owned())
}

/// Returns the id that each item saw.
fn ids(results: Vec<Outcome<Option<String>>>) -> Vec<Option<String>> {
    results.into_iter().map(|result| result.expect("a value")).collect()
}

/// Returns the ids that items saw, each once.
fn kinds(ids: impl IntoIterator<Item = Option<String>>) -> HashSet<Option<String>> {
    ids.into_iter().collect()
}

/// Returns the id in the context of an error.
fn of<T: std::fmt::Debug>(outcome: &Outcome<T>) -> String {
    ErrorContext::of(outcome.as_ref().expect_err("it fails")).correlation_id().to_owned()
}

#[test]
fn a_scope_covers_what_runs_in_it() {
    assert_eq!(here(), None);
    with_id("outer", || {
        assert_eq!(here(), some("outer"));
        with_id(String::from("inner"), || assert_eq!(here(), some("inner")));
        assert_eq!(here(), some("outer"));
        assert_eq!(thread::spawn(here).join().unwrap(), None);
    });
    assert_eq!(here(), None);
}

#[test]
fn a_body_that_panics_leaves_its_scope() {
    with_id("outer", || {
        let panicked = catch_unwind(|| with_id("inner", || panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(here(), some("outer"));
    });
    assert_eq!(here(), None);
}

#[test]
fn each_new_id_is_different() {
    let ids: HashSet<_> = (0..100).map(|_| with_new_id(here).expect("an id")).collect();
    assert_eq!(ids.len(), 100);
    assert!(ids.iter().all(|id| id.len() == 16));
    assert_eq!(block_on(with_new_id_async(async { here() })).map(|id| id.len()), Some(16));
}

#[test]
fn every_attempt_of_a_call_sees_the_id() {
    let seen = Mutex::new(Vec::new());
    let see = || {
        seen.lock().unwrap().push(here());
        Err::<(), _>(String::from("down"))
    };
    let blocking = with_id("blocking", || opero! { retries: 2, min_delay: 0s => see() });
    let future = opero! { retries: 2, min_delay: 1ms, timeout: 10s => async { yield_now().await; see() } };
    let polled = block_on(with_id_async("async", future));
    assert_eq!((of(&blocking).as_str(), of(&polled).as_str()), ("blocking", "async"));
    let expected = [some("blocking"), some("async")].map(|id| [id.clone(), id.clone(), id]);
    assert_eq!(seen.into_inner().unwrap(), expected.concat());
}

#[test]
fn futures_that_take_turns_on_a_thread_have_their_own_ids() {
    let look = || async {
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(here());
            yield_now().await;
        }
        seen
    };
    let (one, (two, none)) = block_on(zip(with_id_async("one", look()), zip(with_id_async("two", look()), look())));
    assert_eq!(one, vec![some("one"); 3]);
    assert_eq!(two, vec![some("two"); 3]);
    assert_eq!(none, vec![None; 3]);
    assert_eq!(here(), None);
}

/// Polls a future once, on a separate thread.
fn poll_elsewhere<F: Future<Output: Send> + Send>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    thread::scope(|scope| scope.spawn(|| future.as_mut().poll(&mut Context::from_waker(Waker::noop()))).join().unwrap())
}

#[test]
fn a_future_takes_its_id_from_thread_to_thread() {
    let mut future = Box::pin(with_id_async("req-42", async {
        let before = (here(), thread::current().id());
        yield_now().await;
        let after = (here(), thread::current().id());
        (before, after)
    }));
    assert!(poll_elsewhere(&mut future).is_pending());
    let Poll::Ready((before, after)) = poll_elsewhere(&mut future) else { panic!("it has ended") };
    assert_ne!(before.1, after.1, "on two threads");
    assert_eq!([before.0, after.0], [some("req-42"), some("req-42")]);
}

#[test]
fn a_future_that_panics_or_is_dropped_leaves_its_scope() {
    struct Drops<'s>(&'s Mutex<Option<String>>);
    impl Drop for Drops<'_> {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = here();
        }
    }

    let mut future = Box::pin(with_id_async("panics", async { panic!("on purpose") }));
    let polled = catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _: Poll<()> = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }));
    assert!(polled.is_err());
    assert_eq!(here(), None);

    let seen = Mutex::new(None);
    let held = Drops(&seen);
    drop(with_id_async("dropped", async move {
        let _held = held;
        yield_now().await;
    }));
    assert_eq!((seen.lock().unwrap().take(), here()), (some("dropped"), None));
}

/// Each way to run a map, with the ids that its items saw.
fn every_way() -> [(&'static str, Vec<Option<String>>); 11] {
    let op = |_: u32, _| Ok::<_, Error<String>>(here());
    let op_async = async |_: u32, _| {
        let before = here();
        yield_now().await;
        assert_eq!(here(), before);
        Ok::<_, Error<String>>(before)
    };
    let (mut each, mut rayon_each, mut future_each) = (Vec::new(), Vec::new(), Vec::new());
    Map::new("map").thread_each(0..40, op, |result| each.push(result));
    Map::new("map").rayon_each(0..40, op, |result| rayon_each.push(result));
    block_on(Map::new_async("map").future_each(0..40, op_async, |result| future_each.push(result)));
    [
        ("thread", Map::new("map").thread(0..40, op)),
        ("thread unordered", Map::new("map").ordered(false).thread(0..40, op)),
        ("thread each", each),
        ("thread stream", Map::new("map").thread_stream(0..40, op).collect()),
        ("rayon", Map::new("map").rayon(0..40, op)),
        ("rayon unordered", Map::new("map").ordered(false).workers(3).rayon(0..40, op)),
        ("rayon each", rayon_each),
        ("rayon stream", Map::new("map").rayon_stream(0..40, op).collect()),
        ("async", block_on(Map::new_async("map").future(0..40, op_async))),
        ("async each", future_each),
        ("async stream", block_on(Map::new_async("map").future_stream(0..40, op_async).collect())),
    ]
    .map(|(name, results)| (name, ids(results)))
}

#[test]
fn the_items_of_a_map_have_its_id() {
    // Threads are kept from one map to the next, but keep nothing of its scope.
    for id in [None, some("one"), None, some("two")] {
        let seen = match &id {
            Some(id) => with_id(id.as_str(), every_way),
            None => every_way(),
        };
        for (name, seen) in seen {
            assert_eq!(seen, vec![id.clone(); 40], "{name}");
        }
        assert_eq!(here(), None);
    }
    pool::shutdown();
}

#[test]
fn a_stream_has_the_scope_that_it_was_created_in() {
    let op = |_: u32, _| Ok::<_, Error<String>>(here());
    let stream = with_id("made", || Map::new("map").thread_stream(0..20, op));
    let seen = with_id("taken", || stream.map(Result::unwrap).collect::<Vec<_>>());
    assert_eq!(seen, vec![some("made"); 20]);

    // An async map begins with its first poll.
    let map = with_id("made", || Box::pin(Map::new_async("map").future(0..3, async |item, context| op(item, context))));
    assert_eq!(ids(block_on(with_id_async("polled", map))), vec![some("polled"); 3]);
}

#[test]
fn maps_of_several_requests_that_share_threads_keep_their_ids_apart() {
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let id = format!("req-{client}");
            thread::spawn(move || {
                for _ in 0..20 {
                    let seen = with_id(id.as_str(), || Map::new("map").workers(4).thread(0..20_u32, |_, _| Ok(here())));
                    assert_eq!(ids(seen), vec![some(&id); 20]);
                    let seen = with_id(id.as_str(), || Map::new("map").rayon(0..20_u32, |_, _| Ok(here())));
                    assert_eq!(ids(seen), vec![some(&id); 20]);
                }
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
}

#[test]
fn a_rayon_thread_in_a_scope_runs_items_of_another_map_in_their_own_scope() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (is_over, busy) = (AtomicBool::new(false), Mutex::new(None));
    let until = Instant::now() + Duration::from_secs(60);
    let seen = Mutex::new(Vec::new());
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            with_id("busy", || {
                *busy.lock().unwrap() = Some(thread::current().id());
                while !is_over.load(SeqCst) {
                    rayon::yield_now();
                }
                assert_eq!(here(), some("busy"));
            });
        });
        let is_busy = || busy.lock().unwrap().is_some();
        while !is_busy() && Instant::now() < until {
            thread::yield_now();
        }
        // The items do not end before the busy thread has run one of them.
        let item = |_: u32, _| {
            let (id, mut has_come) = (thread::current().id(), false);
            seen.lock().unwrap().push((id, here()));
            while !has_come && Instant::now() < until {
                thread::yield_now();
                let busy = *busy.lock().unwrap();
                has_come = seen.lock().unwrap().iter().any(|(thread, _)| Some(*thread) == busy);
            }
            Ok::<_, Error<String>>(())
        };
        let results = pool.install(|| with_id("map", || Map::new("map").rayon(0..8, item)));
        is_over.store(true, SeqCst);
        assert_eq!(results.len(), 8);
    });
    let (busy, seen) = (busy.into_inner().unwrap(), seen.into_inner().unwrap());
    assert!(seen.iter().any(|(thread, _)| Some(*thread) == busy), "the busy thread has run an item");
    assert_eq!(kinds(seen.into_iter().map(|(_, id)| id)), HashSet::from([some("map")]));
}

#[test]
fn a_nested_map_has_the_scope_of_its_item() {
    let inner = |outer: u32, name: &str| {
        let item = |_: u32, _| Ok::<_, Error<String>>(here());
        let seen = with_id(format!("{name} {outer}"), || {
            let threads = ids(Map::new("inner").workers(2).thread(0..4, item));
            let rayon = ids(Map::new("inner").rayon(0..4, item));
            let futures = block_on(Map::new_async("inner").future(0..4, async |item_number, context| {
                yield_now().await;
                item(item_number, context)
            }));
            [threads, rayon, ids(futures)].concat()
        });
        (here(), kinds(seen))
    };
    let check = |name: &str, results: Vec<Outcome<(Option<String>, HashSet<Option<String>>)>>| {
        for (outer, result) in results.into_iter().enumerate() {
            assert_eq!(result, Ok((some("outer"), HashSet::from([Some(format!("{name} {outer}"))]))));
        }
    };
    with_id("outer", || {
        check("thread", Map::new("outer").thread(0..6, |item, _| Ok(inner(item, "thread"))));
        check("rayon", Map::new("outer").rayon(0..6, |item, _| Ok(inner(item, "rayon"))));
        check("macro", opmap! { item in 0..6, workers: 3, retries: 1 => Ok(inner(item, "macro")) });
    });
    assert_eq!(here(), None);
}

#[test]
fn the_errors_of_a_map_have_its_id() {
    let results: Vec<Outcome<()>> = with_id("req-42", || {
        Map::new("map").max_failures(2).workers(2).thread(0..20_u32, |item, _| {
            assert!(item % 2 == 0, "on purpose");
            opero! { name: "item" => Err::<(), _>(String::from("down")) }
        })
    });
    assert!(results.iter().any(|result| result.as_ref().is_err_and(Error::is_skipped)));
    assert!(results.iter().all(|result| of(result) == "req-42"));
    let panicked = with_id("panic", || Map::new("map").rayon(0..4, |_, _| -> Outcome<()> { panic!("on purpose") }));
    assert!(panicked.iter().all(|result| result.as_ref().is_err_and(Error::is_panicked) && of(result) == "panic"));

    let clock = ManualClock::new();
    let map = Map::new_async("map").workers(2).deadline(Duration::from_secs(1)).clock(&clock);
    let late: Vec<Outcome<()>> = block_on(with_id_async(
        "late",
        map.future(0..4, async |_, _| {
            clock.advance(Duration::from_secs(1));
            std::future::pending().await
        }),
    ));
    assert!(late.iter().all(|result| result.as_ref().is_err_and(Error::is_timeout) && of(result) == "late"));
}
