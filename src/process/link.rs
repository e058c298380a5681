//! The link between the futures of a map and the thread that manages one of its children.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context, Poll, Waker};
use std::io::Write;
use std::os::unix::net::UnixStream;

use super::code::Job;
use super::frame::{Around, FIRST};
use crate::error::Crash;
use crate::sync::{Condvar, Mutex, lock, wait};

/// Bytes that are sent unchanged, and sent again if an attempt is repeated.
pub(super) type Bytes = Arc<Vec<u8>>;

/// The request for a body.
#[derive(Clone, Debug)]
pub(super) struct BodyRequest {
    pub(super) job: Job,
    pub(super) around: Around,
    pub(super) arguments: [Bytes; 2],
}

/// The outcome of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Vec<u8>),
    Gone(Crash),
    /// The child takes no more requests. Another child must be used.
    NotSent,
}

/// A message to the thread.
#[derive(Debug)]
pub(super) enum Post {
    Ask(u64, BodyRequest, Arc<Question>),
    /// The caller no longer waits for this answer.
    Cancel(u64),
    /// The child has sent an invalid answer.
    Kill,
}

/// A request whose answer a future waits for.
#[derive(Debug, Default)]
pub(super) struct Question(Mutex<(Option<Outcome>, Option<Waker>)>);

impl Question {
    pub(super) fn answer(&self, outcome: Outcome) {
        let waker = {
            let mut state = lock(&self.0);
            state.0 = Some(outcome);
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Outcome> {
        let mut state = lock(&self.0);
        if let Some(outcome) = state.0.take() {
            return Poll::Ready(outcome);
        }
        state.1 = Some(context.waker().clone());
        Poll::Pending
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Starting,
    Ready,
    /// It finishes its bodies and takes no more.
    Retired,
    Ended,
}

/// A child, as the futures of the map see it.
#[derive(Debug)]
pub(super) struct Link {
    state: Mutex<State>,
    /// Wakes the thread.
    bell: UnixStream,
    /// The tasks that wait for a child to take a request.
    waiting: Arc<Waiting>,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    /// The number of bodies that it runs or will run.
    load: usize,
    next: u64,
    posts: VecDeque<Post>,
    /// The tasks that wait until it is ready.
    waiting: Vec<Waker>,
    is_closing: bool,
    /// Why it has never become ready.
    failure: Option<Crash>,
}

/// Tasks that wait for the same event.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Vec<Waker>>);

impl Waiting {
    pub(super) fn add(&self, waker: &Waker) {
        add(&mut lock(&self.0), waker);
    }

    fn wake(&self) {
        let wakers = core::mem::take(&mut *lock(&self.0));
        wakers.into_iter().for_each(Waker::wake);
    }
}

fn add(wakers: &mut Vec<Waker>, waker: &Waker) {
    if !wakers.iter().any(|other| other.will_wake(waker)) {
        wakers.push(waker.clone());
    }
}

impl Link {
    pub(super) fn new(bell: UnixStream, waiting: Arc<Waiting>) -> Self {
        let state = State {
            stage: Stage::Starting,
            load: 0,
            next: FIRST,
            posts: VecDeque::new(),
            waiting: Vec::new(),
            is_closing: false,
            failure: None,
        };
        Link { state: Mutex::new(state), bell, waiting }
    }

    pub(super) fn stage(&self) -> Stage {
        lock(&self.state).stage
    }

    pub(super) fn load(&self) -> usize {
        lock(&self.state).load
    }

    pub(super) fn is_closing(&self) -> bool {
        lock(&self.state).is_closing
    }

    /// Why the child could not be started, or has ended before it was ready.
    pub(super) fn failure(&self) -> Option<Crash> {
        lock(&self.state).failure.clone()
    }

    pub(super) fn set_failure(&self, crash: Crash) {
        lock(&self.state).failure = Some(crash);
    }

    /// Waits until the child is ready, or has failed.
    pub(super) fn poll_ready(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.stage != Stage::Starting {
            return Poll::Ready(());
        }
        add(&mut state.waiting, context.waker());
        Poll::Pending
    }

    /// Sends a request, if the child takes more.
    fn ask(&self, asked: &BodyRequest) -> Option<(u64, Arc<Question>)> {
        let question = Arc::<Question>::default();
        let (number, is_first) = {
            let mut state = lock(&self.state);
            if matches!(state.stage, Stage::Retired | Stage::Ended) {
                return None;
            }
            let number = state.next;
            state.next += 1;
            let is_first = state.posts.is_empty();
            state.posts.push_back(Post::Ask(number, asked.clone(), Arc::clone(&question)));
            (number, is_first)
        };
        // If there were posts, their sender wakes the thread, which takes all posts together.
        if is_first {
            self.ring();
        }
        Some((number, question))
    }

    fn post(&self, post: Post) {
        {
            let mut state = lock(&self.state);
            if state.stage == Stage::Ended {
                return;
            }
            state.posts.push_back(post);
        }
        self.ring();
    }

    /// Ends the map's use of the child, which is returned when it has nothing to do.
    pub(super) fn close(&self) {
        {
            let mut state = lock(&self.state);
            if state.stage == Stage::Ended || state.is_closing {
                return;
            }
            state.is_closing = true;
            *lock(&CLOSING.count) += 1;
        }
        self.ring();
    }

    /// Wakes the thread. If the socket is full, a wake-up is pending already.
    fn ring(&self) {
        let _ = (&self.bell).write(&[0]);
    }

    /// Takes the messages since the last call.
    pub(super) fn take(&self) -> VecDeque<Post> {
        core::mem::take(&mut lock(&self.state).posts)
    }

    pub(super) fn set(&self, to: Stage) {
        let (posts, waiting, is_closing) = {
            let mut state = lock(&self.state);
            state.stage = to;
            let posts = if to == Stage::Ended { core::mem::take(&mut state.posts) } else { VecDeque::new() };
            (posts, core::mem::take(&mut state.waiting), state.is_closing)
        };
        for post in posts {
            if let Post::Ask(_, _, question) = post {
                question.answer(Outcome::NotSent);
            }
        }
        waiting.into_iter().for_each(Waker::wake);
        if to == Stage::Ended {
            self.waiting.wake();
            if is_closing {
                *lock(&CLOSING.count) -= 1;
                CLOSING.none.notify_all();
            }
        }
    }
}

/// A seat for one body in a child.
#[derive(Debug)]
pub(super) struct Seat(Arc<Link>);

impl Seat {
    pub(super) fn new(link: &Arc<Link>) -> Self {
        lock(&link.state).load += 1;
        Seat(Arc::clone(link))
    }

    pub(super) fn link(&self) -> &Link {
        &self.0
    }

    /// Sends a request, if the child takes more.
    pub(super) fn ask(self, asked: &BodyRequest) -> Option<Posted> {
        let (number, question) = self.0.ask(asked)?;
        Some(Posted { seat: self, number, question, is_over: false })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.0.state).load -= 1;
    }
}

/// A request that was sent. Dropping it cancels the body.
#[derive(Debug)]
pub(super) struct Posted {
    seat: Seat,
    number: u64,
    question: Arc<Question>,
    is_over: bool,
}

impl Posted {
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<Outcome> {
        let polled = self.question.poll(context);
        self.is_over = polled.is_ready();
        polled
    }

    /// Kills the child, which has sent an invalid answer.
    pub(super) fn kill(&self) {
        self.seat.link().post(Post::Kill);
    }
}

impl Drop for Posted {
    fn drop(&mut self) {
        if !self.is_over {
            self.seat.link().post(Post::Cancel(self.number));
        }
    }
}

/// Counts the threads that return the children of maps that are over.
struct Closing {
    count: Mutex<usize>,
    none: Condvar,
}

static CLOSING: Closing = Closing { count: Mutex::new(0), none: Condvar::new() };

/// Waits until the children of all maps that are over have been returned.
pub(super) fn wait_for_closing() {
    let mut count = lock(&CLOSING.count);
    while *count > 0 {
        count = wait(&CLOSING.none, count);
    }
}
