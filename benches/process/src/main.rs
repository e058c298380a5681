//! The cost of a child process: `mode: process` and `mode: async_process`, compared with the pool of procspawn and
//! with the threads of `mode: thread`.
//!
//! `sh benches/process.sh` prints these lines and those of CPython.

use std::collections::VecDeque;
use std::io::Write;
use std::time::{Duration, Instant};

use opero::map::{block_on, pool};
use opero::opmap;

const WORKERS: usize = 4;
const SMALL: u64 = 10_000;
const LARGE: usize = 200;
const SIZE: usize = 1_000_000;

fn small(n: u64) -> Result<u64, String> {
    Ok(n + 1)
}

fn large(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    Ok(bytes)
}

fn main() {
    opero::process::init();
    procspawn::init();
    match std::env::args().nth(1).as_deref() {
        Some("process") => row("opero, `mode: process`", opero_first, opero_small, opero_large),
        Some("async_process") => row("opero, `mode: async_process`", async_first, async_small, async_large),
        Some("procspawn") => row("procspawn, `Pool`", procspawn_first, procspawn_small, procspawn_large),
        _ => row("opero, `mode: thread`", thread_first, thread_small, thread_large),
    }
}

fn row(name: &str, first: fn() -> Duration, small: fn() -> Duration, large: fn() -> Duration) {
    print!("| {name} |");
    for time in [first, small, large] {
        let best = (0..3).map(|_| time()).min().unwrap_or_default().as_secs_f64() * 1e3;
        print!(" {best:.1} ms |");
        // If a contender hangs in the next measurement, this much is printed.
        let _ = std::io::stdout().flush();
    }
    println!();
}

fn bytes(n: usize) -> Vec<u8> {
    (0..SIZE).map(|i| (i * 31 + n) as u8).collect()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    std::hint::black_box(work());
    began.elapsed()
}

fn opero_first() -> Duration {
    pool::shutdown();
    timed(|| assert_eq!(opmap! { n in [1], mode: process, workers: WORKERS => small(n) }, [Ok(2)]))
}

fn opero_small() -> Duration {
    timed(|| {
        let results = opmap! { n in 0..SMALL, mode: process, workers: WORKERS => small(n) };
        assert!(results.iter().zip(1..).all(|(result, n)| *result == Ok(n)));
    })
}

fn opero_large() -> Duration {
    let items: Vec<_> = (0..LARGE).map(bytes).collect();
    timed(|| {
        let results = opmap! { bytes in items, mode: process, workers: WORKERS => large(bytes) };
        assert!(results.iter().all(|result| result.as_ref().is_ok_and(|bytes| bytes.len() == SIZE)));
    })
}

fn async_first() -> Duration {
    pool::shutdown();
    let map = opmap! { n in [1], mode: async_process, workers: WORKERS => async { small(n) } };
    timed(|| assert_eq!(block_on(map), [Ok(2)]))
}

fn async_small() -> Duration {
    timed(|| {
        let results = block_on(opmap! { n in 0..SMALL, mode: async_process, workers: WORKERS => async { small(n) } });
        assert!(results.iter().zip(1..).all(|(result, n)| *result == Ok(n)));
    })
}

fn async_large() -> Duration {
    let items: Vec<_> = (0..LARGE).map(bytes).collect();
    timed(|| {
        let results =
            block_on(opmap! { bytes in items, mode: async_process, workers: WORKERS => async { large(bytes) } });
        assert!(results.iter().all(|result| result.as_ref().is_ok_and(|bytes| bytes.len() == SIZE)));
    })
}

fn thread_first() -> Duration {
    pool::shutdown();
    timed(|| assert_eq!(opmap! { n in [1], workers: WORKERS => small(n) }, [Ok(2)]))
}

fn thread_small() -> Duration {
    timed(|| {
        let results = opmap! { n in 0..SMALL, workers: WORKERS => small(n) };
        assert!(results.iter().zip(1..).all(|(result, n)| *result == Ok(n)));
    })
}

fn thread_large() -> Duration {
    let items: Vec<_> = (0..LARGE).map(bytes).collect();
    timed(|| {
        let results = opmap! { bytes in items, workers: WORKERS => large(bytes) };
        assert!(results.iter().all(|result| result.as_ref().is_ok_and(|bytes| bytes.len() == SIZE)));
    })
}

fn procspawn_pool() -> procspawn::Pool {
    procspawn::Pool::new(WORKERS).expect("a pool")
}

fn procspawn_first() -> Duration {
    timed(|| {
        let pool = procspawn_pool();
        assert_eq!(procspawn::spawn!(in pool, (1_u64 => n) || small(n)).join().expect("a result"), Ok(2));
    })
}

/// The maximum number of tasks in a procspawn pool at a time. Each takes several descriptors.
const AHEAD: usize = 64;

fn procspawn_small() -> Duration {
    let pool = procspawn_pool();
    let _ = procspawn::spawn!(in pool, (1_u64 => n) || small(n)).join();
    timed(|| {
        let (mut handles, mut next) = (VecDeque::new(), 1);
        let mut check = |handle: procspawn::JoinHandle<Result<u64, String>>| {
            assert_eq!(handle.join().expect("a result"), Ok(next));
            next += 1;
        };
        for n in 0..SMALL {
            if handles.len() == AHEAD {
                handles.pop_front().into_iter().for_each(&mut check);
            }
            handles.push_back(procspawn::spawn!(in pool, (n => n) || small(n)));
        }
        handles.into_iter().for_each(check);
    })
}

fn procspawn_large() -> Duration {
    let pool = procspawn_pool();
    let _ = procspawn::spawn!(in pool, (1_u64 => n) || small(n)).join();
    let items: Vec<_> = (0..LARGE).map(bytes).collect();
    timed(|| {
        let mut handles = VecDeque::new();
        let check = |handle: procspawn::JoinHandle<Result<Vec<u8>, String>>| {
            assert_eq!(handle.join().expect("a result").map(|bytes| bytes.len()), Ok(SIZE));
        };
        for bytes in items {
            if handles.len() == AHEAD {
                handles.pop_front().into_iter().for_each(check);
            }
            handles.push_back(procspawn::spawn!(in pool, (bytes => bytes) || large(bytes)));
        }
        handles.into_iter().for_each(check);
    })
}
