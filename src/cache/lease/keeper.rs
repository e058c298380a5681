//! The thread that renews the leases of a store while their bodies run, and gives them back.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use super::super::Key;
use super::Lender;
use super::book::{Book, Step};
use crate::sync::{Condvar, Mutex, lock, thread, wait_timeout};
use crate::time::system_now;

/// A store, and the work of its keeper. It uses the system's clock, as the store does.
pub(super) struct Keeper {
    pub(super) lender: Box<dyn Lender>,
    book: Mutex<Book>,
    has_changed: Condvar,
}

impl Keeper {
    pub(super) fn new(lender: Box<dyn Lender>) -> Arc<Self> {
        Arc::new(Keeper { lender, book: Mutex::new(Book::default()), has_changed: Condvar::new() })
    }

    /// Starts the thread if it is not running. Without it no lease may be taken. Returns whether it runs.
    pub(super) fn start(self: &Arc<Self>) -> bool {
        let mut book = lock(&self.book);
        if !book.has_keeper {
            let keeper = self.clone();
            let thread = thread::Builder::new().name(String::from("opero-leases"));
            book.has_keeper = thread.spawn(move || keeper.run()).is_ok();
        }
        book.has_keeper
    }

    pub(super) fn hold(&self, key: Key<'static>, token: u128, time: Duration) {
        self.change(|book, now| book.hold(key, token, time, now));
    }

    pub(super) fn end(&self, token: u128) {
        self.change(|book, now| book.end(token, now));
    }

    pub(super) fn abandon(&self, key: Key<'static>, token: u128) {
        let question = self.lender.io_timeout();
        self.change(|book, now| book.abandon(key, token, now, question));
    }

    pub(super) fn close(&self) {
        self.change(|book, _| book.close());
    }

    fn change(&self, change: impl FnOnce(&mut Book, Duration)) {
        change(&mut lock(&self.book), system_now());
        self.has_changed.notify_one();
    }

    fn run(&self) {
        let absence = Absence(self);
        while let Some(step) = self.next() {
            match step {
                // If the store cannot answer, the lease may still be held, so it is asked again at the next third.
                Step::Extend(key, token, time) => {
                    let is_held = self.lender.extend(&key, token, time).unwrap_or(true);
                    lock(&self.book).extended(token, is_held, system_now());
                }
                // If this fails, the lease expires by itself.
                Step::GiveBack(key, token) => drop(self.lender.give_back(&key, token)),
                Step::Wait(_) | Step::End => {}
            }
        }
        // The book knows that this thread ends, and another may have been started since.
        core::mem::forget(absence);
    }

    /// Returns the next step, and waits until there is one.
    fn next(&self) -> Option<Step> {
        let mut book = lock(&self.book);
        loop {
            match book.next(system_now()) {
                Step::Wait(time) => book = wait_timeout(&self.has_changed, book, time),
                Step::End => return None,
                step => return Some(step),
            }
        }
    }
}

/// Records that the keeper is gone if the store panics: the next lease then starts another.
struct Absence<'k>(&'k Keeper);

impl Drop for Absence<'_> {
    fn drop(&mut self) {
        lock(&self.0.book).has_keeper = false;
    }
}
