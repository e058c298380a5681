//! Maps inside maps finish: in all modes, in the bodies of calls that share their runs, and with locks held around
//! them.
//!
//! Random cases run under a watchdog. A failing or hanging case prints its seed. `OPERO_NEST_SEED=… cargo test --test
//! map_nesting` repeats that case, and `OPERO_NEST_CASES=…` sets the number of cases. The scheduling of threads does
//! not follow the seed, so each case is repeated many times.

#[path = "map_nesting/case.rs"]
mod case;
#[path = "support/maps.rs"]
mod maps;
#[path = "map_nesting/stage.rs"]
mod stage;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use futures_lite::future::yield_now;
use maps::{FACES, Face, MODES, Mode, Options, Outcome};
use opero::cache::Memory;
use opero::map::{Map, block_on};
use opero::{opero, opmap};
use watchdog::{Watchdog, watched};

/// The number of random cases.
const CASES: u64 = 3000;

/// The number of repetitions of a case.
const AGAIN: u64 = 300;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn maps_of_any_mode_inside_maps_of_any_mode_finish() {
    let (seed, cases) = (from_environment("OPERO_NEST_SEED"), from_environment("OPERO_NEST_CASES"));
    let cases = cases.unwrap_or(if seed.is_some() { AGAIN } else { CASES });
    let (watchdog, mut seeds) = (Watchdog::new(), fastrand::Rng::new());
    for _ in 0..cases {
        let seed = seed.unwrap_or_else(|| seeds.u64(..));
        let case = case::case(seed);
        let again = format!("run it again by OPERO_NEST_SEED={seed} cargo test --test map_nesting\n{case:#?}");
        watchdog.now(again.clone());
        if let Err(wrong) = stage::play(&case) {
            panic!("{wrong}\n{again}");
        }
    }
}

/// Work that takes long enough for other threads to look for work.
fn busy() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(20) {
        thread::yield_now();
    }
}

/// The sum of a map of eight numbers whose items run `work`.
fn sum_of_eight(mode: (Mode, Face), options: Options, work: impl Fn() + Send + Sync + 'static) -> u64 {
    let mut sum = 0;
    let op = move |n| {
        work();
        Ok(n)
    };
    maps::any(mode, options, 0..8_u64, op, |result| {
        sum += result.expect("an item has its value");
        ControlFlow::Continue(())
    });
    assert_eq!(sum, 28, "{mode:?} {options:?}");
    sum
}

/// A mode with its default workers, with two and with one.
fn ways(mode: Mode) -> [(Mode, Options); 3] {
    [None, Some(2), Some(1)].map(|workers| (mode, Options { workers, ..Options::default() }))
}

fn every_way() -> Vec<(Mode, Options)> {
    MODES.into_iter().flat_map(ways).collect()
}

/// A map on rayon threads with `each`, whose items share few keys.
fn items_on_rayon_that_share_keys(body: impl Fn() -> u64 + Sync) {
    for _ in 0..500 {
        let (memory, sum) = (Memory::new(), Cell::new(0));
        let summary = opmap! {
            n in 0..24_u64, mode: rayon, cache, store: &memory, name: "item", key: n % 3,
            each: |result| sum.set(sum.get() + result.unwrap()) => Ok::<_, String>(body())
        };
        assert_eq!((summary.succeeded(), sum.get()), (24, 24 * 28));
    }
}

#[test]
fn cached_items_on_rayon_finish_with_a_rayon_map_in_each() {
    for face in FACES {
        watched(face, || {
            items_on_rayon_that_share_keys(|| sum_of_eight((Mode::Rayon, face), Options::default(), busy));
        });
    }
}

#[test]
fn cached_items_on_rayon_finish_with_a_map_of_threads_in_each() {
    for face in FACES {
        watched(face, || {
            items_on_rayon_that_share_keys(|| sum_of_eight((Mode::Thread, face), Options::default(), busy));
        });
    }
}

#[test]
fn cached_items_on_rayon_finish_with_a_macro_map_of_either_mode_in_each() {
    let values = |results: Vec<Outcome<u64>>| results.into_iter().map(Result::unwrap).sum::<u64>();
    watched("rayon in rayon", || {
        items_on_rayon_that_share_keys(|| values(opmap! { n in 0..8_u64, mode: rayon => Ok::<_, String>(n) }));
    });
    watched("threads in rayon", || {
        items_on_rayon_that_share_keys(|| values(opmap! { n in 0..8_u64 => Ok::<_, String>(n) }));
    });
}

/// A map of sixteen items, each of which holds the lock while an inner map runs.
fn locked(outer: Mode, outer_face: Face, inner: (Mode, Face), options: Options) {
    let lock = Arc::new(Mutex::new(0));
    for _ in 0..10 {
        let held = Arc::clone(&lock);
        let op = move |_| {
            let mut count = held.lock().expect("nobody panics with it");
            *count += sum_of_eight(inner, options, busy) / 28;
            Ok(())
        };
        maps::any((outer, outer_face), Options::default(), 0..16, op, |result| {
            assert_eq!(result, Ok(()));
            ControlFlow::Continue(())
        });
    }
    assert_eq!(*lock.lock().unwrap(), 160);
}

#[test]
fn a_lock_is_held_over_a_map_of_threads_in_items_on_rayon() {
    for (outer, inner) in FACES.into_iter().flat_map(|outer| FACES.map(|inner| (outer, inner))) {
        for (mode, options) in ways(Mode::Thread) {
            watched((outer, inner, options), || locked(Mode::Rayon, outer, (mode, inner), options));
        }
    }
}

#[test]
fn a_lock_is_held_over_a_rayon_map_in_items_on_rayon() {
    for (outer, inner) in FACES.into_iter().flat_map(|outer| FACES.map(|inner| (outer, inner))) {
        for (mode, options) in ways(Mode::Rayon) {
            watched((outer, inner, options), || locked(Mode::Rayon, outer, (mode, inner), options));
        }
    }
}

#[test]
fn a_lock_is_held_over_a_map_of_any_mode_in_items_on_threads() {
    for (mode, options) in every_way() {
        for inner in FACES {
            watched((mode, inner, options), || locked(Mode::Thread, Face::List, (mode, inner), options));
        }
    }
}

/// Items on threads. The odd ones hold a lock while a rayon map runs. The even ones run a rayon map whose items need
/// that lock.
fn half_hold_what_half_need(face: Face, options: Options) {
    let lock = Arc::new(Mutex::new(()));
    for _ in 0..10 {
        let lock = Arc::clone(&lock);
        let op = move |n: u32| {
            if n % 2 == 1 {
                let _held = lock.lock().expect("nobody panics with it");
                return Ok(sum_of_eight((Mode::Rayon, face), options, busy));
            }
            let lock = Arc::clone(&lock);
            Ok(sum_of_eight((Mode::Rayon, face), options, move || {
                let _held = lock.lock().expect("nobody panics with it");
                busy();
            }))
        };
        maps::any((Mode::Thread, Face::List), Options::default(), 0..16, op, |result| {
            assert_eq!(result, Ok(28));
            ControlFlow::Continue(())
        });
    }
}

#[test]
fn a_lock_is_held_over_a_rayon_map_while_rayon_maps_of_other_threads_need_it() {
    for face in FACES {
        for workers in [None, Some(2), Some(1)] {
            let options = Options { workers, ..Options::default() };
            watched((face, options), || half_hold_what_half_need(face, options));
        }
    }
}

/// A call that shares its runs with all calls of this key. It is not generic, because instances of a generic function
/// share nothing.
fn shared(memory: &Memory<u64>, key: &str, body: &mut dyn FnMut() -> u64) -> Outcome<u64> {
    opero! { cache, store: memory, name: "shared", key: key => Ok(body()) }
}

/// A call whose body runs a map whose items call with the same key.
fn calls_its_own_key(mode: Mode) {
    for ((mode, options), face) in ways(mode).into_iter().flat_map(|way| FACES.map(|face| (way, face))) {
        watched((mode, face, options), || {
            let (memory, runs) = (Arc::new(Memory::new()), Arc::new(AtomicU32::new(0)));
            let outcome = shared(&memory, "a", &mut || {
                let (asked, counted) = (Arc::clone(&memory), Arc::clone(&runs));
                sum_of_eight((mode, face), options, move || {
                    let answer = shared(&asked, "a", &mut || u64::from(counted.fetch_add(1, SeqCst) + 1));
                    assert!(answer.is_ok_and(|run| (1..=8).contains(&run)), "it is that of an item");
                })
            });
            assert_eq!(outcome, Ok(28), "{mode:?} {face:?} {options:?}");
            assert!((1..=8).contains(&runs.load(SeqCst)), "{mode:?} {face:?} {options:?}");
        });
    }
}

#[test]
fn an_item_on_threads_that_calls_with_the_key_of_its_map_runs_its_body() {
    calls_its_own_key(Mode::Thread);
}

#[test]
fn an_item_on_rayon_that_calls_with_the_key_of_its_map_runs_its_body() {
    calls_its_own_key(Mode::Rayon);
}

#[test]
fn an_item_in_a_task_that_calls_with_the_key_of_its_map_runs_its_body() {
    calls_its_own_key(Mode::Async);
}

/// The same with another map between the call and the items.
#[test]
fn an_item_two_maps_further_in_runs_its_body_too() {
    for (outer, inner) in every_way().into_iter().flat_map(|outer| every_way().into_iter().map(move |way| (outer, way)))
    {
        watched((outer, inner), || {
            let memory = Arc::new(Memory::new());
            let outcome = shared(&memory, "a", &mut || {
                let asked = Arc::clone(&memory);
                sum_of_eight((outer.0, Face::List), outer.1, move || {
                    let asked = Arc::clone(&asked);
                    sum_of_eight((inner.0, Face::List), inner.1, move || {
                        assert_eq!(shared(&asked, "a", &mut || 7), Ok(7), "its own value");
                    });
                })
            });
            assert_eq!(outcome, Ok(28), "{outer:?} {inner:?}");
        });
    }
}

/// The body of one of two keys. When both run, a map in each calls with the other key.
fn asks_for_the_other(
    both: &Barrier,
    memory: &Arc<Memory<u64>>,
    n: usize,
    inner: (Mode, Face),
    options: Options,
) -> Outcome<u64> {
    const KEYS: [&str; 2] = ["a", "b"];
    shared(memory, KEYS[n], &mut || {
        let asked = Arc::clone(memory);
        both.wait();
        sum_of_eight(inner, options, move || {
            let answer = shared(&asked, KEYS[1 - n], &mut || 28);
            assert_eq!(answer, Ok(28), "that of the item, or that of the other flight");
        })
    })
}

/// Two items, each running a flight, whose maps call with the key of the other.
fn ask_for_each_other(inner: Mode) {
    for ((mode, options), face) in ways(inner).into_iter().flat_map(|way| FACES.map(|face| (way, face))) {
        for outer in [Mode::Thread, Mode::Rayon] {
            watched((outer, mode, face, options), || {
                let (both, memory) = (Barrier::new(2), Arc::new(Memory::new()));
                // Each has its own thread while the other one waits for it.
                let two = Options { workers: Some(2), chunk_size: Some(1), ..Options::default() };
                let op = move |n| asks_for_the_other(&both, &memory, n, (mode, face), options);
                maps::any((outer, Face::List), two, 0..2_usize, op, |result| {
                    assert_eq!(result, Ok(28), "{outer:?} {mode:?} {face:?} {options:?}");
                    ControlFlow::Continue(())
                });
            });
        }
    }
}

#[test]
fn two_flights_whose_thread_maps_wait_for_each_other_both_end() {
    ask_for_each_other(Mode::Thread);
}

#[test]
fn two_flights_whose_rayon_maps_wait_for_each_other_both_end() {
    ask_for_each_other(Mode::Rayon);
}

#[test]
fn two_flights_whose_async_maps_wait_for_each_other_both_end() {
    ask_for_each_other(Mode::Async);
}

#[test]
fn two_flights_of_one_task_whose_inner_maps_wait_for_each_other_both_end() {
    let ask = async |memory: &Memory<u64>, running: &AtomicU32, n: usize| {
        opero! { cache, store: memory, name: "shared", key: ["a", "b"][n] => async {
            running.fetch_add(1, SeqCst);
            while running.load(SeqCst) < 2 {
                yield_now().await;
            }
            let other = Map::new_async("inner").future(0..4_u64, async |_, _| {
                opero! { cache, store: memory, name: "shared", key: ["a", "b"][1 - n] => async { Ok::<_, String>(4) } }.await
            });
            other.await.into_iter().try_fold(0, |_, value| value).map_err(|error| error.to_string())
        } }
        .await
    };
    watched("two flights of one task", || {
        let (memory, running) = (Memory::new(), AtomicU32::new(0));
        let both = Map::new_async("outer").future(0..2_usize, async |n, _| ask(&memory, &running, n).await);
        assert_eq!(block_on(both), [Ok(4), Ok(4)]);
    });
}
