//! Which runs of this process hold a lease, so that no call waits for itself.

use alloc::collections::BTreeMap;
// A system lock in models too: it is in a static, and nothing that a model watches happens under it.
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::running;
use super::wait::Holder;

/// Identifies a lease: its store in this process, and a fingerprint of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Which {
    pub(super) store: usize,
    pub(super) key: u128,
}

/// By the numbers of their flights.
static HELD: Mutex<BTreeMap<usize, Which>> = Mutex::new(BTreeMap::new());

fn held() -> MutexGuard<'static, BTreeMap<usize, Which>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records that a run holds a lease, until it is dropped.
#[derive(Debug)]
pub(super) struct Note(usize);

impl Note {
    pub(super) fn new(flight: usize, which: Which) -> Self {
        held().insert(flight, which);
        Note(flight)
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        held().remove(&self.0);
    }
}

/// Says who holds the lease that the run of this flight did not get.
///
/// A run of this process holds it if that run was detached and this one began later, or if two handles lead to one
/// store. The first is not waited for, as without leases. A wait inside a body that holds a lease must be bounded:
/// another process may wait for that body, and cannot know of this wait.
pub(super) fn holder(flight: usize, which: Which) -> Holder {
    let held = held();
    if held.is_empty() {
        return Holder::Another;
    }
    let is_beside = held.values().any(|other| *other == which);
    let is_around = |body| held.get(&body).is_some_and(|other| other.key == which.key);
    if is_beside || running::any_around(is_around) {
        return Holder::Here;
    }
    if running::any_that_waits(flight, |body| held.contains_key(&body)) {
        return Holder::PerhapsInRing;
    }
    Holder::Another
}

#[cfg(test)]
mod tests {
    use super::super::super::running::{Running, wait_for};
    use super::*;

    const WHICH: Which = Which { store: 1, key: 77_001 };

    #[test]
    fn a_lease_of_another_handle_counts_as_here_only_inside_its_body() {
        let other = Which { store: 2, ..WHICH };
        let note = Note::new(770, WHICH);
        assert_eq!(holder(771, WHICH), Holder::Here);
        assert_eq!(holder(771, other), Holder::Another);
        let running = Running::new(770);
        assert_eq!(holder(771, other), Holder::Here);
        assert_eq!(holder(771, Which { key: 77_002, ..other }), Holder::PerhapsInRing);
        drop(note);
        assert_eq!(holder(771, WHICH), Holder::Another);
        drop(running);
    }

    #[test]
    fn a_run_that_a_leased_body_waits_for_indirectly_may_be_in_a_cycle() {
        let which = Which { store: 3, key: 77_003 };
        let _note = Note::new(780, Which { key: 77_004, ..which });
        assert_eq!(holder(783, which), Holder::Another);
        let body = Running::new(780);
        let _waits = wait_for(781);
        drop(body);
        let body = Running::new(781);
        let _waits_too = wait_for(782);
        drop(body);
        assert_eq!([holder(782, which), holder(783, which)], [Holder::PerhapsInRing, Holder::Another]);
        let _inside = Running::new(782);
        assert_eq!(holder(783, which), Holder::PerhapsInRing);
    }
}
