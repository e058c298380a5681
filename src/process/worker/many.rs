//! The non-blocking interface to a child with many bodies, which sends and receives at the same time.

use alloc::vec::Vec;
use core::time::Duration;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::send;

use super::{NoAnswer, Worker, flags, poll_all};
use crate::process::frame::{HEADER, Header};

/// The events of a child with many bodies.
pub(in crate::process) struct Watched {
    pub(in crate::process) is_readable: bool,
    pub(in crate::process) is_writable: bool,
    pub(in crate::process) has_ended: bool,
}

impl Worker {
    /// Counts a request.
    pub(in crate::process) fn count_request(&mut self) {
        self.requests += 1;
    }

    /// Waits until the child sends or accepts something, until `bell` is readable, or until the timeout. Relays the
    /// output of the child.
    pub(in crate::process) fn watch(
        &mut self,
        is_sending: bool,
        bell: BorrowedFd<'_>,
        timeout: Option<Duration>,
    ) -> Watched {
        let flags = if is_sending { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let fds = [self.stdout.fd(), self.stderr.fd(), self.end.as_ref().map(OwnedFd::as_fd), Some(bell)];
        let [socket, stdout, stderr, end, _] = poll_all(self.socket.as_fd(), flags, fds, timeout);
        // Output of a body must be relayed before its answer.
        let has_spoken = socket.intersects(!PollFlags::OUT);
        if has_spoken || !stdout.is_empty() {
            self.stdout.relay();
        }
        if has_spoken || !stderr.is_empty() {
            self.stderr.relay();
        }
        Watched {
            is_readable: has_spoken,
            is_writable: socket.contains(PollFlags::OUT),
            has_ended: !end.is_empty() && !has_spoken,
        }
    }

    /// Sends as many of these bytes as the child accepts now.
    pub(in crate::process) fn send_some(&mut self, bytes: &[u8]) -> Result<usize, NoAnswer> {
        loop {
            match send(&self.socket, bytes, flags()) {
                Ok(sent) => return Ok(sent),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(0),
                Err(_) => return Err(self.gone()),
            }
        }
    }

    /// Takes the complete frames that have arrived.
    pub(in crate::process) fn take_frames(&mut self) -> Result<Vec<(u64, Vec<u8>)>, NoAnswer> {
        let mut frames = Vec::new();
        let mut taken = 0;
        loop {
            let rest = self.received.get(taken..).unwrap_or_default();
            let Ok(header) = Header::read(rest) else { return Err(self.broken_protocol()) };
            let Some(Header { length, kind }) = header else { break };
            let Some(payload) = rest.get(HEADER..HEADER + length) else { break };
            frames.push((kind, payload.to_vec()));
            taken += HEADER + length;
        }
        if taken == self.received.len() {
            self.clear();
        } else {
            self.received.drain(..taken);
        }
        Ok(frames)
    }
}
