//! The tables of a file, and the setup of a connection.

use alloc::string::String;
use core::time::Duration;
use std::path::Path;
use std::time::Instant;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::super::StoreError;
use super::header::{APPLICATION, FORMAT, Owner};
use super::trouble::Trouble;
use super::{entries, leases};
use crate::sync::thread::sleep;

/// An entry's `id` grows with the time of insertion: the lowest is the oldest. An entry that is written again keeps
/// its row, and `stamp` is the id it would have had. The value is the last column, so that the others are read
/// without it.
const TABLES: &str = "
    CREATE TABLE entries(
        id INTEGER PRIMARY KEY,
        stamp INTEGER NOT NULL,
        written INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        tag INTEGER NOT NULL,
        name BLOB NOT NULL,
        record BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX entries_by_name ON entries(name);
    CREATE TABLE leases(
        name BLOB PRIMARY KEY,
        token BLOB NOT NULL,
        taken INTEGER NOT NULL,
        ends INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;";

/// The pause between two attempts to set up a connection while others do.
const PAUSE: Duration = Duration::from_millis(2);

/// Sets up a connection, and creates the tables if the file is new. Waits for locks up to `end`.
///
/// If another connection switches to the write-ahead log at the same time, SQLite fails at once, whatever the
/// timeout.
pub(super) fn set_up(connection: &mut Connection, path: &Path, end: Instant) -> Result<(), Trouble> {
    loop {
        match try_set_up(connection, path) {
            Err(trouble) if trouble.is_lock() && Instant::now() < end => sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

fn try_set_up(connection: &mut Connection, path: &Path) -> Result<(), Trouble> {
    harden(connection)?;
    if mark(connection)? != (APPLICATION, FORMAT) {
        create(connection, path)?;
    }
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        let why = format_args!("the file system of `{}` has no write-ahead log of SQLite", path.display());
        return Err(Trouble::Other(StoreError::new(why)));
    }
    // This log level survives a crash of the process. A crash of the machine may lose the last entries, and no more.
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 8388608")?;
    for statement in entries::STATEMENTS.iter().chain(&leases::STATEMENTS) {
        connection.prepare_cached(statement)?;
    }
    Ok(())
}

/// Rules out what a file written by someone else could do beyond its tables.
fn harden(connection: &Connection) -> Result<(), Trouble> {
    connection.set_prepared_statement_cache_capacity(32);
    for (switch, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    ] {
        connection.set_db_config(switch, is_on)?;
    }
    connection.execute_batch("PRAGMA cell_size_check = ON")?;
    Ok(())
}

fn mark(connection: &Connection) -> Result<(u32, u32), Trouble> {
    let number = |pragma| connection.query_row(pragma, [], |row| row.get::<_, u32>(0));
    Ok((number("PRAGMA application_id")?, number("PRAGMA user_version")?))
}

/// Creates the tables, unless another process has done so before this one got the lock.
///
/// The mark is written with them, before the switch to the write-ahead log, so that it is in the file itself, where
/// it is read.
fn create(connection: &mut Connection, path: &Path) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let things: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (mark(&transaction)?, things) {
        ((APPLICATION, FORMAT) | (0, 0), 0) => {}
        ((APPLICATION, FORMAT), _) => return Ok(()),
        ((APPLICATION, format), _) => return Err(refused(Owner::OtherFormat(format), path)),
        _ => return Err(refused(Owner::OtherProgram, path)),
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.execute_batch(TABLES)?;
    transaction.commit()?;
    Ok(())
}

fn refused(owner: Owner, path: &Path) -> Trouble {
    let error = owner.refusal(path);
    Trouble::Other(error.unwrap_or_else(|| StoreError::new("the file does not belong to this store")))
}

/// Empties a damaged file in place and creates its tables anew, without harm to other processes that have it open.
///
/// This is SQLite's own way: it uses the locks and the log that all processes share.
pub(super) fn start_anew(connection: &mut Connection, path: &Path, end: Instant) -> Result<(), Trouble> {
    connection.flush_prepared_statement_cache();
    loop {
        // Otherwise SQLite refuses to write to a schema that it cannot read.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
        let emptied = connection.execute_batch("VACUUM");
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)?;
        match emptied.map_err(Trouble::from) {
            Err(trouble) if trouble.is_lock() && Instant::now() < end => sleep(PAUSE),
            Err(trouble) => return Err(trouble),
            Ok(()) => break,
        }
    }
    create(connection, path)?;
    set_up(connection, path, end)
}

/// A store without a file.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let mut connection = Connection::open_in_memory().expect("a connection");
    create(&mut connection, Path::new("in memory")).expect("tables");
    connection
}
