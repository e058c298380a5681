//! How long a connection waits for a lock that another process holds.

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use rusqlite::Connection;

use super::super::external::wall::AtomicDuration;
use super::trouble::Trouble;
use crate::sync::thread::sleep;

/// The longest pause between two attempts to lock.
const LONGEST: Duration = Duration::from_millis(5);

/// How long a connection waits; set before each query.
#[derive(Debug, Default)]
pub(super) struct Patience {
    wait: Arc<AtomicDuration>,
}

impl Patience {
    /// Installs the busy handler of a connection. SQLite's own timeout sleeps for whole milliseconds, in which a
    /// hundred other writes fit.
    pub(super) fn install(connection: &mut Connection, wait: Duration) -> Result<Self, Trouble> {
        let patience = Patience::default();
        patience.set(wait);
        let (wait, mut since) = (patience.wait.clone(), Instant::now());
        connection.busy_handler(Some(move |tries: i32| {
            if tries == 0 {
                since = Instant::now();
            }
            let left = wait.get().saturating_sub(since.elapsed());
            if left.is_zero() {
                return false;
            }
            sleep(pause(tries).min(left));
            true
        }))?;
        Ok(patience)
    }

    pub(super) fn set(&self, wait: Duration) {
        self.wait.set(wait);
    }
}

/// Returns the pause after `tries` failed attempts.
fn pause(tries: i32) -> Duration {
    let doublings = u32::try_from(tries / 4).unwrap_or(0).min(16);
    LONGEST.min(Duration::from_micros(50 << doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_the_number_of_tries() {
        let pauses = [0, 3, 4, 8, 27, 28, 1000, i32::MAX, -1].map(|tries| pause(tries).as_micros());
        assert_eq!(pauses, [50, 50, 100, 200, 3200, 5000, 5000, 5000, 50]);
    }
}
