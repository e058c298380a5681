//! Single-flight: of the calls that miss one key together one runs, and the others wait in the order they came.
//!
//! A flight is a run and the queue of its waiters, threads and tasks alike. It is found by its key for as long as it
//! is *current*. A [`clear`](Flights::clear) or a [`remove`](Flights::remove) detaches it: calls that already wait
//! still get its value, and later calls begin another flight.
//!
//! There are two locks: that of the keys is taken first, then that of a flight. Under them no waker runs, and no code
//! of a value but its `Clone`.

use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::any::TypeId;
use core::future::poll_fn;
use core::hash::BuildHasherDefault;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};

use super::key::Fingerprint;
use super::queue::{Left, Progress, Queue, Ticket};
use super::running::{self, Running};
use super::store_id::{self, StoreId};
use crate::key::PassOn;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, wait, wait_timeout};

/// The flights of one store, or of the entries of one use.
#[derive(Debug)]
pub struct Flights<V> {
    by_key: Mutex<ByKey<V>>,
    /// Where other calls find these flights.
    home: Option<Home>,
}

type ByKey<V> = HashMap<Fingerprint, Current<V>, BuildHasherDefault<PassOn>>;

/// A store, and the type of the values.
pub(super) type Home = (StoreId, TypeId);

#[derive(Debug)]
struct Current<V> {
    flight: Arc<Flight<V>>,
    /// Has a value been inserted by hand since the run began?
    is_overtaken: bool,
}

type Flight<V> = Mutex<Queue<V>>;

/// The result of joining a flight.
#[derive(Debug)]
pub(super) enum Joined<V> {
    /// Another call has run the body.
    Landed(V),
    /// This call runs the body.
    Runner(Turn<V>),
}

impl<V> Flights<V> {
    pub(super) fn new(home: Option<Home>) -> Arc<Self> {
        Arc::new(Flights { by_key: Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())), home })
    }

    fn by_key(&self) -> MutexGuard<'_, ByKey<V>> {
        lock(&self.by_key)
    }

    /// Detaches the run for this key: its value is not kept.
    pub(super) fn remove(&self, fingerprint: &Fingerprint) {
        let removed = self.by_key().remove(fingerprint);
        drop(removed);
    }

    /// Detaches the runs of a namespace, or all.
    pub(super) fn clear(&self, namespace: Option<u64>) {
        let mut removed = Vec::new();
        self.by_key().retain(|fingerprint, current| {
            let is_left = namespace.is_some_and(|namespace| namespace != fingerprint.namespace);
            if !is_left {
                removed.push(current.flight.clone());
            }
            is_left
        });
    }

    /// A value is inserted by hand: the run that is under way for this key must not replace it.
    pub(super) fn overtake(&self, fingerprint: &Fingerprint) {
        if let Some(current) = self.by_key().get_mut(fingerprint) {
            current.is_overtaken = true;
        }
    }

    /// Begins a run, or joins the queue of the one that is under way.
    fn enter(self: &Arc<Self>, fingerprint: &Fingerprint, waker: impl FnOnce() -> Waker) -> Result<Turn<V>, Seat<V>> {
        match self.by_key().entry(*fingerprint) {
            Occupied(place) => {
                let flight = place.get().flight.clone();
                let ticket = lock(&flight).join(waker());
                Err(Seat { place: Some(self.place(fingerprint, flight)), ticket })
            }
            Vacant(place) => {
                let flight = Arc::new(Flight::new(Queue::new()));
                place.insert(Current { flight: flight.clone(), is_overtaken: false });
                Ok(Turn::new(self.place(fingerprint, flight)))
            }
        }
    }

    fn place(self: &Arc<Self>, fingerprint: &Fingerprint, flight: Arc<Flight<V>>) -> Place<V> {
        Place { flights: self.clone(), flight, fingerprint: *fingerprint }
    }
}

impl<V: Clone> Flights<V> {
    /// Runs, or blocks until the run of this key is done.
    pub(super) fn join(self: &Arc<Self>, fingerprint: &Fingerprint) -> Joined<V> {
        match self.join_within(fingerprint, || None) {
            Some(joined) => joined,
            None => unreachable!("there is no end to wait for"),
        }
    }

    /// Like `join`, but waits only while there is time `left`. `None` if that ends first.
    ///
    /// A call that would wait for itself, directly or through a cycle, runs alone.
    pub(super) fn join_within(
        self: &Arc<Self>,
        fingerprint: &Fingerprint,
        left: impl Fn() -> Option<Duration>,
    ) -> Option<Joined<V>> {
        let mut bell = None;
        let mut seat = match self.enter(fingerprint, || bell.insert(Arc::<Bell>::default()).clone().into()) {
            Ok(turn) => return Some(Joined::Runner(turn.on_this_thread())),
            Err(seat) => seat,
        };
        let bell = bell.unwrap_or_default();
        let waker = Waker::from(bell.clone());
        let waiting = running::wait_for(seat.id());
        loop {
            match seat.poll(&waker) {
                Poll::Ready(Joined::Runner(turn)) => return Some(Joined::Runner(turn.on_this_thread())),
                Poll::Ready(landed) => return Some(landed),
                Poll::Pending if waiting.is_none() => return Some(Joined::Runner(Turn::alone())),
                Poll::Pending => {}
            }
            match left() {
                Some(left) if left.is_zero() => return None,
                left => bell.wait(left),
            }
        }
    }

    /// Runs, or waits until the run of this key is done.
    ///
    /// # Cancel safety
    /// If the future is dropped, it leaves the queue; if it was already its turn, the turn passes to the next.
    pub(super) async fn join_async(self: &Arc<Self>, fingerprint: &Fingerprint) -> Joined<V> {
        let mut waits = None;
        poll_fn(|context| {
            let (seat, waiting) = match &mut waits {
                Some(waits) => waits,
                None => match self.enter(fingerprint, || context.waker().clone()) {
                    Ok(turn) => return Poll::Ready(Joined::Runner(turn)),
                    Err(seat) => {
                        let waiting = running::wait_for(seat.id());
                        waits.insert((seat, waiting))
                    }
                },
            };
            match seat.poll(context.waker()) {
                // The surrounding body would wait for itself.
                Poll::Pending if waiting.is_none() || running::is_inside(seat.id()) => {
                    Poll::Ready(Joined::Runner(Turn::alone()))
                }
                joined => joined,
            }
        })
        .await
    }
}

impl<V> Drop for Flights<V> {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            store_id::leave(home);
        }
    }
}

/// A flight, and its key.
#[derive(Debug)]
struct Place<V> {
    flights: Arc<Flights<V>>,
    flight: Arc<Flight<V>>,
    fingerprint: Fingerprint,
}

impl<V> Place<V> {
    /// Returns a number that identifies the flight for as long as it lives.
    fn id(&self) -> usize {
        Arc::as_ptr(&self.flight).addr()
    }

    fn is_of(&self, current: &Current<V>) -> bool {
        Arc::ptr_eq(&self.flight, &current.flight)
    }

    /// The run has ended without a value: the first waiter runs next. Its run begins after whatever detached the
    /// flight, so it is current again, unless there is another.
    fn pass_on(&self) {
        let mut by_key = self.flights.by_key();
        let next = lock(&self.flight).next_turn();
        match (&next, by_key.entry(self.fingerprint)) {
            (Some(_), Vacant(place)) => {
                place.insert(Current { flight: self.flight.clone(), is_overtaken: false });
            }
            (Some(_), Occupied(mut place)) if self.is_of(place.get()) => place.get_mut().is_overtaken = false,
            (None, Occupied(place)) if self.is_of(place.get()) => drop(place.remove()),
            _ => {}
        }
        drop(by_key);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}

/// The right and the duty to run the body for a key. If it is dropped without a value, it passes to the first waiter.
#[derive(Debug)]
pub struct Turn<V> {
    /// `None` if the run is for its own call only.
    place: Option<Place<V>>,
    running: Option<Running>,
}

impl<V> Turn<V> {
    const fn new(place: Place<V>) -> Self {
        Turn { place: Some(place), running: None }
    }

    /// A turn outside of any flight: no other call waits for its value, and the value is not cached.
    pub(super) const fn alone() -> Self {
        Turn { place: None, running: None }
    }

    /// Marks the body as run by this thread until the turn ends.
    fn on_this_thread(mut self) -> Self {
        self.running = self.polled();
        self
    }

    /// Held while the body is polled: whatever the thread does meanwhile is inside the body.
    pub(super) fn polled(&self) -> Option<Running> {
        self.place.as_ref().map(|place| Running::new(place.id()))
    }

    /// Returns a number that identifies the flight for as long as it lives; `None` if the run is for its own call
    /// only.
    pub(super) fn flight(&self) -> Option<usize> {
        self.place.as_ref().map(Place::id)
    }

    /// Will its value be kept?
    pub(super) fn is_current(&self) -> bool {
        self.place.as_ref().is_some_and(|place| {
            let by_key = place.flights.by_key();
            by_key.get(&place.fingerprint).is_some_and(|current| place.is_of(current) && !current.is_overtaken)
        })
    }
}

impl<V: Clone> Turn<V> {
    /// Gives the value to all waiters, and to `keep` if it is to be kept: no `clear` or `remove` comes in between.
    /// The result of `keep` is dropped outside of the locks. Returns whether the run is still current.
    pub(super) fn land<R>(self, value: V, keep: impl FnOnce(V) -> R) -> bool {
        let copy = value.clone();
        self.end(value, copy, keep)
    }

    /// Gives the value to all waiters. Returns whether the run is still current.
    pub(super) fn share(self, value: V) -> bool {
        self.end(value, (), drop)
    }

    fn end<K, R>(mut self, value: V, copy: K, keep: impl FnOnce(K) -> R) -> bool {
        let Some(place) = self.place.take() else { return false };
        let mut copy = Some(copy);
        let mut by_key = place.flights.by_key();
        let current = match by_key.entry(place.fingerprint) {
            Occupied(current) if place.is_of(current.get()) => Some(current.remove()),
            _ => None,
        };
        let is_kept = current.as_ref().is_some_and(|current| !current.is_overtaken);
        let kept = if is_kept { copy.take().map(keep) } else { None };
        drop(by_key);
        let waiting = lock(&place.flight).land(value);
        waiting.for_each(Waker::wake);
        drop((kept, copy));
        current.is_some()
    }
}

impl<V> Drop for Turn<V> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            place.pass_on();
        }
    }
}

/// A place in the queue of a flight.
#[derive(Debug)]
struct Seat<V> {
    /// `None` once the wait is over.
    place: Option<Place<V>>,
    ticket: Ticket,
}

impl<V> Seat<V> {
    fn id(&self) -> usize {
        self.place.as_ref().map_or(0, Place::id)
    }
}

impl<V: Clone> Seat<V> {
    fn poll(&mut self, waker: &Waker) -> Poll<Joined<V>> {
        let Some(place) = &self.place else { return Poll::Pending };
        let progress = lock(&place.flight).poll(self.ticket, waker);
        match (progress, self.place.take()) {
            (Progress::Landed(value), _) => Poll::Ready(Joined::Landed(value)),
            (Progress::Turn, Some(place)) => Poll::Ready(Joined::Runner(Turn::new(place))),
            (Progress::Waits(replaced), place) => {
                drop(replaced);
                self.place = place;
                Poll::Pending
            }
            (Progress::Turn, None) => Poll::Pending,
        }
    }
}

impl<V> Drop for Seat<V> {
    fn drop(&mut self) {
        let Some(place) = &self.place else { return };
        let left = lock(&place.flight).leave(self.ticket);
        match left {
            Left::Turn => place.pass_on(),
            Left::Queue(waker) => drop(waker),
            Left::Nothing => {}
        }
    }
}

/// Wakes a thread.
#[derive(Debug, Default)]
struct Bell {
    has_rung: Mutex<bool>,
    ringing: Condvar,
}

/// How long a thread waits before it reads the clock again. The clock of a call may differ from the machine's.
const SHORTEST: Duration = Duration::from_micros(100);
const LONGEST: Duration = Duration::from_millis(50);

impl Bell {
    /// Waits until it is rung, or for about the time `left`.
    fn wait(&self, left: Option<Duration>) {
        let mut has_rung = lock(&self.has_rung);
        match left {
            Some(left) if !*has_rung => {
                has_rung = wait_timeout(&self.ringing, has_rung, left.clamp(SHORTEST, LONGEST));
            }
            Some(_) => {}
            None => {
                while !*has_rung {
                    has_rung = wait(&self.ringing, has_rung);
                }
            }
        }
        *has_rung = false;
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        *lock(&self.has_rung) = true;
        self.ringing.notify_one();
    }
}

#[cfg(test)]
mod tests;

#[cfg(all(test, opero_shuttle))]
mod model;
