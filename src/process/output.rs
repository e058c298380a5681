//! Relays the output of children in whole lines, so that lines of several children are not mixed.

use alloc::vec::Vec;
use std::io::{self, Write, stderr, stdout};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, ioctl_fionbio, read};

/// The maximum length of a line. A longer one is relayed in pieces.
const LONGEST: usize = 1 << 16;

/// The destination of the lines.
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

/// The reading end of a pipe into which a child prints.
#[derive(Debug)]
pub(super) struct Output {
    /// `None` after its end was read.
    pipe: Option<OwnedFd>,
    pending: Vec<u8>,
    target: Target,
}

impl Output {
    pub(super) fn new(pipe: OwnedFd, target: Target) -> io::Result<Self> {
        ioctl_fionbio(&pipe, true)?;
        Ok(Output { pipe: Some(pipe), pending: Vec::new(), target })
    }

    /// The file descriptor to poll. `None` if nothing more will come.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(OwnedFd::as_fd)
    }

    /// Relays the available lines, without waiting.
    pub(super) fn relay(&mut self) {
        while self.pull() {
            let whole = whole(&self.pending);
            if whole > 0 {
                // An error means that no one reads the output.
                let _ = self.target.write(&self.pending[..whole]);
                self.pending.drain(..whole);
            }
        }
    }

    /// Relays the available lines, then the last one even if it is incomplete. Nothing more comes.
    pub(super) fn finish(&mut self) {
        self.relay();
        self.pipe = None;
        if !self.pending.is_empty() {
            self.pending.push(b'\n');
            let _ = self.target.write(&self.pending);
            self.pending.clear();
        }
    }

    /// Discards everything that has arrived so far.
    pub(super) fn discard(&mut self) {
        while self.pull() {
            self.pending.clear();
        }
    }

    /// Reads the available bytes. Returns false if there are none.
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

/// The number of bytes to relay: up to the end of the last line, or all if a line is too long to be kept.
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
    fn only_whole_lines_are_relayed() {
        assert_eq!(whole(b""), 0);
        assert_eq!(whole(b"half a line"), 0);
        assert_eq!(whole(b"a line\nhalf a line"), 7);
        assert_eq!(whole(b"one\ntwo\n"), 8);
        assert_eq!(whole(&vec![b'x'; LONGEST]), LONGEST);
    }
}
