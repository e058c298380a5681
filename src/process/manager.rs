//! The thread that manages a child with many bodies. It sends the requests of the map's futures, passes on the answers,
//! and kills a child that does not drop a cancelled body.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use super::frame::{CANCEL, Header, Request};
use super::link::{BodyRequest, Bytes, Link, Outcome, Post, Question, Stage, Waiting};
use super::pool::{self, Configuration};
use super::worker::{NoAnswer, Worker};
use crate::error::Crash;
use crate::sync::thread;
use crate::time::{Left, apart};

/// How long a child may take to drop a cancelled body. A child that takes longer has a body that does not yield.
const GRACE: Duration = Duration::from_secs(2);

const UNYIELDING: &str = "a body in it exceeded its limit and did not yield";

/// Starts a child and the thread that manages it.
pub(super) fn start(configuration: Configuration, waiting: Arc<Waiting>) -> io::Result<Arc<Link>> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    theirs.set_nonblocking(true)?;
    let link = Arc::new(Link::new(theirs, waiting));
    let manager = Manager {
        link: Arc::clone(&link),
        bell: ours,
        configuration,
        asked: BTreeMap::new(),
        cancelled: BTreeMap::new(),
        out: Out::default(),
        moved: Instant::now(),
        crash: None,
    };
    thread::Builder::new().name("opero-child".into()).stack_size(256 << 10).spawn(move || manager.run())?;
    Ok(link)
}

struct Manager {
    link: Arc<Link>,
    bell: UnixStream,
    configuration: Configuration,
    asked: BTreeMap<u64, Arc<Question>>,
    /// The bodies that the child must drop, with the time by which it must. `None` until the child was told.
    cancelled: BTreeMap<u64, Option<Instant>>,
    out: Out,
    /// When the child last accepted data.
    moved: Instant,
    crash: Option<Crash>,
}

/// The time that is left: none if the map is over.
struct UntilClosed<'l>(&'l Link);

impl Left for UntilClosed<'_> {
    fn left(&self) -> Duration {
        if self.0.is_closing() { Duration::ZERO } else { Duration::MAX }
    }
}

impl Manager {
    fn run(mut self) {
        let mut worker = match pool::take(self.configuration) {
            Ok(worker) => worker,
            Err(crash) => return self.fail(crash),
        };
        match apart(Some(&UntilClosed(&self.link)), || worker.start()) {
            Ok(()) => {}
            Err(NoAnswer::Late) => return pool::give_back(worker, self.configuration),
            Err(NoAnswer::Gone(crash)) => return self.fail(crash),
        }
        self.link.set(Stage::Ready);
        match self.serve(&mut worker) {
            Ok(()) => pool::give_back(worker, self.configuration),
            Err(NoAnswer::Gone(crash)) => self.crash = Some(crash),
            Err(NoAnswer::Late) => {}
        }
    }

    /// Passes the error to all requests, if the child could not be started.
    fn fail(mut self, crash: Crash) {
        self.link.set_failure(crash.clone());
        for post in self.link.take() {
            if let Post::Ask(number, _, question) = post {
                self.asked.insert(number, question);
            }
        }
        self.crash = Some(crash);
    }

    fn serve(&mut self, worker: &mut Worker) -> Result<(), NoAnswer> {
        loop {
            let mut rung = [0; 64];
            while matches!((&self.bell).read(&mut rung), Ok(1..)) {}
            // Read before the posts are taken: a later post wakes this thread again.
            let is_closing = self.link.is_closing();
            for post in self.link.take() {
                self.carry_out(post, worker)?;
            }
            let is_idle = self.asked.is_empty() && self.cancelled.is_empty() && self.out.is_empty();
            if is_idle && (is_closing || self.link.stage() == Stage::Retired) {
                return Ok(());
            }
            let timeout = self.overdue().map(|end| end.saturating_duration_since(Instant::now()));
            let watched = worker.watch(!self.out.is_empty(), self.bell.as_fd(), timeout);
            if watched.is_readable || watched.has_ended {
                let outcome = worker.receive();
                // Answers that arrived before the end of the child count.
                self.hand_out(worker)?;
                outcome?;
            }
            if watched.is_writable && self.out.send(worker)? {
                self.moved = Instant::now();
            }
            if self.out.is_empty() {
                let end = Instant::now() + GRACE;
                self.cancelled.values_mut().filter(|due| due.is_none()).for_each(|due| *due = Some(end));
            }
            if self.overdue().is_some_and(|end| end <= Instant::now()) {
                return Err(worker.kill_as(UNYIELDING));
            }
        }
    }

    fn carry_out(&mut self, post: Post, worker: &mut Worker) -> Result<(), NoAnswer> {
        match post {
            Post::Ask(number, asked, question) => {
                let most = self.configuration.recycle_after.unwrap_or(usize::MAX);
                if worker.requests() >= most {
                    question.answer(Outcome::NotSent);
                    return Ok(());
                }
                worker.count_request();
                if worker.requests() >= most {
                    self.link.set(Stage::Retired);
                }
                self.note_progress();
                self.out.ask(number, asked);
                self.asked.insert(number, question);
            }
            Post::Cancel(number) => {
                if self.asked.remove(&number).is_some() {
                    self.note_progress();
                    self.cancelled.insert(number, None);
                    self.out.cancel(number);
                }
            }
            Post::Kill => return Err(NoAnswer::Gone(worker.kill_for_broken_protocol())),
        }
        Ok(())
    }

    /// Resets the time of progress if there was nothing to send.
    fn note_progress(&mut self) {
        if self.out.is_empty() {
            self.moved = Instant::now();
        }
    }

    /// When the child is killed because it keeps a cancelled body.
    fn overdue(&self) -> Option<Instant> {
        self.cancelled.values().map(|due| due.unwrap_or(self.moved + GRACE)).min()
    }

    /// Passes on the answers that have arrived.
    fn hand_out(&mut self, worker: &mut Worker) -> Result<(), NoAnswer> {
        for (number, answer) in worker.take_frames()? {
            if let Some(question) = self.asked.remove(&number) {
                if answer.is_empty() {
                    return Err(NoAnswer::Gone(worker.kill_for_broken_protocol()));
                }
                question.answer(Outcome::Answer(answer));
            } else if self.cancelled.remove(&number).is_none() {
                return Err(NoAnswer::Gone(worker.kill_for_broken_protocol()));
            }
        }
        Ok(())
    }
}

impl Drop for Manager {
    /// Ensures that no future waits for an answer that does not come.
    fn drop(&mut self) {
        self.link.set(Stage::Ended);
        let crash = self.crash.take().unwrap_or_else(Crash::unknown);
        for question in core::mem::take(&mut self.asked).into_values() {
            question.answer(Outcome::Gone(crash.clone()));
        }
    }
}

/// The data that the child has not accepted yet.
#[derive(Debug, Default)]
struct Out {
    parts: VecDeque<Part>,
    /// The number of bytes of the first part that were sent.
    sent: usize,
}

#[derive(Debug)]
enum Part {
    Own(Vec<u8>),
    Shared(Bytes),
}

impl Part {
    fn bytes(&self) -> &[u8] {
        match self {
            Part::Own(bytes) => bytes,
            Part::Shared(bytes) => bytes,
        }
    }
}

impl Out {
    /// Parts up to this size are merged with the part before them.
    const SMALL: usize = 4096;

    fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn ask(&mut self, number: u64, asked: BodyRequest) {
        let BodyRequest { job, around, arguments } = asked;
        let length = arguments.iter().map(|part| part.len()).sum();
        let request = Request { job, around };
        self.own(&request.write(number, length));
        self.own(request.id());
        for part in arguments {
            if part.len() <= Out::SMALL {
                self.own(&part);
            } else {
                self.parts.push_back(Part::Shared(part));
            }
        }
    }

    fn cancel(&mut self, number: u64) {
        self.own(&Header { length: 8, kind: CANCEL }.write());
        self.own(&number.to_le_bytes());
    }

    fn own(&mut self, bytes: &[u8]) {
        match self.parts.back_mut() {
            Some(Part::Own(last)) if last.len() <= Out::SMALL * 4 => last.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.parts.push_back(Part::Own(bytes.to_vec())),
        }
    }

    /// Sends as much as the child accepts. Returns whether that was anything.
    fn send(&mut self, worker: &mut Worker) -> Result<bool, NoAnswer> {
        let mut has_moved = false;
        while let Some(part) = self.parts.front() {
            let sent = worker.send_some(part.bytes().get(self.sent..).unwrap_or_default())?;
            if sent == 0 {
                break;
            }
            has_moved = true;
            self.sent += sent;
            if self.sent >= part.bytes().len() {
                self.parts.pop_front();
                self.sent = 0;
            }
        }
        Ok(has_moved)
    }
}
