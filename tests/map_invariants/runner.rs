//! Runs a case, and returns what the caller of its map sees.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::{iter, thread};

use futures_lite::future::yield_now;
use opero::map::{Map, Summary, block_on};
use opero::time::Clock;
use opero::{Call, Error};

use crate::case::{Case, End, Input};
use crate::log::{Happened, Log};
use crate::maps::{self, Mode, Outcome};

/// The outcome of a map.
pub(crate) struct Told {
    pub(crate) results: Vec<Outcome<usize>>,
    pub(crate) summary: Option<Summary>,
    /// The message of the panic it ended with, if it did.
    pub(crate) panic: Option<String>,
    /// Whether the consumer has stopped it.
    pub(crate) is_broken_off: bool,
    /// The log when the call returned.
    pub(crate) happened: Happened,
    pub(crate) log: Arc<Log>,
}

pub(crate) fn play(case: &Case) -> Told {
    let (log, mut results, mut is_broken_off) = (Log::new(case), Vec::new(), false);
    let take = |result| {
        log.hand();
        results.push(result);
        is_broken_off = case.taken == Some(results.len());
        if is_broken_off {
            log.break_off();
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let ended = catch_unwind(AssertUnwindSafe(|| run(case, &log, take)));
    let happened = log.happened();
    let (summary, panic) = match ended {
        Ok(summary) => (summary, None),
        Err(payload) => (None, Some(*payload.downcast::<String>().expect("a message"))),
    };
    Told { results, summary, panic, is_broken_off, happened, log }
}

fn run(case: &Case, log: &Arc<Log>, take: impl FnMut(Outcome<usize>) -> ControlFlow<()>) -> Option<Summary> {
    let clock = Arc::clone(&log.clock);
    if case.mode == Mode::Async {
        let map = case.options.apply(Map::new_async("map")).clock(clock);
        return block_on(maps::future(
            case.face,
            map,
            items(case, log),
            |item, place| {
                log.start(item, place.index());
                body_async(case, log, item)
            },
            take,
        ));
    }
    let map = case.options.apply(Map::new("map")).clock(clock);
    let (log, of) = (Arc::clone(log), case.clone());
    let given = items(case, &log);
    maps::blocking(
        (case.mode, case.face),
        map,
        given,
        move |item, place| {
            log.start(item, place.index());
            body(&of, &log, item)
        },
        take,
    )
}

/// The input, which logs the items it returns.
fn items(case: &Case, log: &Arc<Log>) -> Box<dyn Iterator<Item = usize> + Send> {
    let (log, dry_at) = (Arc::clone(log), case.dry_at);
    let note = move |item: &usize| {
        if dry_at == Some(*item) {
            log.panic();
            resume_unwind(Box::new("dry".to_owned()));
        }
        log.pull();
    };
    // One more item, in whose place the panic comes.
    let end = |items| items + usize::from(case.dry_at == Some(items));
    match case.input {
        Input::List(items) => Box::new((0..end(items)).collect::<Vec<_>>().into_iter().inspect(note)),
        Input::Range(items) => Box::new((0..end(items)).inspect(note)),
        Input::Unknown(items) => {
            let mut left = 0..end(items);
            Box::new(iter::from_fn(move || left.next()).inspect(note))
        }
        Input::Endless => Box::new((0..).inspect(note)),
    }
}

fn body(case: &Case, log: &Log, item: usize) -> Outcome<usize> {
    let (_running, body) = (log.run(), case.body(item));
    for _ in 0..body.yields {
        thread::yield_now();
    }
    log.clock.advance(body.takes);
    end(log, item, body.end)
}

async fn body_async(case: &Case, log: &Log, item: usize) -> Outcome<usize> {
    let (_running, body) = (log.run(), case.body(item));
    for _ in 0..body.yields {
        yield_now().await;
    }
    if body.yields == 1 {
        log.clock.sleep_async(body.takes).await;
    } else {
        log.clock.advance(body.takes);
    }
    end(log, item, body.end)
}

fn end(log: &Log, item: usize, end: End) -> Outcome<usize> {
    log.end(item, end != End::Value);
    match end {
        End::Value => Ok(item),
        End::Failure => Call::new("body").retries(0).run(|_| Err(item.to_string())),
        End::Panic => resume_unwind(Box::new(item.to_string())),
    }
}

/// A result, parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The body of this item ended with this outcome.
    Ended(usize, End),
    Skipped,
    Timeout,
}

/// Parses a result, if it is one that these maps can have.
pub(crate) fn read(result: &Outcome<usize>) -> Option<Said> {
    Some(match result {
        Ok(item) => Said::Ended(*item, End::Value),
        Err(error @ Error::AllFailed(_)) => Said::Ended(error.last()?.parse().ok()?, End::Failure),
        Err(Error::Panicked(panicked)) => Said::Ended(panicked.message().parse().ok()?, End::Panic),
        Err(Error::Skipped(_)) => Said::Skipped,
        Err(Error::Timeout(_)) => Said::Timeout,
        Err(_) => return None,
    })
}
