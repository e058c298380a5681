//! The sizes of futures: at most a tenth more than the body, plus a constant for each layer around it.
#![allow(unsafe_code, reason = "an allocator that counts is one")]
#![allow(clippy::large_futures, clippy::large_stack_arrays, reason = "it is the large ones that are measured")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::mem::size_of_val;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_lite::future::yield_now;
use opero::policy::Rate;
use opero::time::ManualClock;
use opero::{Call, Error, opero, opmap};

/// Options in the static of the use, without layers.
const LITERAL: usize = 200;
/// Values, predicates, a clock or a name that are known only at the call.
const BUILT: usize = 800;
/// A call built by methods, which may have layers.
const CALL: usize = 1200;
/// The wait for a permit.
const RATE: usize = if cfg!(feature = "observe") { 1800 } else { 1500 };
/// The wait for the run of another call, and its value.
const CACHE: usize = if cfg!(feature = "observe") { 2200 } else { 2000 };
/// A cache and a rate.
const BOTH: usize = if cfg!(feature = "observe") { 2400 } else { 2200 };

static CLOCK: ManualClock = ManualClock::new();
const SECOND: Duration = Duration::from_secs(1);

/// Holds this many bytes while it waits.
async fn body<const N: usize>() -> Result<u8, String> {
    let bytes = [1; N];
    yield_now().await;
    Ok(black_box(&bytes).first().copied().unwrap_or_default())
}

/// Takes this many bytes by value, and lends them out while it waits.
async fn lend<const N: usize>(bytes: &[u8; N]) -> Result<u8, String> {
    yield_now().await;
    Ok(bytes.first().copied().unwrap_or_default())
}

opero! { retries: 1, timeout: 1s => async fn item<const N: usize>(seed: u8) -> Result<u8, Error<String>> {
    body::<N>().await.map(|byte| byte + seed)
} }

opero! { cache => async fn cached_item<const N: usize>(seed: u8) -> Result<u8, Error<String>> {
    body::<N>().await.map(|byte| byte + seed)
} }

/// The rows: the constant, and a future whose body has `$n` bytes. All futures that are too large are listed.
macro_rules! table {
    ($($name:literal, $constant:expr, $n:ident: $future:expr;)*) => {{
        let mut too_large = Vec::new();
        $(
            too_large.extend(check($name, 0, $constant, table!(@size $n 0, $future)));
            too_large.extend(check($name, 1 << 10, $constant, table!(@size $n 1 << 10, $future)));
            too_large.extend(check($name, 32 << 10, $constant, table!(@size $n 32 << 10, $future)));
        )*
        assert!(too_large.is_empty(), "{too_large:#?}");
    }};
    // A function of its own has a stack frame of its own.
    (@size $n:ident $size:expr, $future:expr) => {{
        const $n: usize = $size;
        fn size() -> usize {
            size_of_val(&$future)
        }
        size()
    }};
}

fn check(name: &str, body: usize, constant: usize, size: usize) -> Option<String> {
    let most = body + body / 10 + constant;
    println!("{name}: {size} bytes around a body of {body}, at most {most}");
    (size > most).then(|| format!("{name}: {size} bytes around a body of {body}, and may have {most}"))
}

#[test]
fn without_a_layer() {
    table! {
        "no option", LITERAL, N: opero! { => async { body::<N>().await } };
        "retries", LITERAL, N: opero! { retries: 2 => async { body::<N>().await } };
        "timeout", LITERAL, N: opero! { timeout: 1s => async { body::<N>().await } };
        "deadline", LITERAL, N: opero! { deadline: 1s => async { body::<N>().await } };
        "retries, timeout, deadline", LITERAL, N:
            opero! { retries: 2, timeout: 1s, deadline: 1s => async { body::<N>().await } };
        "the same that owns", LITERAL, N:
            opero! { retries: 2, timeout: 1s, deadline: 1s => async move { body::<N>().await } };
        "fallback", LITERAL + 16, N: opero! { fallback: c in [1, 2] => async { let _ = c; body::<N>().await } };
        "attempt", LITERAL, N: opero! { retries, attempt: n => async { let _ = n; body::<N>().await } };
        "retry_on", BUILT, N: opero! { retry_on: _ => async { body::<N>().await } };
        "retry_on that owns", BUILT, N: opero! { retry_on: _ => async move { body::<N>().await } };
        "clock and name", BUILT, N: opero! { clock: &CLOCK, name: String::from("a") => async { body::<N>().await } };
        "values and a timer", BUILT, N: opero! { retries: 1 + 1, timeout: SECOND => async { body::<N>().await } };
    }
}

#[test]
fn with_layers() {
    table! {
        "rate", RATE, N: opero! { rate: 10/s => async { body::<N>().await } };
        "rate and retries", RATE, N: opero! { rate: 10/s, retries, timeout: 1s => async { body::<N>().await } };
        "rate of a value", RATE + 100, N: opero! { rate: Rate::new(1, SECOND) => async { body::<N>().await } };
        "rate per_args", RATE, N: opero! { rate: 1/s, scope: per_args, key: 1 => async { body::<N>().await } };
        "cache", CACHE, N: opero! { cache, key: 1 => async { body::<N>().await } };
        "cache of a call", CACHE, N: opero! { cache => async { body::<N>().await } };
        "cache and clock", CACHE, N: opero! { cache: 1s, key: 1, clock: &CLOCK => async { body::<N>().await } };
        "the canonical line", BOTH, N: opero! { retries: 3, cache: 60s, key: 1, rate: 10/s, fallback: model in ["a", "b"]
            => async { let _ = model; body::<N>().await } };
        "the canonical line that owns", BOTH, N: opero! { retries: 3, cache: 60s, key: 1, rate: 10/s,
            fallback: model in ["a", "b"] => async move { let _ = model; body::<N>().await } };
        "everything", BOTH, N: opero! { retries: 3, cache: 60s, key: 1, rate: 10/s, fallback: model in ["a", "b"],
            timeout: 1s, deadline: 2s, retry_on: _, name: "all", attempt: n, clock: &CLOCK
            => async { let _ = (model, n); body::<N>().await } };
    }
}

#[test]
fn in_every_form() {
    table! {
        "function", LITERAL, N: item::<N>(1);
        "function with a cache", CACHE, N: cached_item::<N>(1);
        "callable", LITERAL, N: opero! { retries => async |seed: u8| { let _ = seed; body::<N>().await } }(1);
        "callable with a cache", CACHE, N: opero! { cache => async |seed: u8| { let _ = seed; body::<N>().await } }(1);
        "Call", CALL, N: Call::new_async("call").run_async(async |_| body::<N>().await);
        "Call with limits", CALL, N: {
            let call = Call::new_async("call").retries(1).timeout(SECOND).deadline(SECOND);
            call.run_async(async |_| body::<N>().await)
        };
        "Call that runs once", CALL, N: Call::new_async("call").run_once_async(async |_| body::<N>().await);
        "Call with a cache", CALL + RATE, N: {
            Call::new_async("call").cache(None).key(&1).run_async(async |_| body::<N>().await)
        };
        "Call of an operation that owns", CALL, N: {
            let bytes = [1; N];
            Call::new_async("call").retries(1).run_async(async move |_| lend(&bytes).await)
        };
    }
}

/// Values captured by a body are part of it and stored once: lent to each attempt, or moved into the only one.
#[test]
fn with_what_the_body_owns() {
    table! {
        "lent", LITERAL, N: { let bytes = [1; N]; opero! { retries => async move { lend(&bytes).await } } };
        "lent by a call of values", BUILT, N: {
            let bytes = [1; N];
            opero! { retries, clock: &CLOCK => async move { lend(&bytes).await } }
        };
        "taken over", LITERAL, N: {
            let owned = (String::new(), [1_u8; N]);
            opero! { timeout: 1s => async move { yield_now().await; drop(owned); Ok::<_, String>(()) } }
        };
        "taken over behind a rate", RATE, N: {
            let owned = (String::new(), [1_u8; N]);
            opero! { rate: 10/s => async { yield_now().await; drop(owned); Ok::<_, String>(()) } }
        };
        "taken over behind a cache", CACHE, N: {
            let owned = (String::new(), [1_u8; N]);
            opero! { cache, key: 1 => async move { yield_now().await; drop(owned); Ok::<_, String>(()) } }
        };
    }
}

#[test]
fn however_deep() {
    table! {
        "two deep", 2 * LITERAL, N: opero! { timeout: 1s => async {
            opero! { timeout: 1s => async { body::<N>().await } }.await
        } };
        "three deep", 3 * LITERAL, N: opero! { timeout: 1s => async {
            opero! { timeout: 1s => async { opero! { timeout: 1s => async { body::<N>().await } }.await } }.await
        } };
        "three deep with layers", CACHE + LITERAL + RATE, N: opero! { cache, key: 1 => async {
            opero! { retries, timeout: 1s => async { opero! { rate: 10/s => async { body::<N>().await } }.await } }.await
                .map_err(|error| error.to_string())
        } };
    }
}

/// Three levels, with a body of 32 KiB.
async fn deep() -> Result<u8, Error<Error<Error<String>>>> {
    opero! { retries, timeout: 10s, deadline: 20s => async {
        opero! { retries, timeout: 10s, rate: 1000/s => async {
            opero! { retries, timeout: 10s, fallback: c in [1, 2] => async {
                let _ = c;
                body::<{ 32 << 10 }>().await
            } }
            .await
        } }
        .await
    } }
    .await
}

#[test]
fn three_deep_it_runs_on_a_worker_of_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let tasks: Vec<_> = (0..8).map(|_| runtime.spawn(deep())).collect();
    for task in tasks {
        assert_eq!(runtime.block_on(task).unwrap(), Ok(1));
    }
}

struct Counting;

thread_local! {
    /// For this thread only, because the tests run at the same time.
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: both methods pass their arguments on to the system allocator, under the same contract. The counter has a
// constant initializer and no destructor, so it does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: the caller guarantees what this call requires of `layout`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` comes from `alloc` above, so from the system allocator with this layout.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The bytes that a future allocates until it first waits.
fn allocated(future: impl Future) -> usize {
    let mut future = pin!(future);
    let before = ALLOCATED.get();
    let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    ALLOCATED.get() - before
}

/// A map keeps the futures of its items on the heap. The size of an item is what two items take more than one.
#[test]
fn the_item_of_a_map() {
    fn size<const N: usize>() -> usize {
        let map = |items: std::ops::Range<u8>| {
            opmap! { n in items, workers: 2, retries, timeout: 1s => async {
                let _ = n;
                body::<N>().await
            } }
        };
        // The first call sets a timer up.
        allocated(map(0..2));
        allocated(map(0..2)) - allocated(map(0..1))
    }
    // The timer of its timeout is on the heap, too.
    const ITEM: usize = LITERAL + 500;
    for (body, size) in [(0, size::<0>()), (1 << 10, size::<{ 1 << 10 }>()), (32 << 10, size::<{ 32 << 10 }>())] {
        assert_eq!(check("item", body, ITEM, size), None);
    }
}
