use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::thread;

use futures_lite::future::{block_on, poll_once, yield_now, zip};

use super::fake::{Fake, Server, State};
use crate::cache::{self, DynStore, Key, Store};
use crate::call::Call;
use crate::error::Error;
use crate::time::{ManualClock, Runtime, System};

type Outcome = Result<u32, Error<String>>;

const MS: fn(u64) -> Duration = Duration::from_millis;

/// A cached call.
macro_rules! call {
    ($store:expr, $key:expr, $name:expr, $clock:expr) => {
        Call::new($name).clock($clock).cache(None).store::<u32, _>($store).key($key)
    };
}

/// A server and two processes.
fn processes() -> (Arc<Server>, [Fake; 2]) {
    let server = Arc::<Server>::default();
    let processes = [Fake::new(&server), Fake::new(&server)];
    (server, processes)
}

/// Takes the lease of a key, and dies without giving it back.
fn die_with_lease(store: &Fake, name: &str, time: Duration) {
    use super::super::Lend;
    assert!(store.bytes().lend(&Key::new("opero", name, &()), 1, time).unwrap());
}

fn is_free(state: &State) -> bool {
    state.leases.is_empty()
}

#[test]
fn of_two_processes_one_runs_and_the_other_waits() {
    let (server, stores) = processes();
    let runs = AtomicU32::new(0);
    let ask = |store: &Fake| -> Outcome {
        call!(store, &(), "lease two", System).run_once(|_| {
            server.until(|state| state.refused > 0);
            Ok::<_, String>(runs.fetch_add(1, SeqCst))
        })
    };
    thread::scope(|scope| {
        let calls = stores.each_ref().map(|store| scope.spawn(|| ask(store)));
        assert_eq!(calls.map(|call| call.join().unwrap()), [Ok(0), Ok(0)]);
    });
    assert_eq!(server.look().lent, 1);
    server.until(is_free);
}

#[test]
fn tasks_of_two_processes_share_a_run_by_any_clock_and_behind_a_pointer() {
    let (server, stores) = processes();
    let stores = stores.map(|store| Arc::new(store) as Arc<dyn DynStore<u32>>);
    let (clock, runs) = (ManualClock::new(), AtomicU32::new(0));
    let ask = async |store: &Arc<dyn DynStore<u32>>| -> Outcome {
        call!(store, &(), "lease tasks", &clock)
            .run_once_async(|_| async {
                while server.look().refused < 5 {
                    yield_now().await;
                }
                Ok::<_, String>(runs.fetch_add(1, SeqCst))
            })
            .await
    };
    assert_eq!(block_on(zip(ask(&stores[0]), ask(&stores[1]))), (Ok(0), Ok(0)));
    assert_eq!(server.look().lent, 1);
    server.until(is_free);
}

#[test]
fn a_dead_process_blocks_others_no_longer_than_its_lease() {
    let (server, [dead, alive]) = processes();
    let clock = Arc::new(ManualClock::new());
    let (dead, alive) = (dead.clock(clock.clone()), alive.clock(clock.clone()));
    for is_async in [false, true] {
        let (name, begin) = (if is_async { "lease dead later" } else { "lease dead" }, clock.elapsed());
        die_with_lease(&dead, name, MS(1000));
        let outcome: Outcome = if is_async {
            block_on(call!(&alive, &(), name, &clock).run_once_async(|_| async { Ok::<_, String>(7) }))
        } else {
            call!(&alive, &(), name, &clock).run_once(|_| Ok::<_, String>(7))
        };
        let waited = clock.elapsed().saturating_sub(begin);
        assert!(outcome == Ok(7) && waited >= MS(1000) && waited <= MS(1100), "{waited:?}");
        server.until(is_free);
    }
}

#[test]
fn a_body_that_outlasts_a_lease_keeps_it() {
    let (server, [store, other]) = processes();
    let (store, runs) = (store.lease_time(MS(300)), AtomicU32::new(0));
    let ask = |store: &Fake| -> Outcome {
        call!(store, &(), "lease long", System).run_once(|_| {
            server.until(|state| state.extended >= 6 && state.refused >= 2);
            Ok::<_, String>(runs.fetch_add(1, SeqCst))
        })
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| ask(&store));
        server.until(|state| state.lent == 1);
        assert_eq!((ask(&other), first.join().unwrap()), (Ok(0), Ok(0)));
    });
    assert_eq!(server.look().lent, 1);
}

#[test]
fn the_deadline_of_a_call_ends_its_wait() {
    let (_server, [dead, alive]) = processes();
    let clock = ManualClock::new();
    die_with_lease(&dead, "lease end", Duration::from_secs(3600));
    let blocking: Outcome =
        call!(&alive, &(), "lease end", &clock).deadline(MS(2000)).run_once(|_| panic!("it is not its turn"));
    assert!(matches!(blocking, Err(Error::Timeout(_))) && clock.elapsed() == MS(2000), "{blocking:?}");
    let later: Outcome = block_on(
        call!(&alive, &(), "lease end", &clock).deadline(MS(2000)).run_once_async(|_| async { panic!("nor now") }),
    );
    assert!(matches!(later, Err(Error::Timeout(_))) && clock.elapsed() == MS(4000), "{later:?}");
}

#[test]
fn a_body_that_fails_or_panics_or_is_dropped_gives_its_lease_back() {
    let (server, [store, other]) = processes();
    let failed: Outcome = call!(&store, &(), "lease back", System).run_once(|_| Err(String::from("no")));
    assert!(failed.is_err());
    server.until(is_free);
    let panics = || -> Outcome { call!(&store, &(), "lease back", System).run_once(|_| panic!("on purpose")) };
    let panicked = std::panic::catch_unwind(core::panic::AssertUnwindSafe(panics));
    assert!(panicked.is_err());
    server.until(is_free);
    let mut call = Box::pin(
        call!(&store, &(), "lease back", Runtime)
            .run_once_async(|_| async { core::future::pending::<Result<u32, String>>().await }),
    );
    while server.look().leases.is_empty() {
        assert!(block_on(poll_once(&mut call)).is_none());
    }
    drop(call);
    server.until(is_free);
    let outcome: Outcome = call!(&other, &(), "lease back", System).run_once(|_| Ok::<_, String>(1));
    assert_eq!((outcome, server.look().lent), (Ok(1), 4));
}

#[test]
fn a_future_dropped_during_the_request_leaves_no_lease() {
    let (server, [store, _]) = processes();
    server.is_slow.store(true, SeqCst);
    let mut call =
        Box::pin(call!(&store, &(), "lease asked", Runtime).run_once_async(|_| async { Ok::<_, String>(1) }));
    // The two look-ups come first, on threads of their own.
    while server.look().gets < 2 {
        assert!(block_on(poll_once(&mut call)).is_none());
    }
    for _ in 0..10 {
        thread::yield_now();
        assert!(block_on(poll_once(&mut call)).is_none());
    }
    drop(call);
    server.hurry();
    server.until(is_free);
}

#[test]
fn if_the_store_is_down_the_body_runs() {
    let (server, [store, _]) = processes();
    server.is_down.store(true, SeqCst);
    let runs = AtomicU32::new(0);
    let ask = || -> Outcome {
        call!(&store, &(), "lease down", System).run_once(|_| Ok::<_, String>(runs.fetch_add(1, SeqCst)))
    };
    assert_eq!((ask(), ask()), (Ok(0), Ok(1)));
    assert!(store.stats().errors >= 8, "two look-ups, a lease and a set each");
}

#[test]
fn a_call_inside_of_its_own_body_never_waits_for_its_lease() {
    let (server, [store, other]) = processes();
    let clock = ManualClock::new();
    let inner = |store: &Fake| -> Outcome {
        call!(store, &(), "lease inside", &clock).namespace("lease inside").run_once(|_| Ok::<_, String>(1))
    };
    let key = Key::new("lease inside", "lease inside", &());
    let outcome = call!(&store, &(), "lease inside", System).namespace("lease inside").run_once(|_| {
        let alone = inner(&store)?;
        // The run is detached, so that the next call starts its own.
        cache::clear(Some("lease inside"));
        let beside = inner(&store)?;
        store.remove(&key).unwrap();
        let elsewhere = inner(&other)?;
        Ok::<_, Error<String>>(alone + beside + elsewhere)
    });
    assert_eq!((outcome, clock.elapsed()), (Ok(3), Duration::ZERO));
    server.until(is_free);
}

#[test]
fn processes_that_wait_for_each_other_go_on_after_the_lease_time() {
    let (server, stores) = processes();
    let barrier = std::sync::Barrier::new(2);
    let inner = |store: &Fake, n: usize, clock: &ManualClock| -> Outcome {
        call!(store, &n, "lease ring", clock).run_once(|_| Ok::<_, String>(1))
    };
    thread::scope(|scope| {
        let calls = [0_usize, 1].map(|n| {
            let (store, barrier) = (&stores[n], &barrier);
            scope.spawn(move || {
                let clock = ManualClock::new();
                let outcome = call!(store, &n, "lease ring", System).run_once(|_| {
                    barrier.wait();
                    let other = inner(store, 1 - n, &clock);
                    barrier.wait();
                    other
                });
                (outcome, clock.elapsed())
            })
        });
        for call in calls {
            let (outcome, waited) = call.join().unwrap();
            assert!(outcome == Ok(1) && waited >= MS(10_000) && waited <= MS(10_100), "{waited:?}");
        }
    });
    server.until(is_free);
}

#[test]
fn a_keeper_whose_store_panics_is_replaced() {
    let (server, [store, _]) = processes();
    let ask = |n: usize| -> Outcome { call!(&store, &n, "lease mad", System).run_once(|_| Ok::<_, String>(1)) };
    server.is_mad.store(true, SeqCst);
    assert_eq!(ask(0), Ok(1));
    while server.is_mad.load(SeqCst) {
        thread::yield_now();
    }
    // The first keeper has not given the lease back, and may take a moment to end.
    let others = (1..).take_while(|n| {
        assert_eq!(ask(*n), Ok(1));
        thread::yield_now();
        server.look().leases.len() > 1
    });
    assert!(others.count() < 100_000);
}

#[test]
fn without_single_flight_no_lease_is_requested() {
    let (server, [store, _]) = processes();
    let store = store.single_flight(false);
    let outcome: Outcome = call!(&store, &(), "lease off", System).run_once(|_| Ok::<_, String>(1));
    let state = server.look().clone();
    assert_eq!((outcome, state.gets, state.lent + state.refused), (Ok(1), 2, 0));
    drop(state);
    assert_eq!(<Fake as Store<u32>>::__leases(&store).map(drop), None);
}
