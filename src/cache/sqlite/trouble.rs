//! What an error of SQLite means for the store.

use core::fmt;

use rusqlite::ErrorCode as Code;

use super::super::StoreError;
use super::super::external::Fault;

/// Why SQLite failed.
#[derive(Debug)]
pub(super) enum Trouble {
    Sql(rusqlite::Error),
    /// A row is not the one that its index points to.
    Mixed,
    /// The file does not belong to this store; the error says why.
    Other(StoreError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Trouble::Sql(error)
    }
}

impl Trouble {
    fn failure(&self) -> Option<&rusqlite::ffi::Error> {
        match self {
            Trouble::Sql(rusqlite::Error::SqlInputError { error, .. } | rusqlite::Error::SqliteFailure(error, _)) => {
                Some(error)
            }
            _ => None,
        }
    }

    fn code(&self) -> Option<Code> {
        self.failure().map(|error| error.code)
    }

    /// Does another connection hold a lock?
    pub(super) fn is_lock(&self) -> bool {
        matches!(self.code(), Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed))
    }

    /// Is the file damaged? SQLite reports `Unknown` if a table or a column is missing.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Trouble::Mixed => true,
            Trouble::Sql(_) | Trouble::Other(_) => self.failure().is_some_and(|error| {
                let is_cut_off = error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ;
                is_cut_off
                    || matches!(
                        error.code,
                        Code::DatabaseCorrupt | Code::NotADatabase | Code::Unknown | Code::TypeMismatch
                    )
            }),
        }
    }

    /// May the file have been moved or deleted?
    pub(super) fn is_out_of_reach(&self) -> bool {
        matches!(self.code(), Some(Code::CannotOpen | Code::SystemIoFailure | Code::ReadOnly))
    }

    /// Converts to a fault for the caller. If the file cannot be reached, the next request would fail too.
    pub(super) fn fault(self) -> Fault {
        let is_down = self.is_lock() || matches!(self.code(), Some(Code::CannotOpen | Code::SystemIoFailure));
        let error = self.error();
        if is_down { Fault::Down(error) } else { Fault::Here(error) }
    }

    pub(super) fn error(self) -> StoreError {
        match self {
            Trouble::Other(error) => error,
            trouble => StoreError::new(trouble),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // SQLite's text would repeat the statement, which does not help a user.
            Trouble::Sql(rusqlite::Error::SqliteFailure(error, Some(text))) => {
                write!(f, "SQLite: {text} (code {})", error.extended_code)
            }
            Trouble::Sql(rusqlite::Error::SqliteFailure(error, None)) => write!(f, "SQLite: {error}"),
            Trouble::Sql(rusqlite::Error::SqlInputError { msg, .. }) => write!(f, "SQLite: {msg}"),
            Trouble::Sql(error) => write!(f, "SQLite: {error}"),
            Trouble::Mixed => f.write_str("the file is damaged: an index points to the wrong row"),
            Trouble::Other(error) => error.fmt(f),
        }
    }
}
