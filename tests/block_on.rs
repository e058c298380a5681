//! `block_on`: async code from blocking code, outside of runtimes and inside.

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use opero::{Error, block_on, map, opero};

#[path = "support/runtime.rs"]
mod runtime;
#[path = "support/watchdog.rs"]
mod watchdog;

use watchdog::watched;

/// A call that waits by its timer: before a retry, for a limit, and for a permit.
async fn waits() -> Result<u32, Error<&'static str>> {
    let outcome = opero! { timeout: 1ms => async { pending::<Result<u32, &str>>().await } };
    assert!(outcome.await.is_err());
    opero! { rate: 1/ms => async { Ok(()) } }.await?;
    opero! { retries: 2, min_delay: 1ms, attempt: n => async { if n < 3 { Err("busy") } else { Ok(n) } } }.await
}

#[test]
fn a_future_runs_on_this_thread_and_may_borrow() {
    let (here, polls, text) = (thread::current().id(), Rc::new(Cell::new(0)), String::from("borrowed"));
    let future = async {
        poll_fn(|context| {
            assert_eq!(thread::current().id(), here);
            polls.set(polls.get() + 1);
            context.waker().wake_by_ref();
            if polls.get() < 5 { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        &*text
    };
    assert_eq!((block_on(future), polls.get()), ("borrowed", 5));
    assert_eq!(map::block_on(async { 1 }), 1);
}

#[test]
fn a_panic_is_propagated_and_leaves_nothing_behind() {
    let caught = catch_unwind(AssertUnwindSafe(|| block_on(async { panic!("boom") })));
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"boom"));
    assert_eq!(watched("after a panic", || block_on(waits())), Ok(3));
}

#[test]
fn another_thread_may_wake_it() {
    let (sender, receiver) = futures_channel();
    let waker = thread::spawn(move || sender(7));
    assert_eq!(watched("woken from elsewhere", || block_on(receiver)), 7);
    waker.join().unwrap();
}

/// A channel for one value, from one thread to a future.
fn futures_channel() -> (impl FnOnce(u32) + Send, impl Future<Output = u32>) {
    let task = smol::channel::bounded(1);
    (move |value| task.0.send_blocking(value).unwrap(), async move { task.1.recv().await.unwrap() })
}

#[test]
fn a_call_waits_by_its_own_timer_in_each_runtime() {
    assert_eq!(watched("outside", || block_on(waits())), Ok(3));
    // In a task, which blocks its thread, whether that thread drives the timer or not.
    assert_eq!(watched("in a task", || runtime::block_on(async { block_on(waits()) })), Ok(3));
    let nested = || runtime::block_on(async { block_on(async { block_on(waits()) }) });
    assert_eq!(watched("in itself", nested), Ok(3));
}

#[test]
fn the_time_left_outside_is_known_inside() {
    let left = opero! { timeout: 1h => Ok::<_, String>(block_on(async { opero::time::remaining() })) };
    let left = left.unwrap().unwrap();
    assert!(left <= Duration::from_secs(3600) && left > Duration::from_secs(3000), "{left:?}");
}
