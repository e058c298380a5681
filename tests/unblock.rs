//! `unblock`: blocking code from async code.

use std::panic::AssertUnwindSafe;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use futures_lite::FutureExt;
use opero::time::{ManualClock, remaining};
use opero::{Error, Failure, block_on, opero, unblock};

#[path = "support/runtime.rs"]
mod runtime;
#[path = "support/watchdog.rs"]
mod watchdog;

use watchdog::watched;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_closure_runs_on_another_thread() {
    let here = thread::current().id();
    let (there, value) = runtime::block_on(async { unblock(|| (thread::current().id(), String::from("value"))).await });
    assert_ne!(here, there);
    assert_eq!(value, "value");
    assert_eq!(block_on(unblock(|| 1)), 1);
}

#[test]
fn it_begins_at_once_and_runs_concurrently() {
    watched("closures that meet each other", || {
        let barrier = Arc::new(Barrier::new(8));
        let closures: Vec<_> = (0..8)
            .map(|n| {
                let barrier = Arc::clone(&barrier);
                unblock(move || {
                    barrier.wait();
                    n
                })
            })
            .collect();
        let sum = runtime::block_on(async {
            let mut sum = 0;
            for closure in closures {
                sum += closure.await;
            }
            sum
        });
        assert_eq!(sum, 28);
    });
}

#[test]
fn a_panic_reaches_the_task_and_does_not_end_the_thread() {
    let caught = runtime::block_on(AssertUnwindSafe(unblock(|| -> u32 { panic!("boom") })).catch_unwind());
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"boom"));
    assert_eq!(runtime::block_on(unblock(|| 2)), 2);
}

#[test]
fn a_running_closure_goes_on_when_its_future_is_dropped() {
    struct Telling(std::sync::mpsc::Sender<&'static str>);
    impl Drop for Telling {
        fn drop(&mut self) {
            let _ = self.0.send("dropped");
        }
    }

    watched("a future that is dropped", || {
        let ((tell, told), (go, may_go)) = (channel(), channel::<()>());
        let future = unblock(move || {
            tell.send("begun").unwrap();
            may_go.recv().unwrap();
            tell.send("ended").unwrap();
            Telling(tell)
        });
        assert_eq!(told.recv(), Ok("begun"));
        drop(future);
        go.send(()).unwrap();
        assert_eq!((told.recv(), told.recv()), (Ok("ended"), Ok("dropped")));
    });
}

#[test]
fn a_closure_that_waits_for_a_thread_is_not_run_when_its_future_is_dropped() {
    let name = "a_closure_that_waits_for_a_thread_is_not_run_when_its_future_is_dropped";
    if std::env::var_os("BLOCKING_MAX_THREADS").is_none() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("BLOCKING_MAX_THREADS", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    watched("a queue", || {
        let (ran, (go, may_go)) = (Arc::new(Mutex::new(Vec::new())), channel::<()>());
        let run = |n: u32| {
            let ran = Arc::clone(&ran);
            move || ran.lock().unwrap().push(n)
        };
        let first = {
            let run = run(1);
            unblock(move || {
                may_go.recv().unwrap();
                run();
            })
        };
        let (second, third) = (unblock(run(2)), unblock(run(3)));
        drop(second);
        go.send(()).unwrap();
        block_on(async {
            first.await;
            third.await;
        });
        assert_eq!(*ran.lock().unwrap(), [1, 3]);
    });
}

#[test]
fn a_call_is_over_at_its_timeout_whatever_the_closure_does() {
    watched("a closure that is waited for no longer", || {
        let (go, may_go) = channel::<()>();
        let may_go = Mutex::new(Some(may_go));
        let outcome = runtime::block_on(opero! { timeout: 5ms => async {
            let may_go = may_go.lock().unwrap().take().unwrap();
            unblock(move || may_go.recv().map_err(|_| "gone")).await
        } });
        let error = outcome.unwrap_err();
        assert!(matches!(error.attempts()[0].failure(), Failure::Timeout(_)), "{error:?}");
        drop(go);
    });
}

#[test]
fn the_closure_knows_the_time_left_of_its_caller() {
    let left = runtime::block_on(opero! { timeout: 1h => async { unblock(|| Ok::<_, String>(remaining())).await } });
    let left = left.unwrap().unwrap();
    assert!(left <= HOUR && left > HOUR / 2, "{left:?}");
    assert_eq!(runtime::block_on(unblock(remaining)), None);

    // Also for a call with another clock. When its time is over, it is over for the calls in the closure.
    let clock = ManualClock::new();
    let inner = opero! { deadline: 1s, clock: &clock => {
        clock.advance(Duration::from_secs(1));
        Ok::<_, String>(block_on(unblock(|| opero! { retries: 9, min_delay: 1h => Err::<(), _>("down") })))
    } };
    assert!(inner.unwrap().unwrap_err().is_timeout());
}

#[test]
fn a_call_in_the_closure_ends_with_the_limit_around_it() {
    let error = watched("a call in a closure", || {
        runtime::block_on(opero! { timeout: 1h => async {
            let call = || opero! { retries: 9, min_delay: 2h, max_delay: 2h => Err::<(), _>("down".to_owned()) };
            Ok::<_, String>(unblock(call).await.unwrap_err())
        } })
    });
    assert!(error.unwrap().is_timeout());
}

#[test]
fn a_cached_call_in_the_closure_does_not_wait_for_the_run_around_it() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    opero! {
        cache =>
        async fn value(n: u32) -> Result<u32, Error<String>> {
            if RUNS.fetch_add(1, Relaxed) > 0 {
                return Ok(n);
            }
            unblock(move || block_on(value(n)).map(|inner| inner + 1).map_err(|error| error.to_string())).await
        }
    }
    assert_eq!(watched("single-flight across threads", || runtime::block_on(value(5))), Ok(6));
    assert_eq!(RUNS.load(Relaxed), 2);
}

#[test]
fn the_future_may_be_moved_anywhere() {
    fn is_free<F: Future + Send + Unpin + 'static>(future: F) -> F {
        future
    }
    let future = is_free(unblock(|| 3));
    assert_eq!(format!("{future:?}"), "Unblock { .. }");
    assert_eq!(thread::spawn(|| runtime::block_on(future)).join().unwrap(), 3);
}

#[cfg(feature = "tokio")]
#[test]
fn the_runtime_of_tokio_is_current_in_the_closure() {
    use tokio::runtime::{Builder, Handle};

    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sum = runtime.block_on(async {
        unblock(|| {
            let timer = Handle::current().spawn(tokio::time::sleep(Duration::from_millis(1)));
            block_on(timer).map(|()| 1).unwrap()
        })
        .await
    });
    assert_eq!(sum, 1);
    // A closure still runs if the runtime is gone.
    let (go, may_go) = channel::<()>();
    let entered = runtime.enter();
    let future = unblock(move || may_go.recv().is_ok());
    drop(entered);
    drop(runtime);
    go.send(()).unwrap();
    assert!(watched("without its runtime", || block_on(future)));
}
