//! How a map runs its items.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::panic::Location;

use crate::sync::{Mutex, lock};

/// The maps that have run, by location.
static MAPS: Mutex<Vec<(&'static Location<'static>, MapInfo)>> = Mutex::new(Vec::new());

/// How a map runs its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MapInfo {
    /// Option `mode`: `thread`, `rayon`, `async`, `process` or `async_process`.
    pub mode: &'static str,
    /// How many items run at a time.
    pub workers: usize,
    /// Whether results are in the order of the items.
    pub ordered: bool,
    /// Option `chunk_size`, if it is written.
    pub chunk_size: Option<usize>,
    /// Option `max_failures`, if it is written.
    pub max_failures: Option<usize>,
}

impl MapInfo {
    /// Records that the map at this location has begun.
    #[cfg(feature = "map")]
    pub(crate) fn begun(self, location: &'static Location<'static>) {
        let mut maps = lock(&MAPS);
        match maps.iter_mut().find(|(other, _)| *other == location) {
            Some((_, info)) => *info = self,
            None => maps.push((location, self)),
        }
    }

    /// Returns how the map at this location runs, if there is one.
    pub(super) fn at(location: &Location<'_>) -> Option<Self> {
        lock(&MAPS).iter().find(|(other, _)| **other == *location).map(|(_, info)| *info)
    }

    pub(super) fn options(&self, options: &mut Vec<(&'static str, String)>) {
        options.push(("mode", self.mode.to_owned()));
        options.push(("workers", self.workers.to_string()));
        options.push(("ordered", self.ordered.to_string()));
        if let Some(items) = self.chunk_size {
            options.push(("chunk_size", items.to_string()));
        }
        if let Some(items) = self.max_failures {
            options.push(("max_failures", items.to_string()));
        }
    }
}
