//! The cost of a map, compared with hand-written threads: `cargo bench --bench map` in `benches/`.

#[allow(dead_code, reason = "these tables have no async contender")]
mod side_by_side;

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use opero::Error;
use opero::map::Map;
use side_by_side::Table;

const WORKERS: usize = 4;

type Outcome<T> = Result<T, Error<()>>;

fn busy(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Hand-written threads: each takes one index at a time, and stores its results in order at the end.
fn by_hand<T: Send>(items: usize, work: impl Fn(usize) -> T + Sync) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((0..items).map(|_| None).collect::<Vec<_>>());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let mut own = Vec::new();
                loop {
                    let index = next.fetch_add(1, Relaxed);
                    if index >= items {
                        break;
                    }
                    own.push((index, work(index)));
                }
                let mut results = results.lock().expect("no thread panics");
                for (index, result) in own {
                    results[index] = Some(result);
                }
            });
        }
    });
    results.into_inner().expect("no thread panics")
}

fn map<T: Send>(items: usize, work: impl Fn(usize) -> T + Sync) -> Vec<Outcome<T>> {
    Map::new("map").workers(WORKERS).thread(0..items, |index, _| Ok(work(index)))
}

fn main() {
    let short = || busy(Duration::from_micros(20));
    Table::new("10,000 items of 20 µs")
        .call("scoped threads", || by_hand(10_000, |_| short()))
        .call("Map::thread", || map(10_000, |_| short()))
        .print();
    Table::new("100 empty items")
        .call("4 scoped threads", || by_hand(100, black_box))
        .call("Map::thread", || map(100, black_box))
        .call("Map::thread, 1 worker", || Map::new("map").workers(1).thread(0..100, |n, _| Outcome::Ok(black_box(n))))
        .print();
    Table::new("100,000 empty items")
        .call("4 scoped threads", || by_hand(100_000, black_box))
        .call("Map::thread", || map(100_000, black_box))
        .call("Map::thread_each", || each(WORKERS, 100_000))
        .call("Map::thread_each, 1 worker", || each(1, 100_000))
        .call("Map::thread_stream", || stream(100_000))
        .call("a channel of 1000", || channel(100_000))
        .print();
    Table::new("10,000 items of 20 µs, one by one")
        .call("scoped threads, into a list", || by_hand(10_000, |_| short()))
        .call("Map::thread_each", || {
            let op = |n, _| {
                short();
                Outcome::Ok(n)
            };
            Map::new("map").workers(WORKERS).thread_each(0..10_000, op, |_| ())
        })
        .print();
}

fn each(workers: usize, items: usize) -> usize {
    let mut sum = 0;
    let add = |result: Outcome<usize>| sum += result.unwrap_or(0);
    let _ = Map::new("map").workers(workers).thread_each(0..items, |n, _| Outcome::Ok(black_box(n)), add);
    sum
}

fn stream(items: usize) -> usize {
    Map::new("map").workers(WORKERS).thread_stream(0..items, |n, _| Outcome::Ok(black_box(n))).flatten().sum()
}

/// A hand-written map that does not keep the results: unordered, through a channel.
fn channel(items: usize) -> usize {
    let (sender, receiver) = sync_channel(1000);
    let next = &AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            let sender = sender.clone();
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Relaxed);
                    if index >= items || sender.send(black_box(index)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        receiver.into_iter().sum()
    })
}
