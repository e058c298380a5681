//! Single-flight under a scheduler that tries many interleavings: of those who ask one key at once one runs, and whatever
//! becomes of it, everyone returns. A lost wake-up is a deadlock here, and shuttle reports it with the schedule to replay.
//!
//! # What is not modelled
//! - A blocking `opero!`: the list of the bodies a thread is running is local to a thread of the system, and all threads of
//!   a model are one. `Memory::get_or_run` is the same hand-over without that list.
//! - A panic: shuttle closes every lock that is released in an unwinding. A runner that panics drops its place as one
//!   that fails does; `single_flight.rs` beside this crate panics on real threads.
//! - A use in a static, which would outlive its model: the callables here own their entries.
#![cfg(test)]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use opero::cache::{Entry, Key, Memory, Store};
use opero::opero;
use opero::time::ManualClock;
use shuttle::rand::{Rng, thread_rng};
use shuttle::{check_pct, check_random, future, thread};

const CALLS: u32 = 3;

/// Many schedules at random, and some that are good at finding what few switches at the wrong moment do.
fn check(model: fn()) {
    check_random(model, 3000);
    // Its first run has to have a second thread to choose, which a model may leave to chance.
    let with_another = move || {
        let another = thread::spawn(|| {});
        model();
        another.join().expect("it does nothing");
    };
    check_pct(with_another, 1000, 3);
}

fn by_chance(probability: f64) -> bool {
    thread_rng().gen_bool(probability)
}

/// The bodies of one key: those that run now, and what they have given.
#[derive(Default)]
struct Bodies {
    now: AtomicU32,
    failures: AtomicU32,
    values: AtomicU32,
}

struct Running<'b>(&'b Bodies);

impl Bodies {
    fn enter(&self) -> Running<'_> {
        assert_eq!(self.now.fetch_add(1, SeqCst), 0, "two bodies of one key at once");
        Running(self)
    }

    /// Fails by chance, or gives another value each time.
    fn give(&self) -> Result<u32, &'static str> {
        if by_chance(0.4) {
            self.failures.fetch_add(1, SeqCst);
            return Err("on purpose");
        }
        Ok(self.values.fetch_add(1, SeqCst) + 1)
    }

    fn run(&self) -> Result<u32, &'static str> {
        let _running = self.enter();
        thread::yield_now();
        self.give()
    }

    async fn run_later(&self) -> Result<u32, &'static str> {
        let _running = self.enter();
        future::yield_now().await;
        self.give()
    }

    /// Nobody has failed by another's error, and nobody has a value that no body gave.
    fn judge(&self, outcomes: &[Result<u32, &'static str>]) {
        let errors = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(errors, self.failures.load(SeqCst) as usize);
        let values = self.values.load(SeqCst);
        assert!(outcomes.iter().flatten().all(|value| (1..=values).contains(value)));
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, SeqCst);
    }
}

/// Polls a future so many times, and then drops it.
async fn give_up_after<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let (mut future, mut left) = (pin!(future), polls);
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        context.waker().wake_by_ref();
        future.as_mut().poll(context).map(Some)
    })
    .await
}

fn on_threads<T: Send + 'static>(call: impl Fn() -> T + Send + Sync + 'static) -> Vec<T> {
    let call = Arc::new(call);
    let threads: Vec<_> = (0..CALLS)
        .map(|_| {
            let call = call.clone();
            thread::spawn(move || call())
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn on_tasks<F: Future<Output: Send> + Send + 'static>(call: impl Fn() -> F) -> Vec<F::Output> {
    let tasks: Vec<_> = (0..CALLS).map(|_| future::spawn(call())).collect();
    future::block_on(async {
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        outcomes
    })
}

#[test]
fn threads_run_one_after_the_other_until_one_succeeds() {
    check(|| {
        let (memory, bodies) = (Memory::with_capacity(4), Arc::new(Bodies::default()));
        let key = Key::new("model", "threads", &());
        let call = {
            let bodies = bodies.clone();
            move || memory.get_or_run(&key, None, || bodies.run())
        };
        bodies.judge(&on_threads(call));
        assert!(bodies.values.load(SeqCst) <= 1, "what succeeds is kept");
    });
}

#[test]
fn an_end_of_time_or_a_removal_meanwhile_lets_no_second_body_run() {
    check(|| {
        let (clock, bodies) = (Arc::new(ManualClock::new()), Arc::new(Bodies::default()));
        let memory = Memory::with_capacity(4).clock(clock.clone());
        let key = Key::new("model", "expiry", &());
        let call = {
            let bodies = bodies.clone();
            move || {
                let outcome = memory.get_or_run(&key, Some(Duration::from_nanos(2)), || bodies.run());
                match thread_rng().gen_range(0..3) {
                    0 => clock.advance(Duration::from_nanos(1)),
                    1 => drop(memory.remove(&key)),
                    _ => drop(memory.clear("model")),
                }
                outcome
            }
        };
        bodies.judge(&on_threads(call));
    });
}

#[test]
fn tasks_run_one_after_the_other_until_one_succeeds() {
    check(|| {
        let bodies = Arc::new(Bodies::default());
        let ask = Arc::new({
            let bodies = bodies.clone();
            opero! { cache, capacity: 4, name: "tasks" => async move || bodies.run_later().await }
        });
        let call = || {
            let ask = ask.clone();
            async move { ask().await.map_err(|error| error.into_last().unwrap()) }
        };
        bodies.judge(&on_tasks(call));
        assert!(bodies.values.load(SeqCst) <= 1, "what succeeds is kept");
    });
}

#[test]
fn a_task_that_is_dropped_anywhere_leaves_nobody_behind() {
    check(|| {
        let bodies = Arc::new(Bodies::default());
        let ask = Arc::new({
            let bodies = bodies.clone();
            opero! { cache, capacity: 4, name: "drops" => async move || bodies.run_later().await }
        });
        let call = || {
            let ask = ask.clone();
            let polls = by_chance(0.6).then(|| thread_rng().gen_range(0..6));
            async move {
                match polls {
                    Some(polls) => give_up_after(polls, ask()).await,
                    None => Some(ask().await),
                }
            }
        };
        let outcomes: Vec<_> = on_tasks(call).into_iter().flatten().collect();
        assert!(outcomes.iter().filter(|outcome| outcome.is_err()).count() <= bodies.failures.load(SeqCst) as usize);
        assert!(outcomes.iter().flatten().all(|value| *value == 1), "what succeeds is kept");
    });
}

#[test]
fn tasks_meet_before_a_shared_store_too() {
    check(|| {
        let bodies: Arc<[Bodies; 2]> = Arc::default();
        let memory = Arc::new(Memory::with_capacity(4));
        // A table for one, so that the keys drive each other out of it.
        let ask = Arc::new({
            let (bodies, memory) = (bodies.clone(), memory.clone());
            opero! { cache, capacity: 1, store: memory.clone(), name: "stored" => async move |key: usize| {
                bodies[key].run_later().await.map(|_| key)
            } }
        });
        let call = || {
            let ask = ask.clone();
            async move {
                for _ in 0..2 {
                    let key = thread_rng().gen_range(0..2);
                    if let Ok(value) = ask(key).await {
                        assert_eq!(value, key);
                    }
                }
            }
        };
        on_tasks(call);
        for (key, bodies) in bodies.iter().enumerate() {
            let kept = memory.get(&Key::new("opero", "stored", &(key,)));
            assert_eq!(
                kept.map(|entry| entry.map(Entry::into_value)),
                Ok((bodies.values.load(SeqCst) > 0).then_some(key))
            );
            assert!(bodies.values.load(SeqCst) <= 1, "what succeeds is kept");
        }
    });
}
