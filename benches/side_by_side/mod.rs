//! Contenders side by side: they take turns in one process, so that other load on the machine affects all of them
//! alike.
//!
//! The first row of a table is the reference. Differences and ratios are computed within a round, and the table shows
//! their medians.

use std::env;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough to make the two clock readings around a batch negligible.
const BATCH: Duration = Duration::from_millis(1);
/// How long a table runs rounds, and the minimum number of rounds.
const TABLE: Duration = Duration::from_secs(3);
const ROUNDS: usize = 11;

/// Several ways to do the same work.
pub(crate) struct Table<'a> {
    title: &'a str,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    /// Makes a number of calls and returns how long they took.
    batch: Box<dyn FnMut(u32) -> Duration + 'a>,
    calls: u32,
    seconds_per_call: Vec<f64>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(title: &'a str) -> Self {
        Table { title, rows: Vec::new() }
    }

    /// Adds a contender on this thread. A call that takes as long as a batch is a batch by itself.
    pub(crate) fn call<R>(self, name: &'a str, mut work: impl FnMut() -> R + 'a) -> Self {
        self.row(name, move |calls| span(calls, &mut work).elapsed())
    }

    /// Adds an async contender: a batch is one future, polled without an executor, so no executor is measured.
    pub(crate) fn future<R>(self, name: &'a str, mut work: impl AsyncFnMut() -> R + 'a) -> Self {
        self.row(name, move |calls| {
            let start = Instant::now();
            poll_to_end(async {
                for _ in 0..calls {
                    black_box(work().await);
                }
            });
            start.elapsed()
        })
    }

    /// Adds a contender on several threads: the time per call counts all the calls that they make together.
    pub(crate) fn threads<R>(self, name: &'a str, threads: u32, work: impl Fn() -> R + Sync + 'a) -> Self {
        self.row(name, move |calls| {
            let gate = &Barrier::new(threads as usize);
            let work = &work;
            let spans: Vec<Span> = thread::scope(|scope| {
                let start = || {
                    scope.spawn(move || {
                        gate.wait();
                        span(calls.div_ceil(threads), work)
                    })
                };
                let workers: Vec<_> = (0..threads).map(|_| start()).collect();
                workers.into_iter().map(|worker| worker.join().expect("a contender does not panic")).collect()
            });
            spans.into_iter().reduce(Span::around).expect("there is a thread").elapsed()
        })
    }

    fn row(mut self, name: &'a str, batch: impl FnMut(u32) -> Duration + 'a) -> Self {
        self.rows.push(Row { name, batch: Box::new(batch), calls: 1, seconds_per_call: Vec::new() });
        self
    }

    /// Runs the rounds and prints the table. Without cargo's `--bench`, as in `cargo test`, one round checks that it
    /// runs.
    pub(crate) fn print(mut self) {
        let is_measured = env::args().any(|argument| argument == "--bench");
        self.rows.iter_mut().for_each(Row::calibrate);
        let start = Instant::now();
        let mut rounds = 0;
        while rounds < 1 || (is_measured && (rounds < ROUNDS || start.elapsed() < TABLE)) {
            // No contender always runs after the same neighbour.
            let first = rounds % self.rows.len();
            let (late, early) = self.rows.split_at_mut(first);
            early.iter_mut().chain(late).for_each(Row::run);
            rounds += 1;
        }
        self.report(rounds);
    }

    fn report(&self, rounds: usize) {
        let reference = &self.rows[0].seconds_per_call;
        let (unit, name) = unit(median(reference.iter().copied()));
        println!("\n{} ({rounds} rounds, {name} per call)", self.title);
        println!("{:28}{:>10}{:>10}{:>12}{:>8}", "", "median", "minimum", "difference", "ratio");
        for Row { name, seconds_per_call: own, .. } in &self.rows {
            let pairs = || own.iter().zip(reference);
            let minimum = own.iter().copied().fold(f64::INFINITY, f64::min);
            println!(
                "{name:28}{:>10.2}{:>10.2}{:>+12.2}{:>8.2}",
                median(own.iter().copied()) / unit,
                minimum / unit,
                median(pairs().map(|(own, reference)| own - reference)) / unit,
                median(pairs().map(|(own, reference)| own / reference)),
            );
        }
    }
}

impl Row<'_> {
    /// A batch must be long three times in a row: a single one may be long because another process ran.
    fn calibrate(&mut self) {
        while (0..3).any(|_| (self.batch)(self.calls) < BATCH) {
            self.calls *= 2;
        }
    }

    fn run(&mut self) {
        self.seconds_per_call.push((self.batch)(self.calls).as_secs_f64() / f64::from(self.calls));
    }
}

/// When a batch ran on one thread.
#[derive(Clone, Copy)]
struct Span {
    start: Instant,
    end: Instant,
}

impl Span {
    fn around(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    fn elapsed(self) -> Duration {
        self.end - self.start
    }
}

/// Never inlined: each contender has its own loop, independent of the others.
#[inline(never)]
fn span<R>(calls: u32, mut work: impl FnMut() -> R) -> Span {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(work());
    }
    Span { start, end: Instant::now() }
}

/// Polls a future until it is ready.
pub(crate) fn poll_to_end<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn unit(seconds: f64) -> (f64, &'static str) {
    match seconds {
        ..1e-5 => (1e-9, "ns"),
        ..1e-2 => (1e-6, "µs"),
        _ => (1e-3, "ms"),
    }
}
