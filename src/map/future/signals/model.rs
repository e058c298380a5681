//! Model tests of wakers that other threads wake while the task checks which were woken.

use core::task::{Poll, Waker};

use loom::sync::{Arc, atomic};
use loom::{future, thread};

use super::Signals;
use crate::sync::Ordering::Relaxed;

/// Each thread does some work for each of its numbers and wakes that number. The task waits until it has seen all the
/// work.
///
/// A lost wake-up is a deadlock here. So is a task that is woken and does not see the work done before.
fn in_every_order<const N: usize>(threads: [&'static [usize]; N]) {
    let mut orders = loom::model::Builder::new();
    // A larger bound takes minutes.
    orders.preemption_bound = Some(if N > 2 { 1 } else { 2 });
    orders.check(move || {
        let mut signals = Signals::new(2);
        let done = Arc::new([0, 0].map(atomic::AtomicUsize::new));
        let workers = threads.map(|numbers| {
            let wakers = [0, 1].map(|number| signals.waker(number).clone());
            let done = Arc::clone(&done);
            thread::spawn(move || {
                for &number in numbers {
                    done[number].fetch_add(1, Relaxed);
                    wakers[number].wake_by_ref();
                }
            })
        });
        let all = [0, 1].map(|number| threads.concat().iter().filter(|&&woken| woken == number).count());
        let (mut seen, mut looks) = ([0; 2], [0; 2]);
        future::block_on(core::future::poll_fn(|context| {
            signals.register(context.waker());
            while let Some(number) = signals.next() {
                looks[number] += 1;
                seen[number] = done[number].load(Relaxed);
            }
            if seen == all { Poll::Ready(()) } else { Poll::Pending }
        }));
        assert!(
            looks[0] <= all[0] && looks[1] <= all[1],
            "{looks:?} for {all:?}: a number was returned without a wake-up"
        );
        for worker in workers {
            worker.join().expect("no panic");
        }
    });
}

#[test]
fn no_wake_up_is_lost() {
    in_every_order([&[0], &[1]]);
    in_every_order([&[0], &[0], &[1]]);
}

#[test]
fn a_number_woken_again_is_returned_again() {
    in_every_order([&[0, 0]]);
    in_every_order([&[0, 0], &[0]]);
    in_every_order([&[0, 1], &[1, 0]]);
}

#[test]
fn a_waker_may_outlive_the_task() {
    loom::model(|| {
        let signals = Signals::new(1);
        let waker = signals.waker(0).clone();
        signals.register(Waker::noop());
        let late = thread::spawn(move || waker.wake());
        drop(signals);
        late.join().expect("no panic");
    });
}
