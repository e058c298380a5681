//! What the tests of the SQLite store share: directories, small disks, and processes for one test.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A directory that is removed when this is dropped.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("opero-sqlite-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory");
        Directory(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("cache.db")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file system in memory.
pub(crate) struct Disk(Directory);

impl Disk {
    /// Mounts one with these options, such as `size=1m`; `None` if this user may not mount one.
    pub(crate) fn mount(options: &str) -> Option<Self> {
        let directory = Directory::new();
        if !cfg!(target_os = "linux") || !run("mount", &["-t", "tmpfs", "-o", options, "tmpfs"], directory.path()) {
            println!("skipped: a disk of its own takes Linux and the right to mount one");
            return None;
        }
        Some(Disk(directory))
    }

    pub(crate) fn remount(&self, options: &str) {
        assert!(run("mount", &["-o", &format!("remount,{options}")], self.path()), "it can be remounted");
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.file()
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A file that is still open there is released later.
        run("umount", &["-l"], self.path());
    }
}

fn run(program: &str, options: &[&str], path: &Path) -> bool {
    let status = Command::new(program).args(options).arg(path).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The variables that tell a process of this binary its task.
pub(crate) const ROLE: &str = "OPERO_SQLITE_ROLE";
pub(crate) const FILE: &str = "OPERO_SQLITE_FILE";

/// Starts a process of this binary, which runs one of its tests as `role`.
pub(crate) fn process(test: &str, role: &str, file: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(FILE, file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("a process")
}

/// Returns the task of this process, if another has started it.
pub(crate) fn role() -> Option<(String, PathBuf)> {
    Some((std::env::var(ROLE).ok()?, std::env::var_os(FILE)?.into()))
}

/// Waits for a condition, for a minute.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "after a minute still not: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Returns what SQLite itself says about a file.
pub(crate) fn integrity(file: &Path) -> String {
    let connection = rusqlite::Connection::open(file).expect("a file");
    connection.busy_timeout(Duration::from_secs(10)).expect("a timeout");
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer")
}

/// Random numbers, the same in each run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
