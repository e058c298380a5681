//! A pool of connections: each is used by one thread at a time.

use alloc::vec::Vec;
use core::cell::Cell;
use core::time::Duration;
use std::time::Instant;

use crate::sync::{Condvar, Mutex, lock, wait_timeout};

/// A pool with a maximum size.
#[derive(Debug)]
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    is_back: Condvar,
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    idle: Vec<T>,
    /// The number of connections, including those that are lent.
    there: usize,
    /// The number of waiters. Waking when there is none would be a wasted system call.
    waiting: usize,
    /// Connections of an earlier generation are not lent again.
    generation: u64,
}

/// Why nothing was lent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unlent<E> {
    /// All were in use for the whole timeout.
    InUse,
    /// A new one could not be created.
    Unmade(E),
}

impl<T> Pool<T> {
    pub(super) fn new(most: usize, first: T) -> Self {
        let state = State { idle: Vec::from([first]), there: 1, waiting: 0, generation: 0 };
        Pool { state: Mutex::new(state), is_back: Condvar::new(), most }
    }

    /// Runs `work` with an idle item, a new one, or the first that is returned. It also gets the time left of
    /// `timeout`.
    pub(super) fn with<R, E>(
        &self,
        timeout: Duration,
        make: impl FnOnce() -> Result<T, E>,
        work: impl FnOnce(&mut T, Duration) -> R,
    ) -> Result<R, Unlent<E>> {
        let (place, one, left) = self.take(timeout)?;
        let mut one = match one {
            Some(one) => one,
            None => make().map_err(Unlent::Unmade)?,
        };
        let outcome = work(&mut one, left);
        place.give_back(one);
        Ok(outcome)
    }

    /// Returns an idle item, or a place for a new one.
    fn take<E>(&self, timeout: Duration) -> Result<(Place<'_, T>, Option<T>, Duration), Unlent<E>> {
        let mut state = lock(&self.state);
        let mut since = None;
        loop {
            let left = since.map_or(timeout, |since: Instant| timeout.saturating_sub(since.elapsed()));
            let one = state.idle.pop();
            if one.is_some() || state.there < self.most {
                state.there += usize::from(one.is_none());
                return Ok((Place { pool: self, generation: state.generation, is_kept: Cell::new(false) }, one, left));
            }
            if left.is_zero() {
                return Err(Unlent::InUse);
            }
            since.get_or_insert_with(Instant::now);
            state.waiting += 1;
            state = wait_timeout(&self.is_back, state, left);
            state.waiting -= 1;
        }
    }

    /// Starts a new generation: no existing item is lent again.
    pub(super) fn renew(&self) {
        let mut state = lock(&self.state);
        state.generation += 1;
        let old = core::mem::take(&mut state.idle);
        state.there -= old.len();
        drop(state);
        self.is_back.notify_all();
        // Closing a connection takes time, so it happens outside of the lock.
        drop(old);
    }
}

/// A place in a pool. Dropping it frees the place, also during a panic; then the item is not reused.
struct Place<'p, T> {
    pool: &'p Pool<T>,
    generation: u64,
    is_kept: Cell<bool>,
}

impl<T> Place<'_, T> {
    fn give_back(self, one: T) {
        let mut state = lock(&self.pool.state);
        if self.generation == state.generation {
            state.idle.push(one);
            self.is_kept.set(true);
        }
        self.wake(&state);
    }

    fn wake(&self, state: &State<T>) {
        if state.waiting > 0 {
            self.pool.is_back.notify_one();
        }
    }
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        if !self.is_kept.get() {
            let mut state = lock(&self.pool.state);
            state.there -= 1;
            self.wake(&state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::thread;

    const LONG: Duration = Duration::from_secs(60);

    fn ask(pool: &Pool<u32>, timeout: Duration) -> Result<u32, Unlent<&str>> {
        pool.with(timeout, || Ok(2), |one, _| *one)
    }

    #[test]
    fn an_item_is_created_if_none_is_idle_and_kept() {
        let pool = Pool::new(2, 1);
        assert_eq!(ask(&pool, LONG), Ok(1));
        let both = pool.with::<_, &str>(LONG, || Ok(3), |first, _| (*first, ask(&pool, LONG)));
        assert_eq!(both, Ok((1, Ok(2))));
        let none = pool.with::<_, &str>(
            LONG,
            || Ok(3),
            |_, _| pool.with::<_, &str>(LONG, || Ok(3), |_, _| ask(&pool, Duration::ZERO)).unwrap(),
        );
        assert_eq!(none, Ok(Err(Unlent::InUse)));
    }

    #[test]
    fn a_waiter_gets_the_item_that_is_returned() {
        let pool = Pool::new(1, 1);
        thread::scope(|scope| {
            let waiting = pool.with::<_, &str>(LONG, || Ok(3), |_, _| scope.spawn(|| ask(&pool, LONG)));
            assert_eq!(waiting.unwrap().join().unwrap(), Ok(1));
        });
    }

    #[test]
    fn a_place_is_free_after_a_failure_and_after_a_panic() {
        let pool = Pool::new(1, 1);
        pool.renew();
        for _ in 0..3 {
            assert_eq!(pool.with(LONG, || Err("no"), |one: &mut u32, _| *one), Err(Unlent::Unmade("no")));
            let panicking = || pool.with::<(), &str>(LONG, || Ok(1), |_, _| panic!("on purpose"));
            assert!(std::panic::catch_unwind(core::panic::AssertUnwindSafe(panicking)).is_err());
        }
        assert_eq!(ask(&pool, LONG), Ok(2));
    }

    #[test]
    fn an_item_lent_before_a_renewal_is_not_lent_again() {
        let pool = Pool::new(1, 1);
        let _ = pool.with::<_, &str>(LONG, || Ok(3), |_, _| pool.renew());
        assert_eq!(ask(&pool, LONG), Ok(2));
    }
}
