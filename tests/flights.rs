//! Which call runs next when a run fails: the first of the waiters, threads and tasks in one queue.

#[path = "support/flights.rs"]
mod harness;
#[path = "support/runtime.rs"]
mod runtime;

use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use futures_lite::future::poll_fn;
use harness::{Log, Outcome, Still, Task};
use opero::cache::Memory;
use opero::opero;
use opero::time::ManualClock;
use runtime::block_on;

type Shared = Arc<Memory<u32>>;

/// A call that fails with its number, once the log is open.
fn failing(id: u32, store: &Shared, log: &Arc<Log>) -> Task {
    let (store, log) = (store.clone(), log.clone());
    Task::new(async move {
        opero! { cache, store: &store, key: (), name: "order" => async {
            log.begin(id);
            log.gate().await;
            Err(id.to_string())
        } }
        .await
    })
}

/// The same on a thread, which is waiting when this returns.
fn failing_thread(id: u32, store: &Shared, log: &Arc<Log>) -> thread::JoinHandle<Outcome> {
    let (store, log, clock) = (store.clone(), log.clone(), Arc::new(Still::default()));
    let thread = thread::spawn({
        let clock = clock.clone();
        move || {
            opero! { cache, store: &store, key: (), name: "order", deadline: 1h, clock: &clock => {
                log.begin(id);
                Err(id.to_string())
            } }
        }
    });
    clock.until_waiting();
    thread
}

fn error_of(outcome: Outcome) -> String {
    outcome.unwrap_err().into_last().unwrap()
}

#[test]
fn tasks_that_wait_run_in_the_order_they_came() {
    let (store, log) = (Shared::default(), Arc::<Log>::default());
    let mut tasks: Vec<_> = (0..6).map(|id| failing(id, &store, &log)).collect();
    assert!(tasks.iter_mut().all(Task::is_pending));
    assert_eq!(log.begun(), [0]);
    log.open();
    // The later tasks are polled first, but still run later.
    while !tasks.is_empty() {
        for at in (0..tasks.len()).rev() {
            if tasks[at].poll().is_ready() {
                tasks.remove(at);
            }
        }
    }
    assert_eq!(log.begun(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn threads_that_wait_run_in_the_order_they_came() {
    let (store, log) = (Shared::default(), Arc::<Log>::default());
    let mut runner = failing(0, &store, &log);
    assert!(runner.is_pending());
    let threads: Vec<_> = (1..6).map(|id| failing_thread(id, &store, &log)).collect();
    drop(runner);
    let errors: Vec<_> = threads.into_iter().map(|thread| error_of(thread.join().unwrap())).collect();
    assert_eq!((log.begun(), errors), (vec![0, 1, 2, 3, 4, 5], (1..6).map(|id| id.to_string()).collect()));
}

#[test]
fn threads_and_tasks_stand_in_one_queue() {
    let (store, log) = (Shared::default(), Arc::<Log>::default());
    let mut runner = failing(0, &store, &log);
    assert!(runner.is_pending());
    let (mut tasks, mut threads) = (Vec::new(), Vec::new());
    for id in 1..7 {
        if id % 2 == 0 {
            threads.push(failing_thread(id, &store, &log));
        } else {
            tasks.push(failing(id, &store, &log));
            assert!(tasks.last_mut().unwrap().is_pending());
        }
    }
    log.open();
    drop(runner);
    while !tasks.is_empty() {
        tasks.retain_mut(Task::is_pending);
        thread::yield_now();
    }
    for thread in threads {
        thread.join().unwrap().unwrap_err();
    }
    assert_eq!(log.begun(), [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_newcomer_does_not_overtake_waiters() {
    let (store, log) = (Shared::default(), Arc::<Log>::default());
    let [mut runner, mut first, mut second, mut newcomer] = [0, 1, 2, 3].map(|id| failing(id, &store, &log));
    assert!(runner.is_pending() && first.is_pending() && second.is_pending());
    drop(runner);
    assert!(first.is_woken() && !second.is_woken());
    // It comes before the first has started its turn.
    assert!(newcomer.is_pending());
    assert_eq!(log.begun(), [0]);
    log.open();
    assert!(second.is_pending() && newcomer.is_pending());
    for (task, id) in [(&mut first, "1"), (&mut second, "2"), (&mut newcomer, "3")] {
        let Poll::Ready(outcome) = task.poll() else { panic!("it is the turn of {id}") };
        assert_eq!(error_of(outcome), id);
    }
}

#[test]
fn a_turn_that_is_dropped_before_it_starts_passes_on() {
    let (store, log) = (Shared::default(), Arc::<Log>::default());
    let [mut runner, mut first, mut second, mut third] = [0, 1, 2, 3].map(|id| failing(id, &store, &log));
    assert!(runner.is_pending() && first.is_pending() && second.is_pending() && third.is_pending());
    drop(runner);
    assert!(first.is_woken());
    drop(second);
    drop(first);
    assert!(third.is_woken() && third.is_pending());
    assert_eq!(log.begun(), [0, 3]);
}

#[test]
fn of_two_calls_in_one_task_dropping_the_unpolled_one_lets_the_other_go_on() {
    let (store, log) = (Shared::default(), Arc::<Log>::default());
    let mut runner = failing(0, &store, &log);
    assert!(runner.is_pending());
    let [mut idle, awaited] = [1, 2].map(|id| failing(id, &store, &log));
    let mut task = Task::new(async move {
        assert!(poll_fn(|context| Poll::Ready(idle.call.as_mut().poll(context))).await.is_pending());
        let mut idle = Some(idle);
        let (mut awaited, mut polls) = (awaited, 0);
        poll_fn(|context| {
            polls += 1;
            if polls == 3 {
                idle.take();
            }
            awaited.call.as_mut().poll(context)
        })
        .await
    });
    assert!(task.is_pending());
    log.open();
    drop(runner);
    assert!(task.is_woken() && task.is_pending(), "it is the turn of the other");
    assert_eq!(error_of(block_on(task.call)), "2");
    assert_eq!(log.begun(), [0, 2]);
}

#[test]
fn a_waiting_thread_gives_up_at_its_deadline_although_the_clock_jumps() {
    let (store, log, clock) = (Shared::default(), Arc::<Log>::default(), Arc::new(ManualClock::new()));
    let mut runner = failing(0, &store, &log);
    assert!(runner.is_pending());
    let thread = thread::spawn({
        let (store, clock) = (store.clone(), clock.clone());
        move || opero! { cache, store: &store, key: (), name: "order", deadline: 1h, clock: &clock => Ok::<_, String>(1) }
    });
    // By the machine's time it would wait for an hour.
    let mut thread = Some(thread);
    while thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
        clock.advance(Duration::from_secs(600));
        thread::yield_now();
    }
    assert!(thread.take().unwrap().join().unwrap().unwrap_err().is_timeout());
    log.open();
    assert_eq!(error_of(block_on(runner.call)), "0");
}

#[test]
fn a_thread_starts_its_turn_on_a_clock_that_stands_still() {
    let (store, log, (done, is_done)) = (Shared::default(), Arc::<Log>::default(), mpsc::channel());
    let mut runner = failing(0, &store, &log);
    assert!(runner.is_pending());
    let thread = failing_thread(1, &store, &log);
    thread::spawn(move || done.send(error_of(thread.join().unwrap())));
    drop(runner);
    assert_eq!(is_done.recv().unwrap(), "1");
}
