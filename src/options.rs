//! The options of [`opero!`](crate::opero) and [`opmap!`](crate::opmap), one page per option.
//!
//! # Options of a call
#![doc = include_str!("../docs/options.md")]
//!
//! Any option of the retry layer turns retries on. Those of the cache need `cache`, those of the rate need `rate`, and those of
//! the fallback need `fallback`: without it they are a compile error. How to write values: see
//! [`opero!`](crate::opero#values).
//!
//! # Options of a map
//! All options of a call can be combined with these. They are evaluated for each item, and can use it.
//!
#![doc = include_str!("../docs/map_options.md")]

/// Takes the name of each option, a sentence, and a link to its page. Defines [`Options`], a module for each page, and
/// `documented!`.
///
/// The sentences are literals, since an IDE does not show documentation that a macro has to compute.
macro_rules! options {
    ($d:tt reserved [$($later:ident)*] $($name:ident $sentence:tt $page:tt)*) => {
        /// The names of all options, as fields.
        ///
        /// For an unknown option the macros access a field of that name. So the compiler underlines the name and suggests a similar
        /// one. An IDE shows the documentation of a field for an option in a use. There is no other use for it.
        ///
        /// # Examples
        /// ```
        /// use opero::options::Options;
        ///
        /// assert_eq!(Options::ALL.retries, ());
        /// ```
        #[derive(Debug)]
        #[non_exhaustive]
        pub struct Options {
            $(#[doc = $sentence] #[doc = ""] #[doc = $page] pub $name: (),)*
            $(#[doc(hidden)] pub $later: (),)*
        }

        impl Options {
            /// Every option.
            pub const ALL: Self = Options { $($name: (),)* $($later: (),)* };
        }

        $(
            #[cfg(any(doc, doctest))]
            #[cfg_attr(
                not(all(feature = "async", feature = "cache", feature = "map", feature = "rayon")),
                allow(rustdoc::broken_intra_doc_links, reason = "the targets of links need their features")
            )]
            #[doc = $sentence]
            #[doc = ""]
            #[doc = include_str!(concat!("../docs/options/", stringify!($name), ".md"))]
            pub mod $name {}

            // Targets for the links above, for an IDE.
            #[cfg(rust_analyzer)]
            #[doc = $sentence]
            pub mod $name {}
        )*

        /// An item that is documented by the sentence of the option before it.
        macro_rules! documented {
            $(($name $d($d item:tt)*) => { #[doc = $sentence] #[doc = ""] #[doc = $page] $d($d item)* };)*
        }
    };
}

options! { $
    reserved [breaker hedge budget concurrency stale_if_error refresh_ahead spread]
    retries
        "The number of rounds after the first: a whole number, 0 for none. Default 3."
        "More: [`options::retries`](crate::options::retries)."
    backoff
        "The factor from one delay to the next: a number of at least 1. Default 1.5."
        "More: [`options::backoff`](crate::options::backoff)."
    min_delay
        "The delay before the first retry: a duration, `0s` for none. Default 100 ms."
        "More: [`options::min_delay`](crate::options::min_delay)."
    max_delay
        "The longest computed delay: a duration. Default 30 s."
        "More: [`options::max_delay`](crate::options::max_delay)."
    jitter
        "How to randomize each delay: `none`, `full`, `equal` or `decorrelated`. Default `none`."
        "More: [`options::jitter`](crate::options::jitter)."
    retry_on
        "Which errors are retried: a pattern over the error, guards allowed. Default any error."
        "More: [`options::retry_on`](crate::options::retry_on)."
    retry_if
        "Which errors are retried: a closure from `&E` to `bool`. Default any error."
        "More: [`options::retry_if`](crate::options::retry_if)."
    retry_after
        "The delay that an error asks for: a closure from `&E` to `Option<Duration>`. No default."
        "More: [`options::retry_after`](crate::options::retry_after)."
    adaptive
        "Retry policies to choose the best from: a list of `Retry`. No default. Feature `observe`."
        "More: [`options::adaptive`](crate::options::adaptive)."
    attempt
        "A name for the number of the attempt, for use in the body: `u32`, from 1. No default."
        "More: [`options::attempt`](crate::options::attempt)."
    timeout
        "The time limit of each attempt: a duration above zero. Default no limit."
        "More: [`options::timeout`](crate::options::timeout)."
    deadline
        "The time limit of the whole call or map, with waits: a duration above zero. Default no limit."
        "More: [`options::deadline`](crate::options::deadline)."
    cache
        "Returns the value of an earlier call, for a time to live, or without a value forever. Default off."
        "More: [`options::cache`](crate::options::cache)."
    key
        "What the result depends on: any `Hash` value. Default the arguments."
        "More: [`options::key`](crate::options::key)."
    namespace
        "A name for entries to count and clear together: a text. Default `\"opero\"`."
        "More: [`options::namespace`](crate::options::namespace)."
    capacity
        "The maximum number of entries of the cache, or of rates with a key: a whole number of at least 1. Default 10,000."
        "More: [`options::capacity`](crate::options::capacity)."
    store
        "Where the cache keeps its entries: a `Store`, or a reference to one. Default the memory of the use."
        "More: [`options::store`](crate::options::store)."
    infallible
        "The body and the call return a plain value: it takes no value. Default off."
        "More: [`options::infallible`](crate::options::infallible)."
    rate
        "How many calls can start in a period: a rate such as `10/s`. Calls wait for their turn. Default no limit."
        "More: [`options::rate`](crate::options::rate)."
    burst
        "The number of permits that calls can take at once: a whole number of at least 1. Default 1."
        "More: [`options::burst`](crate::options::burst)."
    scope
        "Which calls share the rate: `per_function`, `per_args`, `per_key(value)` or `global`. Default `per_function`."
        "More: [`options::scope`](crate::options::scope)."
    max_wait
        "The longest wait for a permit: a duration. A call that would wait longer is refused. Default no limit."
        "More: [`options::max_wait`](crate::options::max_wait)."
    limiter
        "The limiter that gives the permits: a reference to a `Limiter` or a `Redis`. Default one for each use."
        "More: [`options::limiter`](crate::options::limiter)."
    on_fault
        "What a call does while the server of its limiter is down: `local`, `open` or `closed`. Default `local`."
        "More: [`options::on_fault`](crate::options::on_fault)."
    fallback
        "The candidates that each round tries in turn: a name and a list such as `model in [\"a\", \"b\"]`. No default."
        "More: [`options::fallback`](crate::options::fallback)."
    fallback_delay
        "The pause between two candidates: a duration. Default none."
        "More: [`options::fallback_delay`](crate::options::fallback_delay)."
    fallback_on
        "After which errors the next candidate is tried: a pattern over the error, guards allowed. Default any error."
        "More: [`options::fallback_on`](crate::options::fallback_on)."
    memory
        "The memory limit near which attempts are delayed: a size such as `1000MB`. Default no limit. Feature `memory`."
        "More: [`options::memory`](crate::options::memory)."
    on_event
        "Gets each event of the call, such as a retry or the end: a closure over `&Event`. No default. Feature `observe`."
        "More: [`options::on_event`](crate::options::on_event)."
    name
        "The name of the call in errors, statistics and stores: a text. Default the name of the function, or `module:line`."
        "More: [`options::name`](crate::options::name)."
    clock
        "The clock that tells the time and sleeps: a `Clock`, or a reference to one. Default the system clock."
        "More: [`options::clock`](crate::options::clock)."
    mode
        "Where the items run: `thread`, `rayon`, `async`, `process` or `async_process`. Default `thread`; `async` for an async body."
        "More: [`options::mode`](crate::options::mode)."
    workers
        "The number of items that run at a time: a whole number of at least 1. Default 4, with `rayon` the cores, with `async` 100."
        "More: [`options::workers`](crate::options::workers)."
    ordered
        "Whether results come in the order of the items or as they complete: a `bool`. Default `true`."
        "More: [`options::ordered`](crate::options::ordered)."
    progress
        "Shows the progress of the map: a `bool`, or a closure over `&Progress`. Default `false`."
        "More: [`options::progress`](crate::options::progress)."
    chunk_size
        "The number of items that a worker takes at a time: a whole number of at least 1. Default chosen by the mode."
        "More: [`options::chunk_size`](crate::options::chunk_size)."
    max_failures
        "The number of failed items after which no more items start: a whole number of at least 1. Default no limit."
        "More: [`options::max_failures`](crate::options::max_failures)."
    init_child
        "Runs in each child process before its first body: a function. No default. Feature `process`."
        "More: [`options::init_child`](crate::options::init_child)."
    recycle_after
        "The number of bodies after which a child process is replaced: a whole number of at least 1. Default never. Feature `process`."
        "More: [`options::recycle_after`](crate::options::recycle_after)."
    max_child_memory
        "The memory limit of a child process: a size. Default no limit. Feature `process`."
        "More: [`options::max_child_memory`](crate::options::max_child_memory)."
    each
        "Gets the results of a map one by one: a closure over a result. Default a list of all results."
        "More: [`options::each`](crate::options::each)."
    stream
        "Makes the map an iterator or a stream of its results. Takes no value. Default a list of all results."
        "More: [`options::stream`](crate::options::stream)."
}

pub(crate) use documented;
