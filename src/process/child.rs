//! The child's side: receives requests, runs bodies, answers, and ends with its parent.

use alloc::vec::Vec;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::fs::File;
use std::io::{Read, Write, stdin, stdout};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::catch_unwind;
use std::process::exit;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::net::getsockname;
use rustix::process::{Pid, Signal, getpid, getppid, kill_process};
use rustix::stdio::dup2_stdin;

use super::executable::{Mark, identity};
use super::frame::{BYE, GREETING, HEADER, HELLO, Header, Hello, INIT_FAILED, READY, Request};
use super::surroundings::Surroundings;
use crate::sync::thread;

/// How often a child checks for its parent if the system does not notify it.
const LOOK: Duration = Duration::from_millis(250);

/// The maximum memory that is kept for the next request and its answer.
pub(super) const KEPT: usize = 1 << 22;

/// If this process is a child, serves its parent and does not return.
pub(super) fn run_if_child() {
    let Some(mark) = Mark::of_this_process() else { return };
    if !is_child_of(mark) {
        return;
    }
    let Some(socket) = take_socket() else { exit(1) };
    if !watch(&socket, mark) {
        exit(1);
    }
    serve(socket);
}

/// Checks the mark, which may be inherited from a child that has started another program, or this program itself.
fn is_child_of(mark: Mark) -> bool {
    let stdin = stdin();
    if getsockname(&stdin).is_err() {
        return false;
    }
    let parent = getppid().map(Pid::as_raw_pid);
    if parent.is_some_and(|parent| parent.unsigned_abs() == mark.parent) {
        return true;
    }
    // The parent of this child may have ended already.
    if is_from(stdin.as_fd(), mark) { die() } else { false }
}

/// Returns whether the process of the mark created this socket.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_from(socket: std::os::fd::BorrowedFd<'_>, mark: Mark) -> bool {
    rustix::net::sockopt::socket_peercred(socket).is_ok_and(|peer| peer.pid.as_raw_pid().unsigned_abs() == mark.parent)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_from(_: std::os::fd::BorrowedFd<'_>, _: Mark) -> bool {
    getppid().is_none_or(|parent| parent.as_raw_pid() == 1)
}

/// Moves the socket away from stdin, which is empty from here on.
fn take_socket() -> Option<UnixStream> {
    let stdin = stdin();
    let socket: OwnedFd = fcntl_dupfd_cloexec(&stdin, 3).ok()?;
    dup2_stdin(File::open("/dev/null").ok()?).ok()?;
    Some(socket.into())
}

/// Starts a thread that ends this process when its parent ends.
fn watch(socket: &UnixStream, mark: Mark) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    if !has_parent(mark) {
        die();
    }
    let Ok(socket) = socket.try_clone() else { return false };
    let watch = move || {
        loop {
            if has_ended(&socket) || !has_parent(mark) {
                die();
            }
        }
    };
    thread::Builder::new().name("opero-parent".into()).stack_size(64 << 10).spawn(watch).is_ok()
}

fn has_parent(mark: Mark) -> bool {
    getppid().is_some_and(|parent| parent.as_raw_pid().unsigned_abs() == mark.parent)
}

/// Waits for the end of the socket, with a timeout.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn has_ended(socket: &UnixStream) -> bool {
    let mut fds = [PollFd::new(socket, PollFlags::RDHUP)];
    poll(&mut fds, timeout(LOOK * 240).as_ref()).is_ok_and(|count| count > 0)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn has_ended(socket: &UnixStream) -> bool {
    let mut fds = [PollFd::new(socket, PollFlags::HUP)];
    poll(&mut fds, timeout(LOOK).as_ref()).is_ok_and(|count| count > 0)
        && fds.iter().any(|fd| fd.revents().contains(PollFlags::HUP))
}

fn timeout(timeout: Duration) -> Option<Timespec> {
    Timespec::try_from(timeout).ok()
}

/// Ends this process at once, whatever its other threads do.
pub(super) fn die() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort()
}

/// Sends the greeting to the parent, and serves its requests.
fn serve(mut socket: UnixStream) -> ! {
    if greet(&mut socket).is_async {
        #[cfg(feature = "async")]
        super::bodies::serve(socket);
        #[cfg(not(feature = "async"))]
        exit(1);
    }
    serve_one_by_one(socket)
}

/// Does everything before the first request.
fn greet(socket: &mut UnixStream) -> Hello {
    let mut request = Vec::new();
    let kind = read(socket, &mut request);
    let Some(hello) = Hello::read(&request).filter(|_| kind == HELLO) else { exit(1) };
    let own = identity().unwrap_or(0);
    write(socket, GREETING, &own.to_le_bytes());
    if own != hello.executable {
        exit(1);
    }
    if let Some(most) = hello.memory {
        limit_memory(most);
    }
    if let Some(init) = hello.init {
        let outcome = if init.is_in_executable() { catch_unwind(|| init.run_init()).is_ok() } else { false };
        let _ = stdout().flush();
        if !outcome {
            write(socket, INIT_FAILED, &[]);
            exit(101);
        }
    }
    write(socket, READY, &[]);
    hello
}

/// The main loop of a child that runs one body at a time.
fn serve_one_by_one(mut socket: UnixStream) -> ! {
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    loop {
        let kind = read(&mut socket, &mut request);
        if kind == BYE {
            leave();
        }
        let Some((Request { job, around }, arguments)) = Request::read(&request) else { exit(1) };
        if !job.is_in_executable() {
            exit(1);
        }
        answer.clear();
        answer.resize(HEADER, 0);
        Surroundings::from(around).within(|| job.run(arguments, &mut answer));
        let _ = stdout().flush();
        let header = Header { length: answer.len() - HEADER, kind };
        if let Some(place) = answer.first_chunk_mut() {
            *place = header.write();
        }
        send(&mut socket, &answer);
        for buffer in [&mut answer, &mut request] {
            if buffer.capacity() > KEPT {
                *buffer = Vec::new();
            }
        }
    }
}

/// Ends this process like the end of `main`.
pub(super) fn leave() -> ! {
    let _ = catch_unwind(AssertUnwindSafe(|| exit(0)));
    die()
}

/// Reads a frame, and returns its kind.
fn read(socket: &mut UnixStream, payload: &mut Vec<u8>) -> u64 {
    let mut header = [0; HEADER];
    if socket.read_exact(&mut header).is_err() {
        die();
    }
    let Ok(Some(Header { length, kind })) = Header::read(&header) else { exit(1) };
    payload.clear();
    let mut rest = Read::take(socket, length as u64);
    if payload.try_reserve_exact(length).is_err() || !rest.read_to_end(payload).is_ok_and(|read| read == length) {
        die();
    }
    kind
}

fn write(socket: &mut UnixStream, kind: u64, payload: &[u8]) {
    let mut frame = Header { length: payload.len(), kind }.write().to_vec();
    frame.extend(payload);
    send(socket, &frame);
}

fn send(socket: &mut UnixStream, bytes: &[u8]) {
    if socket.write_all(bytes).is_err() {
        die();
    }
}

/// Limits the memory for data that this process can allocate from here on.
fn limit_memory(most: u64) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: Some(most) });
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = most;
}
