use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Context;
use std::sync::mpsc::channel;
use std::thread;

use super::*;

type Waiter = Pin<Box<dyn Future<Output = Joined<char>> + Send>>;

const KEY: Fingerprint = Fingerprint::with(1, 0);

fn flights() -> Arc<Flights<char>> {
    Flights::new(None)
}

fn waiter(flights: &Arc<Flights<char>>) -> Waiter {
    let flights = flights.clone();
    Box::pin(async move { flights.join_async(&KEY).await })
}

/// A waker that counts, so that each waiter is a separate task.
#[derive(Default)]
struct Task(AtomicU32);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn poll(waiter: &mut Waiter, task: &Arc<Task>) -> Poll<Joined<char>> {
    waiter.as_mut().poll(&mut Context::from_waker(&task.clone().into()))
}

/// A task that runs.
fn runner(flights: &Arc<Flights<char>>) -> Turn<char> {
    match poll(&mut waiter(flights), &Arc::default()) {
        Poll::Ready(Joined::Runner(turn)) => turn,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_turn_wakes_the_first_waiter_and_a_value_wakes_all() {
    let (flights, tasks) = (flights(), [(); 3].map(|()| Arc::<Task>::default()));
    let woken = || tasks.each_ref().map(|task| task.0.load(SeqCst));
    let turn = runner(&flights);
    let mut waiters = tasks.each_ref().map(|_| waiter(&flights));
    for (waiter, task) in waiters.iter_mut().zip(&tasks) {
        assert!(poll(waiter, task).is_pending());
    }
    drop(turn);
    assert_eq!(woken(), [1, 0, 0]);
    let Poll::Ready(Joined::Runner(turn)) = poll(&mut waiters[0], &tasks[0]) else { panic!("it is its turn") };
    assert!(turn.share('a'));
    assert_eq!(woken(), [1, 1, 1]);
    assert!(matches!(poll(&mut waiters[2], &tasks[2]), Poll::Ready(Joined::Landed('a'))));
    drop(waiters);
    assert!(flights.by_key().is_empty() && Arc::strong_count(&flights) == 1);
}

#[test]
fn a_run_after_a_clear_is_current_unless_there_is_another() {
    let (flights, task) = (flights(), Arc::<Task>::default());
    for another in [false, true] {
        let turn = runner(&flights);
        let mut waiter = waiter(&flights);
        assert!(poll(&mut waiter, &task).is_pending());
        flights.clear(None);
        let newcomer = another.then(|| runner(&flights));
        drop(turn);
        let Poll::Ready(Joined::Runner(next)) = poll(&mut waiter, &task) else { panic!("it is its turn") };
        assert_eq!(next.is_current(), !another);
        assert!(newcomer.is_none_or(|newcomer| newcomer.is_current()));
    }
    assert!(flights.by_key().is_empty());
}

#[test]
fn a_run_overtaken_by_a_set_is_not_kept_but_the_next_run_is() {
    let (flights, task) = (flights(), Arc::<Task>::default());
    let turn = runner(&flights);
    let mut waiter = waiter(&flights);
    assert!(poll(&mut waiter, &task).is_pending());
    flights.overtake(&KEY);
    assert!(!turn.is_current());
    drop(turn);
    let Poll::Ready(Joined::Runner(next)) = poll(&mut waiter, &task) else { panic!("it is its turn") };
    assert!(next.is_current());
}

#[test]
fn a_thread_waits_no_longer_than_its_time_left() {
    let flights = flights();
    let turn = runner(&flights);
    let (left, looks) = (AtomicU32::new(3), AtomicU32::new(0));
    // A clock that advances each time it is read.
    let look = || {
        looks.fetch_add(1, SeqCst);
        Some(Duration::from_nanos(left.fetch_sub(1, SeqCst).into()))
    };
    thread::scope(|scope| {
        let outcome = scope.spawn(|| flights.join_within(&KEY, look).is_none());
        assert!(outcome.join().unwrap());
    });
    assert_eq!(looks.into_inner(), 4);
    assert!(turn.share('a'), "no waiter is left");
}

#[test]
fn a_task_polled_inside_the_body_runs_alone() {
    let (flights, task) = (flights(), Arc::<Task>::default());
    let Joined::Runner(turn) = flights.join(&KEY) else { panic!("there is no other") };
    let mut inner = waiter(&flights);
    let Poll::Ready(Joined::Runner(alone)) = poll(&mut inner, &task) else { panic!("it would wait for itself") };
    assert!(!alone.is_current() && !alone.share('b'));
    // A waiter that began on another thread may be finished here as well.
    let mut outer = waiter(&flights);
    let mut outer = thread::spawn(move || {
        assert!(poll(&mut outer, &Arc::default()).is_pending());
        outer
    })
    .join()
    .unwrap();
    assert!(matches!(poll(&mut outer, &task), Poll::Ready(Joined::Runner(_))));
    assert!(turn.is_current() && turn.share('a'));
}

/// A value that uses the flights when it is cloned or dropped.
#[derive(Debug)]
struct Reentrant(Arc<Flights<Reentrant>>);

impl Reentrant {
    fn ask(&self) {
        // Locking a held lock would block forever.
        assert!(self.0.by_key.try_lock().is_ok());
    }
}

impl Clone for Reentrant {
    fn clone(&self) -> Self {
        self.ask();
        Reentrant(self.0.clone())
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        self.ask();
    }
}

#[test]
fn no_code_of_a_value_runs_under_the_lock_of_the_keys() {
    let flights: Arc<Flights<Reentrant>> = Flights::new(None);
    for is_cleared in [false, true] {
        let Joined::Runner(turn) = flights.join(&KEY) else { panic!("there is no other") };
        if is_cleared {
            flights.clear(None);
        }
        assert_eq!(turn.share(Reentrant(flights.clone())), !is_cleared);
    }
    assert_eq!(Arc::strong_count(&flights), 1);
}

#[test]
fn a_value_reaches_threads_that_wait() {
    let flights = flights();
    let turn = runner(&flights);
    let (comes, has_come) = channel();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (flights, comes) = (flights.clone(), comes.clone());
            thread::spawn(move || {
                comes.send(()).unwrap();
                matches!(flights.join(&KEY), Joined::Landed('a'))
            })
        })
        .collect();
    for _ in &threads {
        has_come.recv().unwrap();
    }
    while lock(&turn.place.as_ref().unwrap().flight).comers() < 8 {
        thread::yield_now();
    }
    assert!(turn.share('a'));
    assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
}
