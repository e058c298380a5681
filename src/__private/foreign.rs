//! Answers to the names of options in other libraries, such as `backon`, `cached`, `governor`, `moka`, `tokio-retry`, tenacity and
//! Polly. `macros/foreign.rs` maps each name to its answer.

use super::diagnostics::complaints;

complaints! {
    ForeignRetries:
        "opero has no option `{Self}`: write `retries: 3`, the number of rounds after the first",
        "unknown option";
    ForeignAttempts:
        "opero has no option `{Self}`: write `retries: 2` for 3 attempts, since it counts those after the first",
        "unknown option";
    ForeignMinDelay:
        "opero has no option `{Self}`: write `min_delay: 250ms`, the delay before the first retry, which grows by `backoff`",
        "unknown option";
    ForeignMaxDelay:
        "opero has no option `{Self}`: write `max_delay: 30s`, the longest delay before a retry",
        "unknown option";
    ForeignBackoff:
        "opero has no option `{Self}`: write `backoff: 2`, the factor from one delay to the next",
        "unknown option";
    ForeignJitter:
        "opero has no option `{Self}`: write `jitter: full`, `equal` or `decorrelated`",
        "unknown option";
    ForeignRetryOn:
        "opero has no option `{Self}`: write `retry_on: pattern` or `retry_if: |error| …`",
        "unknown option";
    ForeignRetryAfter:
        "opero has no option `{Self}`: write `retry_after: |error| …`, which gives the delay that an error asks for",
        "unknown option";
    ForeignOnEvent:
        "opero has no option `{Self}`: write `on_event: |event| …`, which gets an event for every attempt, retry and cache hit",
        "unknown option";
    ForeignCache:
        "opero has no option `{Self}`: write `cache: 60s`, with the time to live as its value",
        "unknown option";
    ForeignCapacity:
        "opero has no option `{Self}`: write `capacity: 1000`, the largest number of entries",
        "unknown option";
    ForeignKey:
        "opero has no option `{Self}`: write `key: (…)`, with what the result depends on",
        "unknown option";
    ForeignNamespace:
        "opero has no option `{Self}`: write `namespace: \"…\"`",
        "unknown option";
    ForeignStore:
        "opero has no option `{Self}`: write `store: &store`, with a `Disk`, `Sqlite` or `Redis` of `opero::cache`",
        "unknown option";
    ForeignRate:
        "opero has no option `{Self}`: write `rate: 10/s`, or `100/min`",
        "unknown option";
    ForeignBurst:
        "opero has no option `{Self}`: write `burst: 5`, the number of permits that may be taken at once",
        "unknown option";
    ForeignScope:
        "opero has no option `{Self}`: write `scope: per_args`, `per_key(…)`, `per_function` or `global`",
        "unknown option";
    ForeignMaxWait:
        "opero has no option `{Self}`: write `max_wait: 1s`: a call that would have to wait longer gets an error at once",
        "unknown option";
    ForeignLimiter:
        "opero has no option `{Self}`: write `limiter: &limiter` beside `rate: 10/s`, to take the permits of another limiter",
        "unknown option";
    ForeignOnFault:
        "opero has no option `{Self}`: write `on_fault: open`, `closed` or `local`",
        "unknown option";
    ForeignFallback:
        "opero has no option `{Self}`: write `fallback: model in [\"a\", \"b\"]`, and use `model` in the body",
        "unknown option";
    ForeignDefault:
        "opero has no option `{Self}`: write `.unwrap_or(value)` after the call",
        "unknown option";
    ForeignTimeout:
        "opero has no option `{Self}`: write `timeout: 2s` for each attempt, or `deadline: 10s` for the whole call",
        "unknown option";
    ForeignDeadline:
        "opero has no option `{Self}`: write `deadline: 10s`, the limit of the whole call",
        "unknown option";
    ForeignMemory:
        "opero has no option `{Self}`: write `memory: 1000MB`",
        "unknown option";
    ForeignWorkers:
        "opero has no option `{Self}`: write `workers: 8` in an `opmap!`",
        "unknown option";
    ForeignMode:
        "opero has no option `{Self}`: write `mode: thread`, `rayon`, `async` or `process` in an `opmap!`",
        "unknown option";
    ForeignOrdered:
        "opero has no option `{Self}`: write `ordered: false` in an `opmap!` for results as they complete",
        "unknown option";
    ForeignProgress:
        "opero has no option `{Self}`: write `progress` in an `opmap!`",
        "unknown option";
    ForeignChunkSize:
        "opero has no option `{Self}`: write `chunk_size: 100` in an `opmap!`",
        "unknown option";
    ForeignMaxFailures:
        "opero has no option `{Self}`: write `max_failures: 10` in an `opmap!`",
        "unknown option";
    ForeignClock:
        "opero has no option `{Self}`: write `clock: &clock`",
        "unknown option";
    ForeignLayer:
        "opero has no option `{Self}`: for a layer of your own, write `Call::layer(…)` instead of the macro",
        "unknown option";
    ForeignLater:
        "opero has no option `{Self}`: this option is not built yet",
        "unknown option";
    ForeignNeedless:
        "opero has no option `{Self}`: remove it: only `Ok` is cached, and concurrent misses of one key run the body once",
        "unknown option";
}
