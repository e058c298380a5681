//! Threads that reserve, are refused and give up at the same time.

use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use loom::sync::Arc;
use loom::thread;

use super::Limiter;
use crate::policy::{Gcra, Rate};

const NOW: u64 = 1000;

fn gcra(burst: u32) -> Gcra {
    Gcra::new(Rate::new(1, Duration::from_nanos(100)), burst).expect("none is zero")
}

/// What a thread does with the slot it gets: the slot if it keeps it, `None` if it gives it back or is refused.
type Act = fn(&Limiter, &Gcra) -> Option<u64>;

const KEEP: Act = |limiter, gcra| {
    let held = limiter.reserve(gcra, NOW, u64::MAX).expect("no bound");
    let slot = held.slot();
    assert_eq!(slot, NOW + held.wait());
    held.keep();
    Some(slot)
};

const GIVE_UP: Act = |limiter, gcra| {
    drop(limiter.reserve(gcra, NOW, u64::MAX).expect("no bound"));
    None
};

const KEEP_WITHOUT_WAITING: Act = |limiter, gcra| match limiter.reserve(gcra, NOW, 0) {
    Ok(held) => {
        held.keep();
        Some(NOW)
    }
    Err(distance) => {
        assert!(distance > 0);
        None
    }
};

/// Runs the acts at once in every order there is, and judges the slots that were kept, and the one after them all.
fn in_every_order<const N: usize>(burst: u32, acts: [Act; N], judge: fn(Vec<u64>, u64)) {
    let mut orders = loom::model::Builder::new();
    // Two threads in all orders there are; three in all with three preemptions at most.
    orders.preemption_bound = (N > 2).then_some(3);
    orders.check(move || {
        let limiter = Arc::new(Limiter::new());
        // The word comes into being where it is first read, which has to be before there are threads.
        assert!(limiter.reserve(&gcra(burst), u64::MAX, 0).is_err());
        let threads = acts.map(|act| {
            let limiter = Arc::clone(&limiter);
            thread::spawn(move || act(&limiter, &gcra(burst)))
        });
        let mut kept: Vec<u64> = threads.into_iter().filter_map(|thread| thread.join().expect("no panic")).collect();
        kept.sort_unstable();
        let next = KEEP(&limiter, &gcra(burst)).expect("kept");
        judge(kept, next);
    });
}

#[test]
fn no_slot_is_given_twice() {
    in_every_order(1, [KEEP, KEEP], |kept, next| assert_eq!((kept, next), (vec![1000, 1100], 1200)));
    in_every_order(1, [KEEP, KEEP, KEEP], |kept, next| assert_eq!((kept, next), (vec![1000, 1100, 1200], 1300)));
}

#[test]
fn the_burst_is_given_once() {
    in_every_order(2, [KEEP, KEEP, KEEP], |kept, next| assert_eq!((kept, next), (vec![1000, 1000, 1100], 1200)));
}

#[test]
fn a_refusal_changes_nothing() {
    let acts = [KEEP_WITHOUT_WAITING, KEEP_WITHOUT_WAITING, KEEP_WITHOUT_WAITING];
    in_every_order(1, acts, |kept, next| assert_eq!((kept, next), (vec![1000], 1100)));
    in_every_order(2, acts, |kept, next| assert_eq!((kept, next), (vec![1000, 1000], 1100)));
}

#[test]
fn who_gives_up_costs_one_slot_at_most_and_gives_none_twice() {
    in_every_order(1, [KEEP, GIVE_UP], |kept, next| match kept[..] {
        [1000] => assert!(next == 1100 || next == 1200),
        [1100] => assert_eq!(next, 1200),
        _ => panic!("{kept:?}"),
    });
    in_every_order(1, [KEEP, KEEP, GIVE_UP], |kept, next| {
        assert!(kept[0] < kept[1] && kept[1] < next, "{kept:?}, {next}");
        assert!(next == 1200 || next == 1300, "{kept:?}, {next}");
    });
    in_every_order(1, [GIVE_UP, GIVE_UP, KEEP], |kept, next| {
        assert!(kept[0] < next && next <= 1300, "{kept:?}, {next}");
    });
}

#[test]
fn who_gives_up_next_to_a_refusal_leaves_a_slot_or_takes_it_along() {
    in_every_order(1, [GIVE_UP, KEEP_WITHOUT_WAITING], |kept, next| match kept[..] {
        [] => assert_eq!(next, 1000),
        [slot] => assert!(slot == 1000 && (next == 1100 || next == 1200)),
        _ => panic!("{kept:?}"),
    });
}
