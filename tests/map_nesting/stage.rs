//! Runs a case: its maps and bodies, blocking and async.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::thread;

use futures_lite::future::yield_now;
use opero::cache::Memory;
use opero::map::{Map, block_on};
use opero::opero;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::case::{Case, Level, Lock};
use crate::maps::{self, Mode, Outcome};

/// The state that everything in a case shares.
pub(crate) struct Stage {
    case: Case,
    memory: Memory<u64>,
    /// The locks of each level.
    locks: Vec<[Mutex<()>; 2]>,
}

/// Runs the case on all its threads, and returns what is wrong.
pub(crate) fn play(case: &Case) -> Result<(), String> {
    let locks = case.levels.iter().map(|_| Default::default()).collect();
    let stage = Arc::new(Stage { case: case.clone(), memory: Memory::new(), locks });
    let run = || if case.on_rayon { two_threads().install(|| stage.map(0)) } else { stage.map(0) };
    if case.callers == 1 {
        return run().map(drop);
    }
    thread::scope(|scope| {
        let callers: Vec<_> = (0..case.callers).map(|_| scope.spawn(run)).collect();
        callers.into_iter().try_for_each(|caller| caller.join().expect("no map panics").map(drop))
    })
}

fn two_threads() -> &'static ThreadPool {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| ThreadPoolBuilder::new().num_threads(2).build().expect("two threads"))
}

/// The sum of the results of a map.
#[derive(Default)]
struct Sum {
    items: u64,
    total: u64,
    wrong: Option<String>,
}

impl Sum {
    fn take(&mut self, result: Outcome<u64>) -> ControlFlow<()> {
        self.items += 1;
        match result {
            Ok(value) => self.total += value,
            Err(error) => self.wrong = self.wrong.take().or(Some(error.to_string())),
        }
        ControlFlow::Continue(())
    }
}

impl Stage {
    fn level(&self, depth: usize) -> &Level {
        &self.case.levels[depth]
    }

    /// Runs the map of a level, blocking, and returns the sum of its results.
    fn map(self: &Arc<Self>, depth: usize) -> Result<u64, String> {
        let Level { mode, face, options, items, .. } = *self.level(depth);
        if mode == Mode::Async {
            return block_on(self.clone().map_async(depth));
        }
        let (stage, mut sum) = (Arc::clone(self), Sum::default());
        let op = move |item, _| stage.item(depth, item);
        maps::blocking((mode, face), options.apply(Map::new("map")), 0..items, op, |result| sum.take(result));
        self.judge(depth, sum)
    }

    /// Does the same in a task.
    fn map_async(self: Arc<Self>, depth: usize) -> Pin<Box<dyn Future<Output = Result<u64, String>>>> {
        Box::pin(async move {
            let Level { face, options, items, .. } = *self.level(depth);
            let mut sum = Sum::default();
            let op = async |item, _| self.item_async(depth, item).await;
            maps::future(face, options.apply(Map::new_async("map")), 0..items, op, |result| sum.take(result)).await;
            self.judge(depth, sum)
        })
    }

    fn judge(&self, depth: usize, Sum { items, total, wrong }: Sum) -> Result<u64, String> {
        if let Some(wrong) = wrong {
            return Err(format!("an item at depth {depth}: {wrong}"));
        }
        let (expected, expected_items) = (self.case.sum(depth), self.level(depth).items);
        if (total, items) != (expected, expected_items) {
            return Err(format!(
                "at depth {depth} {items} items have the sum {total}, where {expected_items} should have {expected}"
            ));
        }
        Ok(total)
    }

    fn item(self: &Arc<Self>, depth: usize, item: u64) -> Outcome<u64> {
        let _held = self.lock(depth, item, true);
        let Some(cache) = self.level(depth).cache else {
            return opero! { name: "item" => self.body(depth, item) };
        };
        opero! { cache, store: &self.memory, name: "item", key: cache.key(item) => self.body(depth, item) }
    }

    async fn item_async(self: &Arc<Self>, depth: usize, item: u64) -> Outcome<u64> {
        let Some(cache) = self.level(depth).cache else {
            return opero! { name: "item" => async { self.body_async(depth, item).await } }.await;
        };
        opero! { cache, store: &self.memory, name: "item", key: cache.key(item) => async {
            self.body_async(depth, item).await
        } }
        .await
    }

    fn body(self: &Arc<Self>, depth: usize, item: u64) -> Result<u64, String> {
        let _held = self.lock(depth, item, false);
        if depth + 1 < self.case.levels.len() {
            self.map(depth + 1)?;
        }
        Ok(self.case.value(depth, item))
    }

    async fn body_async(self: &Arc<Self>, depth: usize, item: u64) -> Result<u64, String> {
        for _ in 0..self.level(depth).yields {
            yield_now().await;
        }
        match self.case.levels.get(depth + 1) {
            Some(inner) if inner.is_awaited => {
                self.clone().map_async(depth + 1).await?;
                Ok(self.case.value(depth, item))
            }
            _ => self.body(depth, item),
        }
    }

    /// The lock that an item holds at this point, if it does.
    fn lock(&self, depth: usize, item: u64, around: bool) -> Option<MutexGuard<'_, ()>> {
        let Lock { locks, is_around } = self.level(depth).lock?;
        let lock = &self.locks[depth][usize::from(item % locks == 1)];
        (is_around == around).then(|| lock.lock().expect("nobody panics with it"))
    }
}
