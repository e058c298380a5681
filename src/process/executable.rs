//! The file of this program, from which its children are started, and how a child is recognised.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use std::ffi::OsString;
use std::fs::metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::{env, io};

/// The environment variable of a child: the process id of its parent and its depth.
pub(super) const VARIABLE: &str = "OPERO_PROCESS_CHILD";

/// The maximum depth of children. Each level multiplies the processes by `workers`.
pub(super) const DEEPEST: u32 = 4;

/// The content of the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) parent: u32,
    pub(super) depth: u32,
}

impl Mark {
    /// The mark of this process, if it has one.
    pub(super) fn of_this_process() -> Option<Self> {
        Mark::read(&env::var(VARIABLE).ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        let (parent, depth) = text.split_once(' ')?;
        Some(Mark { parent: parent.parse().ok()?, depth: depth.parse().ok()? })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.parent, self.depth)
    }
}

/// The file to start. On Linux it is the running file, even if it was renamed, replaced or deleted.
pub(super) fn path() -> io::Result<PathBuf> {
    if cfg!(any(target_os = "linux", target_os = "android")) { Ok("/proc/self/exe".into()) } else { env::current_exe() }
}

/// A hash that distinguishes this file from other files and from other versions of it.
pub(super) fn identity() -> io::Result<u64> {
    let file = metadata(path()?)?;
    let changed = [file.mtime(), file.mtime_nsec()].map(|time| u64::from_le_bytes(time.to_le_bytes()));
    // FNV-1a, over words.
    let hash = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0100_0000_01b3);
    Ok([file.dev(), file.ino(), file.len()].into_iter().chain(changed).fold(0xcbf2_9ce4_8422_2325, hash))
}

/// How children are started.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) identity: u64,
    pub(super) arguments: Vec<OsString>,
    /// Whether a test harness prints before the child begins.
    pub(super) is_test: bool,
}

impl Launch {
    /// Starts children like this program.
    pub(super) fn of_program() -> io::Result<Self> {
        Ok(Launch { identity: identity()?, arguments: env::args_os().skip(1).collect(), is_test: false })
    }

    /// Starts children as the one test with this name.
    pub(super) fn of_test(name: &str) -> io::Result<Self> {
        let arguments = ["--exact", name, "--nocapture", "--include-ignored", "--test-threads=1"];
        Ok(Launch { identity: identity()?, arguments: arguments.map(OsString::from).into(), is_test: true })
    }
}

/// The name of a test, from the path of a function inside it.
pub(super) fn test_name(path: &str) -> String {
    let path = path.strip_suffix("::here").unwrap_or(path);
    let segments = path.split("::").skip(1).filter(|segment| !segment.starts_with('{'));
    segments.fold(
        String::new(),
        |name, segment| if name.is_empty() { segment.into() } else { format!("{name}::{segment}") },
    )
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_mark_is_parsed_as_it_was_written() {
        let mark = Mark { parent: 17, depth: 2 };
        assert_eq!(Mark::read(&mark.to_string()), Some(mark));
        for other in ["", "17", "17 ", "a 2", "17 2 3", "-1 2"] {
            assert_eq!(Mark::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_test_has_the_name_of_its_path_without_the_crate() {
        assert_eq!(test_name("process::list::here"), "list");
        assert_eq!(test_name("my_crate::tests::deep::list::here"), "tests::deep::list");
        assert_eq!(test_name("my_crate::tests::list::{{closure}}::here"), "tests::list");
    }

    #[test]
    fn a_file_has_one_identity() {
        assert_eq!(identity().unwrap(), identity().unwrap());
    }
}
