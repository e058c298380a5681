//! The end of an async map, early or not: its last report, and the results of its items.
#![cfg(all(feature = "async", feature = "map"))]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::iter;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_lite::future::{block_on, yield_now};
use futures_lite::{Stream, StreamExt, stream};
use opero::Error;
use opero::map::{Map, Progress};
use opero::opero;

type Outcome<T> = Result<T, Error<String>>;

/// Polls once, without being woken.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What happened, in order.
#[derive(Debug, PartialEq)]
enum Event {
    /// A report with this many items done.
    Told(usize),
    /// A running future was dropped.
    Dropped,
}

type Events = RefCell<Vec<Event>>;

struct Falls<'e>(&'e Events);

impl Drop for Falls<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(Event::Dropped);
    }
}

/// Two items are done, and two wait forever.
async fn two_of_four(events: &Events, n: usize) -> Outcome<usize> {
    if n < 2 {
        return Ok(n);
    }
    let _falls = Falls(events);
    pending().await
}

const LAST_AFTER_THE_FUTURES: [Event; 3] = [Event::Dropped, Event::Dropped, Event::Told(2)];

fn tell(events: &Events) -> impl FnMut(&Progress) + '_ {
    |progress| events.borrow_mut().push(Event::Told(progress.done()))
}

#[test]
fn a_dropped_map_makes_its_last_report_after_its_futures() {
    let events = Events::default();
    let map = || Map::new_async("map").workers(4).progress(tell(&events));
    let op = async |n, _| two_of_four(&events, n).await;
    let check = |mut future: Pin<Box<dyn Future<Output = ()> + '_>>| {
        assert!(poll(future.as_mut()).is_pending());
        assert_eq!(*events.borrow(), [], "it runs");
        drop(future);
        assert_eq!(events.take(), LAST_AFTER_THE_FUTURES);
    };
    check(Box::pin(async { drop(map().future(0..4, op).await) }));
    check(Box::pin(async {
        let _ = map().future_each(0..4, op, drop).await;
    }));
    check(Box::pin(async {
        let _ = map().future_each_async(0..4, op, async |result| drop(result)).await;
    }));
    check(Box::pin(async { assert_eq!(map().future_stream(0..4, op).count().await, 4) }));
}

#[test]
fn a_map_that_was_never_polled_reports_nothing() {
    let events = Events::default();
    let map = || Map::new_async("map").progress(tell(&events));
    let op = async |n, _| two_of_four(&events, n).await;
    drop(map().future(0..4, op));
    drop(map().future_each(0..4, op, drop));
    drop(map().future_each_async(0..4, op, async |result| drop(result)));
    drop(map().future_stream(0..4, op));
    assert_eq!(events.take(), []);
}

#[test]
fn a_stopped_map_makes_its_last_report_once_after_its_futures() {
    let events = Events::default();
    let map = || Map::new_async("map").workers(4).progress(tell(&events));
    let op = async |n, _| two_of_four(&events, n).await;
    let enough = |result: Outcome<usize>| {
        if result == Ok(1) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    // Let the others run before one stops the map.
    let slowly = async |result| {
        yield_now().await;
        enough(result)
    };
    let summary = block_on(map().future_each_async(0..4, op, slowly));
    assert_eq!((summary.total(), events.take()), (2, LAST_AFTER_THE_FUTURES.into()));
    let summary = block_on(map().future_each(0..4, op, enough));
    assert_eq!((summary.total(), events.take()), (2, [Event::Told(2)].into()), "no other had started");
}

#[test]
fn an_ended_map_makes_no_further_report_when_it_is_dropped() {
    let events = Events::default();
    let map = || Map::new_async("map").progress(tell(&events));
    let op = async |n: usize, _| Outcome::Ok(n);
    assert_eq!(block_on(map().future(0..4, op)).len(), 4);
    assert_eq!(events.take(), [Event::Told(4)]);
    let mut results = map().future_stream(0..4, op);
    assert_eq!(block_on((&mut results).count()), 4);
    drop(results);
    assert_eq!(events.take(), [Event::Told(4)]);
}

/// An iterator with this many items and an arbitrary size hint.
struct Liar(u32, (usize, Option<usize>));

impl Iterator for Liar {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

#[test]
fn a_wrong_size_hint_does_no_harm() {
    const HUGE: usize = usize::MAX / 4;
    let lies = [(usize::MAX, None), (usize::MAX, Some(usize::MAX)), (HUGE, Some(HUGE)), (0, Some(0)), (1 << 24, None)];
    let op = async |n: u32, _| Outcome::Ok(n);
    let expected = [2, 1, 0].map(Ok);
    for lie in lies {
        let results = block_on(Map::new_async("map").future(Liar(3, lie), op));
        assert_eq!(results, expected);
        assert!(results.capacity() <= (1 << 20) / size_of::<Outcome<u32>>(), "{lie:?}");
        let results = block_on(Map::new_async("map").future(stream::iter(Liar(3, lie)), op));
        assert_eq!(results, expected);
        let mut results = Vec::new();
        let _ = block_on(Map::new_async("map").future_each(Liar(3, lie), op, |result| results.push(result)));
        assert_eq!(results, expected);
        let mut stream = Map::new_async("map").workers(2).future_stream(Liar(3, lie), op);
        let _ = stream.size_hint();
        assert_eq!(block_on(stream.next()), Some(Ok(2)));
        let _ = stream.size_hint();
        assert_eq!(block_on(stream.count()), 2);
    }
}

#[test]
fn the_number_of_workers_can_be_the_largest_number() {
    let op = async |n: usize, _| {
        yield_now().await;
        Outcome::Ok(n)
    };
    for size in [1, 2, usize::MAX / 4, usize::MAX - 1, usize::MAX] {
        for (workers, chunk_size) in [(size, 1), (1, size), (size, size)] {
            let map = || Map::new_async("map").workers(workers).chunk_size(chunk_size);
            let expected: Vec<_> = (0..300).map(Ok).collect();
            assert_eq!(block_on(map().future(0..300, op)), expected);
            assert_eq!(block_on(map().future_each(0..300, op, drop)).succeeded(), 300);
            assert_eq!(block_on(map().future_each_async(0..300, op, async |result| drop(result))).succeeded(), 300);
            assert_eq!(block_on(map().future_stream(0..300, op).collect::<Vec<_>>()), expected);
        }
    }
}

/// Pseudorandom numbers, the same in each run.
fn dice() -> impl FnMut(usize) -> usize {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    move |sides| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % sides
    }
}

#[test]
fn pulled_items_have_results_and_one_more_item_carries_the_reason() {
    let mut roll = dice();
    for _ in 0..2000 {
        let (items, workers, chunk_size) = (roll(40), 1 + roll(6), 1 + roll(6));
        let (most, period, is_ordered) = (1 + roll(4), 2 + roll(10), roll(2) == 0);
        let polls: Vec<_> = iter::repeat_with(|| roll(5)).take(items).collect();
        let (pulled, started) = (Cell::new(0), Cell::new(0));
        let input = (0..items).inspect(|_| pulled.set(pulled.get() + 1));
        let op = async |n: usize, _| {
            started.set(started.get() + 1);
            for _ in 0..polls[n] {
                yield_now().await;
            }
            if n % period == 1 {
                opero! { name: "op" => Err(n.to_string()) }
            } else {
                Ok(n)
            }
        };
        let map = Map::new_async("map").workers(workers).chunk_size(chunk_size).max_failures(most).ordered(is_ordered);
        let is_stream = roll(2) == 0;
        let mut results: Vec<Outcome<usize>> = Vec::new();
        if is_stream {
            results = block_on(map.future_stream(input, op).collect());
        } else {
            let summary = block_on(map.future_each(input, op, |result| results.push(result)));
            assert_eq!(summary.total(), results.len());
        }
        let skipped = results.iter().filter(|result| result.as_ref().is_err_and(Error::is_skipped)).count();
        assert_eq!(results.len(), pulled.get(), "each that was pulled has a result");
        assert_eq!(skipped, pulled.get() - started.get(), "and is skipped if it was not started");
        assert!(skipped <= 1, "{skipped}");
        let failed = results.iter().filter(|result| result.is_err()).count() - skipped;
        assert!(skipped == 0 || failed >= most, "{failed} of {most}");
        assert!(failed < most + workers, "{failed} of {most}, {workers} workers");
        if is_ordered {
            let values: Vec<_> = results.iter().flatten().copied().collect();
            assert!(values.is_sorted());
        }
    }
}

#[test]
fn after_a_break_nothing_is_passed_on_or_pulled() {
    let mut roll = dice();
    for _ in 0..500 {
        let (workers, chunk_size, wanted) = (1 + roll(6), 1 + roll(6), 1 + roll(30));
        let polls: Vec<_> = iter::repeat_with(|| roll(4)).take(100).collect();
        let (pulled, alive) = (Cell::new(0), Cell::new(0));
        let op = async |n: usize, _| {
            alive.set(alive.get() + 1);
            for _ in 0..polls[n % 100] {
                yield_now().await;
            }
            alive.set(alive.get() - 1);
            Outcome::Ok(n)
        };
        let input = (0..).inspect(|_| pulled.set(pulled.get() + 1));
        let map = Map::new_async("map").workers(workers).chunk_size(chunk_size).ordered(roll(2) == 0);
        let mut handed = 0;
        let summary = block_on(map.future_each(input, op, |_| {
            handed += 1;
            if handed == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }));
        assert_eq!((handed, summary.succeeded()), (wanted, wanted));
        assert!(pulled.get() <= wanted + workers + chunk_size, "{}", pulled.get());
    }
}
