//! The owner of a file, by its first bytes, which are read before SQLite may touch it.

use alloc::format;
use core::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::super::StoreError;

/// Marks a database as a store of opero, in the field that SQLite has for this: `opro`.
pub(super) const APPLICATION: u32 = 0x6f70_726f;
/// The version of the tables. It changes whenever a release cannot read what the one before has written.
pub(super) const FORMAT: u32 = 1;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The length up to and including the field with the mark.
const LENGTH: usize = 72;

/// The owner of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The file is empty.
    Nobody,
    Us,
    /// A store of another format.
    OtherFormat(u32),
    OtherProgram,
    /// It is not a database.
    NoDatabase,
}

impl Owner {
    /// Returns the owner of a file. A missing file counts as empty.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut header = [0; LENGTH];
        let mut length = 0;
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Owner::Nobody),
            file => file?,
        };
        while let Some(rest) = header.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Owner::of_bytes(header.get(..length).unwrap_or_default()))
    }

    fn of_bytes(file: &[u8]) -> Self {
        if file.is_empty() {
            return Owner::Nobody;
        }
        let number = |at: usize| file.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        match (file.starts_with(MAGIC), number(68), number(60)) {
            (true, Some(APPLICATION), Some(FORMAT)) => Owner::Us,
            (true, Some(APPLICATION), Some(format)) => Owner::OtherFormat(format),
            (true, Some(_), _) => Owner::OtherProgram,
            _ => Owner::NoDatabase,
        }
    }

    /// Returns why the file cannot be opened as a store, if so.
    pub(super) fn refusal(self, path: &Path) -> Option<StoreError> {
        let why: &dyn fmt::Display = match self {
            Owner::Nobody | Owner::Us => return None,
            Owner::OtherFormat(format) => &format!(
                "is a store of format {format}, and this release of opero reads format {FORMAT}: name another file, or delete it"
            ),
            Owner::OtherProgram => &"is a database of another program: name another file",
            Owner::NoDatabase => &"is not a SQLite database: name another file, or delete it",
        };
        Some(StoreError::new(format_args!("`{}` {why}", path.display())))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn header(application: u32, format: u32) -> Vec<u8> {
        let mut header = MAGIC.to_vec();
        header.resize(60, 1);
        header.extend(format.to_be_bytes());
        header.extend([0; 4]);
        header.extend(application.to_be_bytes());
        header
    }

    #[test]
    fn a_file_is_ours_by_its_mark_and_its_format() {
        assert_eq!(Owner::of_bytes(&[]), Owner::Nobody);
        assert_eq!(Owner::of_bytes(&header(APPLICATION, FORMAT)), Owner::Us);
        assert_eq!(Owner::of_bytes(&header(APPLICATION, 7)), Owner::OtherFormat(7));
        assert_eq!(Owner::of_bytes(&header(0, 0)), Owner::OtherProgram);
        assert_eq!(Owner::of_bytes(b"#!/bin/sh\n"), Owner::NoDatabase);
        for length in 1..LENGTH {
            assert_eq!(Owner::of_bytes(&header(APPLICATION, FORMAT)[..length]), Owner::NoDatabase, "{length}");
        }
    }

    #[test]
    fn a_refusal_says_which_file_and_what_to_do() {
        let text = |owner: Owner| owner.refusal(Path::new("a.db")).map(|error| format!("{error}"));
        assert_eq!((text(Owner::Us), text(Owner::Nobody)), (None, None));
        assert_eq!(
            text(Owner::OtherProgram).as_deref(),
            Some("`a.db` is a database of another program: name another file")
        );
        assert!(text(Owner::OtherFormat(7)).is_some_and(|text| text.contains("a store of format 7")));
    }
}
