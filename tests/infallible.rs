//! Bodies that cannot fail: the call gives a plain value, from the cache or from the body, whatever goes wrong.

#[path = "support/runtime.rs"]
mod runtime;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::convert::Infallible;
use std::fmt::Debug;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Barrier, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_lite::future::yield_now;
use opero::cache::{self, Entry, Key, Memory, Store};
use opero::time::{Clock, ManualClock};
use opero::{Call, Error, Failure, opero};
use runtime::block_on;
use watchdog::watched;

const SEC: Duration = Duration::from_secs(1);

/// Counts its runs, and gives their number.
#[derive(Default)]
struct Runs(AtomicU32);

impl Runs {
    fn new() -> Self {
        Runs::default()
    }

    fn run(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    async fn run_later(&self) -> u32 {
        yield_now().await;
        self.run()
    }

    fn count(&self) -> u32 {
        self.0.load(SeqCst)
    }
}

opero! { infallible, cache: 1h =>
    /// What most caches of functions are shown by.
    #[must_use]
    pub fn fib(n: u64) -> u64 {
        if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
}

#[test]
fn a_function_calls_itself() {
    let fib: fn(u64) -> u64 = fib;
    assert_eq!((fib(90), fib(90), fib(1)), (2_880_067_194_370_816_120, 2_880_067_194_370_816_120, 1));
    let stats = cache::stats("fib");
    assert_eq!((stats.misses, stats.insertions), (91, 91));
}

const fn doubled(n: u64) -> u64 {
    n * 2
}

async fn doubled_later(n: u64) -> u64 {
    yield_now().await;
    n * 2
}

#[test]
fn a_plain_call_is_keyed_by_its_arguments() {
    let ask = |n: u64| -> u64 {
        opero! { infallible, cache, name: "infallible plain" => doubled(n) }
    };
    assert_eq!((ask(1), ask(2), ask(1), ask(2)), (2, 4, 2, 4));
    let stats = cache::stats("infallible plain");
    assert_eq!((stats.hits, stats.misses), (2, 2));
}

#[test]
fn the_order_of_the_options_makes_no_difference() {
    let (runs, clock) = (Runs::new(), ManualClock::new());
    let first = || opero! { infallible, cache: 60s, key: (), clock: &clock => runs.run() };
    let last = || opero! { cache: 60s, key: (), clock: &clock, infallible => runs.run() };
    let between = || opero! { key: (), infallible, clock: &clock, cache: 60s => runs.run() };
    let alone = || opero! { cache, infallible, key: () => runs.run() };
    assert_eq!([first(), last(), between(), alone()], [1, 2, 3, 4]);
    assert_eq!([first(), last(), between(), alone()], [1, 2, 3, 4]);
}

/// A hit, and a miss once the entry has expired.
fn misses_hits_and_expires(clock: &ManualClock, ask: impl Fn() -> u32) {
    assert_eq!((ask(), ask()), (1, 1));
    clock.advance(59 * SEC);
    assert_eq!(ask(), 1);
    clock.advance(SEC);
    assert_eq!((ask(), ask()), (2, 2));
}

#[test]
fn every_form_misses_hits_and_expires() {
    let (clock, runs) = (&ManualClock::new(), &Runs::new());
    misses_hits_and_expires(clock, || opero! { infallible, cache: 60s, key: "expression", clock: clock => runs.run() });

    let runs = &Runs::new();
    let callable = opero! { infallible, cache: 60s, clock: clock => |_n: u32| runs.run() };
    misses_hits_and_expires(clock, || callable(7));

    let runs = &Runs::new();
    let callable = opero! { infallible, cache: 60s, clock: clock => |_n: u32| -> u32 { runs.run() } };
    misses_hits_and_expires(clock, || callable(7));

    let runs = &Runs::new();
    misses_hits_and_expires(clock, || {
        block_on(opero! { infallible, cache: 60s, key: "block", clock: clock => async { runs.run_later().await } })
    });

    let runs = &Runs::new();
    misses_hits_and_expires(clock, || {
        block_on(opero! { infallible, cache: 60s, key: "block", clock: clock => async move { runs.run_later().await } })
    });

    let runs = &Runs::new();
    let callable = opero! { infallible, cache: 60s, clock: clock => async |_n: u32| runs.run_later().await };
    misses_hits_and_expires(clock, || block_on(callable(7)));

    let runs = &Runs::new();
    let callable =
        opero! { infallible, cache: 60s, clock: clock => async move |_n: u32| -> u32 { runs.run_later().await } };
    misses_hits_and_expires(clock, || block_on(callable(7)));

    opero! { infallible, cache: 60s, clock: clock, key: () =>
        fn item(clock: &ManualClock, runs: &Runs) -> u32 { runs.run() }
    }
    let runs = &Runs::new();
    misses_hits_and_expires(clock, || item(clock, runs));

    opero! { infallible, cache: 60s, clock: clock, key: () =>
        async fn item_later(clock: &ManualClock, runs: &Runs) -> u32 { runs.run_later().await }
    }
    let runs = &Runs::new();
    misses_hits_and_expires(clock, || block_on(item_later(clock, runs)));
}

#[test]
fn every_form_of_literals_runs_once() {
    fn asks_twice(ask: impl Fn() -> u64) {
        assert_eq!((ask(), ask()), (6, 6));
    }

    asks_twice(|| opero! { infallible, cache: 60s => doubled(3) });
    asks_twice(|| block_on(opero! { infallible, cache: 60s => async { doubled_later(3).await } }));
    asks_twice(|| block_on(opero! { infallible, cache: 60s => async move { doubled_later(3).await } }));
    asks_twice(|| block_on(opero! { infallible, cache: 60s, key: () => async { doubled_later(3).await } }));
    asks_twice(|| block_on(opero! { infallible, cache: 60s, key: 3 => async move { doubled_later(3).await } }));
    let callable = opero! { infallible, cache: 60s => |n: u64| doubled(n) };
    asks_twice(|| callable(3));
    let callable = opero! { infallible, cache: 60s, capacity: 10, key: n => async |n: u64| doubled_later(n).await };
    asks_twice(|| block_on(callable(3)));

    opero! { infallible, cache: 60s, capacity: 10, namespace: "items" =>
        fn longest<'a, T>(item: &'a T, least: usize) -> Option<String>
        where
            T: Hash + Debug + ?Sized + 'a,
        {
            Some(format!("{item:?}")).filter(|text| text.len() >= least)
        }
    }
    assert_eq!(
        (longest("ab", 3), longest(&7_u8, 3), longest(&7_u16, 1)),
        (Some("\"ab\"".into()), None, Some("7".into()))
    );
    opero! { cache: 60s, infallible => async fn later(n: u64) -> u64 { doubled_later(n).await } }
    asks_twice(|| block_on(later(3)));
    assert_eq!((block_on(later(4)), cache::stats("later").misses), (8, 2));
}

#[test]
fn each_instance_of_a_generic_function_has_entries_of_its_own() {
    opero! { infallible, cache => fn name_of<T>() -> &'static str { std::any::type_name::<T>() } }
    assert_eq!((name_of::<u8>(), name_of::<u16>(), name_of::<u8>()), ("u8", "u16", "u8"));
}

/// A value of any kind, and whatever it says.
#[test]
fn a_result_is_a_value_and_its_error_is_kept() {
    let runs = Runs::new();
    let ask = || opero! { infallible, cache, key: () => Err::<u32, _>(runs.run()) };
    assert_eq!((ask(), ask()), (Err(1), Err(1)));
    let early = |n: u32| opero! { infallible, cache, key: n => { if n == 0 { return 7; } n } };
    assert_eq!((early(0), early(1)), (7, 1));
}

/// What the body uses up is used up once.
#[test]
fn a_body_may_consume_what_it_captures_and_its_arguments() {
    fn length(text: String) -> usize {
        text.into_bytes().len()
    }

    let text = String::from("abc");
    assert_eq!(opero! { infallible, cache => length(text) }, 3);
    let text = String::from("abcd");
    assert_eq!(opero! { infallible, cache, key: 4 => { drop(text); 4 } }, 4);
    let text = String::from("abcde");
    assert_eq!(block_on(opero! { infallible, cache, key: 5 => async move { yield_now().await; text.len() } }), 5);
    let (text, key) = (String::from("abcdef"), 6);
    let call = Call::new_async("consumed").cache(None).key(&key).infallible();
    assert_eq!(
        block_on(call.run_async(async || {
            drop(text);
            6
        })),
        6
    );
}

#[test]
fn of_many_who_ask_at_once_one_runs() {
    let (runs, barrier) = (Runs::new(), Barrier::new(16));
    let ask = || {
        barrier.wait();
        opero! { infallible, cache: 60s, key: "one", name: "infallible threads" => {
            (0..100).for_each(|_| thread::yield_now());
            runs.run()
        } }
    };
    watched("of_many_who_ask_at_once_one_runs", || {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 1));
        });
    });
    let stats = cache::stats("infallible threads");
    assert_eq!((stats.misses, stats.hits + stats.waits), (1, 15));
}

/// The one of two threads that runs first panics once the other waits, which then runs.
#[test]
fn who_waits_for_a_body_that_panics_runs_it() {
    let ((started, starts), runs) = (mpsc::channel(), Runs::new());
    let ask = |panics: bool| {
        opero! { infallible, cache: 60s, key: "one", name: "infallible panic" => {
            if panics {
                started.send(()).unwrap();
                // Until the other has had a chance to wait. Were it late, it would run all the same.
                (0..1000).for_each(|_| thread::yield_now());
                panic!("on purpose");
            }
            runs.run()
        } }
    };
    watched("who_waits_for_a_body_that_panics_runs_it", || {
        thread::scope(|scope| {
            let first = scope.spawn(|| catch_unwind(AssertUnwindSafe(|| ask(true))).is_err());
            starts.recv().unwrap();
            assert_eq!(ask(false), 1);
            assert!(first.join().unwrap());
        });
    });
    assert_eq!(cache::stats("infallible panic").insertions, 1);
}

#[test]
fn who_waits_for_a_future_that_is_dropped_runs() {
    let runs = &Runs::new();
    let ask = |never: bool| {
        opero! { infallible, cache, key: "one", name: "infallible dropped" => async move {
            if never { std::future::pending::<()>().await; }
            runs.run()
        } }
    };
    // A `fn` for each of two uses would be two uses: this is one closure.
    let mut first = Box::pin(ask(true));
    let mut second = pin!(ask(false));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    drop(first);
    assert_eq!(second.as_mut().poll(&mut context), Poll::Ready(1));
}

/// Asks for its own key from inside its body, so many times.
fn itself(depth: u32) -> u32 {
    opero! { infallible, cache, key: "one", name: "infallible itself" => if depth == 0 { 0 } else { itself(depth - 1) + 1 } }
}

fn itself_later(depth: u32) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        opero! { infallible, cache, key: "one" => async {
            yield_now().await;
            if depth == 0 { 0 } else { itself_later(depth - 1).await + 1 }
        } }
        .await
    })
}

#[test]
fn a_body_may_ask_for_its_own_key() {
    assert_eq!((itself(3), itself(0)), (3, 3), "the outermost value is kept");
    let stats = cache::stats("infallible itself");
    assert_eq!((stats.misses, stats.insertions, stats.hits), (4, 1, 1));
    assert_eq!((block_on(itself_later(3)), block_on(itself_later(0))), (3, 3));
}

/// Each waits for the key that the other runs for.
#[test]
fn two_threads_that_ask_for_each_other_end() {
    fn ask(own: u32, other: u32, both: &Barrier, is_outer: bool) -> u32 {
        opero! { infallible, cache, key: own, name: "infallible ring" => {
            if is_outer {
                both.wait();
                ask(other, own, both, false) + 1
            } else {
                0
            }
        } }
    }

    let both = Barrier::new(2);
    watched("two_threads_that_ask_for_each_other_end", || {
        thread::scope(|scope| {
            let threads = [(1, 2), (2, 1)].map(|(own, other)| {
                scope.spawn({
                    let both = &both;
                    move || ask(own, other, both, true)
                })
            });
            assert!(threads.into_iter().all(|thread| thread.join().unwrap() >= 1));
        });
    });
}

/// Waits for the run of another under the deadline of the call around it, and runs the body at its end.
#[test]
fn who_waits_until_the_deadline_around_it_runs_the_body() {
    let (clock, runs) = (&ManualClock::new(), &Runs::new());
    let ((started, has_started), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
    let ask = |body: &dyn Fn() -> u32| -> u32 {
        opero! { infallible, cache, key: "one", name: "infallible late", clock: clock => body() }
    };
    let first = || {
        ask(&|| {
            started.send(()).unwrap();
            1
        })
    };
    let outcome = watched("who_waits_until_the_deadline_around_it_runs_the_body", || {
        let (released, started) = (std::sync::Mutex::new(released), std::sync::Mutex::new(started.clone()));
        thread::scope(|scope| {
            let held = scope.spawn(|| {
                ask(&|| {
                    started.lock().unwrap().send(()).unwrap();
                    released.lock().unwrap().recv().unwrap();
                    1
                })
            });
            has_started.recv().unwrap();
            let waits = scope.spawn(|| {
                opero! { deadline: 1m, clock: clock => {
                    started.lock().unwrap().send(()).unwrap();
                    Ok::<_, String>(ask(&|| runs.run() + 41))
                } }
            });
            has_started.recv().unwrap();
            clock.advance(60 * SEC + SEC);
            let outcome = waits.join().unwrap();
            release.send(()).unwrap();
            assert_eq!(held.join().unwrap(), 1);
            outcome
        })
    });
    assert_eq!(runs.count(), 1, "the body has run");
    let error = outcome.unwrap_err();
    let failure = error.attempts().last().map(opero::Attempt::failure);
    assert!(matches!(failure, Some(Failure::Timeout(_))), "it was too long for the call around it: {error:?}");
    assert_eq!(first(), 1, "what was kept is what the other gave");
    let stats = cache::stats("infallible late");
    assert_eq!((stats.misses, stats.insertions, stats.waits), (2, 1, 0));
}

#[test]
fn no_limit_around_it_ends_the_body() {
    let clock = &ManualClock::new();
    let seen = AtomicU32::new(0);
    let outcome = opero! { timeout: 1s, clock: clock => {
        let value: u32 = opero! { infallible, cache, key: (), clock: clock => { clock.advance(2 * SEC); 7 } };
        seen.store(value, SeqCst);
        Ok::<_, String>(value)
    } };
    assert!(outcome.is_err());
    assert_eq!(seen.load(SeqCst), 7);
    let kept: u32 = opero! { infallible, cache, key: (), clock: clock => 7 };
    assert_eq!(kept, 7);
}

/// A store of which nothing can be had.
struct Broken;

impl Store<u32> for Broken {
    type Error = String;

    fn get(&self, _: &Key<'_>) -> Result<Option<Entry<u32>>, String> {
        Err("no connection".into())
    }

    fn set(&self, _: &Key<'_>, _: u32, _: Option<Duration>) -> Result<(), String> {
        Err("no connection".into())
    }

    fn remove(&self, _: &Key<'_>) -> Result<bool, String> {
        Err("no connection".into())
    }

    fn clear(&self, _: &str) -> Result<usize, String> {
        Err("no connection".into())
    }
}

#[test]
fn a_store_that_fails_is_counted_and_the_body_runs() {
    let runs = Runs::new();
    let ask = || opero! { infallible, cache, store: &Broken, name: "infallible broken", key: () => runs.run() };
    assert_eq!((ask(), ask()), (1, 2));
    let later =
        || opero! { infallible, cache, store: &Broken, name: "infallible broken", key: () => async { runs.run() } };
    assert_eq!((block_on(later()), block_on(later())), (3, 4));
    let stats = cache::stats("infallible broken");
    assert!(stats.errors >= 8 && stats.misses == 4, "{stats:?}");
}

#[test]
fn uses_of_one_store_and_name_share_their_entries_whether_they_can_fail_or_not() {
    let (memory, clock, runs) = (&Memory::<u32>::new(), ManualClock::new(), Runs::new());
    let surely = || opero! { infallible, cache, store: memory, name: "shared", key: 1, clock: &clock => runs.run() };
    let perhaps = || opero! { cache, store: memory, name: "shared", key: 1 => Ok::<_, String>(runs.run()) };
    assert_eq!((surely(), perhaps()), (1, Ok(1)));
    memory.clear("opero").unwrap();
    assert_eq!((perhaps(), surely()), (Ok(2), 2));

    opero! { infallible, cache, key: n, store: memory => fn stored(memory: &Memory<u32>, n: u32) -> u32 { n + 1 } }
    assert_eq!((stored(memory, 1), stored(memory, 1)), (2, 2));
    let ask = |n: u32| opero! { infallible, cache, key: n, store: memory, name: "by hand" => n + 1 };
    assert_eq!((ask(1), ask(1), ask(2)), (2, 2, 3));
}

#[test]
fn a_function_keeps_its_values_in_a_store_by_its_path() {
    static MEMORY: std::sync::LazyLock<Memory<u32>> = std::sync::LazyLock::new(Memory::new);
    opero! { infallible, cache, store: &*MEMORY => fn stored(n: u32) -> u32 { n + 1 } }
    opero! { infallible, cache, store: &*MEMORY => async fn stored_later(n: u32) -> u32 { n + 2 } }
    assert_eq!((stored(1), stored(1), block_on(stored_later(1)), block_on(stored_later(1))), (2, 2, 3, 3));
    assert_eq!(cache::stats("infallible::a_function_keeps_its_values_in_a_store_by_its_path::stored").hits, 1);
}

/// An option has a value it cannot have: the body runs each time, and that is counted.
#[test]
fn a_wrong_option_leaves_the_cache_out() {
    let runs = &Runs::new();
    let (none, zero) = (0_usize, Duration::ZERO);
    let capacity =
        |entries: usize| opero! { infallible, cache, key: (), capacity: entries, name: "no room" => runs.run() };
    assert_eq!((capacity(none), capacity(none)), (1, 2));
    assert_eq!(cache::stats("no room"), stats_of(2));
    assert_eq!((capacity(5), capacity(5), capacity(5)), (3, 3, 3), "another call of the use has room");

    let time =
        |time: Duration| opero! { infallible, cache: time, key: (), name: "no time" => async move { runs.run() } };
    assert_eq!((block_on(time(zero)), block_on(time(zero))), (4, 5));
    assert_eq!(cache::stats("no time"), stats_of(2));
    assert_eq!((block_on(time(SEC)), block_on(time(SEC))), (6, 6));

    let call = Call::new("no key").cache(None);
    assert_eq!((call.clone().infallible().run(|| runs.run()), call.infallible().run(|| runs.run())), (7, 8));
    let memory = Memory::new();
    let call = Call::new("early key").cache(None).key(&1).store(&memory);
    assert_eq!((call.clone().infallible().run(|| runs.run()), call.clone().infallible().run(|| runs.run())), (9, 10));
    assert_eq!(cache::stats("early key"), stats_of(2));
}

/// So many calls, all of which were told to do what cannot be done.
fn stats_of(calls: u64) -> cache::Stats {
    let mut stats = cache::Stats::default();
    (stats.misses, stats.errors) = (calls, calls);
    stats
}

#[test]
fn a_call_that_is_built_by_its_methods_is_the_same() {
    let (clock, runs) = (ManualClock::new(), Runs::new());
    let call = Call::new("built").cache(60 * SEC).clock(&clock).namespace("built").capacity(10);
    misses_hits_and_expires(&clock, || call.clone().key(&1).infallible().run(|| runs.run()));
    let later = Call::new_async("built later").cache(60 * SEC).clock(&clock);
    let runs = Runs::new();
    misses_hits_and_expires(&clock, || block_on(later.clone().key(&1).infallible().run_async(async || runs.run())));

    let (memory, runs) = (Memory::new(), Runs::new());
    let stored = || Call::new("stored").cache(None).store(&memory).key("a").infallible().run(|| runs.run());
    assert_eq!((stored(), stored()), (1, 1));
}

/// Options that say what is done about failures have no effect on a call that has none.
#[test]
fn other_options_of_a_call_have_no_effect() {
    let clock = ManualClock::new();
    let call = Call::new("others").retries(3).backoff(0.1).fallback("none", 0).timeout(Duration::ZERO).deadline(SEC);
    let value = call.clock(&clock).cache(None).key(&1).infallible().run(|| {
        clock.sleep(10 * SEC);
        7
    });
    assert_eq!(value, 7);
    let perhaps: Call<Infallible, _> = Call::new("fallible");
    assert!(
        perhaps.timeout(Duration::ZERO).run(|_| Ok(())).is_err_and(|error| matches!(error, Error::Configuration(_)))
    );
}

/// The future of an infallible call is about as large as that of a call that can fail: on 32 bits it is 40 bytes larger.
#[test]
fn the_futures_are_send_and_about_as_large_as_others() {
    fn size<F: Future + Send>(_: &F) -> usize {
        size_of::<F>()
    }

    let body = || async {
        let block = [0_u8; 1024];
        yield_now().await;
        block.len()
    };
    let clock = ManualClock::new();
    let sizes = [
        size(&opero! { infallible, cache: 60s, key: () => async { body().await } }),
        size(&opero! { infallible, cache: 60s, key: 1 => async move { body().await } }),
        size(&opero! { infallible, cache: 60s, key: (), clock: &clock => async { body().await } }),
    ];
    let of_others = [
        size(&opero! { cache: 60s, key: () => async { Ok::<_, String>(body().await) } }),
        size(&opero! { cache: 60s, key: 1 => async move { Ok::<_, String>(body().await) } }),
        size(&opero! { cache: 60s, key: (), clock: &clock => async { Ok::<_, String>(body().await) } }),
    ];
    assert!(sizes.iter().zip(of_others).all(|(size, other)| *size <= other + 64), "{sizes:?} {of_others:?}");
}

#[cfg(feature = "observe")]
mod observed {
    use std::sync::{Arc, Mutex};

    use opero::Event;
    use opero::observe::{self, site};

    use super::*;

    #[test]
    fn calls_are_counted_as_others_are() {
        let runs = Runs::new();
        let ask = |n: u32| opero! { infallible, cache, key: n, name: "infallible counts" => runs.run() };
        assert_eq!([ask(1), ask(1), ask(2)], [1, 1, 2]);
        let counts = site("infallible counts").get().unwrap().counts();
        assert_eq!((counts.calls, counts.hits, counts.misses, counts.failures), (3, 1, 2, 0), "{counts:?}");
    }

    #[test]
    fn no_tuned_limit_ends_a_call_that_cannot_fail() {
        let (clock, runs) = (&ManualClock::new(), &Runs::new());
        let ask = |n: u32| {
            opero! { infallible, cache: 60s, key: n, name: "infallible tuned", clock: clock => {
                clock.advance(5 * SEC);
                runs.run()
            } }
        };
        let later = |n: u32| {
            opero! { infallible, cache: 60s, key: n, name: "infallible tuned", clock: clock => async move {
                clock.sleep_async(5 * SEC).await;
                runs.run()
            } }
        };
        site("infallible tuned").tune("timeout", "1s").unwrap();
        site("infallible tuned").tune("deadline", "2s").unwrap();
        site("infallible tuned").tune("cache", "1h").unwrap();
        assert_eq!((ask(1), block_on(later(1)), ask(2)), (1, 2, 3));
        clock.advance(70 * SEC);
        assert_eq!((ask(1), block_on(later(1))), (1, 2), "the time to live is tuned");
    }

    #[test]
    fn a_wrong_option_is_told_of() {
        let (told, nothing) = (Arc::new(Mutex::new(Vec::new())), 0);
        let listener = observe::listen({
            let told = told.clone();
            move |event: &Event<'_>| {
                if let Event::StoreFault { name, error, .. } = event {
                    told.lock().unwrap().push((name.to_string(), error.to_string()));
                }
            }
        });
        let value = opero! { infallible, cache, key: (), capacity: nothing, name: "infallible told" => 7 };
        drop(listener);
        assert_eq!(value, 7);
        let told: Vec<_> = told.lock().unwrap().iter().filter(|(name, _)| name == "infallible told").cloned().collect();
        assert_eq!(told, [("infallible told".to_owned(), "`capacity` is 0; it must be at least 1".to_owned())]);
    }
}
