//! Ten thousand async calls that wait for one rate, in real time. The only test in this file, because it counts
//! threads.
#![cfg(feature = "async")]

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};

use opero::opero;
use opero::policy::Rate;
use smol::LocalExecutor;

const WAITERS: u32 = 10_000;
const FAST: Rate = Rate::new(100_000, Duration::from_secs(1));
const INTERVAL: Duration = Duration::from_micros(10);
/// The first caller takes so many permits that all are in the queue before the second is admitted.
const DEBT: u32 = 200_000;
/// How long the others wait for it.
const HEAD_START: Duration = Duration::from_secs(2);

/// What an admitted caller observed.
struct Passage {
    waiter: u32,
    at: Duration,
    polls: u32,
}

/// How far the clock may lag for the caller that need not wait.
const LAG: Duration = Duration::from_micros(2);

/// The threads of the process, if the system provides them.
fn threads() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}

/// Asserts what holds on a slow or busy machine: no caller is admitted before its time. These times are `INTERVAL`
/// apart, in order of arrival, so no caller takes the permit of another. A waiter is woken once, and at most once more.
/// No thread is started for waiters. How late they are admitted depends on the machine. If it is late, several have
/// their permits at once, and the executor decides which runs first; `--nocapture` shows it.
#[test]
fn ten_thousand_waiters_are_evenly_spaced_and_woken_once_each() {
    // The thread of the timer is started once for all timers of the process.
    smol::block_on(smol::Timer::after(Duration::from_millis(1)));
    let before = threads();
    let most = Cell::new(before);
    let passages = RefCell::new(Vec::with_capacity(WAITERS as usize));
    let executor = LocalExecutor::new();
    let start = Instant::now();
    let waiters: Vec<_> = (0..=WAITERS)
        .map(|waiter| {
            let (passages, most) = (&passages, &most);
            executor.spawn(async move {
                let burst = if waiter == 0 { DEBT } else { 1 };
                let ask = || opero! { rate: FAST, burst: burst => async move { Ok::<_, String>(start.elapsed()) } };
                for _ in 1..burst {
                    ask().await.expect("it is in the burst");
                }
                let mut call = pin!(ask());
                let mut polls = 0;
                let at = poll_fn(|context| {
                    polls += 1;
                    call.as_mut().poll(context)
                });
                let at = at.await.expect("nothing fails");
                passages.borrow_mut().push(Passage { waiter, at, polls });
                if waiter % 1000 == 0 {
                    most.set(most.get().max(threads()));
                }
            })
        })
        .collect();
    smol::block_on(executor.run(async {
        for waiter in waiters {
            waiter.await;
        }
    }));
    let passages = passages.take();

    let moment = |waiter: u32| HEAD_START + INTERVAL * waiter.saturating_sub(1);
    let first = passages[0].at;
    let latest = passages.iter().map(|passage| passage.at.saturating_sub(first + moment(passage.waiter))).max();
    let polls: u32 = passages.iter().map(|passage| passage.polls).sum();
    let overtaken = passages.windows(2).filter(|pair| pair[0].waiter > pair[1].waiter).count();
    let blocks: Vec<_> = passages[1..].chunks(1000).map(|block| block[999].at.saturating_sub(block[0].at)).collect();
    println!("each thousand takes {blocks:.2?}; the latest is {latest:?} late");
    println!("{overtaken} overtaken, {polls} polls, threads {before:?} and {:?}", most.get());

    for Passage { waiter, at, .. } in &passages {
        assert!(*waiter == 0 || *at + LAG >= moment(*waiter), "{waiter} came at {at:?}");
    }
    assert!(passages.iter().all(|passage| passage.polls <= 3), "{polls} polls");
    assert_eq!(most.get(), before, "no thread for those who wait");
}
