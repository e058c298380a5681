//! What a map costs, beside the threads one would start by hand: `cargo bench --bench map`.

#[allow(dead_code, reason = "these tables have no async contender")]
mod side_by_side;

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
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

/// The threads that one writes by hand: they take an index each, and put the results into their places at the end.
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
                let mut results = results.lock().expect("nobody panics");
                for (index, result) in own {
                    results[index] = Some(result);
                }
            });
        }
    });
    results.into_inner().expect("nobody panics")
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
    Table::new("100 items of nothing")
        .call("4 scoped threads", || by_hand(100, black_box))
        .call("Map::thread", || map(100, black_box))
        .call("Map::thread, 1 worker", || Map::new("map").workers(1).thread(0..100, |n, _| Outcome::Ok(black_box(n))))
        .print();
    Table::new("100,000 items of nothing")
        .call("4 scoped threads", || by_hand(100_000, black_box))
        .call("Map::thread", || map(100_000, black_box))
        .print();
}
