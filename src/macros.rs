//! The DSL: the grammar of `opero!`, and nothing else. What an option means lives in [`Call`](crate::Call).
//!
//! Stages, a file each; every one hands its tokens to the next:
//!
//! 1. `grammar.rs`: takes the options one by one. A name leads to its row, the row to the shape of its value, and the
//!    value becomes a builder call of the same name.
//! 2. `body.rs`: tells the five shapes of a body apart.
//! 3. `key.rs`: finds what calls are told apart by, where a cache or a scope asks for it.
//! 4. `expand.rs`: writes the call.
//! 5. `map.rs`: in `opmap!`, makes that call the operation on an item.
//!
//! The state travels in front of the tokens as one group: `{ [[who wants a key] [key] [capacity] [the map]] [names seen] [complaints]
//! [values] [predicates] [fallback] [attempt] [@limited, where there is a limit] [[cache] [its values]]
//! [[rate] [its values] [scope]] }`. In the place of a list, a cache, a rate or one who wants a key are also the options
//! that need it: where it is not there in the end, there are only these. What a rule does not need of the state is
//! `$($s:tt)*`.

mod body;
mod expand;
mod grammar;
mod key;
#[cfg(feature = "map")]
mod map;

/// Runs an expression with a cache, retries, fallback and more.
///
/// ```
/// # use opero::opero;
/// # fn ask(model: &str, prompt: &str) -> Result<String, String> { Ok(format!("{model}: {prompt}")) }
/// # let prompt = String::from("hello");
/// let answer = opero! { retries: 3, fallback: model in ["a", "b"] => ask(model, &prompt) }?;
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
/// | option | value | default when the layer is on |
/// |---|---|---|
/// | `retries` | `u32` | 3 |
/// | `backoff` | `f64`, at least 1 | 1.5 |
/// | `min_delay`, `max_delay` | duration | `100ms`, `30s` |
/// | `jitter` | `none`, `full`, `equal`, `decorrelated`, or a [`Jitter`](crate::policy::Jitter) | `none` |
/// | `retry_on` | a pattern over the error, with a guard if you like | any error |
/// | `retry_if` | a closure from `&E` to `bool` | always |
/// | `retry_after` | a closure from `&E` to `Option<Duration>` | – |
/// | `attempt` | a name: the number of the execution, `u32` from 1 | – |
/// | `fallback` | `name in list` | – |
/// | `fallback_delay` | duration | `0s` |
/// | `fallback_on` | a pattern over the error: only then another candidate | any error |
/// | `cache` | a time to live, or bare: no expiry | – |
/// | `key` | any `Hash` expression | the call's arguments |
/// | `namespace` | text | `"opero"` |
/// | `capacity` | `usize`, at least 1 | 10,000 |
/// | `store` | a [`Store`](crate::cache::Store), by value or by reference | in memory |
/// | `name` | text, for errors, statistics and stores | the function's name or `module:line` |
/// | `clock` | a [`Clock`](crate::time::Clock) | the system's |
///
/// Any of the retry options turns retries on. A duration is a literal (`60s 250ms 1.5s 5m 2h 1d 10us 100ns 1h30m`) or an
/// expression of type `Duration`; numbers likewise. Every value is evaluated once in each call, in the order written, those
/// of the cache after the others. `retry_on` and `retry_if` together retry what both accept.
///
/// # The body
/// It may run more than once, so it must not use up what it captures: borrow, or clone inside. `?` and `return` in it
/// leave the body, with an error that counts as a failed execution. Where both `?` and a predicate are used, the error's
/// type has to be told, as in `Ok::<_, MyError>(value)`.
///
/// `async { … }` borrows and evaluates the options when it is first polled; `async move { … }` owns what it uses and
/// evaluates the options where it stands. The futures are `Send` where the body's is, and hold no allocation until a
/// first failure.
///
/// # The cache
/// What a call is keyed by, who runs when many ask at once, and what is counted: [`cache`](crate::cache).
///
/// # Cancel safety
/// Dropping the future drops the running execution or the wait, and starts nothing further. Those who waited for its value
/// at the cache wait no longer than that: the next of them runs.
///
/// # Expansion
/// The line above becomes about this:
/// ```
/// # use opero::Call;
/// # fn ask(model: &str, prompt: &str) -> Result<String, String> { Ok(format!("{model}: {prompt}")) }
/// # let prompt = String::from("hello");
/// let list = ["a", "b"];
/// let answer = Call::new("my_module:7").retries(3).fallback("model", list.len()).run(|execution| {
///     let model = list[execution.candidate()];
///     ask(model, &prompt)
/// })?;
/// # assert_eq!(answer, "a: hello");
/// # Ok::<(), opero::Error<String>>(())
/// ```
///
/// # Errors
/// [`Error::AllFailed`](crate::Error::AllFailed) with every failed execution; before the first execution
/// [`Error::Configuration`](crate::Error::Configuration) for a value no call can have: a backoff below 1, an empty list;
/// [`Error::Cache`](crate::Error::Cache) where the body asks for its own entry.
#[macro_export]
macro_rules! opero {
    ($($tokens:tt)*) => {
        $crate::__options! { { [[] [] [] []] [] [] [] [] [] [] [] [[] []] [[] [] []] } $($tokens)* }
    };
}

/// Runs an expression for every item, several at a time, each through all the layers of [`opero!`].
#[macro_export]
#[cfg(feature = "map")]
macro_rules! opmap {
    ($item:pat in $items:expr, $($tokens:tt)*) => {
        $crate::__options! {
            { [[] [] [] [[$item $items [] [] []] []]] [] [] [] [] [] [] [] [[] []] [[] [] []] } $($tokens)*
        }
    };
    ($item:pat in $items:expr => $($tokens:tt)*) => {
        $crate::__options! {
            { [[] [] [] [[$item $items [] [] []] []]] [] [] [] [] [] [] [] [[] []] [[] [] []] } => $($tokens)*
        }
    };
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
