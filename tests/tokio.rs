//! Feature `tokio`: its timer and its clock inside a tokio runtime.

use std::convert::Infallible;
use std::future::pending;
use std::panic;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opero::time::{Clock, Runtime, System};
use opero::{Error, Failure, opero, opmap};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::time;

const HOUR: Duration = Duration::from_secs(3600);
/// The resolution to which tokio's timer rounds up.
const TICK: Duration = Duration::from_millis(1);

/// How far tokio's clock has moved while a future ran, and its result.
async fn timed<F: Future>(future: F) -> (Duration, F::Output) {
    let start = time::Instant::now();
    let output = future.await;
    (start.elapsed(), output)
}

/// Returns whether the time is that long, rounded up to the next tick for each wait.
fn is_about(time: Duration, expected: Duration, waits: u32) -> bool {
    expected <= time && time <= expected + TICK * waits
}

#[tokio::test(start_paused = true)]
async fn retries_take_no_real_time_if_the_clock_is_paused() {
    let start = Instant::now();
    let call = opero! { retries: 3, min_delay: 1h, backoff: 2.0, max_delay: 1d => async { Err::<(), _>("down") } };
    let (took, outcome) = timed(call).await;
    assert!(is_about(took, 7 * HOUR, 3), "{took:?}");
    assert!(start.elapsed() < HOUR);
    let error = outcome.unwrap_err();
    for (attempt, hours) in error.attempts().iter().zip([0, 1, 3, 7]) {
        assert!(is_about(attempt.offset(), hours * HOUR, 3), "{:?}", attempt.offset());
        assert_eq!(attempt.duration(), Duration::ZERO);
    }
}

/// The paused clock belongs to a runtime that only this thread drives, and this thread is blocked.
#[tokio::test(start_paused = true)]
async fn a_blocking_call_uses_the_system_clock() {
    let start = Instant::now();
    let call = || opero! { retries: 2, min_delay: 2ms, backoff: 1.0 => async { Err::<(), _>("down") } };
    let (paused, outcome) = timed(async { opero::block_on(call()) }).await;
    assert_eq!(outcome.unwrap_err().attempts().len(), 3);
    assert_eq!(paused, Duration::ZERO);
    assert!(start.elapsed() >= Duration::from_millis(4));
    let cut = opero::block_on(opero! { timeout: 2ms => async { pending::<Result<(), String>>().await } });
    assert!(matches!(cut.unwrap_err().attempts()[0].failure(), Failure::Timeout(_)));
    // Awaited calls use tokio's clock as before.
    let (paused, _) = timed(call()).await;
    assert!(is_about(paused, Duration::from_millis(4), 2), "{paused:?}");
}

#[tokio::test(start_paused = true)]
async fn limits_keep_to_the_paused_clock() {
    let (took, outcome) = timed(opero! { timeout: 1h, retries: 1, min_delay: 1h, max_delay: 1h => async {
        pending::<Result<(), String>>().await
    } })
    .await;
    assert!(is_about(took, 3 * HOUR, 3), "{took:?}");
    let error = outcome.unwrap_err();
    assert!(error.attempts().iter().all(|attempt| *attempt.failure() == Failure::Timeout(HOUR)));

    let (took, outcome) =
        timed(opero! { deadline: 90m, retries: 9, min_delay: 1h, max_delay: 1h => async { Err::<(), _>("down") } })
            .await;
    assert!(is_about(took, HOUR, 1), "the second delay would end too late: {took:?}");
    assert!(matches!(outcome, Err(Error::Timeout(_))));

    // Work that ends in time is in time, whatever the system clock says.
    let outcome = opero! { timeout: 1ms => async { std::thread::sleep(Duration::from_millis(5)); Ok::<_, String>(7) } };
    assert_eq!(outcome.await, Ok(7));
    // And work that takes an hour of tokio's time takes an hour.
    let late = opero! { timeout: 59m => async { time::advance(HOUR).await; Ok::<_, String>(7) } };
    assert!(late.await.is_err());
}

/// Real time, with a lower bound only. A body that never lets the scheduler take the rest of its budget is cut
/// nevertheless.
#[test]
fn a_body_that_uses_up_the_budget_of_its_task_is_cut() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let greedy = async || -> Result<(), String> {
            loop {
                tokio::task::consume_budget().await;
            }
        };
        let start = Instant::now();
        let outcome = opero! { timeout: 50ms => async { greedy().await } }.await;
        assert_eq!(*outcome.unwrap_err().attempts()[0].failure(), Failure::Timeout(50 * TICK));
        let layered = opero! { deadline: 50ms, rate: 1000/s, retries => async { greedy().await } };
        assert!(layered.await.unwrap_err().is_timeout());
        assert!((100 * TICK..60 * 100 * TICK).contains(&start.elapsed()));
    });
}

opero! { timeout: 50ms =>
    async fn greedy(semaphore: &Semaphore) -> Result<(), Error<String>> {
        wait_for(semaphore).await
    }
}

/// Takes available permits again and again, which yields only when the budget is used up.
async fn wait_for(semaphore: &Semaphore) -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        drop(semaphore.acquire().await);
    }
    Ok(())
}

/// Real time, with a lower bound only.
#[test]
fn a_body_that_uses_up_its_budget_is_cut_in_every_form() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let semaphore = &Semaphore::new(1);
    let start = Instant::now();
    runtime.block_on(async {
        let wait = async || wait_for(semaphore).await;
        let mut ends = vec![
            ("async", opero! { deadline: 50ms => async { wait().await } }.await),
            ("async move", opero! { deadline: 50ms => async move { wait_for(semaphore).await } }.await),
            ("retries", opero! { timeout: 50ms, retries: 1, min_delay: 1ms => async { wait().await } }.await),
            ("candidates", opero! { timeout: 50ms, fallback: _c in [1, 2] => async { wait().await } }.await),
            ("cache", opero! { deadline: 50ms, cache, key: () => async { wait().await } }.await),
            ("rate", opero! { deadline: 50ms, rate: 1000/s => async move { wait_for(semaphore).await } }.await),
            ("function", greedy(semaphore).await),
            ("Call", opero::Call::new_async("call").timeout(50 * TICK).run_async(async |_| wait().await).await),
        ];
        let callable = opero! { timeout: 50ms => async |semaphore: &Semaphore| { wait_for(semaphore).await } };
        ends.push(("callable", callable(semaphore).await));
        let mut items = opmap! { _n in [1], timeout: 50ms => async move { wait_for(semaphore).await } }.await;
        ends.extend(items.pop().map(|end| ("item of a map", end)));
        let mut items = opmap! { _n in [1], deadline: 50ms => async move { wait_for(semaphore).await } }.await;
        ends.extend(items.pop().map(|end| ("map", end)));
        for (form, end) in ends {
            assert!(end.is_err(), "{form} was not cut");
        }
    });
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn permits_follow_the_paused_clock() {
    let call = async || opero! { rate: 1/h => async { Ok::<_, String>(()) } }.await;
    let (took, ()) = timed(async {
        for _ in 0..10 {
            call().await.unwrap();
        }
    })
    .await;
    assert!(is_about(took, 9 * HOUR, 9), "{took:?}");
    let impatient = opero! { rate: 1/h, max_wait: 1h => async |n: u32| { Ok::<_, String>(n) } };
    assert_eq!(impatient(1).await, Ok(1));
    time::advance(HOUR / 2).await;
    assert_eq!(impatient(2).await, Ok(2));
    assert!(matches!(
        opero! { rate: 1/h, max_wait: 1s => async { impatient(3).await.map_err(|_| "late") } }.await,
        Ok(3)
    ));
}

#[tokio::test(start_paused = true)]
async fn cache_entries_expire_by_the_paused_clock() {
    let runs = AtomicU32::new(0);
    let ask = opero! { cache: 1h => async |_key: u32| { Ok::<_, Infallible>(runs.fetch_add(1, Relaxed) + 1) } };
    assert_eq!((ask(1).await, ask(1).await), (Ok(1), Ok(1)));
    time::advance(HOUR.saturating_sub(TICK)).await;
    assert_eq!(ask(1).await, Ok(1));
    time::advance(TICK).await;
    assert_eq!((ask(1).await, ask(1).await), (Ok(2), Ok(2)));
}

#[tokio::test(start_paused = true)]
async fn a_map_uses_the_paused_clock() {
    let map = opmap! { n in 0..100_u32, workers: 10, retries: 1, min_delay: 1h, max_delay: 1h, attempt: k => async move {
        time::sleep(HOUR).await;
        if k == 1 { Err("down") } else { Ok(n) }
    } };
    let (took, results) = timed(map).await;
    assert_eq!(results, (0..100).map(Ok).collect::<Vec<_>>());
    assert!(is_about(took, 30 * HOUR, 30), "{took:?}");

    let (took, results) = timed(opmap! { n in 0..4_u32, workers: 2, deadline: 90m => async move {
        time::sleep(HOUR).await;
        Ok::<_, String>(n)
    } })
    .await;
    assert!(is_about(took, HOUR * 3 / 2, 2), "{took:?}");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_system_clock_and_blocking_calls_ignore_the_paused_clock() {
    let (before, start) = (System.now(), Instant::now());
    time::advance(HOUR).await;
    assert!(System.now().saturating_sub(before) < HOUR);
    assert!(Runtime.now() + Duration::from_secs(60) > System.now() + HOUR);
    let outcome = opero! { retries: 1, min_delay: 5ms => Err::<(), _>("down") };
    assert!(outcome.is_err() && start.elapsed() >= Duration::from_millis(5));
    let (took, outcome) =
        timed(opero! { clock: System, retries: 1, min_delay: 5ms => async { Err::<(), _>("down") } }).await;
    assert!(outcome.is_err() && start.elapsed() >= Duration::from_millis(10));
    assert_eq!(took, Duration::ZERO, "tokio's clock stood still, for no timer of its was set");
}

/// One runtime is paused before the first call of the process, and one after it. Neither clock may stand still at the
/// time from which the other counts.
#[test]
fn clocks_paused_at_different_moments_move_on_from_there() {
    let paused = || Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let early = paused();
    std::thread::sleep(Duration::from_millis(20));
    let late = paused();
    let advance = || async {
        let before = Runtime.now();
        time::advance(TICK).await;
        Runtime.now().saturating_sub(before)
    };
    assert_eq!((late.block_on(advance()), early.block_on(advance())), (TICK, TICK));
}

#[test]
fn timers_of_tokio_wake_tasks_on_many_threads() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let start = Instant::now();
    let task = |n: u32| async move {
        opero! { retries: 3, min_delay: 5ms, backoff: 1.0, attempt: k => async { if k < 3 { Err("down") } else { Ok(n) } } }.await
    };
    let tasks: Vec<_> = (0..20).map(|n| runtime.spawn(task(n))).collect();
    for (task, n) in tasks.into_iter().zip(0..) {
        assert_eq!(runtime.block_on(task).unwrap(), Ok(n));
    }
    assert!(start.elapsed() >= Duration::from_millis(10));
}

#[test]
fn a_runtime_without_a_timer_reports_that_once_and_another_timer_is_used() {
    let messages = Arc::new(Mutex::new(Vec::new()));
    let before = panic::take_hook();
    panic::set_hook(Box::new({
        let messages = messages.clone();
        move |message| {
            let text = message.to_string();
            if text.contains("timers are disabled") { messages.lock().unwrap().push(text) } else { before(message) }
        }
    }));
    let start = Instant::now();
    for runtimes in 1..=2 {
        let runtime = Builder::new_current_thread().build().unwrap();
        for _ in 0..3 {
            let call = opero! { retries: 2, min_delay: 5ms, backoff: 1.0 => async { Err::<(), _>("down") } };
            assert_eq!(runtime.block_on(call).unwrap_err().attempts().len(), 3);
        }
        assert_eq!(messages.lock().unwrap().len(), runtimes);
    }
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[test]
fn outside_a_runtime_another_timer_is_used() {
    let start = Instant::now();
    let call = opero! { retries: 2, min_delay: 5ms, backoff: 1.0 => async { Err::<(), _>("down") } };
    assert_eq!(pollster::block_on(call).unwrap_err().attempts().len(), 3);
    assert!(start.elapsed() >= Duration::from_millis(10));
}
