//! `ManualClock` under executors and combinators: concurrent sleeps take the time of the longest and end in order.
#![cfg(feature = "async")]

use std::cell::RefCell;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::future::{block_on, or, poll_once, yield_now, zip};
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt, iter};
use opero::map::Map;
use opero::time::{Clock, ManualClock};
use opero::{Error, opero, opmap};

const MS: fn(u64) -> Duration = Duration::from_millis;
/// Lengths in no particular order, some of them equal.
const LENGTHS: [u64; 12] = [5, 1, 9, 5, 3, 7, 1, 5, 2, 8, 5, 4];

/// The lengths with their indexes, in the order in which sleeps of these lengths end.
fn in_order() -> Vec<(u64, usize)> {
    let mut ends: Vec<_> = LENGTHS.into_iter().zip(0..).collect();
    ends.sort_unstable();
    ends
}

/// Sleeps of all lengths. Each records when it ends, by the clock.
fn sleepers<'c>(
    clock: &'c ManualClock,
    ends: &'c RefCell<Vec<(u64, usize)>>,
) -> impl Iterator<Item = impl Future<Output = ()> + 'c> {
    LENGTHS.into_iter().zip(0..).map(move |(length, place)| async move {
        clock.sleep_async(MS(length)).await;
        assert_eq!(clock.elapsed(), MS(length));
        ends.borrow_mut().push((length, place));
    })
}

#[test]
fn the_items_of_an_async_map_sleep_concurrently() {
    for workers in [5, 100] {
        let clock = ManualClock::new();
        let sleep = async |n: u32, _| {
            clock.sleep_async(MS(5)).await;
            Ok::<_, Error<()>>(n)
        };
        let results = block_on(Map::new_async("map").workers(workers).clock(&clock).future(0..5, sleep));
        assert_eq!((results, clock.elapsed()), ((0..5).map(Ok).collect(), MS(5)), "{workers} workers");
    }
    let clock = &ManualClock::new();
    let results = block_on(opmap! { n in LENGTHS, ordered: false, clock: clock => async move {
        clock.sleep_async(MS(n)).await;
        Ok::<_, ()>((n, clock.elapsed()))
    } });
    let expected: Vec<_> = in_order().into_iter().map(|(n, _)| Ok((n, MS(n)))).collect();
    assert_eq!((results, clock.elapsed()), (expected, MS(9)));
}

#[test]
fn a_map_of_two_workers_takes_the_time_of_two_workers() {
    let clock = &ManualClock::new();
    let results = block_on(opmap! { _n in 0..6_u64, workers: 2, clock: clock => async move {
        clock.sleep_async(MS(5)).await;
        Ok::<_, ()>(clock.elapsed())
    } });
    assert_eq!(results, [5, 5, 10, 10, 15, 15].map(|ms| Ok(MS(ms))));
}

#[test]
fn sleeps_end_in_their_order_in_every_combinator() {
    let check = |combinator: &str, run: &dyn Fn(&ManualClock, &RefCell<Vec<_>>)| {
        let (clock, ends) = (ManualClock::new(), RefCell::new(Vec::new()));
        run(&clock, &ends);
        assert_eq!((ends.take(), clock.elapsed()), (in_order(), MS(9)), "{combinator}");
    };
    check("join_all", &|clock, ends| drop(block_on(join_all(sleepers(clock, ends)))));
    check("FuturesUnordered", &|clock, ends| {
        block_on(sleepers(clock, ends).collect::<FuturesUnordered<_>>().for_each(async |()| ()));
    });
    check("buffer_unordered", &|clock, ends| {
        block_on(iter(sleepers(clock, ends)).buffer_unordered(20).for_each(async |()| ()));
    });
    check("FuturesUnordered in zip", &|clock, ends| {
        let all: Vec<_> = sleepers(clock, ends).map(Box::pin).collect();
        let halves = [FuturesUnordered::new(), FuturesUnordered::new()];
        all.into_iter().zip([0, 1].into_iter().cycle()).for_each(|(sleep, half)| halves[half].push(sleep));
        let [left, right] = halves;
        block_on(zip(left.for_each(async |()| ()), right.for_each(async |()| ())));
    });
    check("LocalExecutor of smol", &|clock, ends| {
        let executor = smol::LocalExecutor::new();
        let tasks: Vec<_> = sleepers(clock, ends).map(|sleep| executor.spawn(sleep)).collect();
        smol::block_on(executor.run(join_all(tasks)));
    });
}

#[test]
fn hundreds_of_sleeps_end_in_their_order() {
    let (clock, ends) = (ManualClock::new(), RefCell::new(Vec::new()));
    let lengths: Vec<u64> = (0..500).map(|n| n * 7919 % 503).collect();
    let sleeps: FuturesUnordered<_> = lengths
        .iter()
        .map(async |length| {
            clock.sleep_async(MS(*length)).await;
            ends.borrow_mut().push(*length);
        })
        .collect();
    block_on(sleeps.for_each(async |()| ()));
    let mut expected = lengths.clone();
    expected.sort_unstable();
    assert_eq!(ends.take(), expected);
}

/// The same on threads of tokio and of smol, where tasks with equal sleeps may end in any order.
#[test]
fn tasks_end_in_the_order_of_their_sleeps_in_every_runtime() {
    let spawn_all = |spawn: &dyn Fn(std::pin::Pin<Box<dyn Future<Output = ()> + Send>>)| {
        let (clock, ends) = (Arc::new(ManualClock::new()), Arc::new(Mutex::new(Vec::new())));
        for length in LENGTHS {
            let (clock, ends) = (clock.clone(), ends.clone());
            spawn(Box::pin(async move {
                clock.sleep_async(MS(length)).await;
                ends.lock().unwrap().push(length);
            }));
        }
        (clock, ends)
    };
    let lengths = || in_order().into_iter().map(|(length, _)| length).collect::<Vec<_>>();

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (clock, ends) = runtime.block_on(async {
        let tasks = RefCell::new(Vec::new());
        let shared = spawn_all(&|task| tasks.borrow_mut().push(tokio::spawn(task)));
        join_all(tasks.take()).await;
        shared
    });
    assert_eq!((ends.lock().unwrap().clone(), clock.elapsed()), (lengths(), MS(9)));

    // With two threads a task may begin its sleep when time has moved already. But its sleep ends, and not too early.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (clock, ends) = runtime.block_on(async {
        let tasks = RefCell::new(Vec::new());
        let shared = spawn_all(&|task| tasks.borrow_mut().push(tokio::spawn(task)));
        join_all(tasks.take()).await;
        shared
    });
    assert_eq!(ends.lock().unwrap().len(), LENGTHS.len());
    assert!(clock.elapsed() >= MS(9));

    let (clock, ends) = smol::block_on(async {
        let tasks = RefCell::new(Vec::new());
        let shared = spawn_all(&|task| tasks.borrow_mut().push(smol::spawn(task)));
        join_all(tasks.take()).await;
        shared
    });
    assert_eq!(ends.lock().unwrap().len(), LENGTHS.len());
    assert!(clock.elapsed() >= MS(9));
}

#[test]
fn indirectly_woken_tasks_begin_their_sleep_before_time_moves() {
    let (clock, ends) = (ManualClock::new(), RefCell::new(Vec::new()));
    let sleep = async |length: u64| {
        clock.sleep_async(MS(length)).await;
        ends.borrow_mut().push((length, clock.elapsed()));
    };
    let relayed = async {
        clock.sleep_async(MS(1)).await;
        for _ in 0..5 {
            yield_now().await;
        }
        sleep(1).await;
    };
    block_on(zip(sleep(3), relayed));
    assert_eq!(ends.take(), [(1, MS(2)), (3, MS(3))]);
}

#[test]
fn a_dropped_sleep_leaves_and_an_unpolled_one_does_not_block_others() {
    let clock = ManualClock::new();
    let second = |secs| clock.sleep_async(Duration::from_secs(secs));
    let race = async |long, short| {
        or(
            async {
                second(long).await;
                long
            },
            async {
                second(short).await;
                short
            },
        )
        .await
    };
    assert_eq!(block_on(race(5, 2)), 2);
    block_on(second(9));
    assert_eq!(clock.elapsed(), Duration::from_secs(11), "the loser would have ended at 5");

    let mut held: Vec<_> = (1..=5).map(|secs| Box::pin(second(secs))).collect();
    for sleep in &mut held {
        assert!(block_on(poll_once(sleep)).is_none());
    }
    block_on(second(3));
    assert_eq!(clock.elapsed(), Duration::from_secs(14));
    let mut rest = held.split_off(3);
    block_on(join_all(held));
    assert_eq!(clock.elapsed(), Duration::from_secs(14), "their moments had come");
    block_on(rest.pop().unwrap());
    assert_eq!(clock.elapsed(), Duration::from_secs(16));
}

#[test]
fn advancing_the_clock_by_hand_wakes_the_sleeps_that_are_due() {
    let (clock, ends) = (ManualClock::new(), RefCell::new(Vec::new()));
    let advance = async {
        clock.advance(MS(6));
        ends.borrow_mut().push((0, 0));
        pending::<()>().await;
    };
    let all = async {
        let noted = LENGTHS.into_iter().zip(0..).map(async |(length, place)| {
            clock.sleep_async(MS(length)).await;
            ends.borrow_mut().push((length, place));
        });
        join_all(noted).await;
    };
    block_on(or(all, advance));
    let mut expected = in_order();
    expected.insert(0, (0, 0));
    assert_eq!((ends.take(), clock.elapsed()), (expected, MS(9)));
}

#[test]
fn ending_exactly_at_a_limit_is_in_time_in_every_form() {
    let run = |form: &str, body: &dyn Fn(&ManualClock) -> Result<(), Error<()>>| {
        let clock = ManualClock::new();
        assert_eq!((body(&clock), clock.elapsed()), (Ok(()), MS(5)), "{form}");
    };
    run("blocking", &|clock| opero! { timeout: 5ms, clock: clock => { clock.sleep(MS(5)); Ok(()) } });
    run("async", &|clock| {
        block_on(opero! { timeout: 5ms, clock: clock => async { clock.sleep_async(MS(5)).await; Ok(()) } })
    });
    run("in two steps", &|clock| {
        block_on(opero! { deadline: 5ms, clock: clock => async {
            clock.sleep_async(MS(2)).await;
            clock.sleep_async(MS(3)).await;
            Ok(())
        } })
    });
    run("side by side", &|clock| {
        block_on(opero! { deadline: 5ms, clock: clock => async {
            clock.sleep_async(MS(1)).await;
            let sleeps: FuturesUnordered<_> = (0..20).map(|_| clock.sleep_async(MS(4))).collect();
            sleeps.for_each(async |()| ()).await;
            Ok(())
        } })
    });
    run("after a retry", &|clock| {
        block_on(opero! { deadline: 5ms, retries: 1, min_delay: 1ms, clock: clock, attempt: n => async {
            clock.sleep_async(MS(2)).await;
            if n == 1 { Err(()) } else { Ok(()) }
        } })
    });
    run("behind a cache", &|clock| {
        block_on(opero! { deadline: 5ms, cache, key: std::ptr::from_ref(clock), clock: clock => async {
            clock.sleep_async(MS(5)).await;
            Ok(())
        } })
    });
    run("a map", &|clock| {
        let results = block_on(opmap! { n in 0..20_u64, deadline: 5ms, clock: clock => async move {
            clock.sleep_async(MS(n % 6)).await;
            Ok(())
        } });
        results.into_iter().collect()
    });
    run("a call in a call", &|clock| {
        block_on(opero! { timeout: 5ms, clock: clock => async {
            clock.sleep_async(MS(1)).await;
            let inner = opero! { deadline: 4ms, clock: clock => async { clock.sleep_async(MS(4)).await; Ok::<_, ()>(()) } };
            inner.await.map_err(|_| ())
        } })
    });
}

#[test]
fn a_wait_for_another_run_that_ends_exactly_at_the_deadline_is_in_time() {
    let clock = ManualClock::new();
    let ask = async |takes: u64| {
        let call = opero! { cache, key: (), deadline: 5ms, clock: &clock => async {
            clock.sleep_async(MS(takes)).await;
            Ok::<_, ()>(clock.elapsed())
        } };
        call.await
    };
    // The second call begins with the first, and its wait ends when the run ends.
    let both = block_on(zip(ask(5), ask(1)));
    assert_eq!(both, (Ok(MS(5)), Ok(MS(5))));
}
