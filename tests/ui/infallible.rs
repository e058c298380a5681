use opero::{opero, opmap};

fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

fn main() {
    // No cache.
    let _ = opero! { infallible => fib(7) };
    let _ = opero! { infallible, name: "seventh", key: 7 => fib(7) };
    // Options of calls that fail.
    let _ = opero! { infallible, cache: 1h, retries: 3 => fib(7) };
    let _ = opero! { fallback: n in [7, 8], timeout: 1s, cache, infallible, deadline: 1m => fib(*n) };
    let _ = opero! { cache, rate: 10/s, infallible, max_wait: 1s, attempt: n => fib(7) };
    let _ = opero! { cache, infallible, key: 7, retry_on: _ => async { fib(7) } };
    // It takes no value, and is given once.
    let _ = opero! { infallible: true, cache => fib(7) };
    let _ = opero! { infallible, cache, infallible => fib(7) };
    let _ = opero! { infalible, cache => fib(7) };
    // What the cache needs.
    let n = 7;
    let _ = opero! { infallible, cache => n + 1 };
    let _ = opero! { infallible, cache, key: n => std::rc::Rc::new(n) };
    let _ = opmap! { n in [7, 8], infallible, cache => fib(n) };
}

opero! { infallible, cache =>
    fn nothing(n: u64) { fib(n); }
}

opero! { infallible, cache =>
    fn another(n: u64) -> String { fib(n) }
}
