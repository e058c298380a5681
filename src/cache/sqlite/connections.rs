//! Connections to the file: how the file is created, and how connections are opened.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, OpenFlags};

use super::super::StoreError;
use super::super::external::Health;
use super::gauge::Gauge;
use super::header::Owner;
use super::patience::Patience;
use super::schema;
use super::trouble::Trouble;

/// A connection that reads.
pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) patience: Patience,
}

/// The connection that writes, and what it knows about the store.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) patience: Patience,
    pub(super) rows: Gauge,
    /// Are there more rows than were counted?
    pub(super) is_uncounted: bool,
    pub(super) bytes: Gauge,
}

impl Reader {
    pub(super) fn open(path: &Path, end: Instant) -> Result<Self, Trouble> {
        let (connection, patience) = connect(path, end)?;
        Ok(Reader { connection, patience })
    }
}

impl Writer {
    /// Creates the file if it does not exist. A damaged file is started anew.
    pub(super) fn open(path: &Path, end: Instant, health: &Health) -> Result<Self, Trouble> {
        make_file(path)?;
        let (connection, patience) = match connect(path, end) {
            Err(trouble) if trouble.is_damage() => {
                let (mut connection, patience) = unready(path, end)?;
                schema::start_anew(&mut connection, path, end)?;
                health.note(StoreError::new(format_args!("the store was damaged and is started anew: {trouble}")));
                (connection, patience)
            }
            connected => connected?,
        };
        Ok(Writer { connection, patience, rows: Gauge::default(), is_uncounted: false, bytes: Gauge::default() })
    }
}

/// Opens a connection to a file that is ours, or empty.
fn connect(path: &Path, end: Instant) -> Result<(Connection, Patience), Trouble> {
    let (mut connection, patience) = unready(path, end)?;
    schema::set_up(&mut connection, path, end)?;
    Ok((connection, patience))
}

/// Opens a connection that is not set up yet. It has sent no query, and the file is unchanged.
fn unready(path: &Path, end: Instant) -> Result<(Connection, Patience), Trouble> {
    let owner = Owner::of(path).map_err(|error| unopened(path, &error))?;
    if let Some(refusal) = owner.refusal(path) {
        return Err(Trouble::Other(refusal));
    }
    // Each connection is used by one thread at a time.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    let patience = Patience::install(&mut connection, end.saturating_duration_since(Instant::now()))?;
    Ok((connection, patience))
}

/// Creates the file with access for its owner only, if it does not exist. SQLite gives its other files the same mode.
fn make_file(path: &Path) -> Result<(), Trouble> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(unopened(path, &error)),
        _ => Ok(()),
    }
}

fn unopened(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Other(StoreError::new(format_args!("`{}` cannot be opened: {error}", path.display())))
}
