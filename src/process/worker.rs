//! The parent's side of a child: sends requests, receives answers, and detects its end.

use alloc::vec::Vec;
use core::mem;
use core::time::Duration;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::thread::sleep;
use std::time::Instant;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::code::Job;
use super::frame::{Around, BYE, FIRST, GREETING, HEADER, Header, INIT_FAILED, READY, Request};
use super::output::Output;
use super::spawner;
use crate::error::Crash;
use crate::time::remaining;

#[cfg(feature = "async")]
mod many;

/// How long a child may take to reach the first line of its `main`.
const STARTUP: Duration = Duration::from_secs(60);

/// How often the remaining time is checked, because it may depend on a manual clock.
const LOOK: Duration = Duration::from_millis(100);

/// How long a child may take to end after its socket was closed.
const GOING: Duration = Duration::from_secs(2);

/// Requests up to this size are sent in one piece.
const SMALL: usize = 4096;

/// The maximum number of bytes allocated before the data has arrived, and kept for the next answer.
const STEP: usize = 1 << 22;

/// A child process with its socket and its output. Dropping it kills the process.
#[derive(Debug)]
pub(super) struct Worker {
    process: Option<Child>,
    socket: UnixStream,
    /// Becomes readable at the end of the process, if the system supports that. Works even if a process of the child
    /// keeps the socket open.
    end: Option<OwnedFd>,
    stdout: Output,
    stderr: Output,
    state: State,
    executable: u64,
    /// Whether a test harness prints before the child begins.
    is_test: bool,
    received: Vec<u8>,
    /// A buffer for small requests.
    sent: Vec<u8>,
    /// The number of requests that were sent.
    requests: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has not reached `init` yet.
    Starting(Instant),
    /// It runs `init_child`.
    Greeted,
    Ready,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The time of the body is over.
    Late,
    /// The child is not usable any more.
    Gone(Crash),
}

/// What happened while the parent waited.
struct Events {
    is_readable: bool,
    has_ended: bool,
}

impl Worker {
    pub(super) fn new(
        process: Child,
        socket: UnixStream,
        stdout: Output,
        stderr: Output,
        executable: u64,
        is_test: bool,
    ) -> Self {
        Worker {
            end: end_of(&process),
            process: Some(process),
            socket,
            stdout,
            stderr,
            state: State::Starting(Instant::now()),
            executable,
            is_test,
            received: Vec::new(),
            sent: Vec::new(),
            requests: 0,
        }
    }

    /// Returns the number of requests that were sent.
    pub(super) fn requests(&self) -> usize {
        self.requests
    }

    /// Returns whether a limit of the body may kill the child. It may not while the child starts.
    pub(super) fn is_started(&self) -> bool {
        self.state == State::Ready
    }

    /// Returns whether an idle child is alive and has sent nothing.
    pub(super) fn is_healthy(&self) -> bool {
        if !self.is_started() {
            return true;
        }
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(0))
    }

    /// Sends all bytes of all parts.
    pub(super) fn send(&mut self, parts: &[&[u8]]) -> Result<(), NoAnswer> {
        for part in parts {
            let mut rest = *part;
            while !rest.is_empty() {
                match send(&self.socket, rest, flags()) {
                    Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => {
                        if self.wait(true)?.has_ended {
                            return Err(self.gone());
                        }
                    }
                    Err(_) => return Err(self.gone()),
                }
            }
        }
        Ok(())
    }

    /// Waits until the child accepts requests.
    pub(super) fn start(&mut self) -> Result<(), NoAnswer> {
        while !self.is_started() {
            let events = self.wait(false)?;
            if events.is_readable || events.has_ended {
                self.receive()?;
                self.hear()?;
            }
        }
        Ok(())
    }

    /// Runs a job in the child, and waits for its answer.
    pub(super) fn ask(&mut self, job: Job, arguments: [&[u8]; 2]) -> Result<(), NoAnswer> {
        self.start()?;
        let kind = FIRST + self.requests as u64;
        self.requests += 1;
        let request = Request { job, around: Around::here() };
        let [first, second] = arguments;
        let head = request.write(kind, first.len() + second.len());
        self.send_request(&[&head, request.id(), first, second])?;
        loop {
            let events = self.wait(false)?;
            if events.is_readable || events.has_ended {
                self.receive()?;
                if let Some(header) = self.header()? {
                    if header.kind != kind {
                        return Err(self.broken_protocol());
                    }
                    match self.received.len().cmp(&(HEADER + header.length)) {
                        core::cmp::Ordering::Less => {}
                        core::cmp::Ordering::Equal => return Ok(()),
                        core::cmp::Ordering::Greater => return Err(self.broken_protocol()),
                    }
                }
            }
        }
    }

    /// Sends a request, in one piece if it is small.
    fn send_request(&mut self, parts: &[&[u8]]) -> Result<(), NoAnswer> {
        if parts.iter().map(|part| part.len()).sum::<usize>() > SMALL {
            return self.send(parts);
        }
        let mut whole = mem::take(&mut self.sent);
        whole.clear();
        for part in parts {
            whole.extend_from_slice(part);
        }
        let outcome = self.send(&[&whole]);
        self.sent = whole;
        outcome
    }

    /// The answer that has arrived.
    pub(super) fn answer(&self) -> &[u8] {
        self.received.get(HEADER..).unwrap_or_default()
    }

    /// Clears the answer after it was read.
    pub(super) fn clear(&mut self) {
        if self.received.capacity() > STEP {
            self.received = Vec::new();
        }
        self.received.clear();
    }

    fn header(&mut self) -> Result<Option<Header>, NoAnswer> {
        Header::read(&self.received).map_err(|_| self.broken_protocol())
    }

    /// Handles the frames that a child sends while it starts.
    fn hear(&mut self) -> Result<(), NoAnswer> {
        while let Some(header) = self.header()? {
            let whole = HEADER + header.length;
            if header.length > 8 {
                return Err(self.broken_protocol());
            }
            if self.received.len() < whole {
                return Ok(());
            }
            let payload: Vec<u8> = self.received.drain(..whole).skip(HEADER).collect();
            match (self.state, header.kind) {
                (State::Starting(_), GREETING) if payload == self.executable.to_le_bytes() => {
                    self.state = State::Greeted;
                    if self.is_test {
                        self.stdout.discard();
                    }
                }
                (State::Starting(_), GREETING) => {
                    return Err(self.kill_as("the program was replaced on disk after it was started"));
                }
                (State::Greeted, READY) => self.state = State::Ready,
                (State::Greeted, INIT_FAILED) => return Err(self.kill_as("its `init_child` panicked")),
                _ => return Err(self.broken_protocol()),
            }
        }
        Ok(())
    }

    /// Waits until the child has sent something or has ended, or accepts more. Relays its output meanwhile.
    fn wait(&mut self, is_sending: bool) -> Result<Events, NoAnswer> {
        loop {
            let left = remaining();
            if left.is_some_and(|left| left.is_zero()) {
                return Err(NoAnswer::Late);
            }
            let mut timeout = left.map(|left| left.min(LOOK));
            if let State::Starting(since) = self.state {
                if since.elapsed() > STARTUP {
                    return Err(self.kill_as("it did not reach `opero::process::init` within a minute"));
                }
                timeout = Some(timeout.unwrap_or(LOOK));
            }
            let flags = if is_sending { PollFlags::OUT } else { PollFlags::IN };
            // Do not relay what a test harness prints first.
            let is_quiet = self.is_test && matches!(self.state, State::Starting(_));
            let stdout = self.stdout.fd().filter(|_| !is_quiet);
            let fds = [stdout, self.stderr.fd(), self.end.as_ref().map(OwnedFd::as_fd), None];
            let [socket, stdout, stderr, end, _] = poll_all(self.socket.as_fd(), flags, fds, timeout);
            if !stdout.is_empty() {
                self.stdout.relay();
            }
            if !stderr.is_empty() {
                self.stderr.relay();
            }
            if !(socket | end).is_empty() {
                let is_readable = socket.intersects(!PollFlags::OUT);
                return Ok(Events { is_readable, has_ended: !end.is_empty() && !is_readable });
            }
        }
    }

    /// Receives the bytes that are available on the socket.
    pub(super) fn receive(&mut self) -> Result<(), NoAnswer> {
        loop {
            self.received.reserve(self.missing().clamp(4096, STEP));
            match recv(&self.socket, spare_capacity(&mut self.received), RecvFlags::DONTWAIT) {
                Ok((1.., _)) if self.missing() == 0 => return Ok(()),
                Ok((1.., _)) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if !self.has_ended() => return Ok(()),
                Ok((0, _)) | Err(_) => return Err(self.gone()),
            }
        }
    }

    /// The number of missing bytes of the current frame.
    fn missing(&self) -> usize {
        match Header::read(&self.received) {
            Ok(Some(header)) => (HEADER + header.length).saturating_sub(self.received.len()),
            Ok(None) => HEADER - self.received.len(),
            Err(_) => 0,
        }
    }

    fn has_ended(&mut self) -> bool {
        self.end.is_some() && self.process.as_mut().is_some_and(|process| !matches!(process.try_wait(), Ok(None)))
    }

    fn broken_protocol(&mut self) -> NoAnswer {
        NoAnswer::Gone(self.kill_for_broken_protocol())
    }

    /// Kills the child, which has sent an invalid answer.
    pub(super) fn kill_for_broken_protocol(&mut self) -> Crash {
        self.kill();
        Crash::no_answer("its answer is invalid")
    }

    /// Kills the child for this reason.
    pub(super) fn kill_as(&mut self, problem: &'static str) -> NoAnswer {
        self.kill();
        NoAnswer::Gone(Crash::no_answer(problem))
    }

    /// Handles the end of the socket: the child has ended, or is about to.
    fn gone(&mut self) -> NoAnswer {
        let since = Instant::now();
        let mut pause = Duration::from_micros(20);
        let crash = loop {
            let Some(process) = &mut self.process else { break Crash::unknown() };
            match process.try_wait() {
                Ok(Some(status)) => break Crash::of(status),
                // Another part of the program has waited for it.
                Err(_) => break Crash::unknown(),
                Ok(None) if since.elapsed() > GOING => break Crash::no_answer("it closed its socket"),
                Ok(None) => sleep(pause),
            }
            pause = (pause * 2).min(Duration::from_millis(10));
            self.stdout.relay();
            self.stderr.relay();
        };
        self.kill();
        NoAnswer::Gone(crash)
    }

    /// Kills the child if it is still running, and leaves it to be waited for.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // A child that was already waited for is not killed again.
            let _ = process.kill();
            self.stdout.finish();
            self.stderr.finish();
            spawner::reap(process, None);
        }
    }

    /// Lets the child end by itself, and leaves it to be waited for.
    pub(super) fn dismiss(mut self) {
        if !self.is_started() || self.say_bye().is_err() {
            return self.kill();
        }
        self.stdout.finish();
        self.stderr.finish();
        if let Some(process) = self.process.take() {
            // The socket stays open until the child has ended: closing it would kill the child.
            let socket = self.socket.try_clone().ok();
            spawner::reap(process, socket);
        }
    }

    fn say_bye(&mut self) -> io::Result<()> {
        let bye = Header { length: 0, kind: BYE }.write();
        let sent = send(&self.socket, &bye, flags())?;
        if sent == bye.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(super) fn flags() -> SendFlags {
    #[cfg(not(target_vendor = "apple"))]
    return SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    // The Rust runtime ignores the signal.
    #[cfg(target_vendor = "apple")]
    SendFlags::DONTWAIT
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn end_of(process: &Child) -> Option<OwnedFd> {
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    pidfd_open(Pid::from_child(process), PidfdFlags::empty()).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn end_of(_: &Child) -> Option<OwnedFd> {
    None
}

/// Polls the socket and up to four more descriptors, and returns the events of each.
fn poll_all(
    socket: BorrowedFd<'_>,
    flags: PollFlags,
    others: [Option<BorrowedFd<'_>>; 4],
    timeout: Option<Duration>,
) -> [PollFlags; 5] {
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let mut fds = [socket; 5].map(|fd| PollFd::from_borrowed_fd(fd, flags));
    let mut places = [0; 4];
    let mut count = 1;
    for (place, other) in places.iter_mut().zip(others) {
        let (Some(other), Some(fd)) = (other, fds.get_mut(count)) else { continue };
        *fd = PollFd::from_borrowed_fd(other, PollFlags::IN);
        *place = count;
        count += 1;
    }
    let Some(watched) = fds.get_mut(..count) else { return [PollFlags::empty(); 5] };
    match poll(watched, timeout.as_ref()) {
        Ok(_) => {
            let event = |place: usize| watched.get(place).map_or(PollFlags::empty(), PollFd::revents);
            let of = |place| if place == 0 { PollFlags::empty() } else { event(place) };
            let [stdout, stderr, end, bell] = places.map(of);
            [event(0), stdout, stderr, end, bell]
        }
        Err(_) => [PollFlags::empty(); 5],
    }
}
