//! The DSL: the grammar of `opero!` and `opmap!`, and nothing else. What an option means lives in [`Call`](crate::Call) and
//! [`Map`](crate::map::Map).
//!
//! Stages, a file each; every one hands its tokens to the next:
//!
//! 1. `grammar.rs`: takes the options one by one. A literal is read in the static of the use; another value leads to its row,
//!    and the row to the shape of the value where it shares it. Literals are in `literal.rs`, shapes in `value.rs`; `state.rs`
//!    and `cache_state.rs` keep what the options say, and `foreign.rs` answers names that are no options.
//! 2. `body.rs`: tells the five shapes of a body apart.
//! 3. `key.rs`: finds what calls are told apart by, where a cache or a scope asks for it.
//! 4. `expand.rs`: writes the call, `lean.rs` one whose options are all literals and `built.rs` one of any values, all of the
//!    parts in `parts.rs`. A call that cannot fail is in `infallible.rs`.
//! 5. `map.rs`: in `opmap!`, makes that call the operation on an item.

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
/// let answer = opero! { retries: 3, cache: 60s, rate: 10/s, fallback: model in ["a", "b"] => ask(model, &prompt) }?;
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
/// The result is `Result<T, `[`opero::Error<E>`](crate::Error)`>`, where the body is a `Result<T, E>`. In a function item
/// the block gives the `Result<T, E>`.
///
/// With option `infallible` the body gives a plain `T`, and so does the call, in all of these forms. It is for caches of what
/// cannot fail, and takes only the options of the cache, `name` and `clock`. [`Call::infallible`](crate::Call::infallible) has
/// the details.
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
/// Any of the retry options turns retries on. A duration is a literal (`60s 250ms 1.5s 5m 2h 1d 10us 100ns 1h30m`) or an
/// expression of type `Duration`; a rate is one (`10/s 100/min 1000/h 10/250ms`) or an expression of type `Rate`; a size
/// one (`1000MB 512KiB`) or a `u64` of bytes; numbers likewise. Every value is evaluated once in each call, in the order
/// written, those of the cache after the others and those of the rate last. What it is made of is dropped before the body runs,
/// as the guard in `retries: CONFIG.lock().unwrap().retries`; a value that begins with `&` keeps it, as `clock: &ManualClock::new()`
/// and `name: &format!("ask {model}")` do. A list is what it would be in a `let`. `retry_on` and `retry_if` together retry what
/// both accept.
///
/// # The body
/// With a retry option or a fallback it may run more than once, so it must not use up what it captures: borrow, or clone
/// inside. Without either it runs once, and may. `?` and `return` in it
/// leave the body, with an error that counts as a failed attempt. Where both `?` and a predicate are used, the error's
/// type has to be told, as in `Ok::<_, MyError>(value)`.
///
/// `async { … }` borrows and evaluates the options when it is first polled; `async move { … }` owns what it uses and
/// evaluates the options where it stands. The futures are `Send` where the body's is, and hold no allocation until a
/// first failure.
///
/// One kind of body is not `Send` although it seems to be: one that may run again and owns something that is `Send` but not
/// `Sync`, as a [`Cell`](core::cell::Cell). Each run borrows it from the future, and the compiler cannot know that one run
/// ends before the next begins. Borrow it mutably in the first line, which says so; a body that runs once needs nothing.
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
/// What a call is keyed by, who runs when many ask at once, and what is counted: [`cache`](crate::cache).
///
/// # The rate
/// A call that is not answered from the cache takes one permit, however often it is retried, and waits for it: permits are
/// given in the order of asking and evenly spaced, `burst` of them at once (GCRA, [`Gcra`](crate::policy::Gcra)). Under
/// `max_wait` a call that would wait longer takes none and gives [`Error::RateLimit`](crate::Error::RateLimit) at once;
/// `max_wait: 0s` is a check. Without, only a permit that is never due, in 292 years, is refused. A call that is over before it
/// runs, as by its `deadline`, has taken no permit.
///
/// Those who wait stand in one line, threads and futures alike. Who leaves it, since the future is dropped, leaves no gap: those
/// behind move up at once. A thread is woken for that by [`Clock::park`](crate::time::Clock::park); under a clock of your own that
/// has none it waits for the moment it was told first. A future that is no longer polled holds up nobody: the permit that
/// comes meanwhile is its own, and those behind have theirs in time. Without feature `std` there is nothing to wake anyone with,
/// and the place of one who leaves is given back only if no other has asked since.
///
/// A rate that is another than in the call before holds from then on, for those who wait, too: no wait is longer than the new
/// rate asks for. A `burst` that is worth more than 146 years of the rate is a mistake.
///
/// - `per_function`: the calls of this use, or of the decorated function, in all its instances.
/// - `per_args`: calls of the same arguments have a rate of their own, within this use: the instances of a generic
///   function and the callables of one line share it. Without a cache a `key` stands in the place of the arguments; with
///   one `key` is the cache's, and a compile error asks for `per_key`. `capacity` rates are remembered. For a new one beyond
///   that one is forgotten whose time has passed, who loses nothing, or where there is none the one with the least debt, who
///   may then ask as if for the first time. Needs feature `cache`.
/// - `per_key(value)`: each value has a rate of its own, whatever is [`Hash`](core::hash::Hash) and whatever the cache has for a
///   key; the rest is as for `per_args`. `cache: 1h, key: (tenant, page), rate: 1/s, scope: per_key(tenant)` asks once a second
///   for each tenant.
/// - `global`: all uses of the process whose rate is equal as it is written, in count and period: `60/min` and `1/s` are
///   two. Name, burst and clock make no difference. Each different rate keeps a few words until the process ends. Needs
///   feature `std`.
///
/// `limiter` says whose permits the rate takes, where they are not the use's own. [`Call::limiter`](crate::Call::limiter) has the
/// details.
/// - `limiter: &SHARED`, with a [`Limiter`](crate::Limiter) in a static or elsewhere: one rate for all uses that name it, whatever
///   they are. It takes no `scope`.
/// - `limiter: &redis`, with an `opero::cache::Redis`: one rate for all processes that use the same server. The scopes say who
///   shares it as ever, by the name of the call (and not the use), by that and its arguments or its value, or for `global` by
///   nothing; always by the rate as it is written too. So give an expression a `name` that lasts; a function is told by its path.
///   The server decides by its own clock, in one step, exactly: no more permits than by one limiter in one process.
///
/// `on_fault` is what is done while that server is gone, does not answer or answers errors: by `local` the use goes on by its own
/// limiter at the same rate, by `open` without one, and by `closed` the call is refused at once.
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
/// Beside a `limiter`, a cache hashes its keys as for a store, which takes some hundred nanoseconds more.
///
/// A limiter keeps moments of the clock it is asked by. Calls that share one must share the clock too: what two clocks say
/// has nothing to do with each other.
///
/// # The limits
/// `timeout` is for each attempt. An async one is dropped there; a blocking one cannot be interrupted, and when it
/// returns too late it has failed whatever it gave. Either way it is a failed attempt with
/// [`Failure::Timeout`](crate::Failure::Timeout), and the next candidate or round follows as long as there is one:
/// `fallback_on`, `retry_on`, `retry_if` and `retry_after`, which judge an error, are not asked.
///
/// Both count from before the body's first line: what an async body does before it first waits counts. To end exactly at a
/// limit is to end in time.
///
/// `deadline` counts from the start of the call, which for a future is when it is first polled. An attempt is cut to what is
/// left of it, as is the wait for the run of another at the cache, and none starts at its end or later. Nothing is waited for
/// that cannot help: where a permit, the delay before an attempt, what `retry_after` asks for or the pause for memory lies at or
/// beyond the end, the call is over at once. [`Error::Timeout`](crate::Error::Timeout) has the attempts made so far, and
/// [why](crate::error::Timeout::reason).
///
/// Calls and maps in the body keep to what is left around them, of a `timeout` as of a `deadline`, also on the threads of a map;
/// [`time::remaining`](crate::time::remaining) tells the body what that is. A call without a limit of its own asks for it from its
/// first failure on, or where it has to wait, so that a success costs nothing more. Needs feature `std`.
///
/// `memory`, with the feature of that name: before each attempt, where the process is above 80 % of the size, expired
/// entries of caches are given back, and where that was not enough the attempt starts 100 ms later by the clock of the
/// call, whatever the size is then.
///
/// # Adaptation
/// `adaptive`, with feature `observe`: each call runs with one of the retry policies of the list, and the one that has done best
/// in the last hour is kept. They take turns until each has 5 samples and all have 10; after that every tenth call tries another.
/// A call does well where it succeeds, and a second of its duration weighs as much as one success in a hundred calls. What counts
/// is how the call ends inside of the cache and the rate, delays and fallback included. Calls of one `name` share what is known.
/// `Call::adaptive` has the details, and `opero::observe::adaptive` shows the choice. `retry_on`, `retry_if` and `retry_after`
/// may stand beside it; the numbers of a retry may not, since they are those of the policy.
///
/// # Cancel safety
/// Dropping the future drops the running attempt or the wait, and starts nothing further. Those who waited for its value
/// at the cache wait no longer than that: the first of them runs. Those who stand behind it in the line of a rate move up.
///
/// # Expansion
/// `retries: 3, fallback: model in ["a", "b"] => ask(model, &prompt)` becomes about this:
/// ```
/// # use opero::Call;
/// # fn ask(model: &str, prompt: &str) -> Result<String, String> { Ok(format!("{model}: {prompt}")) }
/// # let prompt = String::from("hello");
/// let list = ["a", "b"];
/// let answer = Call::new("my_module:7").retries(3).fallback("model", list.len()).run(|attempt| {
///     let model = list[attempt.candidate()];
///     ask(model, &prompt)
/// })?;
/// # assert_eq!(answer, "a: hello");
/// # Ok::<(), opero::Error<String>>(())
/// ```
///
/// # Errors
/// [`Error::AllFailed`](crate::Error::AllFailed) with every failed attempt;
/// [`Error::Timeout`](crate::Error::Timeout) with those before the `deadline`, or none; before the first attempt
/// [`Error::RateLimit`](crate::Error::RateLimit) for a permit further away than `max_wait`;
/// [`Error::Skipped`](crate::Error::Skipped) with `on_fault: closed`, where the limiter cannot be asked;
/// [`Error::Configuration`](crate::Error::Configuration) for a value no call can have: a backoff below 1, an empty list, a
/// rate or a burst of 0, a burst worth more than 146 years, a limit of no time or no bytes.
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
/// let urls = ["http://a.example", "http://b.example/long"];
/// let sizes = opmap! { url in urls, workers: 8, retries: 2 => fetch(url) };
/// assert_eq!(sizes, [Ok(16), Ok(21)]);
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
/// The results are a `Vec<Result<T, `[`opero::Error<E>`](crate::Error)`>>`, one for each item. To split them into values and
/// errors: [`map::split`](crate::map::split); to count them: [`map::Summary::of`](crate::map::Summary::of).
///
#[doc = include_str!("../docs/map_options.md")]
///
/// These are evaluated once, before the first item. All options of `opero!` may stand beside them, and see the item: they
/// are evaluated for each, as if `opero!` stood there. `name` and `clock` are those of the map and of its items, and are
/// evaluated for both; a `clock` is best given by reference. `memory` pauses items as in `opero!`, and above the limit itself
/// no further item is started while others are running. One cache and one limiter of the rate serve the whole map; its entries
/// are in namespace `"opero_opmap_item"`. With a retry option or a fallback the body may run again for its item, so what it
/// consumes of that it clones; without either it may consume the item.
///
/// # Modes
/// - `thread`: the caller and `workers - 1` threads of a [pool](crate::map::pool) that is kept between maps. The input is pulled as items are
///   needed, and everything may borrow. See [`Map::thread`](crate::map::Map::thread).
/// - `rayon`: rayon's own splitting, on its global pool or one of `workers` threads that is kept between maps (fewer for
///   few items); for work that computes. The input is collected first. See `Map::rayon`.
/// - `async`: a future that polls at most `workers` bodies at a time, where it is polled itself: they need be neither `Send`
///   nor `'static`. `async move` evaluates the items and the options of the map where it stands, `async` when the future is
///   first polled. See `Map::future`. Blocking code drives it by [`map::block_on`](crate::map::block_on), on its own thread,
///   or by any executor.
///
/// - `process`, with the feature of that name: child processes, one for each of `workers`, which are kept between maps. A body
///   that aborts, or is killed at its `timeout`, costs its item alone. The first line of `main` is `opero::process::init();`. The
///   body captures nothing, and items, values and errors are those of serde. See `opero::process`.
/// - `async_process`, with the features `async` and `process`: a future as in `async`, whose bodies run in `workers` child
///   processes, up to 100 at a time in each. A crash costs the bodies of that child, a `timeout` its body alone.
///
/// A map inside a map finishes, whatever the modes and their workers.
///
/// # Results one by one
/// With `each` or `stream` a map of any length takes bounded memory, since no more than `workers` + `chunk_size` items are
/// ahead of what has been handed over.
/// ```
/// # use opero::opmap;
/// # use core::ops::ControlFlow;
/// # fn parse(line: &str) -> Result<u32, core::num::ParseIntError> { line.parse() }
/// let (text, mut sum) = ("1\n2\nx\n4", 0);
/// let summary = opmap! { line in text.lines(), each: |number| sum += number.unwrap_or(0) => parse(line) };
/// assert_eq!((sum, summary.failed()), (7, 1));
///
/// let first_large = opmap! { n in 1_u64.., stream => Ok::<_, String>(n * n) }.flatten().find(|square| *square >= 1000);
/// assert_eq!(first_large, Some(1024));
/// ```
/// The summary of a map with `each` also says how many items were [saved by a retry](crate::map::Summary::saved_by_retry), by a
/// fallback, or answered from the cache, by the options of the map.
///
/// `each` runs on the caller's thread, or in its task, may borrow, and may give a [`ControlFlow`](core::ops::ControlFlow) to break the map
/// off. In an async map it may be an `async` closure, which is awaited before the next result. The iterator of a blocking
/// `stream` may be forgotten while its threads run, so its items and its body own what they use (`each` may borrow); a stream
/// of futures borrows as it likes, or with `async move` copies what it uses for each item: references, numbers, and whatever
/// else is `Copy`; what is not, the items bring along, as in `(client, n) in repeat(client).zip(0..)`. Dropped, it starts
/// nothing more.
///
/// # Errors
/// Each item has its own: what `opero!` gives, and
/// [`Error::Panicked`](crate::Error::Panicked) where the body panics, the others going on;
/// [`Error::Timeout`](crate::Error::Timeout) where the deadline came before the result (an async body is dropped then, a blocking one
/// runs to its end, and no delay that would outlast the map is waited for), with the attempts made until then;
/// [`Error::Skipped`](crate::Error::Skipped) where it was not started because of `max_failures`;
/// [`Error::Configuration`](crate::Error::Configuration) where an option has a value it cannot have.
///
/// # Panics
/// Where the iteration over `items` does, when the running items are done; where `each` does.
///
/// # Cancel safety
/// Dropping the future of an async map drops the running bodies at once and starts nothing further.
///
/// # Expansion
/// The line above becomes about this:
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
