//! A snapshot of the counters of a use.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::time::Duration;

use super::Outcome;
use super::counters::{Count, Counters};
use super::value::{Value, fields};

/// Defines the struct and the methods that visit each field, so that each field is named once.
macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident: $type:ident,)*) => {
        /// The counters of a use.
        ///
        /// Every call that has ended is counted once, in `successes`, `failures` or `abandoned`. A call that still runs
        /// is not counted.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl Counts {
            /// Adds the counts of `other`.
            pub(super) fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }

            /// Returns the fields by name.
            pub(super) fn fields(&self) -> BTreeMap<String, Value> {
                fields([$((stringify!($name), self.$name.into()),)*])
            }
        }
    };
}

counts! {
    /// Calls that have ended.
    calls: u64,
    /// Calls that returned a value.
    successes: u64,
    /// Successful calls whose value came from a later round.
    after_retry: u64,
    /// Successful calls whose value came from a candidate other than the first, in any round.
    after_fallback: u64,
    /// Calls that returned an error, or whose body panicked.
    failures: u64,
    /// Calls that returned [`Error::AllFailed`](crate::Error::AllFailed).
    all_failed: u64,
    /// Calls that returned [`Error::Timeout`](crate::Error::Timeout).
    timed_out: u64,
    /// Calls that returned [`Error::RateLimit`](crate::Error::RateLimit).
    rate_limited: u64,
    /// Calls that returned [`Error::Configuration`](crate::Error::Configuration).
    misconfigured: u64,
    /// Calls that returned [`Error::Cache`](crate::Error::Cache).
    cache_errors: u64,
    /// Calls that returned [`Error::Skipped`](crate::Error::Skipped).
    skipped: u64,
    /// Calls whose body panicked.
    panicked: u64,
    /// Calls whose future was dropped before they ended.
    abandoned: u64,
    /// Attempts that have ended.
    attempts: u64,
    /// Attempts that ended with an error or after a limit.
    failed_attempts: u64,
    /// Attempts that were cut at a limit, or returned after it.
    timeouts: u64,
    /// Rounds after the first.
    retries: u64,
    /// Candidates that were tried after another.
    fallbacks: u64,
    /// Calls that the cache answered from an entry.
    hits: u64,
    /// Calls that the cache could not answer, so that the body ran.
    misses: u64,
    /// Calls that waited for another call's run of the same key, and got its value.
    shared: u64,
    /// Calls whose store could not be read, or could not store their value.
    store_faults: u64,
    /// Permits taken from a rate limiter.
    permits: u64,
    /// Calls that had to wait for a permit.
    rate_waits: u64,
    /// The total time that calls waited for a permit.
    rate_waited: Duration,
    /// The total time that calls waited for another call's run of the same key.
    cache_waited: Duration,
    /// Calls that a layer refused.
    refusals: u64,
}

impl Counts {
    pub(super) fn of(counters: &Counters) -> Self {
        let sum = |count| counters.sum(count);
        let failed = |outcome| sum(Count::Failed(outcome));
        let time = |count| Duration::from_nanos(sum(count));
        let (at_once, hits, shared) = (sum(Count::AtOnce), sum(Count::Hit), sum(Count::WaitedHit));
        let (after_retry, after_fallback) = (sum(Count::AfterRetry), sum(Count::AfterFallback));
        let ran = at_once + after_retry + after_fallback;
        let successes = ran + hits + shared + sum(Count::Answered);
        let failures = Outcome::ALL.into_iter().filter(|outcome| outcome.is_failure()).map(failed).sum();
        let abandoned = failed(Outcome::Abandoned);
        let failed_attempts = sum(Count::FailedAttempt);
        Counts {
            calls: successes + failures + abandoned,
            successes,
            after_retry,
            after_fallback,
            failures,
            all_failed: failed(Outcome::AllFailed),
            timed_out: failed(Outcome::Timeout),
            rate_limited: failed(Outcome::RateLimit),
            misconfigured: failed(Outcome::Configuration),
            cache_errors: failed(Outcome::Cache),
            skipped: failed(Outcome::Skipped),
            panicked: failed(Outcome::Panicked),
            abandoned,
            attempts: ran + failed_attempts,
            failed_attempts,
            timeouts: sum(Count::AttemptTimeout),
            retries: sum(Count::Retry),
            fallbacks: sum(Count::Fallback),
            hits,
            misses: sum(Count::Miss),
            shared,
            store_faults: sum(Count::StoreFault),
            permits: sum(Count::Permit),
            rate_waits: sum(Count::RateWait),
            rate_waited: time(Count::RateWaitNanos),
            cache_waited: time(Count::CacheWaitNanos),
            refusals: sum(Count::Refusal),
        }
    }
}
