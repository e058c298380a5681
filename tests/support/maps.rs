//! A map in every mode, with every destination of its results.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::future::Future;
use std::ops::ControlFlow;
use std::time::Duration;

use futures_lite::StreamExt;
use opero::Error;
use opero::map::{ItemContext, Items, Map, Summary};
use opero::time::Clock;

pub(crate) type Outcome<T> = Result<T, Error<String>>;

/// The modes with blocking bodies, and the one whose bodies are futures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Thread,
    Rayon,
    Async,
}

pub(crate) const MODES: [Mode; 3] = [Mode::Thread, Mode::Rayon, Mode::Async];

/// The destination of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    List,
    Each,
    Stream,
}

pub(crate) const FACES: [Face; 3] = [Face::List, Face::Each, Face::Stream];

/// The options of a map; those of its mode if they are not set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) workers: Option<usize>,
    pub(crate) chunk_size: Option<usize>,
    pub(crate) unordered: bool,
    pub(crate) max_failures: Option<usize>,
    pub(crate) deadline: Option<Duration>,
}

impl Options {
    /// Applies these options to a map.
    pub(crate) fn apply<C>(&self, map: Map<&'static str, C>) -> Map<&'static str, C> {
        let map = map.ordered(!self.unordered);
        let map = if let Some(workers) = self.workers { map.workers(workers) } else { map };
        let map = if let Some(items) = self.chunk_size { map.chunk_size(items) } else { map };
        let map = if let Some(items) = self.max_failures { map.max_failures(items) } else { map };
        if let Some(limit) = self.deadline { map.deadline(limit) } else { map }
    }
}

/// Runs a map of a blocking operation, and passes its results to `take` until that stops it: one by one, or a list
/// when it is complete. A map with `each` has a summary.
pub(crate) fn blocking<C, I, T>(
    (mode, face): (Mode, Face),
    map: Map<&'static str, C>,
    items: I,
    op: impl Fn(I::Item, ItemContext) -> Outcome<T> + Send + Sync + 'static,
    mut take: impl FnMut(Outcome<T>) -> ControlFlow<()>,
) -> Option<Summary>
where
    C: Clock + Send + Sync + 'static,
    I: Iterator<Item: Send + 'static> + Send + 'static,
    T: Send + 'static,
{
    let _ = match (mode, face) {
        (Mode::Thread, Face::List) => map.thread(items, op).into_iter().try_for_each(take),
        (Mode::Thread, Face::Each) => return Some(map.thread_each(items, op, take)),
        (Mode::Thread, Face::Stream) => map.thread_stream(items, op).try_for_each(&mut take),
        (Mode::Rayon, Face::List) => map.rayon(items, op).into_iter().try_for_each(take),
        (Mode::Rayon, Face::Each) => return Some(map.rayon_each(items, op, take)),
        (Mode::Rayon, Face::Stream) => map.rayon_stream(items, op).try_for_each(&mut take),
        (Mode::Async, _) => unreachable!("its operations are futures"),
    };
    None
}

/// Like `blocking`, with an operation that gives futures.
pub(crate) async fn future<K, C, I, F, T>(
    face: Face,
    map: Map<&'static str, C>,
    items: I,
    op: impl FnMut(I::Item, ItemContext) -> F,
    mut take: impl FnMut(Outcome<T>) -> ControlFlow<()>,
) -> Option<Summary>
where
    C: Clock,
    I: Items<K>,
    F: Future<Output = Outcome<T>>,
{
    match face {
        Face::List => {
            let _ = map.future(items, op).await.into_iter().try_for_each(take);
        }
        Face::Each => return Some(map.future_each(items, op, take).await),
        Face::Stream => {
            let mut results = map.future_stream(items, op);
            while let Some(result) = results.next().await {
                if take(result).is_break() {
                    break;
                }
            }
        }
    }
    None
}

/// Runs a map of any mode on the system's clock, whose operation does not wait.
pub(crate) fn any<I, T>(
    (mode, face): (Mode, Face),
    options: Options,
    items: I,
    op: impl Fn(I::Item) -> Outcome<T> + Send + Sync + 'static,
    take: impl FnMut(Outcome<T>) -> ControlFlow<()>,
) -> Option<Summary>
where
    I: Iterator<Item: Send + 'static> + Send + 'static,
    T: Send + 'static,
{
    if mode == Mode::Async {
        let map = options.apply(Map::new_async("map"));
        return opero::map::block_on(future(face, map, items, async |item, _| op(item), take));
    }
    blocking((mode, face), options.apply(Map::new("map")), items, move |item, _| op(item), take)
}
