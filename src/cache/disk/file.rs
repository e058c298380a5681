//! The file: who has it open, and whether it is a store of this release.
//!
//! It begins with a page of our own, followed by the image of the database. redb alone could not tell another
//! program's database from ours; with this page such a file is never opened and never overwritten.

use alloc::format;
use alloc::sync::Arc;
use core::fmt::Display;
use std::fs::{File, OpenOptions, TryLockError};
#[cfg(not(unix))]
use std::io::Write;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use redb::StorageBackend;

use super::super::StoreError;
#[cfg(not(unix))]
use crate::sync::{Mutex, lock};

/// The first bytes of every store. The number is the version of the format.
const MAGIC: [u8; 16] = *b"opero disk 1\x1a\r\n\0";
/// The offset of the image.
const IMAGE: u64 = 4096;

/// What a file is, judging by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Empty, or its first page was not finished.
    New,
    Ours,
    Foreign,
}

impl Kind {
    fn of(beginning: &[u8]) -> Self {
        match MAGIC.strip_prefix(beginning) {
            Some([]) => Kind::Ours,
            Some(_) => Kind::New,
            None => Kind::Foreign,
        }
    }
}

/// The file of a store. It is locked until this is dropped.
#[derive(Debug)]
pub(super) struct StoreFile {
    file: File,
    /// For systems that cannot read at an offset without moving the file position.
    #[cfg(not(unix))]
    place: Mutex<()>,
}

impl StoreFile {
    /// Opens the file at `path`, or creates it.
    #[allow(clippy::incompatible_msrv, reason = "feature `disk` needs Rust 1.90, as redb does")]
    pub(super) fn open(path: &Path) -> Result<Arc<Self>, StoreError> {
        let fail = |what: &dyn Display| StoreError::new(format_args!("cannot open {}: {what}", path.display()));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| fail(&error))?;
        if !file.metadata().map_err(|error| fail(&error))?.is_file() {
            return Err(fail(&"it is not a file"));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(fail(&"it is already open, in this process or another; only one `Disk` may have it open"));
            }
            Err(TryLockError::Error(error)) => return Err(fail(&format!("it cannot be locked: {error}"))),
        }
        let file = StoreFile {
            file,
            #[cfg(not(unix))]
            place: Mutex::new(()),
        };
        match file.kind().map_err(|error| fail(&error))? {
            Kind::Ours => {}
            Kind::New => file.begin_anew().map_err(|error| fail(&error))?,
            Kind::Foreign => return Err(fail(&"it is not a store of this release; it was not changed")),
        }
        Ok(Arc::new(file))
    }

    fn kind(&self) -> io::Result<Kind> {
        let mut beginning = alloc::vec::Vec::with_capacity(MAGIC.len());
        (&self.file).seek(SeekFrom::Start(0))?;
        (&self.file).take(MAGIC.len() as u64).read_to_end(&mut beginning)?;
        Ok(Kind::of(&beginning))
    }

    /// Empties the file, and keeps it open. If the process ends halfway, the next one can open the file.
    pub(super) fn begin_anew(&self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.write_at(0, &MAGIC)
    }

    #[cfg(unix)]
    fn read_at(&self, place: u64, bytes: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, bytes, place)
    }

    #[cfg(unix)]
    fn write_at(&self, place: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, place)
    }

    #[cfg(not(unix))]
    fn read_at(&self, place: u64, bytes: &mut [u8]) -> io::Result<()> {
        let _place = lock(&self.place);
        (&self.file).seek(SeekFrom::Start(place))?;
        (&self.file).read_exact(bytes)
    }

    #[cfg(not(unix))]
    fn write_at(&self, place: u64, bytes: &[u8]) -> io::Result<()> {
        let _place = lock(&self.place);
        (&self.file).seek(SeekFrom::Start(place))?;
        (&self.file).write_all(bytes)
    }
}

/// Unlocks explicitly: closing the file does not unlock it while a child process that is just being started has it too.
impl Drop for StoreFile {
    #[allow(clippy::incompatible_msrv, reason = "feature `disk` needs Rust 1.90, as redb does")]
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// The image of the database in the file. It takes no lock of its own: the file is locked before redb sees it, and
/// stays locked when redb reopens it.
#[derive(Debug)]
pub(super) struct Image(pub(super) Arc<StoreFile>);

impl StorageBackend for Image {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.file.metadata()?.len().saturating_sub(IMAGE))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset.saturating_add(IMAGE), out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.file.set_len(len.saturating_add(IMAGE))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_at(offset.saturating_add(IMAGE), data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_can_be_opened_although_a_child_process_still_has_it() {
        let path = std::env::temp_dir().join(format!("opero-test-{}-unlocked", std::process::id()));
        let file = StoreFile::open(&path).expect("it is new");
        // A child has the same open file until it starts its program.
        let of_child = file.file.try_clone().expect("there are descriptors left");
        assert!(StoreFile::open(&path).is_err(), "it is open");
        drop(file);
        StoreFile::open(&path).expect("it is closed");
        drop(of_child);
        std::fs::remove_file(&path).expect("it is there");
    }

    #[test]
    fn the_first_bytes_say_whether_a_file_is_ours_new_or_foreign() {
        assert!((0..MAGIC.len()).all(|length| Kind::of(&MAGIC[..length]) == Kind::New));
        assert_eq!(Kind::of(&MAGIC), Kind::Ours);
        for foreign in [&b"x"[..], b"opero disk 2\x1a\r\n\0", b"redb\x1a\x0a\xa9\x0d\x0a", &[0; 16]] {
            assert_eq!(Kind::of(foreign), Kind::Foreign);
        }
    }
}
