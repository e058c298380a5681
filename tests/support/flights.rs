//! Calls that share a run: their tasks, and what their bodies do.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake};
use std::thread;
use std::time::Duration;

use futures_lite::future::poll_fn;
use opero::Error;
use opero::time::Clock;

/// Records which bodies have begun, in order, and whether they may end.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) begun: Mutex<Vec<u32>>,
    pub(crate) is_open: AtomicBool,
}

impl Log {
    pub(crate) fn begin(&self, id: u32) {
        self.begun.lock().unwrap().push(id);
    }

    pub(crate) fn begun(&self) -> Vec<u32> {
        self.begun.lock().unwrap().clone()
    }

    pub(crate) fn open(&self) {
        self.is_open.store(true, SeqCst);
    }

    /// Waits until it is open.
    pub(crate) async fn gate(&self) {
        poll_fn(|_| if self.is_open.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

pub(crate) type Outcome = Result<u32, Error<String>>;

/// A call in its own task.
pub(crate) struct Task {
    pub(crate) call: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    pub(crate) bell: Arc<Bell>,
}

#[derive(Default)]
pub(crate) struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Task {
    pub(crate) fn new(call: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Task { call: Box::pin(call), bell: Arc::default() }
    }

    pub(crate) fn poll(&mut self) -> Poll<Outcome> {
        self.call.as_mut().poll(&mut Context::from_waker(&self.bell.clone().into()))
    }

    pub(crate) fn is_pending(&mut self) -> bool {
        self.poll().is_pending()
    }

    pub(crate) fn is_woken(&self) -> bool {
        self.bell.0.swap(0, SeqCst) > 0
    }
}

/// A clock that stands still, and counts how often a waiting thread reads it.
#[derive(Default)]
pub(crate) struct Still(AtomicU32);

impl Clock for Still {
    fn now(&self) -> Duration {
        self.0.fetch_add(1, SeqCst);
        Duration::ZERO
    }

    fn recent(&self) -> Duration {
        Duration::ZERO
    }
}

impl Still {
    /// Waits until a thread waits by it: then the thread reads the time repeatedly.
    pub(crate) fn until_waiting(&self) {
        while self.0.load(SeqCst) < 2 {
            thread::yield_now();
        }
    }
}
