//! Concurrent clones of a call with one key: one runs, and if it ends without a value, another takes over.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::thread;

use futures_lite::future::{poll_fn, yield_now};
use opero::cache::{self, Memory};

use super::support::Counter;
use super::*;

/// Runs sixteen clones concurrently, each on its own thread.
fn on_threads<J, L>(
    call: &Call<String, &'static str, Arc<ManualClock>, J, L>,
    body: impl Fn() -> Result<u32, String> + Sync,
) -> Vec<thread::Result<Result<u32, Error<String>>>>
where
    J: ErrorPolicy<String> + Clone + Send,
    L: Layer<u32, String> + Clone + Send,
{
    let barrier = Barrier::new(16);
    thread::scope(|scope| {
        let calls: Vec<_> = (0..16)
            .map(|_| {
                let (call, body, barrier) = (call.clone(), &body, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    catch_unwind(AssertUnwindSafe(|| call.run(|_| body())))
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}

#[test]
fn of_clones_on_threads_one_runs() {
    let counter = Counter::new();
    let body = || {
        (0..100).for_each(|_| thread::yield_now());
        counter.run()
    };
    let call = Call::new("on threads").clock(Arc::new(ManualClock::new())).cache(None).key(&());
    assert!(on_threads(&call, body).into_iter().all(|outcome| outcome.unwrap() == Ok(1)));
    let stats = cache::stats("on threads");
    assert_eq!((stats.misses, stats.hits + stats.waits, stats.insertions), (1, 15, 1));

    let memory = Memory::new();
    assert!(on_threads(&call.store(&memory).key(&()), body).into_iter().all(|outcome| outcome.unwrap() == Ok(2)));
    assert_eq!(memory.len(), 1);
}

#[test]
fn after_a_failure_or_a_panic_the_next_runs() {
    let counter = Counter::new();
    let call = Call::new("hands over").clock(Arc::new(ManualClock::new())).cache(None).key(&());
    let outcomes = on_threads(&call, || {
        thread::yield_now();
        match counter.run()? {
            1 | 2 => Err("on purpose".into()),
            3 => panic!("on purpose"),
            n => Ok(n),
        }
    });
    let panicked = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    let failed = outcomes.iter().flatten().filter(|outcome| outcome.is_err()).count();
    let answered = outcomes.iter().flatten().filter(|outcome| **outcome == Ok(4)).count();
    assert_eq!((panicked, failed, answered, counter.count()), (1, 2, 13, 4));
}

type Running = Pin<Box<dyn Future<Output = Result<u32, Error<String>>>>>;

fn poll(future: &mut Running) -> Poll<Result<u32, Error<String>>> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn of_clones_in_one_task_one_runs_and_when_it_is_dropped_the_next() {
    let (counter, is_open) = (Arc::new(Counter::new()), Arc::new(std::sync::Mutex::new(false)));
    let call = Call::new("in a task").clock(Arc::new(ManualClock::new())).cache(None).key(&());
    let mut calls: Vec<Running> = (0..10)
        .map(|_| {
            let (call, counter, is_open) = (call.clone(), counter.clone(), is_open.clone());
            Box::pin(async move {
                let body = async |_: CurrentAttempt| {
                    let run = counter.run()?;
                    poll_fn(|_| if *is_open.lock().unwrap() { Poll::Ready(()) } else { Poll::Pending }).await;
                    yield_now().await;
                    if run == 2 { Err("on purpose".to_owned()) } else { Ok(run) }
                };
                call.run_async(body).await
            }) as Running
        })
        .collect();
    assert!(calls.iter_mut().all(|call| poll(call).is_pending()));
    assert_eq!(counter.count(), 1);

    drop(calls.remove(0));
    assert!(calls.iter_mut().all(|call| poll(call).is_pending()));
    assert_eq!(counter.count(), 2, "the next has taken over");

    *is_open.lock().unwrap() = true;
    let mut outcomes = Vec::new();
    while !calls.is_empty() {
        calls.retain_mut(|call| match poll(call) {
            Poll::Ready(outcome) => {
                outcomes.push(outcome);
                false
            }
            Poll::Pending => true,
        });
    }
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1, "its failure is not shared");
    assert_eq!((outcomes.iter().filter(|outcome| **outcome == Ok(3)).count(), counter.count()), (8, 3));
}

#[test]
fn a_body_that_calls_with_its_own_key_runs_once_more() {
    let call = Call::new("itself").clock(Arc::new(ManualClock::new())).cache(None).key(&());
    let inner = call.clone();
    let outcome =
        call.run(|_| inner.clone().run(|_| Ok::<_, String>(1)).map(|n| n + 1).map_err(|error| error.to_string()));
    assert_eq!(outcome, Ok(2));
    assert_eq!(inner.run(|_| Ok::<_, String>(3)), Ok(2), "the outer value is kept");
}
