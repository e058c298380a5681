//! Leases, in a separate table.

use core::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use super::super::Key;
use super::super::external::wall::{Wall, micros};
use super::super::external::{Fault, Lend};
use super::database::Database;
use super::entries::signed;
use super::names;
use super::trouble::Trouble;

/// A lease taken later than now counts as expired: the clock was set back, and its age is unknown.
const TAKE: &str = "INSERT INTO leases VALUES(?1, ?2, ?3, ?4)
    ON CONFLICT(name) DO UPDATE SET token = excluded.token, taken = excluded.taken, ends = excluded.ends
    WHERE token = excluded.token OR ends <= excluded.taken OR taken > excluded.taken";
const EXTEND: &str = "UPDATE leases SET taken = ?3, ends = ?4
    WHERE name = ?1 AND token = ?2 AND ends > ?3 AND taken <= ?3";
const GIVE_BACK: &str = "DELETE FROM leases WHERE name = ?1 AND token = ?2";
const OVER: &str = "SELECT EXISTS(SELECT 1 FROM leases WHERE ends <= ?1 OR taken > ?1)";
const SWEEP: &str = "DELETE FROM leases WHERE ends <= ?1 OR taken > ?1";

/// All of them.
pub(super) const STATEMENTS: [&str; 5] = [TAKE, EXTEND, GIVE_BACK, OVER, SWEEP];

impl Lend for Database {
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault> {
        self.write(|writer| stamp(&mut writer.connection, TAKE, key, token, time, &self.wall))
    }

    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault> {
        self.write(|writer| stamp(&mut writer.connection, EXTEND, key, token, time, &self.wall))
    }

    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), Fault> {
        self.write(|writer| {
            let mut statement = writer.connection.prepare_cached(GIVE_BACK)?;
            statement.execute(params![names::name(key), token.to_be_bytes()])?;
            Ok(())
        })
    }
}

/// Updates the times of a lease, and returns whether it was there to update.
///
/// The clock is read under the lock, so a later holder also reads a later time, unless the clock is set back.
fn stamp(
    connection: &mut Connection,
    statement: &str,
    key: &Key<'_>,
    token: u128,
    time: Duration,
    wall: &Wall,
) -> Result<bool, Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = wall.now();
    let written = transaction.prepare_cached(statement)?.execute(params![
        names::name(key),
        token.to_be_bytes(),
        signed(now),
        signed(now.saturating_add(micros(time)))
    ])?;
    transaction.commit()?;
    Ok(written > 0)
}

/// Is there an expired lease?
pub(super) fn is_any_over(connection: &Connection, now: u64) -> Result<bool, Trouble> {
    Ok(connection.prepare_cached(OVER)?.query_row([signed(now)], |row| row.get(0))?)
}

/// Removes the expired leases.
pub(super) fn sweep(connection: &mut Connection, wall: &Wall) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.prepare_cached(SWEEP)?.execute([signed(wall.now())])?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;
    use std::path::PathBuf;

    use super::super::super::external::{Bytes, Health, Times};
    use super::*;
    use crate::sync::thread;
    use crate::time::ManualClock;

    const SECOND: Duration = Duration::from_secs(1);

    /// A file that is deleted when this is dropped.
    struct Place(PathBuf);

    impl Place {
        fn new(test: &str) -> Self {
            let directory = std::env::temp_dir().join(alloc::format!("opero-leases-{}-{test}", std::process::id()));
            std::fs::create_dir_all(&directory).unwrap();
            Place(directory)
        }

        /// A handle as of another process, whose clock is at `seconds`.
        fn at(&self, seconds: u32) -> (Arc<Database>, Arc<ManualClock>) {
            let (wall, clock) = (Wall::default(), Arc::new(ManualClock::new()));
            clock.advance(seconds * SECOND);
            wall.set(clock.clone());
            let database = Database::open(&self.0.join("cache.db"), Arc::new(Health::new()), wall).unwrap();
            (database, clock)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn key() -> Key<'static> {
        Key::new("opero", "leased", &1)
    }

    #[test]
    fn a_lease_has_one_holder_until_it_expires() {
        let place = Place::new("one");
        let ((first, clock), (second, _)) = (place.at(100), place.at(100));
        assert!(first.lend(&key(), 1, SECOND).unwrap());
        assert!(!second.lend(&key(), 2, SECOND).unwrap() && !first.lend(&key(), 2, SECOND).unwrap());
        assert!(first.lend(&key(), 1, SECOND).unwrap(), "its holder has it already");
        assert!(second.lend(&Key::new("opero", "leased", &2), 2, SECOND).unwrap(), "another key");
        clock.advance(SECOND);
        assert!(first.lend(&key(), 2, SECOND).unwrap() && !first.lend(&key(), 1, SECOND).unwrap());
    }

    #[test]
    fn a_holder_renews_its_lease_while_it_has_it() {
        let place = Place::new("extend");
        let (store, clock) = place.at(100);
        assert!(!store.extend(&key(), 1, SECOND).unwrap(), "no token holds it");
        assert!(store.lend(&key(), 1, SECOND).unwrap());
        for _ in 0..5 {
            clock.advance(SECOND / 2);
            assert!(store.extend(&key(), 1, SECOND).unwrap() && !store.extend(&key(), 2, SECOND).unwrap());
            assert!(!store.lend(&key(), 2, SECOND).unwrap());
        }
        clock.advance(SECOND);
        assert!(!store.extend(&key(), 1, SECOND).unwrap(), "it has expired");
    }

    #[test]
    fn only_the_holder_gives_a_lease_back_and_then_it_is_free() {
        let place = Place::new("back");
        let (store, _) = place.at(100);
        assert!(store.lend(&key(), 1, SECOND).unwrap());
        store.give_back(&key(), 2).unwrap();
        assert!(!store.lend(&key(), 2, SECOND).unwrap());
        store.give_back(&key(), 1).unwrap();
        store.give_back(&key(), 1).unwrap();
        assert!(!store.extend(&key(), 1, SECOND).unwrap() && store.lend(&key(), 2, SECOND).unwrap());
    }

    #[test]
    fn a_lease_has_expired_if_the_clock_was_set_back() {
        let place = Place::new("future");
        assert!(place.at(1000).0.lend(&key(), 1, SECOND).unwrap());
        let (store, _) = place.at(500);
        assert!(!store.extend(&key(), 1, SECOND).unwrap());
        assert!(store.lend(&key(), 2, SECOND).unwrap() && !store.lend(&key(), 3, SECOND).unwrap());
    }

    #[test]
    fn of_many_concurrent_requests_for_a_lease_one_succeeds() {
        let place = Place::new("many");
        let stores = [place.at(100).0, place.at(100).0];
        for round in 0..20 {
            let key = Key::new("opero", "leased", &round);
            let takers: alloc::vec::Vec<_> = thread::scope(|scope| {
                let take = |token: u8| {
                    let (store, key) = (&stores[usize::from(token % 2)], &key);
                    scope.spawn(move || store.lend(key, u128::from(token), SECOND).unwrap())
                };
                let takers: alloc::vec::Vec<_> = (0..8).map(take).collect();
                takers.into_iter().map(|taker| taker.join().unwrap()).collect()
            });
            assert_eq!(takers.iter().filter(|has_it| **has_it).count(), 1);
        }
    }

    #[test]
    fn expired_leases_are_swept_and_no_others() {
        let place = Place::new("sweep");
        let (store, clock) = place.at(100);
        for (token, time) in [(1_u128, SECOND), (2, 10 * SECOND)] {
            assert!(store.lend(&Key::new("opero", "leased", &token), token, time).unwrap());
        }
        let is_any_over = || store.read(|connection| is_any_over(connection, store.wall.now())).unwrap();
        clock.advance(SECOND);
        assert!(is_any_over());
        store.write(|writer| sweep(&mut writer.connection, &store.wall)).unwrap();
        assert!(!is_any_over());
        assert!(store.extend(&Key::new("opero", "leased", &2_u128), 2, SECOND).unwrap());
        // Entries are not affected.
        store.set(&key(), alloc::vec![1], Times::new(store.wall.now(), None)).unwrap();
        assert_eq!(store.get(&key(), 10).unwrap(), Some(alloc::vec![1]));
    }
}
