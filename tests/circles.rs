//! Bodies that wait for themselves, directly or through a cycle: none hangs, and the body runs instead.

#[path = "support/flights.rs"]
mod harness;
#[path = "support/runtime.rs"]
mod runtime;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;

use futures_lite::future::yield_now;
use harness::Task;
use opero::cache::{self, Memory, Store};
use opero::{Error, opero};
use runtime::block_on;

fn factorial(n: u64) -> Result<u64, Error<Error<String>>> {
    opero! { cache, key: n => {
        if n == 0 { Ok(1) } else { factorial(n - 1).map(|f| f * n).map_err(|e| e.into_last().unwrap()) }
    } }
}

/// Calls itself with its own key from inside its body, `depth` times.
fn itself(depth: u32) -> Result<u32, Error<String>> {
    opero! { cache, key: "one", name: "itself" => {
        if depth == 0 { Ok(0) } else { itself(depth - 1).map(|n| n + 1).map_err(|error| error.to_string()) }
    } }
}

#[test]
fn a_body_may_ask_for_another_key_and_for_its_own() {
    assert_eq!(factorial(10).unwrap(), 3_628_800);
    assert_eq!((itself(3), itself(0)), (Ok(3), Ok(3)), "the outermost value is kept");
    let stats = cache::stats("itself");
    assert_eq!((stats.misses, stats.insertions, stats.hits), (4, 1, 1));
}

fn around(n: u32, depth: u32) -> Result<u32, Error<String>> {
    opero! { cache, namespace: "circle", key: n % 2 => if depth == 0 { Ok(n) } else { around(n + 1, depth - 1).map_err(|e| e.to_string()) } }
}

#[test]
fn a_cycle_of_keys_ends_when_its_bodies_do() {
    assert_eq!(around(0, 1), Ok(1));
    cache::clear(Some("circle"));
    assert_eq!((around(2, 5), around(0, 0)), (Ok(7), Ok(7)));
}

/// The same in async calls.
fn itself_later(depth: u32) -> Pin<Box<dyn Future<Output = Result<u32, Error<String>>> + Send>> {
    Box::pin(async move {
        opero! { cache, key: "one", name: "itself later" => async {
            yield_now().await;
            if depth == 0 { Ok(0) } else { itself_later(depth - 1).await.map(|n| n + 1).map_err(|error| error.to_string()) }
        } }
        .await
    })
}

#[test]
fn a_body_may_ask_for_its_own_key_by_async_calls() {
    assert_eq!((block_on(itself_later(3)), block_on(itself_later(0))), (Ok(3), Ok(3)));

    let (memory, key) = (Memory::new(), cache::Key::new("opero", "itself later", &()));
    let inner = || memory.get_or_run_async(&key, None, async || Ok::<_, String>(1));
    let outer = memory.get_or_run_async(&key, None, async || inner().await.map(|n| n + 1));
    assert_eq!(block_on(outer), Ok(2));
    memory.clear("opero").unwrap();
    assert_eq!(memory.get_or_run(&key, None, || block_on(inner()).map(|n| n + 2)), Ok(3));
    memory.clear("opero").unwrap();
    let outer = memory.get_or_run_async(&key, None, async || memory.get_or_run(&key, None, || Ok::<_, String>(4)));
    assert_eq!((block_on(outer), memory.stats().misses), (Ok(4), 6));
}

/// Runs the body for a key, which calls for the next of `keys` keys.
fn ring(name: &str, key: u32, keys: u32, all_run: Option<&Barrier>) -> Result<u32, Error<String>> {
    opero! { cache, name: name, key: key => match all_run {
        None => Ok(1),
        Some(all_run) => {
            all_run.wait();
            ring(name, (key + 1) % keys, keys, None).map(|n| n + 1).map_err(|error| error.to_string())
        }
    } }
}

#[test]
fn a_cycle_of_threads_is_broken_by_the_last_to_join() {
    for (keys, name) in [(2, "ring of 2"), (5, "ring of 5")] {
        let all_run = &Barrier::new(keys as usize);
        let values: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..keys).map(|key| scope.spawn(move || ring(name, key, keys, Some(all_run)))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        // The last to come runs the next body alone, and the others wait for each other.
        let mut sorted = values.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (2..keys + 2).collect::<Vec<_>>(), "{values:?}");
    }
}

/// A task that runs the body for a key, which calls for the next of `keys` keys after it has been polled twice.
fn ring_of_tasks(memory: &Arc<Memory<u32>>, key: u32, keys: u32) -> Task {
    let memory = memory.clone();
    Task::new(async move {
        opero! { cache, store: &memory, name: "ring of tasks", key: key => async {
            yield_now().await;
            let next = opero! { cache, store: &memory, name: "ring of tasks", key: (key + 1) % keys => async { Ok::<_, String>(1) } };
            next.await.map(|n| n + 1).map_err(|error| error.to_string())
        } }
        .await
    })
}

#[test]
fn a_cycle_of_tasks_is_broken_too() {
    for keys in [2, 5] {
        let memory = Arc::new(Memory::new());
        let mut tasks: Vec<_> = (0..keys).map(|key| ring_of_tasks(&memory, key, keys)).collect();
        assert!(tasks.iter_mut().all(Task::is_pending));
        let mut values = Vec::new();
        for _ in 0..=keys {
            tasks.retain_mut(|task| match task.poll() {
                Poll::Ready(outcome) => {
                    values.push(outcome.unwrap());
                    false
                }
                Poll::Pending => true,
            });
        }
        values.sort_unstable();
        assert_eq!(
            values,
            (2..keys + 2).collect::<Vec<_>>(),
            "the task that closes the cycle runs the next body alone"
        );
    }
}
