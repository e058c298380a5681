//! The grammar of `opero!` and `opmap!`. What an option does is in [`Call`](crate::Call) and [`Map`](crate::map::Map).
//!
//! The macros work in stages, a file each. Each stage passes its tokens on to the next:
//!
//! 1. `grammar.rs` takes the options one by one. It reads a literal in the static of the use. Any other value goes to the row of
//!    its option, and from there to a shape that options share. The literals are in `literal.rs`, the shapes in `value.rs`.
//!    `state.rs` and `cache_state.rs` keep what the options say, and `foreign.rs` answers names that are not options.
//! 2. `body.rs` tells the five shapes of a body apart.
//! 3. `key.rs` finds the key of a call, if a cache or a scope needs one.
//! 4. `expand.rs` writes the call, `lean.rs` a call whose options are all literals, and `built.rs` a call with other values. Their
//!    parts are in `parts.rs`. A call that cannot fail is in `infallible.rs`.
//! 5. `map.rs`, for `opmap!`, makes that call the operation on an item.

mod body;
mod built;
mod cache_state;
mod expand;
mod foreign;
mod grammar;
mod infallible;
mod key;
mod lean;
mod literal;
#[cfg(feature = "map")]
mod map;
mod parts;
mod state;
mod value;

/// Runs an expression with a cache, a rate limit, retries, fallback and more.
///
/// ```
/// # use opero::opero;
/// # fn ask(model: &str, prompt: &str) -> Result<String, String> { Ok(format!("{model}: {prompt}")) }
/// # let prompt = String::from("hello");
/// let answer = opero! {
///     retries: 3,
///     cache: 60s,
///     rate: 10/s,
///     fallback: model in ["a", "b"]
///     => ask(model, &prompt)
/// }?;
/// # assert_eq!(answer, "a: hello");
/// # Ok::<(), opero::Error<String>>(())
/// ```
///
/// # Grammar
/// ```text
/// opero! { [option {, option} [,]] => body }
///
/// option := name | name: value | fallback: ident in list
/// body   := expr                                        blocking; expr: Result<T, E>
///        |  async block | async move block              a future of the result
///        |  |args| expr | async |args| expr             a callable; `move` as in any closure
///        |  #[attrs] vis [async] fn name(args) -> Result<T, opero::Error<E>> block
/// ```
///
/// If the body is a `Result<T, E>`, the result is a `Result<T, `[`opero::Error<E>`](crate::Error)`>`. In a function item, the block
/// gives the `Result<T, E>`.
///
/// With option `infallible`, the body and the call give a plain `T`, in all of these forms. It is for a cache of something that
/// cannot fail, and takes only the options of the cache, `name` and `clock`. See [`Call::infallible`](crate::Call::infallible).
/// ```
/// # use opero::opero;
/// opero! { infallible, cache: 1h =>
///     fn fib(n: u64) -> u64 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
/// }
/// assert_eq!(fib(90), 2_880_067_194_370_816_120);
/// ```
///
#[doc = include_str!("../docs/options.md")]
///
/// Any retry option turns retries on.
///
/// # Values
/// A duration is a literal (`60s 250ms 1.5s 5m 2h 1d 10us 100ns 1h30m`) or an expression of type `Duration`. A rate is a literal
/// (`10/s 100/min 1000/h 10/250ms`) or an expression of type `Rate`. A size is a literal (`1000MB 512KiB`) or a `u64` of bytes. A
/// number is a literal or an expression.
///
/// Each call evaluates every value once, in the order written, except that the values of the cache come after the others, and
/// those of the rate last. The temporaries of a value, such as the guard in `retries: CONFIG.lock().unwrap().retries`, are dropped
/// before the body runs. A value that begins with `&` keeps them, as in `clock: &ManualClock::new()` and
/// `name: &format!("ask {model}")`. A list is evaluated as in a `let`. With both `retry_on` and `retry_if`, an error is retried if
/// both accept it.
///
/// # The body
/// With a retry option or a fallback, the body may run more than once, so it must not consume what it captures: borrow it, or
/// clone it in the body. Without either, the body runs once and may consume it. `?` and `return` leave the body, and an error that
/// they leave it with is a failed attempt. If you use both `?` and a predicate, state the type of the error, as in
/// `Ok::<_, MyError>(value)`.
///
/// `async { … }` borrows what it uses, and evaluates the options when it is first polled. `async move { … }` owns what it uses, and
/// evaluates the options when the future is created. The future is `Send` if the body's is, and allocates nothing until a first
/// failure.
///
/// One kind of body is not `Send` although it seems to be: one that may run again and owns a value that is `Send` but not `Sync`,
/// such as a [`Cell`](core::cell::Cell). Each attempt borrows the value from the future, and the compiler cannot know that one
/// attempt ends before the next begins. Borrow the value mutably in the first line, which tells the compiler. A body that runs once
/// does not need this.
/// ```
/// # use std::cell::Cell;
/// # use opero::opero;
/// fn send<F: Future + Send>(future: F) -> F { future }
///
/// let mut cell = Cell::new(0);
/// let counting = send(opero! { retries: 3, min_delay: 0s => async move {
///     let cell = &mut cell;
///     cell.set(cell.get() + 1);
///     if cell.get() < 3 { Err("not yet") } else { Ok(cell.get()) }
/// } });
/// # futures_lite::future::block_on(async {
/// assert_eq!(counting.await, Ok(3));
/// # });
/// ```
///
/// # The cache
/// See [`cache`](crate::cache) for the key of a call, for concurrent calls with one key, and for what is counted.
///
/// # The rate
/// A call that the cache does not answer waits for one permit, however often it is retried. Permits are given in the order of the
/// calls, evenly spaced, `burst` of them at once (GCRA, [`Gcra`](crate::policy::Gcra)). With `max_wait`, a call that would have to
/// wait longer takes no permit and gives [`Error::RateLimit`](crate::Error::RateLimit) at once; `max_wait: 0s` never waits. Without
/// `max_wait`, only a permit that is due in more than 292 years is refused. A call that ends before it runs, for example by its
/// `deadline`, takes no permit.
///
/// Threads and futures wait in one queue. One that leaves the queue, because its future is dropped, leaves no gap: those behind it
/// move up at once. [`Clock::park`](crate::time::Clock::park) wakes a thread for that; if your own clock does not implement it, the
/// thread waits for the time it was given first. A future that is no longer polled delays no other: it keeps the permit that becomes
/// due, and those behind it get theirs in time. Without feature `std`, nothing can wake a waiter, and the place of one that leaves
/// is given back only if no other call has asked since.
///
/// A rate that differs from that of the call before applies from then on, also to those that wait: no wait is longer than the
/// new rate requires. A `burst` worth more than 146 years of the rate is invalid.
///
/// - `per_function`: all calls of this use share the rate, or all calls of the decorated function, in all its instances.
/// - `per_args`: calls with the same arguments share a rate, within this use. The instances of a generic function and the
///   callables of one line share it too. Without a cache, `key` replaces the arguments; with a cache, `key` is the key of the
///   cache, and a compile error asks for `per_key`. `capacity` limits the number of rates that are kept. A new rate beyond that
///   replaces one whose time has passed, which loses nothing. If there is none, it replaces the one with the least debt, whose
///   calls then start as if for the first time. Needs feature `cache`.
/// - `per_key(value)`: calls with the same value share a rate. The value is anything [`Hash`](core::hash::Hash), whatever the key
///   of the cache is; the rest is as for `per_args`. `cache: 1h, key: (tenant, page), rate: 1/s, scope: per_key(tenant)` runs the
///   body at most once a second for each tenant.
/// - `global`: all uses in the process whose rate is written with the same count and period share it; `60/min` and `1/s` are two
///   rates. Name, burst and clock make no difference. Each different rate keeps a few words of memory until the process ends.
///   Needs feature `std`.
///
/// `limiter` makes the rate take the permits of another limiter than the use's own. See
/// [`Call::limiter`](crate::Call::limiter).
/// - `limiter: &SHARED`, with a [`Limiter`](crate::Limiter) in a static or elsewhere: all uses that name it share one rate. It takes
///   no `scope`.
/// - `limiter: &redis`, with an `opero::cache::Redis`: all processes that use the same server share one rate. The scope says which
///   calls share it: for `per_function` those with the same name (not those of the same use), for `per_args` and `per_key` those
///   with the same name and the same arguments or value, and for `global` all of them. In each scope, only calls whose rate is
///   written alike share it. So give an expression a stable `name`; the name of a function is its path. The server decides by its
///   own clock, in one atomic step, and exactly: it gives no more permits than one limiter in one process.
///
/// `on_fault` says what happens while that server is gone, does not answer or answers with errors: with `local` the use takes its
/// own limiter at the same rate, with `open` it takes none, and with `closed` the call is refused at once.
/// ```no_run
/// # use opero::{Limiter, opero};
/// # fn ask(prompt: &str) -> Result<String, String> { Ok(prompt.into()) }
/// # fn tell(prompt: &str) -> Result<String, String> { Ok(prompt.into()) }
/// static MODEL: Limiter = Limiter::new();
///
/// let answer = opero! { rate: 10/s, limiter: &MODEL => ask("who?") }?;
/// let other = opero! { rate: 10/s, limiter: &MODEL => tell("what?") }?;
/// # Ok::<(), opero::Error<String>>(())
/// ```
/// With a `limiter`, a cache hashes its keys as for a store, which takes a few hundred nanoseconds more.
///
/// A limiter keeps times of the clock of its calls. Calls that share a limiter must share the clock too, since the times of two
/// clocks cannot be compared.
///
/// # The limits
/// `timeout` limits each attempt. At its end an async attempt is dropped. A blocking attempt cannot be interrupted; if it returns
/// too late, it has failed, whatever it gave. Both are failed attempts with
/// [`Failure::Timeout`](crate::Failure::Timeout), and the next candidate or round follows if there is one. `fallback_on`,
/// `retry_on`, `retry_if` and `retry_after` judge errors, so they are not asked.
///
/// Both limits count from before the body's first line: what an async body does before it first waits counts. An attempt that ends
/// exactly at a limit is in time.
///
/// `deadline` counts from the start of the call; for a future, this is when it is first polled. An attempt gets no more than the
/// time left, and so does the wait for another call's run at the cache. No attempt starts at the end or later. A call does not
/// wait for something that comes too late: if a permit, the delay before an attempt, the delay that `retry_after` asks for or the pause for
/// memory lies at or beyond the end, the call ends at once. [`Error::Timeout`](crate::Error::Timeout) has the attempts made so
/// far, and [the reason](crate::error::Timeout::reason).
///
/// Calls and maps in the body keep to the time left of the `timeout` and the `deadline` around them, also on the threads of a map.
/// [`time::remaining`](crate::time::remaining) returns this time. A call without a limit of its own reads it only after its first
/// failure, or if it has to wait, so a success costs nothing more. Needs feature `std`.
///
/// `memory` needs the feature of that name. If the process is above 80 % of the size before an attempt, expired entries of caches
/// are removed. If that is not enough, the attempt starts 100 ms later by the clock of the call, whatever the size is then.
///
/// # Adaptation
/// `adaptive` needs feature `observe`. Each call runs with one of the retry policies of the list, and the one that has done best
/// in the last hour is kept. The policies take turns until each has 5 samples and together they have 10; after that every tenth
/// call tries another. A call does well if it succeeds, and a second of its duration weighs as much as one success in a hundred
/// calls. What counts is how the call ends inside of the cache and the rate, delays and fallback included. Calls of one `name`
/// share their samples. See `Call::adaptive`; `opero::observe::adaptive` shows the choice. `retry_on`, `retry_if` and `retry_after`
/// can be combined with it. The numbers of a retry cannot, since the policy sets them.
///
/// # Cancel safety
/// Dropping the future drops the running attempt or the wait, and starts nothing further. If other calls wait for its value at the
/// cache, the first of them runs. Those behind it in the queue of a rate move up.
///
/// # Expansion
/// `retries: 3, fallback: model in ["a", "b"] => ask(model, &prompt)` expands to about this:
/// ```
/// # use opero::Call;
/// # fn ask(model: &str, prompt: &str) -> Result<String, String> { Ok(format!("{model}: {prompt}")) }
/// # let prompt = String::from("hello");
/// let list = ["a", "b"];
/// let call = Call::new("my_module:7").retries(3).fallback("model", list.len());
/// let answer = call.run(|attempt| {
///     let model = list[attempt.candidate()];
///     ask(model, &prompt)
/// })?;
/// # assert_eq!(answer, "a: hello");
/// # Ok::<(), opero::Error<String>>(())
/// ```
///
/// # Errors
/// - [`Error::AllFailed`](crate::Error::AllFailed), with every failed attempt;
/// - [`Error::Timeout`](crate::Error::Timeout) at the `deadline`, with the attempts made before it, if any;
/// - [`Error::RateLimit`](crate::Error::RateLimit) before the first attempt, for a permit that is further away than `max_wait`;
/// - [`Error::Skipped`](crate::Error::Skipped) with `on_fault: closed`, if the limiter cannot be asked;
/// - [`Error::Configuration`](crate::Error::Configuration) for an invalid value: a backoff below 1, an empty list, a rate or a burst
///   of 0, a burst worth more than 146 years, a limit of no time or no bytes.
#[macro_export]
macro_rules! opero {
    ($(=>)?) => { $crate::__private::compile_error! { "the body is missing: write `=>` and the expression to run" } };
    (=> $first:tt $($body:tt)*) => { $crate::__body! { { lean new [] [] once [] [] [] } $first $first $($body)* } };
    ($($tokens:tt)*) => { $crate::__options! { { lean new [] [] once [] [] [] } $($tokens)* } };
}

/// Runs an expression for every item, several at a time, each through all the layers of [`opero!`](crate::opero).
///
/// ```
/// # use opero::opmap;
/// # fn fetch(url: &str) -> Result<usize, String> { Ok(url.len()) }
/// # let urls = ["http://a.example", "http://b.example/long"];
/// let sizes = opmap! {
///     url in urls,
///     workers: 8,
///     retries: 2
///     => fetch(url)
/// };
/// # assert_eq!(sizes, [Ok(16), Ok(21)]);
/// ```
///
/// # Grammar
/// ```text
/// opmap! { item in items {, option} [,] => body }
///
/// item  := a pattern: url, (i, url), &n
/// items := an expression that can be iterated over; for an async body also a stream
/// body  := expr                                blocking; expr: Result<T, E>
///       |  async block | async move block      the map is a future then
/// ```
///
/// The results are a `Vec<Result<T, `[`opero::Error<E>`](crate::Error)`>>`, one for each item.
/// [`map::split`](crate::map::split) splits them into values and errors, and [`map::Summary::of`](crate::map::Summary::of) counts
/// them.
///
#[doc = include_str!("../docs/map_options.md")]
///
/// These options are evaluated once, before the first item. A map also takes all options of `opero!`. They may use the item, and
/// are evaluated for each item, as in an `opero!` around its body. `name` and `clock` apply to the map and to its items, and are
/// evaluated for both, so give a `clock` by reference. `memory` delays items as in `opero!`, and above the limit itself no further
/// item starts while others run. One cache and one limiter serve the whole map; its entries are in namespace
/// `"opero_opmap_item"`. With a retry option or a fallback, the body may run again for its item, so it must clone what it would
/// consume of it. Without either, it may consume the item.
///
/// # Modes
/// - `thread`: the caller and `workers - 1` threads of a [pool](crate::map::pool) that is kept between maps. The map pulls its input
///   as it needs items, and everything may borrow. See [`Map::thread`](crate::map::Map::thread).
/// - `rayon`: rayon splits the input, on its global pool, or with `workers` on a pool of that many threads (fewer for few items),
///   which is kept between maps. This mode is for work that computes. The input is collected first. See `Map::rayon`.
/// - `async`: a future that polls at most `workers` bodies at a time, in its own task, so they need be neither `Send` nor `'static`.
///   `async move` evaluates the items and the options of the map when the future is created, `async` when it is first polled. See
///   `Map::future`. Blocking code drives it with [`map::block_on`](crate::map::block_on), on its own thread, or with any executor.
///
/// - `process`, with the feature of that name: `workers` child processes, which are kept between maps. A body that aborts, or is
///   killed at its `timeout`, loses only its own item. The first line of `main` is `opero::process::init();`. The body captures
///   nothing, and items, values and errors implement the traits of serde. See `opero::process`.
/// - `async_process`, with the features `async` and `process`: a future as in `async`, whose bodies run in `workers` child
///   processes, up to 100 at a time in each. A crash loses the items of that child, a `timeout` only its own item.
///
/// A map inside a map always finishes, whatever the modes and the numbers of workers.
///
/// # Results one by one
/// With `each` or `stream`, a map of any length takes bounded memory: at most `workers` + `chunk_size` items are ahead of the
/// results that have been handed over.
/// ```
/// # use opero::opmap;
/// # use core::ops::ControlFlow;
/// # fn parse(line: &str) -> Result<u32, core::num::ParseIntError> { line.parse() }
/// let (text, mut sum) = ("1\n2\nx\n4", 0);
/// let summary = opmap! {
///     line in text.lines(), each: |number| sum += number.unwrap_or(0)
///     => parse(line)
/// };
/// assert_eq!((sum, summary.failed()), (7, 1));
///
/// let first_large = opmap! {
///     n in 1_u64.., stream
///     => Ok::<_, String>(n * n)
/// }.flatten().find(|square| *square >= 1000);
/// assert_eq!(first_large, Some(1024));
/// ```
/// The summary of a map with `each` also counts the items that the options of the map
/// [saved by a retry](crate::map::Summary::saved_by_retry) or by a fallback, or answered from the cache.
///
/// `each` runs on the caller's thread or in its task, and may borrow. It may return a
/// [`ControlFlow`](core::ops::ControlFlow) to stop the map. In an async map it may be an `async` closure, which is awaited before
/// the next result.
///
/// The iterator of a blocking `stream` may be forgotten while its threads run, so its items and its body must own what they use. A
/// stream of futures may borrow. With `async move` it copies what it uses for each item, so this must be `Copy`, such as references
/// and numbers. Put anything else into the items, as in `(client, n) in repeat(client).zip(0..)`. A dropped stream starts nothing
/// more.
///
/// # Errors
/// Each item has its own: the errors of `opero!`, and
/// - [`Error::Panicked`](crate::Error::Panicked) if the body panics; the other items go on;
/// - [`Error::Timeout`](crate::Error::Timeout) if the deadline comes before the result, with the attempts made until then. An async
///   body is dropped at the deadline, a blocking body runs to its end, and a delay that would outlast the map is not waited for;
/// - [`Error::Skipped`](crate::Error::Skipped) if the item was not started because of `max_failures`;
/// - [`Error::Configuration`](crate::Error::Configuration) if an option has an invalid value.
///
/// # Panics
/// If the iteration over `items` panics, after the running items have ended; if `each` panics.
///
/// # Cancel safety
/// Dropping the future of an async map drops the running bodies at once and starts nothing further.
///
/// # Expansion
/// The first example expands to about this:
/// ```
/// # use opero::{Call, map::Map};
/// # fn fetch(url: &str) -> Result<usize, String> { Ok(url.len()) }
/// # let urls = ["http://a.example", "http://b.example/long"];
/// let sizes = Map::new("my_module:7").workers(8).thread(urls, |url, _| {
///     Call::new("my_module:7").retries(2).run(|_| fetch(url))
/// });
/// # assert_eq!(sizes, [Ok(16), Ok(21)]);
/// ```
#[macro_export]
#[cfg(feature = "map")]
macro_rules! opmap {
    ($item:pat in $items:expr, $($tokens:tt)*) => {
        $crate::__options! {
            {
                map [[$item $items [] [] []] []] key [] [] [] hashed in_memory told [] [] plan new [] calls [] judge []
                list [] attempt [] runs once cache [] [] [] rate [] [] [] per_function chooses []
            }
            $($tokens)*
        }
    };
    ($item:pat in $items:expr => $($tokens:tt)*) => { $crate::opmap! { $item in $items, => $($tokens)* } };
    ($item:pat in $items:expr) => {
        $crate::__private::compile_error! { "the body is missing: write `=>` and the expression to run for each item" }
    };
    ($($other:tt)*) => {
        $crate::__private::compile_error! { "a map begins with its items: write `opmap! { item in items, options => body }`" }
    };
}

/// Runs an expression for every item.
#[macro_export]
#[cfg(not(feature = "map"))]
macro_rules! opmap {
    ($($tokens:tt)*) => {
        $crate::__private::compile_error! { "`opmap!` needs feature `map` of the crate opero" }
    };
}
