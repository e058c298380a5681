//! The main loop of a child that runs many bodies at once, on one thread.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::future::poll_fn;
use core::mem;
use core::panic::AssertUnwindSafe;
use core::task::{Context, Poll};
use std::io::{Write, stdout};
use std::os::unix::net::UnixStream;
use std::panic::catch_unwind;
use std::process::exit;

use async_io::Async;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, send};

use super::child::{KEPT, die, leave};
use super::code::Body;
use super::frame::{BYE, CANCEL, FIRST, HEADER, Header, Request};
use super::surroundings::Surroundings;
use super::worker::flags;
use crate::map::Signals;

/// After this many polls in one go, the executor checks the socket and does its other work.
const BUDGET: usize = 64;

/// The maximum number of bytes allocated before the data has arrived.
const STEP: usize = 1 << 22;

/// Runs such a child. This thread drives the timers and sockets of `async-io`.
pub(super) fn serve(socket: UnixStream) -> ! {
    let Ok(socket) = Async::new(socket) else { exit(1) };
    let mut bodies = Bodies {
        socket,
        received: Vec::new(),
        out: VecDeque::new(),
        sent: 0,
        slots: Vec::new(),
        idle: Vec::new(),
        places: BTreeMap::new(),
        signals: Signals::new(0),
    };
    async_io::block_on(poll_fn(|context| bodies.poll(context)));
    leave()
}

struct Bodies {
    socket: Async<UnixStream>,
    received: Vec<u8>,
    /// Frames that the parent has not accepted yet.
    out: VecDeque<Vec<u8>>,
    /// The number of bytes of the first frame that were sent.
    sent: usize,
    slots: Vec<Option<Running>>,
    /// The free positions in `slots`.
    idle: Vec<usize>,
    /// The position of the body of each request.
    places: BTreeMap<u64, usize>,
    /// The wakers of the bodies, by position.
    signals: Signals,
}

struct Running {
    number: u64,
    body: Body,
    around: Surroundings,
}

impl Bodies {
    /// Ready when the parent has said goodbye.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.signals.register(context.waker());
        if self.read(context) {
            return Poll::Ready(());
        }
        let mut left = BUDGET;
        while left > 0 {
            let Some(place) = self.signals.next() else { break };
            self.run(place);
            left -= 1;
        }
        if left == 0 {
            context.waker().wake_by_ref();
        }
        self.write(context);
        Poll::Pending
    }

    /// Reads what the parent has sent. Returns whether it has said goodbye.
    fn read(&mut self, context: &mut Context<'_>) -> bool {
        loop {
            let missing = match Header::read(&self.received) {
                Ok(Some(header)) => (HEADER + header.length).saturating_sub(self.received.len()),
                Ok(None) => HEADER,
                Err(_) => exit(1),
            };
            if self.received.try_reserve(missing.clamp(1 << 14, STEP)).is_err() {
                die();
            }
            match recv(self.socket.get_ref(), spare_capacity(&mut self.received), RecvFlags::DONTWAIT) {
                Ok((1.., _)) => {
                    if self.take_frames() {
                        return true;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => match self.socket.poll_readable(context) {
                    Poll::Pending => return false,
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(_)) => die(),
                },
                Ok((0, _)) | Err(_) => die(),
            }
        }
    }

    fn take_frames(&mut self) -> bool {
        let received = mem::take(&mut self.received);
        let mut rest = received.as_slice();
        loop {
            let Ok(header) = Header::read(rest) else { exit(1) };
            let Some(Header { length, kind }) = header else { break };
            let Some((frame, behind)) = rest.split_at_checked(HEADER + length) else { break };
            let payload = frame.get(HEADER..).unwrap_or_default();
            match kind {
                BYE => return true,
                CANCEL => {
                    let Some(number) = payload.first_chunk() else { exit(1) };
                    self.cancel(u64::from_le_bytes(*number));
                }
                FIRST.. => self.start(kind, payload),
                _ => exit(1),
            }
            rest = behind;
        }
        let taken = received.len() - rest.len();
        self.received = received;
        self.received.drain(..taken);
        if self.received.is_empty() && self.received.capacity() > KEPT {
            self.received = Vec::new();
        }
        false
    }

    fn start(&mut self, number: u64, payload: &[u8]) {
        let Some((Request { job, around }, arguments)) = Request::read(payload) else { exit(1) };
        if !job.is_in_executable() {
            exit(1);
        }
        let around = Surroundings::from(around);
        let body = around.within(|| job.start(arguments));
        let running = Some(Running { number, body, around });
        let place = if let Some(place) = self.idle.pop() {
            if let Some(slot) = self.slots.get_mut(place) {
                *slot = running;
            }
            place
        } else {
            self.slots.push(running);
            self.signals.add();
            self.slots.len() - 1
        };
        self.places.insert(number, place);
        // A wake-up of the body that was in this slot before counts for this one.
        self.signals.waker(place).wake_by_ref();
    }

    fn run(&mut self, place: usize) {
        let Some(Some(running)) = self.slots.get_mut(place) else { return };
        let Running { number, body, around } = running;
        let waker = self.signals.waker(place);
        let polled = around.within(|| body.as_mut().poll(&mut Context::from_waker(waker)));
        if let Poll::Ready(answer) = polled {
            let number = *number;
            self.free(number);
            self.answer(number, answer);
        }
    }

    /// Drops a body whose caller has gone, and confirms that. A body that has already answered is gone.
    fn cancel(&mut self, number: u64) {
        if self.places.contains_key(&number) {
            self.free(number);
            self.answer(number, alloc::vec![0; HEADER]);
        }
    }

    fn free(&mut self, number: u64) {
        let Some(place) = self.places.remove(&number) else { return };
        let running = self.slots.get_mut(place).and_then(Option::take);
        if let Some(Running { body, around, .. }) = running {
            // The drop may panic, and so may the drop of the payload.
            let _ = around.within(|| catch_unwind(AssertUnwindSafe(|| drop(body)))).map_err(mem::forget);
        }
        self.idle.push(place);
    }

    /// Sends an answer, which begins with room for its header.
    fn answer(&mut self, number: u64, mut answer: Vec<u8>) {
        let header = Header { length: answer.len().saturating_sub(HEADER), kind: number };
        if let Some(place) = answer.first_chunk_mut() {
            *place = header.write();
        }
        self.out.push_back(answer);
    }

    /// Sends as much as the parent accepts.
    fn write(&mut self, context: &mut Context<'_>) {
        if !self.out.is_empty() {
            // Output of a body must arrive before its answer.
            let _ = stdout().flush();
        }
        while let Some(frame) = self.out.front() {
            match send(self.socket.get_ref(), frame.get(self.sent..).unwrap_or_default(), flags()) {
                Ok(sent) => {
                    self.sent += sent;
                    if self.sent >= frame.len() {
                        self.out.pop_front();
                        self.sent = 0;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => match self.socket.poll_writable(context) {
                    Poll::Pending => return,
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(_)) => die(),
                },
                Err(_) => die(),
            }
        }
    }
}
