//! A small executor: it polls the tasks that were woken, in the order in which they were created.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Wake, Waker};

pub(crate) type Task<'t> = Pin<Box<dyn Future<Output = ()> + 't>>;

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

/// Enough rounds for calls that make progress.
const ROUNDS: u32 = 20_000;

/// Polls the tasks until all have ended, or until none is woken any more and `skip` wakes none either: the rest hang.
pub(crate) fn run(tasks: Vec<Task<'_>>, skip: impl Fn() -> bool) {
    let mut tasks: Vec<_> = tasks.into_iter().map(|task| (task, Arc::new(Flag(AtomicBool::new(true))))).collect();
    for _ in 0..ROUNDS {
        let mut is_idle = true;
        tasks.retain_mut(|(task, flag)| {
            if !flag.0.swap(false, SeqCst) {
                return true;
            }
            is_idle = false;
            let waker = Waker::from(flag.clone());
            task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
        });
        if is_idle && !skip() {
            return;
        }
    }
}
