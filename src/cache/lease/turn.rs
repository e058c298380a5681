//! The first step of a run if the store lends leases: takes the lease of the key, or waits for the run of another
//! process.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;

use super::super::Store;
use super::super::backing::{Place, Value};
use super::wait::{Answer, Next, Wait};
use super::{Lease, Leases};
use crate::time::Clock;

/// The outcome.
pub enum Leased<V> {
    /// The call runs the body, with the lease if it got one.
    Run(Option<Box<Lease>>),
    /// Another process has run.
    Answer(V),
    /// The call ran out of time.
    Over,
}

/// Takes the lease for the run of this flight, or blocks until another process has left its value.
pub(in crate::cache) fn take<V: Value, S: Store<V>>(
    leases: &Arc<Leases>,
    store: &S,
    place: &Place<'_, '_, V>,
    flight: usize,
    clock: &impl Clock,
    end: Option<Duration>,
) -> Leased<V> {
    let key = place.key();
    let Some(mut lease) = leases.lease(&key, flight) else { return Leased::Run(None) };
    let mut wait = Wait::new(leases.time());
    loop {
        let answer = lease.lend();
        let left = end.map(|end| end.saturating_sub(clock.now()));
        match step(&mut wait, answer, &lease, place, left) {
            Next::Run if answer != Answer::Ours => return Leased::Run(None),
            Next::Run => {}
            Next::Pause(pause) => clock.sleep(pause),
            Next::GiveUp => return Leased::Over,
        }
        // The previous holder of the lease may have inserted the value since the last look-up.
        store.__expect(&key);
        if let Some(value) = place.checked(store.get(&key)) {
            return found(&wait, place, value);
        }
        if answer == Answer::Ours {
            return Leased::Run(Some(lease));
        }
    }
}

/// Like `take`, without blocking the thread and without an end of its own.
///
/// # Cancel safety
/// If the future is dropped, no lease stays behind.
pub(in crate::cache) async fn take_async<V: Value, S: Store<V>>(
    leases: Arc<Leases>,
    store: &S,
    place: &Place<'_, '_, V>,
    flight: usize,
    clock: &impl Clock,
) -> Leased<V> {
    let key = place.key();
    let Some(mut lease) = leases.lease(&key, flight) else { return Leased::Run(None) };
    let mut wait = Wait::new(leases.time());
    loop {
        let answer = lease.lend_async().await;
        match step(&mut wait, answer, &lease, place, None) {
            Next::Run if answer != Answer::Ours => return Leased::Run(None),
            Next::Run => {}
            Next::Pause(pause) => clock.sleep_async(pause).await,
            Next::GiveUp => return Leased::Over,
        }
        store.__expect(&key);
        if let Some(value) = place.checked(store.get_async(&key).await) {
            return found(&wait, place, value);
        }
        if answer == Answer::Ours {
            return Leased::Run(Some(lease));
        }
    }
}

fn step<V>(wait: &mut Wait, answer: Answer, lease: &Lease, place: &Place<'_, '_, V>, left: Option<Duration>) -> Next {
    if answer == Answer::Unknown {
        place.count_error(&"the holder of a lease cannot be asked");
    }
    wait.next(answer, || lease.holder(), left, fastrand::f64())
}

fn found<V>(wait: &Wait, place: &Place<'_, '_, V>, value: V) -> Leased<V> {
    Leased::Answer(if wait.has_waited() { place.waited(value) } else { place.hit(value) })
}
