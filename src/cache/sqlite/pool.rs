//! Connections that threads share: each has one for itself while it asks.

use alloc::vec::Vec;
use core::cell::Cell;
use core::time::Duration;
use std::time::Instant;

use crate::sync::{Condvar, Mutex, lock, wait_timeout};

/// At most so many of a kind.
#[derive(Debug)]
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    is_back: Condvar,
    most: usize,
}

#[derive(Debug)]
struct State<T> {
    idle: Vec<T>,
    /// How many there are, lent ones too.
    there: usize,
    /// How many wait. To wake nobody would be a system call for nothing.
    waiting: usize,
    /// Those of an earlier generation are not lent again.
    generation: u64,
}

/// Why nothing was lent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unlent<E> {
    /// All were in use for as long as one would wait.
    InUse,
    /// A new one could not be made.
    Unmade(E),
}

impl<T> Pool<T> {
    pub(super) fn new(most: usize, first: T) -> Self {
        let state = State { idle: Vec::from([first]), there: 1, waiting: 0, generation: 0 };
        Pool { state: Mutex::new(state), is_back: Condvar::new(), most }
    }

    /// Does something with one that is idle, or a new one, or the first that is given back. What is left of `timeout` comes
    /// with it.
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

    /// One that is idle, or a place for a new one.
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

    /// None of those that are there is lent again.
    pub(super) fn renew(&self) {
        let mut state = lock(&self.state);
        state.generation += 1;
        let old = core::mem::take(&mut state.idle);
        state.there -= old.len();
        drop(state);
        self.is_back.notify_all();
        // To close a connection takes time.
        drop(old);
    }
}

/// A place in a pool. It is free again when this is dropped, by a panic too; what was lent is not used after one.
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
    fn one_is_made_where_none_is_idle_and_kept() {
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
    fn who_waits_gets_what_is_given_back() {
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
    fn what_is_lent_while_the_pool_is_renewed_is_not_lent_again() {
        let pool = Pool::new(1, 1);
        let _ = pool.with::<_, &str>(LONG, || Ok(3), |_, _| pool.renew());
        assert_eq!(ask(&pool, LONG), Ok(2));
    }
}
