//! What stands between the futures of a map and the thread that looks after one of its children.

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

/// Bytes that are sent as they are, and sent again where an attempt is repeated.
pub(super) type Bytes = Arc<Vec<u8>>;

/// What a body is asked with.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) job: Job,
    pub(super) around: Around,
    pub(super) arguments: [Bytes; 2],
}

/// What became of a question.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(Vec<u8>),
    Gone(Crash),
    /// The child takes no more: another has to be asked.
    NotSent,
}

/// What the thread is to do.
#[derive(Debug)]
pub(super) enum Post {
    Ask(u64, Asked, Arc<Question>),
    /// Nobody waits for this answer any more.
    Cancel(u64),
    /// The child has sent what is no answer.
    Kill,
}

/// A body that somebody waits for.
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
    /// It runs what it has, and takes nothing more.
    Retired,
    Ended,
}

/// A child as the futures see it.
#[derive(Debug)]
pub(super) struct Link {
    state: Mutex<State>,
    /// Wakes the thread.
    bell: UnixStream,
    /// Those that wait for a child which takes something.
    waiting: Arc<Waiting>,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    /// How many bodies it has, or is to have.
    load: usize,
    next: u64,
    posts: VecDeque<Post>,
    /// Those that wait until it is ready.
    waiting: Vec<Waker>,
    is_closing: bool,
    /// Why it has never been ready.
    failure: Option<Crash>,
}

/// Tasks that wait for the same.
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

    /// Waits until the child is ready, or is known not to be.
    pub(super) fn poll_ready(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.stage != Stage::Starting {
            return Poll::Ready(());
        }
        add(&mut state.waiting, context.waker());
        Poll::Pending
    }

    /// Asks for a body, where the child takes more.
    fn ask(&self, asked: &Asked) -> Option<(u64, Arc<Question>)> {
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
        // Who has posted before has rung, or is about to, and all is taken together.
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

    /// The map is over: the child is given back once it has nothing to do.
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

    /// Where the bell is full, it rings.
    fn ring(&self) {
        let _ = (&self.bell).write(&[0]);
    }

    /// What the thread has to do since it last asked.
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

/// A place for one body in a child.
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

    /// Asks for a body, where the child takes more.
    pub(super) fn ask(self, asked: &Asked) -> Option<Posted> {
        let (number, question) = self.0.ask(asked)?;
        Some(Posted { seat: self, number, question, is_over: false })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.0.state).load -= 1;
    }
}

/// A body that was asked for. Dropped, it is cancelled.
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

    /// What the child has sent is no answer.
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

/// The threads that give back the children of maps that are over.
struct Closing {
    count: Mutex<usize>,
    none: Condvar,
}

static CLOSING: Closing = Closing { count: Mutex::new(0), none: Condvar::new() };

/// Waits until the children of maps that are over have been given back.
pub(super) fn wait_for_closing() {
    let mut count = lock(&CLOSING.count);
    while *count > 0 {
        count = wait(&CLOSING.none, count);
    }
}
