//! Which bodies a thread is inside of, so that no call waits for itself.

use alloc::vec::Vec;
use core::cell::RefCell;
use core::hash::BuildHasherDefault;
use std::collections::HashMap;
use std::hash::DefaultHasher;
// A system lock in models too: it is in a static, and nothing that a model watches happens under it.
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::sync::thread_local;

/// A body that this thread runs for a blocking call, or polls for an async one, by the number of its flight.
///
/// Whatever this thread does meanwhile happens inside the body. If it waited for the flight, it would wait for
/// itself.
#[derive(Debug)]
pub(super) struct Running(usize);

thread_local! {
    static RUNNING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

impl Running {
    pub(super) fn new(flight: usize) -> Self {
        // A thread that is ending has no list any more; its bodies are not recorded.
        let _ = RUNNING.try_with(|running| running.borrow_mut().push(flight));
        Running(flight)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = RUNNING.try_with(|running| {
            let mut running = running.borrow_mut();
            if let Some(last) = running.iter().rposition(|flight| *flight == self.0) {
                running.remove(last);
            }
        });
    }
}

/// Is this thread inside the body of this flight?
pub(super) fn is_inside(flight: usize) -> bool {
    RUNNING.try_with(|running| running.borrow().contains(&flight)).unwrap_or(false)
}

/// Is this thread inside a body for which `is_such` is true?
pub(super) fn any_around(is_such: impl Fn(usize) -> bool) -> bool {
    RUNNING.try_with(|running| running.borrow().iter().any(|body| is_such(*body))).unwrap_or(false)
}

/// Does a body for which `is_such` is true wait, directly or indirectly, for this thread or for this flight?
pub(super) fn any_that_waits(flight: usize, is_such: impl Fn(usize) -> bool) -> bool {
    let mut ahead = RUNNING.try_with(|running| running.borrow().clone()).unwrap_or_default();
    ahead.push(flight);
    let (waits, mut seen) = (waits(), Vec::new());
    while let Some(next) = ahead.pop() {
        if is_such(next) {
            return true;
        }
        if !seen.contains(&next) {
            seen.push(next);
            ahead.extend(waits.iter().filter(|(_, flights)| flights.contains(&next)).map(|(body, _)| *body));
        }
    }
    false
}

/// The bodies that a thread is inside of.
#[cfg(any(feature = "map", feature = "unblock"))]
#[derive(Debug)]
pub(crate) struct Bodies(Vec<usize>);

#[cfg(any(feature = "map", feature = "unblock"))]
impl Bodies {
    /// Returns those of this thread.
    pub(crate) fn here() -> Self {
        Bodies(RUNNING.try_with(|running| running.borrow().clone()).unwrap_or_default())
    }

    /// Is this thread inside any body?
    #[cfg(feature = "rayon")]
    pub(crate) fn are_here() -> bool {
        RUNNING.try_with(|running| !running.borrow().is_empty()).unwrap_or(false)
    }

    /// Puts this thread inside of them until the guard is dropped: they wait for its work.
    pub(crate) fn enter(&self) -> impl Drop + use<> {
        self.0.iter().map(|flight| Running::new(*flight)).collect::<Vec<_>>()
    }
}

/// What each body waits for, by the numbers of their flights. A wait outside of all bodies cannot be part of a cycle:
/// no body waits for it.
static WAITS: Mutex<Waits> = Mutex::new(HashMap::with_hasher(BuildHasherDefault::new()));

type Waits = HashMap<usize, Vec<usize>, BuildHasherDefault<DefaultHasher>>;

fn waits() -> MutexGuard<'static, Waits> {
    WAITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records that the bodies this thread is inside of wait for a flight.
#[derive(Debug)]
pub(super) struct Waiting {
    bodies: Vec<usize>,
    flight: usize,
}

/// Records that this thread, or the task it polls, waits for a flight. `None` if the wait would never end: the flight
/// waits, directly or indirectly, for a body that this thread is inside of.
///
/// The last call to join a cycle finds it closed, and runs instead.
pub(super) fn wait_for(flight: usize) -> Option<Waiting> {
    let bodies = RUNNING.try_with(|running| running.borrow().clone()).unwrap_or_default();
    if bodies.is_empty() {
        return Some(Waiting { bodies, flight });
    }
    let mut waits = waits();
    let (mut ahead, mut seen) = (Vec::from([flight]), Vec::new());
    while let Some(next) = ahead.pop() {
        if bodies.contains(&next) {
            return None;
        }
        if !seen.contains(&next) {
            seen.push(next);
            ahead.extend(waits.get(&next).into_iter().flatten());
        }
    }
    for body in &bodies {
        waits.entry(*body).or_default().push(flight);
    }
    Some(Waiting { bodies, flight })
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.bodies.is_empty() {
            return;
        }
        let mut waits = waits();
        for body in &self.bodies {
            let Some(flights) = waits.get_mut(body) else { continue };
            if let Some(place) = flights.iter().position(|flight| *flight == self.flight) {
                flights.swap_remove(place);
            }
            if flights.is_empty() {
                waits.remove(body);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn a_body_is_recorded_on_its_thread_until_it_ends() {
        let outer = Running::new(11);
        let inner = Running::new(12);
        assert!(is_inside(11) && is_inside(12) && !is_inside(13));
        assert!(!thread::spawn(|| is_inside(11)).join().unwrap());
        assert!(wait_for(11).is_none() && wait_for(12).is_none() && wait_for(13).is_some());
        drop(inner);
        assert!(is_inside(11) && !is_inside(12));
        drop(outer);
        assert!(wait_for(11).is_some());
    }

    #[test]
    fn a_body_may_wait_for_several_flights() {
        let outer = Running::new(41);
        let (first, second, again) = (wait_for(42), wait_for(43), wait_for(42));
        drop(outer);
        for flight in [42, 43, 42] {
            let _running = Running::new(flight);
            assert!(wait_for(41).is_none());
        }
        drop((first, second));
        let _running = Running::new(43);
        assert!(wait_for(41).is_some(), "nothing waits for 43");
        let _running = Running::new(42);
        assert!(wait_for(41).is_none());
        drop(again);
        assert!(wait_for(41).is_some() && !super::waits().contains_key(&41));
    }

    #[test]
    fn a_body_that_panics_has_ended() {
        let panicked = std::panic::catch_unwind(|| {
            let _outer = Running::new(21);
            let _inner = Running::new(22);
            panic!("on purpose");
        });
        assert!(panicked.is_err() && !is_inside(21) && !is_inside(22));
    }

    /// A thread that is inside of `body` and waits for `flight` until the returned closure is called.
    fn waits(body: usize, flight: usize) -> impl FnOnce() -> bool {
        let ((tell, told), (go, may_go)) = (channel(), channel::<()>());
        let thread = thread::spawn(move || {
            let _running = Running::new(body);
            let waiting = wait_for(flight);
            tell.send(()).unwrap();
            may_go.recv().unwrap();
            waiting.is_some()
        });
        told.recv().unwrap();
        move || {
            go.send(()).unwrap();
            thread.join().unwrap()
        }
    }

    #[test]
    fn the_last_to_wait_finds_the_cycle_closed() {
        let threads = [waits(31, 32), waits(32, 33), waits(34, 31)];
        let running = Running::new(33);
        for flight in [31, 32, 34] {
            assert!(wait_for(flight).is_none(), "{flight} waits for 33");
        }
        assert!(wait_for(35).is_some());
        assert!(threads.into_iter().all(|go_on| go_on()));
        assert!(wait_for(31).is_some(), "there is no cycle any more");
        drop(running);
    }
}
