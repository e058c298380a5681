//! Workers and the consumer of a map: every result arrives once and in its place, nobody waits for ever, whatever the
//! operation and the input wait for, and whether there are threads or not.

use crate::map::pool;
use crate::sync;

#[allow(dead_code, reason = "the other parts are those of a map into a list")]
#[path = "../../../src/map/order.rs"]
mod order;
#[allow(dead_code, reason = "the rest is asked by the real admission")]
#[path = "../../../src/map/outcome.rs"]
mod outcome;
#[allow(dead_code, reason = "one end of it is a matter of panics")]
#[path = "../../../src/map/pipeline.rs"]
mod pipeline;
#[allow(dead_code, reason = "the other parts are those of a map into a list")]
#[path = "../../../src/map/sizes.rs"]
mod sizes;
#[allow(dead_code, reason = "the other parts are those of a map into a list")]
#[path = "../../../src/map/source.rs"]
mod source;

/// How a map goes about its work.
pub struct Shape {
    workers: Option<usize>,
    ordered: bool,
    chunk_size: Option<usize>,
}

impl Shape {
    fn threads(&self) -> usize {
        self.workers.unwrap_or(4)
    }
}

/// The index of an item.
pub struct ItemContext(usize);

mod progress {
    pub use opero::map::Report;
}

/// An admission that closes when it is told to, and catches no panic.
mod admission {
    use std::marker::PhantomData;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    use super::ItemContext;
    use super::outcome::Outcome;
    use opero::Call;

    pub struct Admission<C, P = ()>(pub AtomicBool, pub PhantomData<(C, P)>);

    impl<C, P> Admission<C, P> {
        #[allow(clippy::unused_self, reason = "nobody is told of the end")]
        pub fn finish(&self) {}

        pub fn cancel(&self) {
            self.0.store(true, SeqCst);
        }

        pub fn is_stopped(&self) -> bool {
            self.0.load(SeqCst)
        }

        pub fn run<I, O: Outcome>(&self, index: usize, item: I, op: impl FnOnce(I, ItemContext) -> O) -> O {
            if self.is_stopped() {
                // Any error is as good as another.
                let refused =
                    Call::new("model").fallback("none", 0).run::<()>(|_| unreachable!("there is no candidate"));
                return O::failed(refused.expect_err("there is no candidate"));
            }
            op(item, ItemContext(index))
        }
    }
}

use std::marker::PhantomData;
use std::sync::atomic::AtomicBool;

use shuttle::sync::{Barrier, Condvar, Mutex};

use self::admission::Admission;
use self::pipeline::Pipeline;
use self::pool::Scope;
use super::sync::thread::ARE_PLENTY;
use super::{by_chance, check};
use crate::time::System;

type Outcome = Result<usize, opero::Error<()>>;

/// How many results the consumer is done with, and who waits for that.
#[derive(Default)]
struct Handed {
    count: Mutex<usize>,
    more: Condvar,
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

/// Consumes up to `most` results of a map, and gives them.
fn consume(
    ordered: bool,
    chunk_size: Option<usize>,
    items: impl Iterator<Item = usize> + Send,
    op: impl Fn(usize) + Sync,
    handed: &Handed,
    most: usize,
) -> Vec<usize> {
    let pool = crate::map::pool();
    let shape = Shape { workers: Some(2), ordered, chunk_size };
    let admission = Admission::<System>(AtomicBool::new(false), PhantomData);
    let op = |item, place: ItemContext| -> Outcome {
        assert_eq!(item, place.0);
        op(item);
        Ok(item)
    };
    let pipeline = Pipeline::new(admission, shape, items, op);
    let work = |scope: &_| pipeline.work(scope);
    let taken = Scope::with(pool, &work, |scope| {
        let (mut taken, mut count) = (Vec::new(), 0);
        while let Some(results) = pipeline.next(scope, count) {
            count = results.len();
            for result in results {
                taken.push(result.expect("nothing is skipped before the end"));
                handed.note();
                if taken.len() == most {
                    pipeline.stop();
                    return taken;
                }
            }
        }
        taken
    });
    pool.shutdown();
    taken
}

const ITEMS: usize = 4;

fn every_result_arrives() {
    for ordered in [true, false] {
        let chunk_size = by_chance(0.5).then_some(1);
        let mut taken = consume(ordered, chunk_size, 0..ITEMS, |_| (), &Handed::default(), usize::MAX);
        if !ordered {
            taken.sort_unstable();
        }
        assert_eq!(taken, Vec::from_iter(0..ITEMS));
    }
}

fn the_consumer_stops() {
    let most = if by_chance(0.5) { 1 } else { 2 };
    assert_eq!(consume(true, None, 0.., |_| (), &Handed::default(), most), Vec::from_iter(0..most));
}

/// Each item waits until all before it are dealt with.
fn the_operation_waits() {
    let handed = Handed::default();
    let taken = consume(by_chance(0.5), None, 0..ITEMS, |n| handed.wait_for(n), &handed, usize::MAX);
    assert_eq!(taken, Vec::from_iter(0..ITEMS));
}

/// The input has an item only when all before it are dealt with.
fn the_input_waits() {
    let handed = Handed::default();
    let mut items = 0..ITEMS;
    let waiting = std::iter::from_fn(|| items.next().inspect(|n| handed.wait_for(*n)));
    let taken = consume(by_chance(0.5), None, waiting, |_| (), &handed, usize::MAX);
    assert_eq!(taken, Vec::from_iter(0..ITEMS));
}

/// Each item waits for the other one that there is a worker for.
fn the_items_wait_for_each_other() {
    let both = Barrier::new(2);
    let wait = |_| {
        both.wait();
    };
    let mut taken = consume(by_chance(0.5), Some(1), 0..2 * ITEMS, wait, &Handed::default(), usize::MAX);
    taken.sort_unstable();
    assert_eq!(taken, Vec::from_iter(0..2 * ITEMS));
}

#[test]
fn nothing_is_lost() {
    check(every_result_arrives);
}

#[test]
fn a_map_can_be_broken_off() {
    check(the_consumer_stops);
}

#[test]
fn all_workers_are_there_while_the_consumer_keeps_up() {
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
