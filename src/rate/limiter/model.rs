//! Threads that ask, wait, are refused and leave concurrently.

use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::time::Duration;

use shuttle::thread;

use super::*;
use crate::sync::AtomicBool;
use crate::sync::shuttle::{by_chance, check};

/// One permit every 100 ns, no burst.
const GCRA: Gcra = Gcra::new(Rate::new(1, Duration::from_nanos(100)), 1).expect("none is zero");

/// A limiter, and a clock that the waiters advance.
struct World {
    limiter: Limiter,
    now: AtomicU64,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(World { limiter: Limiter::new(), now: AtomicU64::new(1000) })
    }

    fn now(&self) -> u64 {
        self.now.load(Relaxed)
    }

    /// Returns when a call that asks after all of them gets its permit.
    fn next(&self) -> u64 {
        match self.limiter.join(&GCRA, 0, u64::MAX - 1) {
            Joined::Free => 0,
            Joined::Waits(mut place) => {
                let due = place.look(0, Waker::noop()).expect("time stands at 0");
                place.leave(0);
                due
            }
            Joined::TooFar(wait) => wait,
        }
    }
}

/// A waker that records that it was called.
#[derive(Default)]
struct Told(AtomicBool);

impl Wake for Told {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// The action of a thread. Returns whether it used a permit.
type Act = fn(&World) -> bool;

const WAIT: Act = |world| {
    if world.limiter.take(&GCRA, world.now()).is_ok() {
        return true;
    }
    match world.limiter.join(&GCRA, world.now(), u64::MAX - 1) {
        Joined::Free => {}
        Joined::Waits(mut place) => {
            let told = Arc::<Told>::default();
            let waker = Waker::from(told.clone());
            while let Some(due) = place.look(world.now(), &waker) {
                // It is woken, or its timer fires, which advances the time.
                if !told.0.swap(false, Relaxed) {
                    world.now.fetch_max(due, Relaxed);
                }
            }
        }
        Joined::TooFar(wait) => panic!("{wait}"),
    }
    true
};

const LEAVE: Act = |world| {
    if let Joined::Waits(mut place) = world.limiter.join(&GCRA, world.now(), u64::MAX - 1) {
        if by_chance(0.5) {
            let _ = place.look(world.now(), Waker::noop());
        }
        place.leave(world.now());
        return false;
    }
    true
};

const CHECK: Act = |world| world.limiter.take(&GCRA, world.now()).is_ok();

/// Runs the actions concurrently. Returns how many permits were used, the time, and when the next permit is due.
fn run<const N: usize>(acts: [Act; N]) -> (u64, u64, u64) {
    let world = World::new();
    let threads = acts.map(|act| {
        let world = world.clone();
        thread::spawn(move || act(&world))
    });
    let used: Vec<bool> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    let used = used.into_iter().map(u64::from).sum();
    (used, world.now(), world.next())
}

#[test]
fn each_waiter_gets_its_own_permit() {
    check(|| assert_eq!(run([WAIT, WAIT, WAIT]), (3, 1200, 1300)));
}

#[test]
fn a_waiter_that_leaves_takes_no_permit_unless_it_was_due() {
    check(|| {
        let (used, now, next) = run([WAIT, WAIT, LEAVE]);
        // The one that leaves may also have been the first, and got its permit at once.
        assert!(used == 2 && (next == 1200 || next == 1300) || used == 3 && next == 1300, "{used}, {now}, {next}");
        assert!(next <= now + 200, "{used}, {now}, {next}");
    });
    check(|| {
        let (used, now, next) = run([LEAVE, LEAVE, LEAVE]);
        assert_eq!((used, now, next), (1, 1000, 1100));
    });
}

#[test]
fn a_check_finds_a_permit_or_changes_nothing() {
    check(|| assert_eq!(run([CHECK, CHECK, CHECK]), (1, 1000, 1100)));
    check(|| {
        let (used, now, next) = run([WAIT, CHECK, LEAVE]);
        assert!((1..=3).contains(&used) && next <= now + 200 && next >= 1000 + 100 * used, "{used}, {now}, {next}");
    });
}

#[test]
fn a_waiter_that_polls_while_another_leaves_is_woken() {
    check(|| {
        let world = World::new();
        assert!(CHECK(&world));
        let places = [(); 2].map(|()| world.limiter.join(&GCRA, 1000, u64::MAX - 1));
        let [Joined::Waits(mut first), Joined::Waits(mut second)] = places else { panic!("the permit is taken") };
        let told = Arc::<Told>::default();
        let waker = Waker::from(told.clone());
        assert_eq!(second.look(1000, &waker), Some(1200));
        let due = thread::scope(|scope| {
            scope.spawn(|| first.leave(1000));
            second.look(1000, &waker)
        });
        assert!(due == Some(1100) || told.0.load(Relaxed), "{due:?}");
        assert_eq!(second.look(1000, &waker), Some(1100));
        second.leave(1000);
    });
}
