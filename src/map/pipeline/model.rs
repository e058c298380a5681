//! Model tests of the workers and the consumer of a map. Every result arrives exactly once and in its position, and no
//! thread waits forever, whatever the operation and the input wait for, and whether or not threads can be started.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use ::shuttle::sync::{Barrier, Condvar, Mutex};

use super::Pipeline;
use crate::Error;
use crate::map::pool::model::{Shared, pool};
use crate::map::pool::{Scope, Workers};
use crate::map::{ItemContext, Map};
use crate::sync::shuttle::{by_chance, check, thread::ARE_PLENTY};

const WORKERS: usize = 2;
const ITEMS: usize = 4;

type Outcome = Result<usize, Error<()>>;

/// How many results the consumer has dealt with, with a condition variable to wait for more; whether the consumer has
/// stopped, and how many items have started since.
#[derive(Default)]
struct Handed {
    count: Mutex<usize>,
    more: Condvar,
    is_stopped: AtomicBool,
    late: AtomicUsize,
}

impl Handed {
    fn note(&self) {
        *self.count.lock().unwrap() += 1;
        self.more.notify_all();
    }

    fn wait_for(&self, count: usize) {
        let guard = self.count.lock().unwrap();
        drop(self.more.wait_while(guard, |handed| *handed < count));
    }
}

/// Consumes up to `most` results of a map, and returns them.
fn consume(
    ordered: bool,
    chunk_size: Option<usize>,
    items: impl Iterator<Item = usize> + Send,
    op: impl Fn(usize) + Sync,
    handed: &Handed,
    most: usize,
) -> Vec<usize> {
    let pool = pool();
    let map = Map::new("model").workers(WORKERS).ordered(ordered);
    let (admission, shape) = chunk_size.into_iter().fold(map, Map::chunk_size).begin();
    let op = |item, place: ItemContext| -> Outcome {
        assert_eq!(item, place.index());
        if handed.is_stopped.load(SeqCst) {
            handed.late.fetch_add(1, SeqCst);
        }
        op(item);
        Ok(item)
    };
    let is_shared = !ARE_PLENTY.get() && by_chance(0.5);
    let workers: Box<dyn Workers> = if is_shared { Box::new(Shared(0.6)) } else { Box::new(pool) };
    let pipeline = Pipeline::new(admission, shape, &*workers, items, op);
    let work = |scope: &_| pipeline.work(scope);
    let taken = Scope::with(workers, &work, |scope| {
        let (mut taken, mut count) = (Vec::new(), 0);
        while let Some(results) = pipeline.next(scope, count) {
            count = results.len();
            for result in results {
                taken.push(result.expect("nothing is skipped before the end"));
                handed.note();
                if taken.len() == most {
                    pipeline.stop();
                    handed.is_stopped.store(true, SeqCst);
                    return taken;
                }
            }
        }
        taken
    });
    pool.shutdown();
    assert!(handed.late.load(SeqCst) <= WORKERS, "only items admitted before the stop may start after it");
    taken
}

fn every_result_arrives() {
    for ordered in [true, false] {
        let chunk_size = by_chance(0.5).then_some(1);
        let mut taken = consume(ordered, chunk_size, 0..ITEMS, |_| (), &Handed::default(), usize::MAX);
        if !ordered {
            taken.sort_unstable();
        }
        assert_eq!(taken, (0..ITEMS).collect::<Vec<_>>());
    }
}

fn the_consumer_stops() {
    let most = if by_chance(0.5) { 1 } else { 2 };
    assert_eq!(consume(true, None, 0.., |_| (), &Handed::default(), most), (0..most).collect::<Vec<_>>());
}

/// Each item waits until all items before it are dealt with, including those of its own chunk. There are enough items
/// for chunks of two.
fn the_operation_waits() {
    let (handed, items) = (Handed::default(), 0..2 * ITEMS);
    let taken = consume(by_chance(0.5), None, items.clone(), |n| handed.wait_for(n), &handed, usize::MAX);
    assert_eq!(taken, items.collect::<Vec<_>>());
}

/// The input returns an item only when all items before it are dealt with.
fn the_input_waits() {
    let handed = Handed::default();
    let mut items = 0..ITEMS;
    let waiting = core::iter::from_fn(|| items.next().inspect(|n| handed.wait_for(*n)));
    let taken = consume(by_chance(0.5), None, waiting, |_| (), &handed, usize::MAX);
    assert_eq!(taken, (0..ITEMS).collect::<Vec<_>>());
}

/// Each item waits for one other item; there are two workers.
fn the_items_wait_for_each_other() {
    let both = Barrier::new(2);
    let wait = |_| {
        both.wait();
    };
    let mut taken = consume(by_chance(0.5), Some(1), 0..2 * ITEMS, wait, &Handed::default(), usize::MAX);
    taken.sort_unstable();
    assert_eq!(taken, (0..2 * ITEMS).collect::<Vec<_>>());
}

#[test]
fn no_result_is_lost() {
    check(every_result_arrives);
}

#[test]
fn the_consumer_can_stop_early() {
    check(the_consumer_stops);
}

#[test]
fn all_workers_run_while_the_consumer_keeps_up() {
    ARE_PLENTY.set(true);
    check(the_items_wait_for_each_other);
    ARE_PLENTY.set(false);
}

#[test]
fn an_operation_may_wait_for_the_consumer() {
    check(the_operation_waits);
}

#[test]
fn an_input_may_wait_for_the_consumer() {
    check(the_input_waits);
}
