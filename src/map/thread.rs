//! Thread mode into a list: the caller's thread and some of the pool take items from one input.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::panic::resume_unwind;

use super::crew::Crew;
use super::gate::Gate;
use super::pool::POOL;
use super::progress::Report;
use super::runs::Runs;
use super::sizes::{Sizes, is_long, since};
use super::source::{Chunk, Returned, Source};
use super::{Map, Place};
use crate::call::Name;
use crate::error::Error;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicUsize, Mutex, PoisonError, lock};
use crate::time::{Clock, System};

/// Workers unless `workers` says otherwise: what waits more than it computes gains from more than one core has.
pub(super) const WORKERS: usize = 4;

/// Items in a chunk at most.
const MOST: usize = 4096;

impl<N: Name, C: Clock + Sync, P: Report + Send> Map<N, C, P> {
    /// Runs `op` on every item, on this thread and up to `workers - 1` others, and gives the results.
    ///
    /// The threads are kept for the next map: see [`pool`](super::pool). With `workers(1)`, or a single item, there is
    /// none but the caller's. `op` and the items may borrow.
    ///
    /// Items are pulled out of `items` as they are needed, by whoever needs them, under a lock. A worker takes one at a time;
    /// or several, where they take less than some 50 µs together and the [`size_hint`](Iterator::size_hint) says that there
    /// are as many, so that it does not wait for the input with items in hand; or as many as [`chunk_size`](Map::chunk_size)
    /// says.
    ///
    /// # Errors
    /// Each item has a result of its own: what `op` gave, or
    /// - [`Error::Panicked`] where it panicked,
    /// - [`Error::Timeout`] where the item was not started before the [`deadline`](Map::deadline),
    /// - [`Error::Skipped`] where it was not started because of [`max_failures`](Map::max_failures),
    /// - [`Error::Configuration`] where an option has a value it cannot have.
    ///
    /// After the last three the rest of the input is pulled, and not run, so that each item has its result; but not where it
    /// says of itself that it never ends, with a [`size_hint`](Iterator::size_hint) from `usize::MAX`.
    ///
    /// # Panics
    /// Where `items` does: when the running items are done, its panic goes on.
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, map::Map};
    ///
    /// let words = ["one", "2", "three"];
    /// let results = Map::new("parse").workers(2).thread(&words, |word, _| {
    ///     Call::new("parse").run(|_| word.parse::<u32>())
    /// });
    /// assert_eq!(results[1], Ok(2));
    /// assert!(results[0].is_err() && results[2].is_err());
    /// ```
    pub fn thread<I, T, E>(
        self,
        items: I,
        op: impl Fn(I::Item, Place) -> Result<T, Error<E>> + Sync,
    ) -> Vec<Result<T, Error<E>>>
    where
        I: IntoIterator<IntoIter: Send, Item: Send>,
        T: Send,
        E: Send,
    {
        let (mut gate, shape) = self.begin();
        let workers = shape.workers.unwrap_or(WORKERS).max(1);
        let items = items.into_iter();
        gate.expect(items.size_hint());
        let helpers = workers.min(items.size_hint().1.unwrap_or(usize::MAX)).saturating_sub(1);
        let job = Job {
            gate,
            op,
            workers,
            sizes: shape.chunk_size.map_or(Sizes::up_to(MOST), Sizes::fixed),
            completed: (!shape.ordered).then(|| AtomicUsize::new(0)),
            input: Mutex::new(Input { source: Source::new(items), returned: Returned::new(), helpers }),
            results: Mutex::new(Runs::new()),
        };
        Crew::with(&POOL, &|crew| job.work(crew), |crew| job.work(crew));
        job.gate.finish();
        job.into_results()
    }
}

/// What the workers of a map share.
struct Job<I: Iterator, F, C, P, R> {
    gate: Gate<C, P>,
    op: F,
    workers: usize,
    sizes: Sizes,
    /// Where the results are in the order of completion: how many there are.
    completed: Option<AtomicUsize>,
    input: Mutex<Input<I>>,
    results: Mutex<Runs<R>>,
}

struct Input<I: Iterator> {
    source: Source<I>,
    returned: Returned<I::Item>,
    /// Who may still be called.
    helpers: usize,
}

impl<I, F, C, P, T, E> Job<I, F, C, P, Result<T, Error<E>>>
where
    I: Iterator,
    F: Fn(I::Item, Place) -> Result<T, Error<E>>,
    C: Clock,
    P: Report,
{
    /// What each worker does.
    fn work(&self, crew: &Arc<Crew>) {
        let (mut sizes, mut chunk, mut runs) = (self.sizes, Chunk::new(), Runs::new());
        // Another worker is called where there is more to do than is done before it comes.
        let mut caller = Some(crew);
        while let Some(start) = self.pull(&mut chunk, sizes, caller) {
            let count = chunk.len();
            while let Some((index, item)) = chunk.next() {
                let result = self.gate.run(index, item, &self.op);
                let place = self.completed.as_ref().map_or(index, |count| count.fetch_add(1, Relaxed));
                runs.push(place, result);
                if !chunk.is_empty() && sizes.is_over(since(start)) {
                    break;
                }
            }
            let took = since(start);
            caller = is_long(took).then_some(crew);
            sizes.learn(count - chunk.len(), took);
        }
        lock(&self.results).append(runs);
    }

    /// Gives back what is left of a chunk, fills it anew, and says when. `None` at the end of the input.
    fn pull(&self, chunk: &mut Chunk<I::Item>, sizes: Sizes, caller: Option<&Arc<Crew>>) -> Option<Duration> {
        let mut input = if chunk.is_empty() {
            lock(&self.input)
        } else {
            match self.input.try_lock() {
                Ok(input) => input,
                // Who has items in hand does not wait for the input.
                Err(_) => return Some(System.recent()),
            }
        };
        let start = System.recent();
        let Input { source, returned, helpers } = &mut *input;
        if !chunk.is_empty() {
            returned.give_back(chunk);
        }
        // One item at least says why.
        if self.gate.is_closed() && source.pulled() > 0 && source.is_endless() {
            source.end();
        }
        let most = |left| sizes.among(left, self.workers);
        let is_pulled = returned.take(chunk, sizes.next()) || source.pull(chunk, most, || sizes.is_over(since(start)));
        if source.has_panicked() {
            self.gate.halt();
        }
        let caller = caller.filter(|_| *helpers > 0 && !(source.has_ended() && returned.is_empty()));
        if caller.is_some() {
            *helpers -= 1;
        }
        drop(input);
        if let Some(crew) = caller {
            crew.call();
        }
        is_pulled.then_some(start)
    }

    fn into_results(self) -> Vec<Result<T, Error<E>>> {
        let mut input = self.input.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(payload) = input.source.take_panic() {
            resume_unwind(payload);
        }
        self.results.into_inner().unwrap_or_else(PoisonError::into_inner).into_results()
    }
}
