use core::future::Future;
use core::pin::pin;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Poll, Waker};
use std::sync::OnceLock;

use super::super::flights::Joined;
use super::*;

const fn now() -> Duration {
    Duration::ZERO
}

fn fingerprint(n: u128) -> Fingerprint {
    Fingerprint::with(n, 0)
}

fn table<V: Clone>(capacity: usize) -> Table<V> {
    Table::new(capacity, Arc::default())
}

/// A task that runs.
fn runner<V: Clone>(table: &Table<V>, fingerprint: &Fingerprint) -> Turn<V> {
    match pin!(table.flights.join_async(fingerprint)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Joined::Runner(turn)) => turn,
        _ => panic!("another call runs"),
    }
}

#[test]
fn a_value_removed_or_cleared_during_its_run_goes_to_the_waiters_and_is_not_kept() {
    let removals: [fn(&Table<char>); 3] = [
        |table| assert!(!table.remove(&fingerprint(1), now)),
        |table| assert_eq!(table.clear(None), 0),
        |table| assert_eq!(table.clear(Some(0)), 0),
    ];
    for remove in removals {
        let (table, key) = (table(10), fingerprint(1));
        let turn = runner(&table, &key);
        let mut waiter = pin!(table.flights.join_async(&key));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiter.as_mut().poll(&mut context).is_pending());
        remove(&table);
        let newcomer = runner(&table, &key);
        assert!(newcomer.is_current() && !turn.is_current());
        table.land(key, turn, 'a', Lifespan::ENDLESS);
        assert!(matches!(waiter.poll(&mut context), Poll::Ready(Joined::Landed('a'))));
        assert_eq!(table.get(&key, now), None);
        table.land(key, newcomer, 'b', Lifespan::ENDLESS);
        assert_eq!(table.get(&key, now), Some('b'));
    }
}

#[test]
fn another_namespace_may_be_cleared_meanwhile() {
    let (table, key) = (table(10), fingerprint(1));
    let turn = runner(&table, &key);
    table.clear(Some(1));
    table.land(key, turn, 'a', Lifespan::ENDLESS);
    assert_eq!(table.get(&key, now), Some('a'));
}

#[test]
fn a_value_set_while_the_body_runs_is_kept() {
    let (table, key) = (table(10), fingerprint(1));
    let turn = runner(&table, &key);
    table.insert(key, 'a', Lifespan::ENDLESS);
    table.land(key, turn, 'b', Lifespan::ENDLESS);
    assert_eq!(table.get(&key, now), Some('a'));
}

#[test]
fn only_an_entry_that_makes_room_counts_as_evicted() {
    for capacity in [1, 2, 8] {
        let table = table(capacity);
        for n in [0, 0, 1, 1] {
            table.insert(fingerprint(n), n, Lifespan::ENDLESS);
        }
        assert_eq!(table.counters.stats().evictions, u64::from(capacity == 1), "in a table for {capacity}");
        for n in 2..100 {
            table.land(fingerprint(n), runner(&table, &fingerprint(n)), n, Lifespan::ENDLESS);
        }
        assert_eq!(table.counters.stats().evictions, 100 - capacity as u64, "in a table for {capacity}");
        assert_eq!(table.len(), capacity);
    }
}

/// A value that uses its table when it is dropped, and records whether that worked.
#[derive(Clone)]
struct Reentrant(Arc<(OnceLock<Table<Reentrant>>, AtomicBool)>);

impl Drop for Reentrant {
    fn drop(&mut self) {
        let (table, was_locked) = &*self.0;
        if table.get().is_some_and(|table| table.entries.try_contains_key(&fingerprint(0)).is_err()) {
            was_locked.store(true, Relaxed);
        }
    }
}

#[test]
fn a_value_may_use_the_cache_when_it_is_dropped() {
    let shared = Arc::new((OnceLock::new(), AtomicBool::new(false)));
    let value = || Reentrant(shared.clone());
    let table = shared.0.get_or_init(|| table(2));
    let end = Duration::from_nanos(1);
    let short = Lifespan::new(Duration::ZERO, Some(end));
    for n in 0..5 {
        table.insert(fingerprint(n), value(), Lifespan::ENDLESS);
        table.insert(fingerprint(n), value(), Lifespan::ENDLESS);
        let key = fingerprint(n + 10);
        table.land(key, runner(table, &key), value(), Lifespan::ENDLESS);
    }
    table.clear(Some(0));
    table.insert(fingerprint(1), value(), short);
    assert!(table.get(&fingerprint(1), || end).is_none());
    table.insert(fingerprint(1), value(), short);
    assert!(table.remove(&fingerprint(1), now));
    assert!(!shared.1.load(Relaxed));
    assert_eq!(Arc::strong_count(&shared), 1, "all are dropped");
}

/// A clock may be the user's code, which may use the cache.
#[test]
fn no_lock_is_held_while_the_clock_is_read() {
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (table, key) = (table(10), fingerprint(1));
        table.insert(key, 'a', Lifespan::new(Duration::ZERO, Some(Duration::from_secs(1))));
        let now = || {
            table.insert(fingerprint(2), 'b', Lifespan::ENDLESS);
            Duration::from_secs(1)
        };
        assert_eq!(table.get(&key, now), None);
        assert!(table.remove(&fingerprint(2), || Duration::ZERO) && table.len() == 0);
        done.send(()).expect("the test waits");
    });
    is_done.recv_timeout(Duration::from_secs(60)).expect("it would wait for itself forever");
}
