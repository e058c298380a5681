//! What children print, passed on in whole lines, so that those of several do not run into each other.

use alloc::vec::Vec;
use std::io::{self, Write, stderr, stdout};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, ioctl_fionbio, read};

/// A line that is longer is passed on in pieces.
const LONGEST: usize = 1 << 16;

/// Where the lines go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Stdout,
    Stderr,
}

impl Target {
    fn write(self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Target::Stdout => {
                let mut stdout = stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Target::Stderr => stderr().lock().write_all(bytes),
        }
    }
}

/// The reading end of a pipe that a child prints into.
#[derive(Debug)]
pub(super) struct Output {
    /// `None` when its end was read.
    pipe: Option<OwnedFd>,
    pending: Vec<u8>,
    target: Target,
}

impl Output {
    pub(super) fn new(pipe: OwnedFd, target: Target) -> io::Result<Self> {
        ioctl_fionbio(&pipe, true)?;
        Ok(Output { pipe: Some(pipe), pending: Vec::new(), target })
    }

    /// What to wait for; `None` when nothing more will come.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(OwnedFd::as_fd)
    }

    /// Passes on the lines there are, without waiting.
    pub(super) fn relay(&mut self) {
        while self.pull() {
            let whole = whole(&self.pending);
            if whole > 0 {
                // Where it cannot be written, nobody reads it.
                let _ = self.target.write(&self.pending[..whole]);
                self.pending.drain(..whole);
            }
        }
    }

    /// The same, and the line that has no end: nothing more comes.
    pub(super) fn finish(&mut self) {
        self.relay();
        self.pipe = None;
        if !self.pending.is_empty() {
            self.pending.push(b'\n');
            let _ = self.target.write(&self.pending);
            self.pending.clear();
        }
    }

    /// Forgets what has come so far.
    pub(super) fn discard(&mut self) {
        while self.pull() {
            self.pending.clear();
        }
    }

    /// Reads what there is. False if that is nothing.
    fn pull(&mut self) -> bool {
        let Some(pipe) = &self.pipe else { return false };
        self.pending.reserve(4096);
        match read(pipe, spare_capacity(&mut self.pending)) {
            Ok(0) => self.pipe = None,
            Ok(_) => return true,
            Err(Errno::INTR) => return self.pull(),
            Err(Errno::AGAIN) => {}
            Err(_) => self.pipe = None,
        }
        false
    }
}

/// How many bytes can be passed on: up to the end of the last line, or all of them where a line is too long to be kept.
fn whole(bytes: &[u8]) -> usize {
    match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(end) => end + 1,
        None if bytes.len() >= LONGEST => bytes.len(),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn only_whole_lines_are_passed_on() {
        assert_eq!(whole(b""), 0);
        assert_eq!(whole(b"half a line"), 0);
        assert_eq!(whole(b"a line\nhalf a line"), 7);
        assert_eq!(whole(b"one\ntwo\n"), 8);
        assert_eq!(whole(&vec![b'x'; LONGEST]), LONGEST);
    }
}
