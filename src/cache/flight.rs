//! The right to fill an entry, kept for as long as a call runs.

use alloc::sync::Arc;
use core::mem;

use super::slots::Entries;
use super::table::Flight;

/// A [`Flight`] that keeps the entries it is in alive.
pub(super) struct OwnedFlight<V: 'static> {
    /// Borrows from `entries`, so it is declared, and dropped, before them.
    flight: Option<Flight<'static, V>>,
    entries: Arc<Entries<V>>,
}

impl<V> OwnedFlight<V> {
    /// The flight that `join` gives of these entries.
    pub(super) fn of<'e>(entries: &'e Arc<Entries<V>>, flight: Flight<'e, V>) -> Self {
        assert!(flight.is_of(&entries.table), "a flight is kept with the entries it is in");
        #[allow(unsafe_code, reason = "a field that borrows from its neighbour has no lifetime of its own")]
        // SAFETY: only the lifetime changes. The flight borrows from the table in `entries`, which an `Arc` never moves and
        // which this struct keeps alive: `flight` is dropped first, and `take` gives it out for as long as it borrows the struct.
        let flight = unsafe { mem::transmute::<Flight<'e, V>, Flight<'static, V>>(flight) };
        OwnedFlight { flight: Some(flight), entries: entries.clone() }
    }

    /// The flight, to be used up, and its entries. `None` the second time.
    pub(super) fn take(&mut self) -> Option<(&Entries<V>, Flight<'_, V>)> {
        let flight = self.flight.take()?;
        Some((&self.entries, flight))
    }
}
