//! Answers to names that people bring along from elsewhere: kinds of [`Diagnostic`], whose methods are those names.

use super::diagnostics::Diagnostic;

macro_rules! foreign {
    ($($kind:ident: $bound:ident, $message:literal, $label:literal, $($name:ident)*;)*) => {$(
        /// A kind of diagnostic.
        #[derive(Debug)]
        pub struct $kind;

        /// Holds for nothing.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $bound {}

        #[allow(missing_docs, reason = "each is a name that is no option, and is never called")]
        impl<W> Diagnostic<$kind, W> where Self: $bound { $(pub fn $name(&self) {})* }
    )*};
}

foreign! {
    ForeignRetries: HereRetries, "this option has another name: write `retries: 3` here: it counts the rounds after the first", "`retries` is meant", retry max_retries num_retries retry_count tries times max_attempts attempts max_tries;
    ForeignMinDelay: HereMinDelay, "this option has another name: write `min_delay: 250ms` here: the delay before the first retry, which grows by `backoff`", "`min_delay` is meant", delay wait initial_delay base_delay retry_delay retry_interval interval;
    ForeignMaxDelay: HereMaxDelay, "this option has another name: write `max_delay: 30s` here", "`max_delay` is meant", max_backoff max_interval delay_cap;
    ForeignBackoff: HereBackoff, "this option has another name: write `backoff: 2` here: the factor from one delay to the next", "`backoff` is meant", backoff_factor factor multiplier exponential_base;
    ForeignRetryOn: HereRetryOn, "this option has another name: write `retry_on: pattern` or `retry_if: |error| …` here", "`retry_on` is meant", when retry_when should_retry retry_for retryable;
    ForeignCache: HereCache, "this option has another name: write `cache: 60s` here: the time to live is the value of `cache`", "`cache` is meant", ttl cache_ttl time_to_live cached memoize expire expires max_age cache_for;
    ForeignCapacity: HereCapacity, "this option has another name: write `capacity: 1000` here", "`capacity` is meant", max_size maxsize cache_size max_entries max_capacity;
    ForeignKey: HereKey, "this option has another name: write `key: (…)` here", "`key` is meant", cache_key key_fn convert;
    ForeignRate: HereRate, "this option has another name: write `rate: 10/s` here, or `100/min`", "`rate` is meant", rate_limit ratelimit limit per_second per_minute per_hour rps qps quota;
    ForeignLimiter: HereLimiter, "this option has another name: write `limiter: &limiter` here, beside `rate: 10/s`: whose permits the rate takes", "`limiter` is meant", rate_limiter shared_limiter;
    ForeignOnFault: HereOnFault, "this option has another name: write `on_fault: open` here, or `closed`, or `local`", "`on_fault` is meant", fail_open fail_closed;
    ForeignFallback: HereFallback, "this option has another name: write `fallback: model in [\"a\", \"b\"]` here, and use `model` in the body", "`fallback` is meant", arg_fallback fallbacks candidates alternatives;
    ForeignTimeout: HereTimeout, "this option has another name: write `timeout: 2s` here for each attempt, `deadline: 10s` for the whole call", "`timeout` is meant", time_limit attempt_timeout max_duration;
    ForeignDeadline: HereDeadline, "this option has another name: write `deadline: 10s` here: the limit of the whole call", "`deadline` is meant", total_timeout overall_timeout max_time max_elapsed_time;
    ForeignWorkers: HereWorkers, "this option has another name: write `workers: 8` here", "`workers` is meant", threads num_threads max_workers num_workers parallelism parallel n_jobs jobs max_concurrency;
    ForeignChunkSize: HereChunkSize, "this option has another name: write `chunk_size: 100` here", "`chunk_size` is meant", batch_size batch chunk chunksize;
}
