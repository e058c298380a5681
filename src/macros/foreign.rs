//! First stage: names that people bring along from elsewhere.

/// Answers a name that is no option: with the option that is meant, or else as rustc does.
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __foreign {
    (retry $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (max_retries $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (num_retries $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (retry_count $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (tries $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (times $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (max_attempts $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (attempts $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (max_tries $($rest:tt)*) => { $crate::__value! { @complain ForeignRetries $($rest)* } };
    (delay $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (wait $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (initial_delay $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (base_delay $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (retry_delay $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (retry_interval $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (interval $($rest:tt)*) => { $crate::__value! { @complain ForeignMinDelay $($rest)* } };
    (max_backoff $($rest:tt)*) => { $crate::__value! { @complain ForeignMaxDelay $($rest)* } };
    (max_interval $($rest:tt)*) => { $crate::__value! { @complain ForeignMaxDelay $($rest)* } };
    (delay_cap $($rest:tt)*) => { $crate::__value! { @complain ForeignMaxDelay $($rest)* } };
    (backoff_factor $($rest:tt)*) => { $crate::__value! { @complain ForeignBackoff $($rest)* } };
    (factor $($rest:tt)*) => { $crate::__value! { @complain ForeignBackoff $($rest)* } };
    (multiplier $($rest:tt)*) => { $crate::__value! { @complain ForeignBackoff $($rest)* } };
    (exponential_base $($rest:tt)*) => { $crate::__value! { @complain ForeignBackoff $($rest)* } };
    (when $($rest:tt)*) => { $crate::__value! { @complain ForeignRetryOn $($rest)* } };
    (retry_when $($rest:tt)*) => { $crate::__value! { @complain ForeignRetryOn $($rest)* } };
    (should_retry $($rest:tt)*) => { $crate::__value! { @complain ForeignRetryOn $($rest)* } };
    (retry_for $($rest:tt)*) => { $crate::__value! { @complain ForeignRetryOn $($rest)* } };
    (retryable $($rest:tt)*) => { $crate::__value! { @complain ForeignRetryOn $($rest)* } };
    (ttl $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (cache_ttl $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (time_to_live $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (cached $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (memoize $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (expire $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (expires $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (max_age $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (cache_for $($rest:tt)*) => { $crate::__value! { @complain ForeignCache $($rest)* } };
    (max_size $($rest:tt)*) => { $crate::__value! { @complain ForeignCapacity $($rest)* } };
    (maxsize $($rest:tt)*) => { $crate::__value! { @complain ForeignCapacity $($rest)* } };
    (cache_size $($rest:tt)*) => { $crate::__value! { @complain ForeignCapacity $($rest)* } };
    (max_entries $($rest:tt)*) => { $crate::__value! { @complain ForeignCapacity $($rest)* } };
    (max_capacity $($rest:tt)*) => { $crate::__value! { @complain ForeignCapacity $($rest)* } };
    (cache_key $($rest:tt)*) => { $crate::__value! { @complain ForeignKey $($rest)* } };
    (key_fn $($rest:tt)*) => { $crate::__value! { @complain ForeignKey $($rest)* } };
    (convert $($rest:tt)*) => { $crate::__value! { @complain ForeignKey $($rest)* } };
    (rate_limit $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (ratelimit $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (limit $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (per_second $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (per_minute $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (per_hour $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (rps $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (qps $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (quota $($rest:tt)*) => { $crate::__value! { @complain ForeignRate $($rest)* } };
    (rate_limiter $($rest:tt)*) => { $crate::__value! { @complain ForeignLimiter $($rest)* } };
    (shared_limiter $($rest:tt)*) => { $crate::__value! { @complain ForeignLimiter $($rest)* } };
    (fail_open $($rest:tt)*) => { $crate::__value! { @complain ForeignOnFault $($rest)* } };
    (fail_closed $($rest:tt)*) => { $crate::__value! { @complain ForeignOnFault $($rest)* } };
    (arg_fallback $($rest:tt)*) => { $crate::__value! { @complain ForeignFallback $($rest)* } };
    (fallbacks $($rest:tt)*) => { $crate::__value! { @complain ForeignFallback $($rest)* } };
    (candidates $($rest:tt)*) => { $crate::__value! { @complain ForeignFallback $($rest)* } };
    (alternatives $($rest:tt)*) => { $crate::__value! { @complain ForeignFallback $($rest)* } };
    (time_limit $($rest:tt)*) => { $crate::__value! { @complain ForeignTimeout $($rest)* } };
    (attempt_timeout $($rest:tt)*) => { $crate::__value! { @complain ForeignTimeout $($rest)* } };
    (max_duration $($rest:tt)*) => { $crate::__value! { @complain ForeignTimeout $($rest)* } };
    (total_timeout $($rest:tt)*) => { $crate::__value! { @complain ForeignDeadline $($rest)* } };
    (overall_timeout $($rest:tt)*) => { $crate::__value! { @complain ForeignDeadline $($rest)* } };
    (max_time $($rest:tt)*) => { $crate::__value! { @complain ForeignDeadline $($rest)* } };
    (max_elapsed_time $($rest:tt)*) => { $crate::__value! { @complain ForeignDeadline $($rest)* } };
    (threads $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (num_threads $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (max_workers $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (num_workers $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (parallelism $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (parallel $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (n_jobs $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (jobs $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (max_concurrency $($rest:tt)*) => { $crate::__value! { @complain ForeignWorkers $($rest)* } };
    (batch_size $($rest:tt)*) => { $crate::__value! { @complain ForeignChunkSize $($rest)* } };
    (batch $($rest:tt)*) => { $crate::__value! { @complain ForeignChunkSize $($rest)* } };
    (chunk $($rest:tt)*) => { $crate::__value! { @complain ForeignChunkSize $($rest)* } };
    (chunksize $($rest:tt)*) => { $crate::__value! { @complain ForeignChunkSize $($rest)* } };
    // `Options` has no such field, and rustc knows which one is near.
    ($unknown:ident $($rest:tt)*) => { $crate::__value! { @complain Unknown $($rest)* } };
}
