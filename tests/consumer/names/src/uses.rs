// Uses of every shape. Their own variables are `q`, `n` and `m`, which are not defined elsewhere.

use ::resil::cache::Memory;
use ::resil::time::ManualClock;
use ::resil::{Error, opero, opmap};

/// The result of every use here.
pub type Given = Result<u32, Error<String>>;

fn ask(q: u32) -> Result<u32, String> {
    q.checked_mul(2).ok_or_else(|| String::from("too much"))
}

fn either(m: u32, q: u32) -> Result<u32, String> {
    ask(q).map(|n| n + m)
}

async fn ask_later(q: u32) -> Result<u32, String> {
    std::future::ready(ask(q)).await
}

async fn either_later(m: u32, q: u32) -> Result<u32, String> {
    std::future::ready(either(m, q)).await
}

/// Values without a layer of their own.
///
/// # Errors
/// The number is too large.
pub fn values(q: u32) -> Given {
    let none = opero! { => ask(q) }?;
    let retries = opero! { retries: 3 => ask(q) }?;
    let delays = opero! { retries: 3, backoff: 2.0, min_delay: 1ms, max_delay: 1s, jitter: full => ask(q) }?;
    let limits = opero! { timeout: 1h, deadline: 1h => ask(q) }?;
    let shared = opero! { name: "values", clock: ManualClock::new() => ask(q) }?;
    Ok(none + retries + delays + limits + shared)
}

opero! { retries: 3, min_delay: 0s =>
    /// A function.
    ///
    /// # Errors
    /// The number is too large.
    pub fn function(q: u32) -> Result<u32, Error<String>> {
        ask(q)
    }
}

/// A callable.
///
/// # Errors
/// The number is too large.
pub fn callable(q: u32) -> Given {
    let twice = opero! { retries: 3, min_delay: 0s => |n: u32| ask(n) };
    twice(q)
}

/// Maps, by their mode.
#[must_use]
pub fn maps(q: &[u32]) -> [Vec<Given>; 2] {
    [
        opmap! { &n in q, workers: 2, retries: 1, min_delay: 0s => ask(n) },
        opmap! { &n in q, mode: rayon, retries: 1, min_delay: 0s => ask(n) },
    ]
}

/// Predicates over an error.
///
/// # Errors
/// The number is too large.
pub fn predicates(q: u32) -> Given {
    let by_pattern = opero! { min_delay: 0s, retry_on: _ => ask(q) }?;
    let by_closure = opero! { min_delay: 0s, retry_if: |_| true, retry_after: |_| None => ask(q) }?;
    let numbered = opero! { retries: 3, attempt: m => ask(q + m) }?;
    Ok(by_pattern + by_closure + numbered)
}

/// Candidates.
///
/// # Errors
/// The number is too large.
pub fn candidates(q: u32) -> Given {
    let first = opero! { retries: 3, fallback: m in [1, 2] => ask(q + *m) }?;
    let judged = opero! { fallback: m in [1, 2], fallback_delay: 0s, fallback_on: _, attempt: n => ask(q + *m + n) }?;
    Ok(first + judged)
}

/// A rate for all uses that name it.
static SHARED: ::resil::Limiter = ::resil::Limiter::new();

/// Layers around a blocking call.
///
/// # Errors
/// The number is too large.
pub fn layers(q: u32) -> Given {
    let stored = Memory::new();
    let plain = opero! { cache: 60s => ask(q) }?;
    let by_key = opero! { cache, key: q, namespace: "names", capacity: 10, store: &stored, name: "layers" => ask(q) }?;
    let limited = opero! { rate: 1000/s, burst: 9, max_wait: 1h => ask(q) }?;
    let by_args = opero! { rate: 1000/s, burst: 9, scope: per_args => ask(q) }?;
    let global = opero! { rate: 1001/s, burst: 9, scope: global => ask(q) }?;
    let shared = opero! { rate: 1002/s, burst: 9, limiter: &SHARED, on_fault: closed => ask(q) }?;
    let whole = opero! { retries: 3, cache: 60s, rate: 1000/s, burst: 9, fallback: m in [1, 2] => either(*m, q) }?;
    Ok(plain + by_key + limited + by_args + global + shared + whole)
}

opero! { cache: 60s, rate: 1000/s, burst: 9, scope: per_args, retries: 3, min_delay: 0s, fallback: m in [1, 2] =>
    /// A function behind layers.
    ///
    /// # Errors
    /// The number is too large.
    pub fn function_behind_layers(q: u32) -> Result<u32, Error<String>> {
        either(*m, q)
    }
}

opero! { cache: 60s, rate: 1000/s, burst: 9, retries: 3, min_delay: 0s, retry_on: _ =>
    /// An async function behind layers.
    ///
    /// # Errors
    /// The number is too large.
    pub async fn async_function(q: u32) -> Result<u32, Error<String>> {
        ask_later(q).await
    }
}

/// Callables.
///
/// # Errors
/// The number is too large.
pub async fn callables(q: u32) -> Given {
    let cached_call = opero! { cache, rate: 1000/s, burst: 9 => |n: u32| ask(n) };
    let later = opero! { retries: 3, min_delay: 0s => async |n: u32| ask_later(n).await };
    let cached_later = opero! { cache => async |n: u32| ask_later(n).await };
    Ok(cached_call(q)? + later(q).await? + cached_later(q).await?)
}

/// Futures.
///
/// # Errors
/// The number is too large.
pub async fn futures(q: u32) -> Given {
    let once = opero! { => async { ask_later(q).await } };
    let retried = opero! { retries: 3, min_delay: 0s, attempt: m => async { ask_later(q + m).await } };
    let owning = opero! { retries: 3, min_delay: 0s, timeout: 1h, deadline: 1h => async move { ask_later(q).await } };
    let judged = opero! { min_delay: 0s, retry_on: _, fallback: m in [1, 2], fallback_on: _ => async { ask_later(q + *m).await } };
    let cached_one = opero! { cache: 60s => async { ask_later(q).await } };
    let limited = opero! { rate: 1000/s, burst: 9, scope: per_args, key: q => async move { ask_later(q).await } };
    let whole = opero! {
        retries: 3, cache: 60s, rate: 1000/s, burst: 9, fallback: m in [1, 2] => async { either_later(*m, q).await }
    };
    Ok(once.await?
        + retried.await?
        + owning.await?
        + judged.await?
        + cached_one.await?
        + limited.await?
        + whole.await?)
}

opero! { infallible, cache: 60s =>
    /// A function that cannot fail.
    #[must_use]
    pub fn surely(q: u32) -> u32 {
        q + 1
    }
}

/// Calls that cannot fail.
pub async fn sure_calls(q: u32) -> u32 {
    let stored = Memory::new();
    let plain = opero! { infallible, cache: 60s => surely(q) };
    let by_key = opero! { infallible, cache, key: q, store: &stored, name: "sure" => q + 1 };
    let sure_call = opero! { infallible, cache => |n: u32| n + 1 };
    let borrowing = opero! { infallible, cache, key: q => async { q + 1 } };
    let owning = opero! { infallible, cache, key: q, store: &stored, name: "surer" => async move { q + 1 } };
    let sure_later = opero! { infallible, cache => async |n: u32| n + 1 };
    plain + by_key + sure_call(q) + borrowing.await + owning.await + sure_later(q).await
}

/// Maps, by their mode, with a deadline and with layers.
pub async fn maps_with_layers(q: &[u32]) -> Vec<Vec<Given>> {
    let threads = opmap! { &n in q, deadline: 1h, cache, rate: 1000/s, burst: 9, retries: 1, fallback: m in [0, 1] => either(*m, n) };
    let rayon = opmap! { &n in q, mode: rayon, deadline: 1h, cache => ask(n) };
    let polled = opmap! { &n in q, deadline: 1h, retries: 1 => async { ask_later(n).await } };
    let moved = opmap! { &n in q, deadline: 1h, cache, rate: 1000/s, burst: 9 => async move { ask_later(n).await } };
    let mut each_of = Vec::new();
    opmap! { &n in q, deadline: 1h, each: |given| each_of.push(given) => ask(n) };
    let streamed = opmap! { n in q.to_vec(), deadline: 1h, stream => ask(n) }.collect();
    vec![threads, rayon, polled.await, moved.await, each_of, streamed]
}

#[cfg(test)]
mod tests {
    use futures_lite::future::block_on;

    use super::*;

    #[test]
    fn defined_names_do_not_conflict() {
        assert_eq!(values(1), Ok(10));
        assert_eq!(function(1), Ok(2));
        assert_eq!(callable(1), Ok(2));
        assert_eq!(maps(&[1, 2]), [[Ok(2), Ok(4)], [Ok(2), Ok(4)]]);
        assert_eq!(predicates(1), Ok(2 + 2 + 4));
        assert_eq!(candidates(1), Ok(4 + 6));
        assert_eq!(layers(1), Ok(2 * 6 + 3));
        assert_eq!(function_behind_layers(1), Ok(3));
        assert_eq!(block_on(async_function(1)), Ok(2));
        assert_eq!(block_on(callables(1)), Ok(6));
        assert_eq!(block_on(futures(1)), Ok(2 + 4 + 2 + 4 + 2 + 2 + 3));
        assert_eq!((surely(1), block_on(sure_calls(1))), (2, 2 * 6));
        for given in block_on(maps_with_layers(&[1, 2])) {
            assert_eq!(given, [Ok(2), Ok(4)]);
        }
    }
}
