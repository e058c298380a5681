//! Concurrent calls of one key: one runs, no call hangs, and no two bodies run at once, whatever happens to the runner.

#[path = "support/runtime.rs"]
mod runtime;

use std::future::Future;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_lite::future::{poll_fn, yield_now};
use opero::cache::{self, Memory, Store};
use opero::{Error, opero};
use runtime::block_on;

/// Counts the bodies that run now and in total, and fails if two run at once.
#[derive(Default)]
struct Gauge {
    now: AtomicU32,
    ever: AtomicU32,
}

struct Running<'g>(&'g Gauge);

impl Gauge {
    fn enter(&self) -> Running<'_> {
        assert_eq!(self.now.fetch_add(1, SeqCst), 0, "two bodies of one key at once");
        self.ever.fetch_add(1, SeqCst);
        Running(self)
    }

    fn ever(&self) -> u32 {
        self.ever.load(SeqCst)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

#[test]
fn sixty_four_threads_on_one_key_run_the_body_once() {
    let (gauge, barrier) = (Gauge::default(), Barrier::new(64));
    let ask = || {
        barrier.wait();
        opero! { cache: 60s, key: "one", name: "threads" => {
            let _running = gauge.enter();
            for _ in 0..100 {
                thread::yield_now();
            }
            Ok::<_, String>(7)
        } }
    };
    thread::scope(|scope| {
        let calls: Vec<_> = (0..64).map(|_| scope.spawn(ask)).collect();
        assert!(calls.into_iter().all(|call| call.join().unwrap() == Ok(7)));
    });
    let stats = cache::stats("threads");
    assert_eq!((gauge.ever(), stats.misses, stats.hits + stats.waits), (1, 1, 63));
}

#[test]
fn a_thousand_futures_on_one_key_run_the_body_once() {
    let gauge = Arc::new(Gauge::default());
    let call = |gauge: Arc<Gauge>| async move {
        opero! { cache, key: "one", name: "futures" => async {
            let _running = gauge.enter();
            for _ in 0..10 {
                yield_now().await;
            }
            Ok::<_, String>(7)
        } }
        .await
    };
    let tasks: Vec<_> = (0..1000).map(|_| smol::spawn(call(gauge.clone()))).collect();
    assert!(tasks.into_iter().all(|task| block_on(task) == Ok(7)));
    let stats = cache::stats("futures");
    assert_eq!((gauge.ever(), stats.misses, stats.hits + stats.waits), (1, 1, 999));
}

#[test]
fn an_error_is_not_shared() {
    let gauge = Gauge::default();
    let barrier = Barrier::new(16);
    let ask = |id: u32| {
        barrier.wait();
        opero! { cache, key: "fails" => {
            let _running = gauge.enter();
            thread::yield_now();
            Err::<(), _>(id)
        } }
    };
    thread::scope(|scope| {
        let calls: Vec<_> = (0..16)
            .map(|id| {
                scope.spawn({
                    let ask = &ask;
                    move || (id, ask(id))
                })
            })
            .collect::<Vec<_>>();
        for call in calls {
            let (id, outcome) = call.join().unwrap();
            assert_eq!(outcome.unwrap_err().into_last(), Some(id), "each gets its own error");
        }
    });
    assert_eq!(gauge.ever(), 16);
}

#[test]
fn after_a_panic_the_next_waiter_runs() {
    let gauge = Gauge::default();
    let barrier = Barrier::new(16);
    let ask = || {
        barrier.wait();
        catch_unwind(AssertUnwindSafe(|| {
            opero! { cache, key: "panics" => {
                let _running = gauge.enter();
                thread::yield_now();
                assert!(gauge.ever() >= 4, "on purpose");
                Ok::<_, String>(gauge.ever())
            } }
        }))
    };
    thread::scope(|scope| {
        let calls: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        let outcomes: Vec<_> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 3);
        assert!(outcomes.iter().flatten().all(|outcome| *outcome == Ok(4)));
    });
}

type Call = Pin<Box<dyn Future<Output = Result<u32, Error<String>>> + Send>>;

fn call(key: impl Hash + Send + Sync + 'static, gauge: &Arc<Gauge>, gate: &Arc<AtomicU32>) -> Call {
    let (gauge, gate) = (gauge.clone(), gate.clone());
    Box::pin(async move {
        opero! { cache, key: key => async {
            let _running = gauge.enter();
            poll_fn(|_| if gate.load(SeqCst) > 0 { Poll::Ready(()) } else { Poll::Pending }).await;
            Ok(gauge.ever())
        } }
        .await
    })
}

fn poll(call: &mut Call) -> Poll<Result<u32, Error<String>>> {
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn after_a_dropped_runner_the_next_waiter_runs() {
    let (gauge, gate) = (Arc::new(Gauge::default()), Arc::default());
    let mut runner = call("middle", &gauge, &gate);
    let mut waiters: Vec<_> = (0..10).map(|_| call("middle", &gauge, &gate)).collect();
    assert!(poll(&mut runner).is_pending());
    assert!(waiters.iter_mut().all(|waiter| poll(waiter).is_pending()));
    assert_eq!(gauge.ever(), 1);

    drop(runner);
    assert!(waiters.iter_mut().all(|waiter| poll(waiter).is_pending()));
    assert_eq!(gauge.ever(), 2, "one of them, and one only, has taken over");

    // A waiter that is dropped, too, whether or not it was woken.
    waiters.truncate(5);
    assert!(waiters.iter_mut().all(|waiter| poll(waiter).is_pending()));
    gate.store(1, SeqCst);
    let mut polls = 0;
    while !waiters.is_empty() {
        waiters.retain_mut(|waiter| poll(waiter).map(|outcome| assert!(outcome.is_ok())).is_pending());
        polls += 1;
        assert!(polls < 10, "nobody hangs");
    }
    assert!(gauge.ever() <= 3);
}

#[test]
fn a_key_is_released_after_the_body_of_a_dropped_runner() {
    fn ask(body: Pin<Box<dyn Future<Output = Result<u32, String>> + Send>>) -> Call {
        Box::pin(async move { opero! { cache: 60s, key: "one", name: "gone" => async { body.await } }.await })
    }

    /// Calls again when it is dropped.
    struct AsksAgain(mpsc::Sender<bool>);

    impl Drop for AsksAgain {
        fn drop(&mut self) {
            let mut next = ask(Box::pin(async { Ok(8) }));
            let _ = self.0.send(poll(&mut next).is_pending());
        }
    }

    let (sender, waits) = mpsc::channel();
    let asks_again = AsksAgain(sender);
    let mut runner = ask(Box::pin(async move {
        let _asks_again = asks_again;
        yield_now().await;
        Ok(7)
    }));
    assert!(poll(&mut runner).is_pending());
    drop(runner);
    assert_eq!(waits.recv(), Ok(true), "the next body has begun while there was another");
}

#[test]
fn dropping_at_any_moment_strands_no_waiter() {
    for drop_at in 0..6 {
        for order in 0..3 {
            let (gauge, gate) = (Arc::new(Gauge::default()), Arc::default());
            let mut calls: Vec<_> = (0..3).map(|_| call((drop_at, order), &gauge, &gate)).collect();
            for step in 0..6 {
                if step == drop_at && calls.len() > 1 {
                    drop(calls.remove(order % calls.len()));
                }
                for call in &mut calls {
                    assert!(poll(call).is_pending());
                }
            }
            gate.store(1, SeqCst);
            for _ in 0..4 {
                calls.retain_mut(|call| poll(call).is_pending());
            }
            assert!(calls.is_empty());
        }
    }
}

#[test]
fn blocking_and_async_calls_wait_for_each_other() {
    let gauge = Arc::new(Gauge::default());
    let (started, has_started) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let shared = |gauge: &Gauge, before: &mut dyn FnMut()| {
        opero! { cache, key: "mixed" => {
            let _running = gauge.enter();
            before();
            Ok::<_, String>(1)
        } }
    };
    let runner = {
        let gauge = gauge.clone();
        thread::spawn(move || {
            shared(&gauge, &mut || {
                started.send(()).unwrap();
                may_go.recv().unwrap();
            })
        })
    };
    has_started.recv().unwrap();
    let waiter = thread::spawn(move || shared(&gauge, &mut || ()));
    go.send(()).unwrap();
    assert_eq!((runner.join().unwrap(), waiter.join().unwrap()), (Ok(1), Ok(1)));
}

#[test]
fn a_shared_store_runs_once_too() {
    let (memory, gauge, barrier) = (Memory::new(), Gauge::default(), Barrier::new(16));
    let ask = || {
        barrier.wait();
        opero! { cache: 1h, store: &memory, key: "stored", name: "stored" => {
            let _running = gauge.enter();
            thread::yield_now();
            Ok::<_, String>(9)
        } }
    };
    thread::scope(|scope| {
        let calls: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        assert!(calls.into_iter().all(|call| call.join().unwrap() == Ok(9)));
    });
    assert_eq!((gauge.ever(), memory.len(), cache::stats("stored").insertions), (1, 1, 1));
}

#[test]
fn futures_of_cached_calls_are_send_and_wait_without_a_thread() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    let text = String::from("x");
    let memory: Memory<String> = Memory::new();
    let future =
        send(opero! { cache: 1s, store: &memory, name: "sent", key: &text => async { Ok::<_, String>(text.clone()) } });
    assert_eq!(block_on(future), Ok("x".to_owned()));
    let owned = send(
        opero! { cache, retries: 2, retry_if: |e: &String| e.is_empty(), key: 1 => async move { Ok(text.clone()) } },
    );
    assert_eq!(block_on(owned), Ok("x".to_owned()));
}

#[test]
fn tasks_that_use_a_memory_by_hand_share_one_run() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (memory, key) = (Memory::new(), cache::Key::new("opero", "by hand", &()));
    let runs = AtomicU32::new(0);
    let ask = |fails: bool| {
        let (memory, key, runs) = (&memory, &key, &runs);
        is_send(memory.get_or_run_async(key, Some(Duration::from_secs(60)), async move || {
            let run = runs.fetch_add(1, SeqCst) + 1;
            yield_now().await;
            if fails { Err("down") } else { Ok(run) }
        }))
    };
    let both = block_on(futures_lite::future::zip(ask(true), ask(false)));
    assert_eq!(both, (Err("down"), Ok(2)), "an error is not shared: who waits runs its own");
    let hits = block_on(futures_lite::future::zip(ask(true), ask(false)));
    assert_eq!((hits, runs.load(SeqCst)), ((Ok(2), Ok(2)), 2));

    memory.clear("opero").unwrap();
    let three = block_on(futures_lite::future::zip(ask(false), futures_lite::future::zip(ask(true), ask(true))));
    assert_eq!((three, runs.load(SeqCst)), ((Ok(3), (Ok(3), Ok(3))), 3));

    memory.clear("opero").unwrap();
    let mut dropped = Box::pin(ask(false));
    assert!(block_on(futures_lite::future::poll_once(&mut dropped)).is_none(), "its body has begun");
    let mut waits = Box::pin(ask(false));
    assert!(block_on(futures_lite::future::poll_once(&mut waits)).is_none());
    drop(dropped);
    assert_eq!(block_on(waits), Ok(5));
    let stats = memory.stats();
    assert_eq!((stats.hits, stats.misses, stats.waits, stats.insertions), (2, 5, 2, 3));
}
