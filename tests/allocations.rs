//! What a success allocates, which is nothing, and how much memory a use keeps.
#![allow(unsafe_code, reason = "an allocator that counts is one")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use opero::opero;

struct Counting;

thread_local! {
    /// Of this thread only: the tests run concurrently.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: each method passes its arguments on to the system's allocator, under the same contract. The counter has no
// destructor and a constant initial value, so it allocates nothing itself.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's guarantee about `layout` is the one needed here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` comes from `alloc` above, and so from the system's allocator, with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Returns how often `work` allocates after its first run.
fn allocations<T>(mut work: impl FnMut() -> T) -> usize {
    work();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        work();
    }
    ALLOCATIONS.get() - before
}

/// The output of a future that is ready on its first poll.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is not ready"),
    }
}

#[derive(Debug)]
struct Refused;

fn ask(question: u64) -> Result<u64, Refused> {
    if question == 0 { Err(Refused) } else { Ok(question * 3) }
}

opero! { retries: 3, retry_on: Refused =>
    fn asked(question: u64) -> Result<u64, opero::Error<Refused>> { ask(question) }
}

opero! { retries: 3 =>
    async fn asked_later(question: u64) -> Result<u64, opero::Error<Refused>> { ask(question) }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| Box::new(7)), 100);
}

#[test]
fn a_blocking_success_allocates_nothing() {
    assert_eq!(allocations(|| opero! { retries: 3, jitter: full => ask(7) }), 0);
    assert_eq!(allocations(|| opero! { fallback: question in [7, 8] => ask(*question) }), 0);
    assert_eq!(allocations(|| asked(7)), 0);
    let callable = opero! { retries: 3 => |question: u64| ask(question) };
    assert_eq!(allocations(|| callable(7)), 0);
}

#[test]
fn an_async_success_allocates_nothing() {
    assert_eq!(allocations(|| now(opero! { retries: 3 => async { ask(7) } })), 0);
    assert_eq!(allocations(|| now(opero! { retries: 3 => async move { ask(7) } })), 0);
    assert_eq!(allocations(|| now(opero! { fallback: question in [7, 8] => async { ask(*question) } })), 0);
    assert_eq!(allocations(|| now(asked_later(7))), 0);
    let callable = opero! { retries: 3 => async |question: u64| ask(question) };
    assert_eq!(allocations(|| now(callable(7))), 0);
}

#[cfg(all(feature = "async", feature = "map"))]
#[test]
fn an_async_map_allocates_nothing_for_an_item() {
    use futures_lite::future::{block_on, yield_now};
    use opero::map::Map;

    let of = |items: u64| {
        allocations(|| {
            let map = Map::new_async("map").workers(10).future_each(
                0..items,
                async |n, _| {
                    yield_now().await;
                    Ok::<_, opero::Error<Refused>>(n)
                },
                drop,
            );
            assert_eq!(block_on(map).succeeded() as u64, items);
        })
    };
    assert_eq!(of(100), of(1000));
}

#[cfg(feature = "map")]
#[test]
fn a_map_of_threads_allocates_for_its_list_only() {
    use opero::map::Map;

    // Each item is its own chunk, so that the items of a worker are not contiguous.
    let of = |items: u64| {
        allocations(|| {
            let results = Map::new("map").workers(2).chunk_size(1).thread(0..items, |n, _| {
                (0..50).for_each(|_| std::hint::spin_loop());
                Ok::<_, opero::Error<Refused>>(n)
            });
            assert_eq!(results.len() as u64, items);
        })
    };
    // A list that doubles when it is full has done so a dozen times.
    assert!(of(4000) < 100 * 60, "{}", of(4000));
}

#[cfg(all(feature = "async", feature = "map"))]
#[test]
fn an_async_map_allocates_less_than_a_buffered_stream() {
    use futures_lite::future::{block_on, yield_now};
    use futures_util::stream::{self, StreamExt};
    use opero::map::Map;

    let op = async |n: u64| {
        yield_now().await;
        Ok::<_, opero::Error<Refused>>(n)
    };
    let buffered = allocations(|| block_on(stream::iter(0..1000).map(op).buffer_unordered(100).collect::<Vec<_>>()));
    let mapped =
        allocations(|| block_on(Map::new_async("map").ordered(false).future(0..1000, async |n, _| op(n).await)));
    assert!(mapped * 4 < buffered, "{mapped}, {buffered}");
}

#[cfg(feature = "cache")]
#[test]
fn a_hit_allocates_nothing() {
    fn measure(text: &str, n: u64) -> Result<u64, Refused> {
        if n == 0 { Err(Refused) } else { Ok(text.len() as u64 + n) }
    }
    assert_eq!(allocations(|| opero! { cache => measure("hello", 3) }), 0);
    assert_eq!(allocations(|| opero! { cache: 60s, retries: 3, timeout: 1s => measure("hello", 3) }), 0);
    assert_eq!(allocations(|| opero! { cache, name: "ask", namespace: "hits", key: ("a", 1) => ask(7) }), 0);
    assert_eq!(allocations(|| opero! { cache, fallback: text in ["a", "b"] => measure(text, 3) }), 0);
    assert_eq!(allocations(|| now(opero! { cache: 60s, key: ("hello", 3) => async { measure("hello", 3) } })), 0);
    let callable = opero! { cache => |text: &str, n: u64| measure(text, n) };
    assert_eq!(allocations(|| callable("hello", 3)), 0);
}

#[cfg(feature = "cache")]
opero! { infallible, cache: 60s => fn tripled(n: u64) -> u64 { n * 3 } }

#[cfg(feature = "cache")]
#[test]
fn a_hit_of_a_call_that_cannot_fail_allocates_nothing() {
    fn triple(n: u64) -> u64 {
        n * 3
    }
    assert_eq!(allocations(|| opero! { infallible, cache => triple(7) }), 0);
    assert_eq!(allocations(|| tripled(7)), 0);
    assert_eq!(
        allocations(|| opero! { infallible, cache, name: "triple", namespace: "hits", key: ("a", 1) => triple(7) }),
        0
    );
    assert_eq!(allocations(|| now(opero! { infallible, cache: 60s, key: 7 => async { triple(7) } })), 0);
    let callable = opero! { infallible, cache => |n: u64| triple(n) };
    assert_eq!(allocations(|| callable(7)), 0);
    let call = opero::Call::new("triple").cache(None);
    assert_eq!(allocations(|| call.clone().key(&7).infallible().run(|| triple(7))), 0);
}

#[cfg(feature = "cache")]
mod store {
    use std::collections::HashMap;
    use std::convert::Infallible;
    use std::sync::Mutex;
    use std::time::Duration;

    use opero::cache::{Entry, Key, Store};

    /// A store as a user writes one.
    #[derive(Default)]
    pub(super) struct Shelf(Mutex<HashMap<Key<'static>, u64>>);

    impl Store<u64> for Shelf {
        type Error = Infallible;

        fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u64>>, Infallible> {
            Ok(self.0.lock().unwrap().get(key).map(|value| Entry::new(*value)))
        }

        fn set(&self, key: &Key<'_>, value: u64, _: Option<Duration>) -> Result<(), Infallible> {
            self.0.lock().unwrap().insert(key.clone().into_owned(), value);
            Ok(())
        }

        fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
            Ok(self.0.lock().unwrap().remove(&key.clone().into_owned()).is_some())
        }

        fn clear(&self, _: &str) -> Result<usize, Infallible> {
            Ok(0)
        }
    }
}

#[cfg(feature = "cache")]
#[test]
fn a_hit_in_a_store_allocates_nothing() {
    let shelf = store::Shelf::default();
    assert_eq!(allocations(|| opero! { cache, store: &shelf, name: "plain" => ask(7) }), 0);
    assert_eq!(allocations(|| opero! { cache: 60s, store: &shelf, retries: 3, name: "shelf", key: 7 => ask(7) }), 0);
    assert_eq!(allocations(|| now(opero! { cache, store: &shelf, name: "later", key: 7 => async { ask(7) } })), 0);

    let (names, turn) = (["one", "two"].map(String::from), Cell::new(0));
    let next = || {
        turn.set(turn.get() + 1);
        &names[turn.get() % names.len()]
    };
    let both = || [(), ()].map(|()| opero! { cache, store: &shelf, name: next(), key: 7 => ask(7) });
    assert_eq!(allocations(both), 0, "whatever name each call has");
    let memory = opero::cache::Memory::new();
    assert_eq!(allocations(|| opero! { cache: 60s, store: &memory, name: "memory" => ask(7) }), 0);
}

/// More than a test can use.
#[test]
fn a_permit_that_is_free_allocates_nothing() {
    assert_eq!(allocations(|| opero! { rate: 1_000_000_000/s, burst: 1_000_000_000 => ask(7) }), 0);
    assert_eq!(
        allocations(|| opero! { rate: 1_000_000_000/s, burst: 1_000_000_000, max_wait: 0s, scope: global => ask(7) }),
        0
    );
    assert_eq!(allocations(|| now(opero! { rate: 1_000_000_000/s, burst: 1_000_000_000 => async { ask(7) } })), 0);
    #[cfg(feature = "cache")]
    {
        assert_eq!(
            allocations(|| opero! { rate: 1_000_000_000/s, burst: 1_000_000_000, scope: per_args => ask(7) }),
            0,
            "of a known key"
        );
    }
}

#[test]
fn limits_that_are_met_allocate_nothing() {
    assert_eq!(allocations(|| opero! { timeout: 1m, deadline: 1h => ask(7) }), 0);
    assert_eq!(allocations(|| now(opero! { timeout: 1m, deadline: 1h => async { ask(7) } })), 0);
}

#[test]
fn only_a_third_failure_allocates_the_log() {
    let fails = |times: u64| {
        move || {
            let mut failures = times;
            opero! { retries: 3, min_delay: 0s => if failures == 0 { ask(7) } else { failures -= 1; ask(0) } }
        }
    };
    assert_eq!([1, 2, 3].map(|times| allocations(fails(times))), [0, 0, 100]);
}

#[test]
fn a_use_keeps_little() {
    // With feature `observe` it also contains its location and its counters.
    let most = if cfg!(feature = "observe") { 104 } else { 64 };
    assert!(size_of::<opero::__private::Site>() <= most);
}
