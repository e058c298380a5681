//! The queries on the table of entries.

use alloc::vec::Vec;

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

use super::super::Key;
use super::super::external::Times;
use super::names;
use super::trouble::Trouble;

const GET: &str = "SELECT tag, record FROM entries WHERE name = ?1";
const SET: &str = "INSERT INTO entries VALUES(max(?1, ifnull((SELECT max(id) FROM entries), 0) + 1), 0, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT(name) DO UPDATE SET
    stamp = excluded.id, written = excluded.written, expires = excluded.expires, tag = excluded.tag, record = excluded.record";
const REMOVE: &str = "DELETE FROM entries WHERE name = ?1";
const NEWEST: &str = "SELECT ifnull(max(id), 0) FROM entries";
const FAR: &str = "SELECT name FROM entries WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT 1 OFFSET ?3";
const CLEAR: &str = "DELETE FROM entries WHERE name >= ?1 AND name < ?2";
const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM entries LIMIT ?1)";
const PAGES: &str = "PRAGMA page_count";
const FREE_PAGES: &str = "PRAGMA freelist_count";
const PAGE_SIZE: &str = "PRAGMA page_size";
const OLDEST: &str = "SELECT id, stamp, length(record) FROM entries ORDER BY id LIMIT ?1";
const EVICT: &str = "DELETE FROM entries WHERE id = ?1";
const MOVE: &str = "UPDATE OR IGNORE entries SET id = ?2, stamp = 0 WHERE id = ?1";
const LOOK_OVER: &str = "SELECT id, written, expires FROM entries WHERE id > ?1 ORDER BY id LIMIT ?2";
const SWEEP: &str = "DELETE FROM entries WHERE id = ?1 AND written = ?2";

/// All of them.
pub(super) const STATEMENTS: [&str; 15] =
    [GET, SET, REMOVE, NEWEST, FAR, CLEAR, COUNT, PAGES, FREE_PAGES, PAGE_SIZE, OLDEST, EVICT, MOVE, LOOK_OVER, SWEEP];

/// The number of rows of a namespace deleted at a time, while other writers wait. Smaller batches would write the
/// same pages again and again.
const CLEARED: i64 = 8192;
/// The number of ids to try if the id of an entry that moves is taken.
const NEIGHBOURS: i64 = 64;
/// The approximate size of an entry beside its record.
pub(super) const OVERHEAD: u64 = 128;

/// Converts a number to SQLite's integers, which have half the range.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Values up to this size are read before their length is checked. Whatever SQLite reads for itself is smaller.
const SMALL: i32 = 1 << 16;

/// Reads the record of a key, unless it has more than `limit` bytes.
pub(super) fn get(connection: &Connection, key: &Key<'_>, limit: usize) -> Result<Option<Vec<u8>>, Trouble> {
    let name = names::name(key);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(limit).unwrap_or(i32::MAX).max(SMALL))?;
    let mut statement = connection.prepare_cached(GET)?;
    let mut rows = statement.query([&name])?;
    let row = match rows.next() {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => return Ok(None),
        row => row?,
    };
    let Some(row) = row else { return Ok(None) };
    match (row.get_ref(0)?, row.get_ref(1)?) {
        (ValueRef::Integer(tag), ValueRef::Blob(record)) if tag == names::tag(&name) => {
            Ok((record.len() <= limit).then(|| record.to_vec()))
        }
        _ => Err(Trouble::Mixed),
    }
}

/// Stores a record with the given `stamp`.
pub(super) fn set(
    connection: &Connection,
    key: &Key<'_>,
    record: &[u8],
    times: Times,
    stamp: i64,
) -> Result<(), Trouble> {
    let name = names::name(key);
    let (written, expires, tag) = (signed(times.written), signed(times.expires()), names::tag(&name));
    // The connection may have a limit left over from reading.
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::MAX)?;
    connection.prepare_cached(SET)?.execute(params![stamp, written, expires, tag, name, record])?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, key: &Key<'_>) -> Result<usize, Trouble> {
    Ok(connection.prepare_cached(REMOVE)?.execute([names::name(key)])?)
}

fn newest(connection: &Connection) -> Result<i64, Trouble> {
    number(connection.prepare_cached(NEWEST)?)
}

/// Removes the first entries from `start` up to `end`. Returns how many, and where to continue.
pub(super) fn clear_some(
    connection: &mut Connection,
    start: &[u8],
    end: &[u8],
) -> Result<(usize, Option<Vec<u8>>), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let far = transaction.prepare_cached(FAR)?.query_row(params![start, end, CLEARED], |row| row.get(0)).optional()?;
    let cleared = transaction.prepare_cached(CLEAR)?.execute(params![start, far.as_deref().unwrap_or(end)])?;
    transaction.commit()?;
    Ok((cleared, far))
}

/// Counts the entries, up to `most`.
pub(super) fn count_up_to(connection: &Connection, most: u64) -> Result<u64, Trouble> {
    let mut statement = connection.prepare_cached(COUNT)?;
    let count = statement.query_row([signed(most)], |row| row.get(0))?;
    Ok(unsigned(count))
}

/// Returns the bytes of the pages in use.
pub(super) fn bytes_used(connection: &Connection) -> Result<u64, Trouble> {
    let ask = |pragma| connection.prepare_cached(pragma).map_err(Trouble::from).and_then(number);
    let pages = ask(PAGES)?.saturating_sub(ask(FREE_PAGES)?);
    Ok(unsigned(pages).saturating_mul(unsigned(ask(PAGE_SIZE)?)))
}

/// What one step of eviction should do, or has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Evicted {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Was anything left to check?
    pub(super) is_more: bool,
}

/// Removes the oldest entries until `rows` and `bytes` are gone, and checks at most `most`.
pub(super) fn evict(connection: &mut Connection, rows: u64, bytes: u64, most: u64) -> Result<Evicted, Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let oldest = {
        let mut statement = transaction.prepare_cached(OLDEST)?;
        let rows = statement.query_map([signed(most)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect::<Result<Vec<(i64, i64, i64)>, _>>()?
    };
    let mut evicted = Evicted { is_more: oldest.len() as u64 >= most, ..Evicted::default() };
    for (id, stamp, length) in oldest {
        if evicted.rows >= rows && evicted.bytes >= bytes {
            break;
        }
        if stamp > id {
            move_to(&transaction, id, stamp)?;
            continue;
        }
        transaction.prepare_cached(EVICT)?.execute([id])?;
        evicted.rows += 1;
        evicted.bytes = evicted.bytes.saturating_add(unsigned(length) + OVERHEAD);
    }
    transaction.commit()?;
    Ok(evicted)
}

/// Moves an entry that was written again to the id of its last write.
fn move_to(connection: &Connection, id: i64, stamp: i64) -> Result<(), Trouble> {
    let mut statement = connection.prepare_cached(MOVE)?;
    for place in stamp..stamp.saturating_add(NEIGHBOURS) {
        if statement.execute([id, place])? > 0 {
            return Ok(());
        }
    }
    let last = newest(connection)?.saturating_add(1);
    statement.execute([id, last])?;
    Ok(())
}

/// Finds the expired entries among the `most` entries after `cursor`, and returns where to continue.
///
/// The clock is read after the rows; otherwise an entry inserted meanwhile would be from the future.
pub(super) fn look_over(
    connection: &Connection,
    cursor: i64,
    most: u64,
    now: impl FnOnce() -> u64,
) -> Result<(Vec<(i64, i64)>, Option<i64>), Trouble> {
    let mut statement = connection.prepare_cached(LOOK_OVER)?;
    let rows = statement.query_map([cursor, signed(most)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows = rows.collect::<Result<Vec<(i64, i64, i64)>, _>>()?;
    let next = rows.last().map(|(id, ..)| *id).filter(|_| rows.len() as u64 >= most);
    let now = now();
    let over = rows.into_iter().filter(|(_, written, expires)| is_over(*written, *expires, now));
    Ok((over.map(|(id, written, _)| (id, written)).collect(), next))
}

/// Applies [`Times::is_over`] to the times of a row.
fn is_over(written: i64, expires: i64, now: u64) -> bool {
    let (written, now) = (unsigned(written), signed(now));
    expires != i64::MAX && (expires <= now || signed(written) > now)
}

/// Removes the entries found to be expired, unless they have been written again.
pub(super) fn sweep(connection: &mut Connection, over: &[(i64, i64)]) -> Result<usize, Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut swept = 0;
    for (id, written) in over {
        swept += transaction.prepare_cached(SWEEP)?.execute([id, written])?;
    }
    transaction.commit()?;
    Ok(swept)
}

fn number(mut statement: CachedStatement<'_>) -> Result<i64, Trouble> {
    Ok(statement.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::cache::sqlite::schema::in_memory;

    const TIMES: Times = Times { written: 10, time_to_live: 5 };

    fn key(n: u32) -> Key<'static> {
        Key::new("opero", "numbers", &n)
    }

    fn there(connection: &Connection) -> Vec<u32> {
        (0..9).filter(|n| get(connection, &key(*n), 100).unwrap().is_some()).collect()
    }

    #[test]
    fn a_limit_of_reading_does_not_limit_writing() {
        let connection = in_memory();
        set(&connection, &key(1), &vec![1; 100_000], TIMES, 1).unwrap();
        assert_eq!((get(&connection, &key(1), 99_999).unwrap(), get(&connection, &key(1), 10).unwrap()), (None, None));
        set(&connection, &key(2), &vec![2; 200_000], TIMES, 2).unwrap();
        assert_eq!(get(&connection, &key(2), 200_000).unwrap(), Some(vec![2; 200_000]));
    }

    #[test]
    fn a_row_of_another_name_is_not_returned() {
        let connection = in_memory();
        set(&connection, &key(1), &[1], TIMES, 1).unwrap();
        connection.execute("UPDATE entries SET tag = tag + 1", []).unwrap();
        assert!(matches!(get(&connection, &key(1), 10), Err(Trouble::Mixed)));
    }

    #[test]
    fn the_oldest_by_last_write_are_evicted_first_even_if_ids_are_taken() {
        let mut connection = in_memory();
        for (n, stamp) in [(0, 10), (1, 20), (2, 30), (0, 40), (1, 40), (3, 40), (4, 50)] {
            set(&connection, &key(n), &[1], TIMES, stamp).unwrap();
        }
        let mut order = Vec::new();
        while !there(&connection).is_empty() {
            let before = there(&connection);
            let mut evicted = 0;
            while evicted == 0 {
                evicted = evict(&mut connection, 1, 0, 256).unwrap().rows;
            }
            let after = there(&connection);
            order.extend(before.into_iter().filter(|n| !after.contains(n)));
        }
        assert_eq!(order, [2, 3, 0, 1, 4]);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_change_the_order() {
        let mut connection = in_memory();
        for (n, stamp) in [(0, 1000), (1, 10), (2, 11), (0, 12)] {
            set(&connection, &key(n), &[1], TIMES, stamp).unwrap();
        }
        assert_eq!(evict(&mut connection, 2, 0, 256).unwrap().rows, 2);
        assert_eq!(there(&connection), [0]);
    }

    #[test]
    fn expired_entries_and_those_from_the_future_are_swept_and_no_others() {
        let mut connection = in_memory();
        let endless = Times { written: 90, time_to_live: u64::MAX };
        for (n, times) in [(0, TIMES), (1, endless), (2, Times { written: 90, time_to_live: 100 })] {
            set(&connection, &key(n), &[1], times, 1).unwrap();
        }
        let found = |connection: &Connection, now| look_over(connection, 0, 256, || now).unwrap().0.len();
        assert_eq!([14, 15, 89, 90, 190].map(|now| found(&connection, now)), [1, 2, 2, 1, 2]);
        let (over, next) = look_over(&connection, 0, 256, || 15).unwrap();
        // One is written again before the sweep.
        set(&connection, &key(0), &[1], Times { written: 15, time_to_live: 5 }, 9).unwrap();
        assert_eq!((sweep(&mut connection, &over).unwrap(), next), (1, None));
        assert_eq!(there(&connection), [0, 1]);
    }
}
