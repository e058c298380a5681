//! Models flights in many orders of threads and tasks: of concurrent calls of one key one runs, the first waiter runs
//! next, and every call returns, whatever happens to a run. A lost wake-up is a deadlock here.
//!
//! Panics are not modelled: shuttle poisons every lock that is released during unwinding. A run that panics drops its
//! turn, as one that fails does.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::{Pin, pin};
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use core::time::Duration;

use ::shuttle::rand::{Rng, thread_rng};
use ::shuttle::{future, thread};

use super::*;
use crate::Call;
use crate::cache::{Entry, Key, Memory, Store};
use crate::sync::shuttle::{by_chance, check};
use crate::time::ManualClock;

const CALLS: u32 = 3;

fn key() -> Key<'static> {
    Key::new("model", "flights", &())
}

/// The bodies of one key: those that are running, and the values they gave.
#[derive(Default)]
struct Bodies {
    now: AtomicU32,
    failures: AtomicU32,
    values: AtomicU32,
    /// May a body begin while another runs?
    may_overlap: bool,
}

struct Inside<'b>(&'b Bodies);

impl Bodies {
    fn enter(&self) -> Inside<'_> {
        let others = self.now.fetch_add(1, SeqCst);
        assert!(others == 0 || self.may_overlap, "two bodies of one key at once");
        Inside(self)
    }

    /// Fails at random, or gives another value each time.
    fn give(&self) -> Result<u32, &'static str> {
        if by_chance(0.4) {
            self.failures.fetch_add(1, SeqCst);
            return Err("on purpose");
        }
        Ok(self.values.fetch_add(1, SeqCst) + 1)
    }

    fn run(&self) -> Result<u32, &'static str> {
        let _inside = self.enter();
        thread::yield_now();
        self.give()
    }

    async fn run_later(&self) -> Result<u32, &'static str> {
        let _inside = self.enter();
        future::yield_now().await;
        self.give()
    }

    /// Checks that no call failed with another's error, and none has a value that no body gave.
    fn judge(&self, outcomes: &[Result<u32, &'static str>]) {
        let errors = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(errors, self.failures.load(SeqCst) as usize);
        let values = self.values.load(SeqCst);
        assert!(outcomes.iter().flatten().all(|value| (1..=values).contains(value)));
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

/// Polls a future `polls` times, and then drops it.
async fn give_up_after<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (pin!(future), polls);
    core::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        context.waker().wake_by_ref();
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// Returns the outcome of each call. Some block a thread, some are tasks.
fn outcomes<T: Send + 'static>(
    blocking: impl Fn() -> T + Send + Sync + 'static,
    later: impl Fn() -> Pin<Box<dyn Future<Output = T> + Send>>,
) -> Vec<T> {
    let blocking = Arc::new(blocking);
    let (mut threads, mut tasks) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        if by_chance(0.5) {
            let blocking = blocking.clone();
            threads.push(thread::spawn(move || blocking()));
        } else {
            tasks.push(future::spawn(later()));
        }
    }
    let mut outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    future::block_on(async {
        for task in tasks {
            outcomes.push(task.await.expect("no panic"));
        }
    });
    outcomes
}

#[test]
fn threads_and_tasks_run_one_after_the_other_until_one_succeeds() {
    check(|| {
        let (memory, bodies) = (Arc::new(Memory::with_capacity(4)), Arc::<Bodies>::default());
        let (of_threads, of_tasks) = ((memory.clone(), bodies.clone()), (memory, bodies.clone()));
        let outcomes = outcomes(
            move || of_threads.0.get_or_run(&key(), None, || of_threads.1.run()),
            || {
                let (memory, bodies) = of_tasks.clone();
                Box::pin(async move { memory.get_or_run_async(&key(), None, async || bodies.run_later().await).await })
            },
        );
        bodies.judge(&outcomes);
        assert!(bodies.values.load(SeqCst) <= 1, "a successful run is kept");
    });
}

#[test]
fn a_call_that_leaves_at_any_point_blocks_no_other() {
    check(|| {
        let (flights, bodies) = (Flights::new(None), Arc::<Bodies>::default());
        let (of_threads, of_tasks) = ((flights.clone(), bodies.clone()), (flights.clone(), bodies.clone()));
        let fingerprint = Fingerprint::of_key(&key());
        let run = |bodies: &Bodies, joined: Joined<u32>| match joined {
            Joined::Landed(value) => Ok(value),
            Joined::Runner(turn) => bodies.run().inspect(|value| assert!(turn.share(*value))),
        };
        let outcomes = outcomes(
            move || {
                // A thread that may not wait leaves as soon as it would have to.
                let left = by_chance(0.4).then_some(Duration::ZERO);
                let (flights, bodies) = &of_threads;
                flights.join_within(&fingerprint, || left).map(|joined| run(bodies, joined))
            },
            || {
                let (flights, bodies) = of_tasks.clone();
                let polls = by_chance(0.6).then(|| thread_rng().gen_range(0..6));
                Box::pin(async move {
                    let call = async {
                        match flights.join_async(&fingerprint).await {
                            Joined::Landed(value) => Ok(value),
                            Joined::Runner(turn) => {
                                bodies.run_later().await.inspect(|value| assert!(turn.share(*value)))
                            }
                        }
                    };
                    match polls {
                        Some(polls) => give_up_after(polls, call).await,
                        None => Some(call.await),
                    }
                })
            },
        );
        let outcomes: Vec<_> = outcomes.into_iter().flatten().collect();
        assert!(outcomes.iter().filter(|outcome| outcome.is_err()).count() <= bodies.failures.load(SeqCst) as usize);
        assert!(flights.by_key().is_empty(), "no run is left");
    });
}

#[test]
fn turns_go_in_the_order_of_the_tickets() {
    check(|| {
        let (flights, taken) = (Flights::<()>::new(None), Arc::new(Mutex::new(Vec::new())));
        let fingerprint = Fingerprint::of_key(&key());
        let Ok(first) = flights.enter(&fingerprint, || Waker::noop().clone()) else { panic!("there is no other") };
        let threads: Vec<_> = (0..CALLS)
            .map(|_| {
                let (flights, taken) = (flights.clone(), taken.clone());
                thread::spawn(move || {
                    let mut seat = flights.enter(&fingerprint, || Waker::noop().clone()).expect_err("another runs");
                    loop {
                        match seat.poll(Waker::noop()) {
                            Poll::Ready(Joined::Runner(turn)) => {
                                lock(&taken).push(seat.ticket);
                                return drop(turn);
                            }
                            Poll::Ready(Joined::Landed(())) => panic!("no run succeeds"),
                            Poll::Pending if by_chance(0.1) => return,
                            Poll::Pending => thread::yield_now(),
                        }
                    }
                })
            })
            .collect();
        // The first runs until all have come, or left.
        while lock(&first.place.as_ref().expect("it is in flight").flight).comers() < CALLS.into() {
            thread::yield_now();
        }
        drop(first);
        for thread in threads {
            thread.join().expect("no panic");
        }
        assert!(lock(&taken).is_sorted() && flights.by_key().is_empty());
    });
}

#[test]
fn a_detached_run_is_not_kept_and_every_call_returns() {
    check(|| {
        let clock = Arc::new(ManualClock::new());
        let memory = Arc::new(Memory::with_capacity(4).clock(clock.clone()));
        let bodies = Arc::new(Bodies { may_overlap: true, ..Bodies::default() });
        let (of_threads, of_tasks) = ((memory.clone(), bodies.clone()), (memory.clone(), bodies.clone()));
        let time = Some(Duration::from_nanos(2));
        let clearing = {
            let memory = memory.clone();
            thread::spawn(move || match thread_rng().gen_range(0..4) {
                0 => clock.advance(Duration::from_nanos(2)),
                1 => drop(memory.remove(&key())),
                2 => drop(memory.clear("model")),
                _ => memory.set(&key(), u32::MAX, None).expect("it cannot fail"),
            })
        };
        let outcomes = outcomes(
            move || of_threads.0.get_or_run(&key(), time, || of_threads.1.run()),
            || {
                let (memory, bodies) = of_tasks.clone();
                Box::pin(async move { memory.get_or_run_async(&key(), time, async || bodies.run_later().await).await })
            },
        );
        clearing.join().expect("no panic");
        let of_bodies: Vec<_> = outcomes.into_iter().filter(|outcome| *outcome != Ok(u32::MAX)).collect();
        bodies.judge(&of_bodies);
    });
}

/// A value that is kept when `clear` returns comes from a run that began after the `clear`.
#[test]
fn no_old_value_is_kept_after_a_clear() {
    check(|| {
        let memory = Arc::new(Memory::with_capacity(4));
        let is_cleared = Arc::new(AtomicU32::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (memory, is_cleared) = (memory.clone(), is_cleared.clone());
                thread::spawn(move || {
                    let body = || {
                        let began_after = is_cleared.load(SeqCst);
                        thread::yield_now();
                        if by_chance(0.2) { Err(()) } else { Ok(began_after) }
                    };
                    let _ = memory.get_or_run(&key(), None, body);
                })
            })
            .collect();
        is_cleared.store(1, SeqCst);
        memory.clear("model").expect("it cannot fail");
        for thread in threads {
            thread.join().expect("no panic");
        }
        let kept = memory.get(&key()).expect("it cannot fail").map(Entry::into_value);
        assert!(kept.is_none_or(|began_after| began_after == 1), "an old value is kept");
    });
}

/// Two threads that each run a body and ask for the other's, and one that asks for both.
#[test]
fn a_cycle_of_threads_is_broken() {
    check(|| {
        let memory = Arc::new(Memory::with_capacity(4));
        let [one, two] = [1, 2].map(|n| Key::new("model", "ring", &n));
        let ask = move |memory: &Memory<u32>, outer: &Key<'_>, inner: &Key<'_>| {
            memory.get_or_run(outer, None, || memory.get_or_run(inner, None, || Ok::<_, ()>(1)).map(|n| n + 1))
        };
        let threads: Vec<_> = [(one.clone(), two.clone()), (two, one)]
            .into_iter()
            .map(|(outer, inner)| {
                let memory = memory.clone();
                thread::spawn(move || ask(&memory, &outer, &inner))
            })
            .collect();
        for thread in threads {
            assert!(thread.join().expect("no panic").is_ok_and(|value| (1..4).contains(&value)));
        }
    });
}

/// Calls of two keys in front of a user's store, in a table with one slot, so that the keys evict each other.
#[test]
fn calls_of_a_store_share_runs_too() {
    check(|| {
        let bodies: Arc<[Bodies; 2]> = Arc::default();
        let memory = Arc::new(Memory::with_capacity(4));
        let call = Call::new("stored").cache(None).capacity(1).store(memory.clone());
        let threads: Vec<_> = (0..CALLS)
            .map(|_| {
                let (bodies, call) = (bodies.clone(), call.clone());
                thread::spawn(move || {
                    for _ in 0..2 {
                        let key = thread_rng().gen_range(0..2);
                        if let Ok(value) = call.clone().key(&key).run(|_| bodies[key].run().map(|_| key)) {
                            assert_eq!(value, key);
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().expect("no panic");
        }
        for (key, bodies) in bodies.iter().enumerate() {
            let kept = memory.get(&Key::new("opero", "stored", &key)).expect("it cannot fail").map(Entry::into_value);
            assert_eq!(kept, (bodies.values.load(SeqCst) > 0).then_some(key));
            assert!(bodies.values.load(SeqCst) <= 1, "a successful run is kept");
        }
    });
}
