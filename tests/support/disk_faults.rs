//! Faults of a store in a file: directories for one test, small disks, damage, and processes that are killed.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A directory for one test, which is removed when this is dropped.
pub(crate) struct Directory {
    path: PathBuf,
    is_mounted: bool,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Directory::within(&std::env::temp_dir()).expect("a directory")
    }

    /// A directory in memory, if the system has that: for tests that write much and do not depend on a real disk.
    pub(crate) fn quick() -> Self {
        Directory::within(Path::new("/dev/shm")).unwrap_or_else(|_| Directory::new())
    }

    fn within(parent: &Path) -> std::io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("opero-test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let path = parent.join(name);
        fs::create_dir(&path)?;
        Ok(Directory { path, is_mounted: false })
    }

    /// A disk of `kilobytes`; `None`, with a message on stderr, if this process may not mount one.
    pub(crate) fn small_disk(kilobytes: u32) -> Option<Self> {
        let mut directory = Directory::new();
        let options = format!("size={kilobytes}k");
        directory.is_mounted = mount(&["-t", "tmpfs", "-o", &options, "tmpfs"], &directory.path);
        if !directory.is_mounted {
            eprintln!(
                "skipped: a small disk needs `mount -t tmpfs`, which this process is not allowed (it is for root)"
            );
        }
        directory.is_mounted.then_some(directory)
    }

    /// Makes the directory read-only. Returns whether that worked.
    pub(crate) fn make_read_only(&self) -> bool {
        if self.is_mounted {
            return mount(&["-o", "remount,ro"], &self.path);
        }
        let mut permissions = fs::metadata(&self.path).expect("its state").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&self.path, permissions).expect("its owner may");
        // Root may write anywhere.
        fs::write(self.path.join("probe"), "").is_err()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg(&self.path).status();
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let _ = fs::set_permissions(&self.path, fs::Permissions::from_mode(0o700));
        }
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn mount(arguments: &[&str], path: &Path) -> bool {
    let status = Command::new("mount").args(arguments).arg(path).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Random numbers that are the same in each run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Chance(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % end.max(1)
    }
}

/// Cuts a file off at a random length.
pub(crate) fn cut(bytes: &[u8], chance: &mut Chance) -> (String, Vec<u8>) {
    let length = chance.below(bytes.len());
    (format!("cut off at {length}"), bytes[..length].to_vec())
}

/// Changes some bits, bytes or pages of a file after the first `from` bytes.
pub(crate) fn damaged(bytes: &[u8], from: usize, chance: &mut Chance) -> (String, Vec<u8>) {
    const PAGE: usize = 4096;
    let mut bytes = bytes.to_vec();
    let place = |chance: &mut Chance| from + chance.below(bytes.len() - from - PAGE);
    let what = match chance.below(4) {
        0 => {
            let at = place(chance);
            bytes[at] ^= 1 << chance.below(8);
            format!("a bit at {at}")
        }
        1 => {
            let places: Vec<_> = (0..64).map(|_| place(chance)).collect();
            for at in &places {
                bytes[*at] = u8::try_from(chance.below(256)).unwrap();
            }
            format!("64 bytes, the first at {}", places[0])
        }
        2 => {
            let at = place(chance) / PAGE * PAGE;
            let at = at.max(from);
            (at..at + PAGE).for_each(|at| bytes[at] = u8::try_from(chance.below(256)).unwrap());
            format!("a page at {at}")
        }
        _ => {
            let at = place(chance).max(from);
            bytes[at..at + PAGE].fill(0);
            format!("zeros from {at} on")
        }
    };
    (what, bytes)
}

/// Hides panics of a library over a damaged file; all others are shown.
pub(crate) fn hush(library: &'static str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.location().is_some_and(|location| location.file().contains(library)) {
                shown(panic);
            }
        }));
    });
}

/// Starts this program again, to run only test `name` with a variable of the environment.
pub(crate) fn again(name: &str, variable: &str, value: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(variable, value)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process")
}

/// Waits for a condition.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "not within 30 s: {what}");
        sleep(Duration::from_millis(1));
    }
}
