//! The counters of a use, read.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::time::Duration;

use super::Outcome;
use super::counters::{Count, Counters};
use super::value::{Value, fields};

/// The struct, and what is done with each of its fields: it is named in one place.
macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident: $type:ident,)*) => {
        /// What has been counted of a use.
        ///
        /// Every call that has ended is counted once, among `successes`, `failures` or `abandoned`. One that still runs is not.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl Counts {
            /// Adds what has been counted elsewhere.
            pub(super) fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }

            /// The fields by their names.
            pub(super) fn fields(&self) -> BTreeMap<String, Value> {
                fields([$((stringify!($name), self.$name.into()),)*])
            }
        }
    };
}

counts! {
    /// Calls that have ended.
    calls: u64,
    /// Those that gave a value.
    successes: u64,
    /// Of those, the ones whose value a later round gave.
    after_retry: u64,
    /// Of those, the ones whose value another candidate than the first gave, in the first round or a later one.
    after_fallback: u64,
    /// Calls that gave an error, or whose body panicked.
    failures: u64,
    /// Calls that gave [`Error::AllFailed`](crate::Error::AllFailed).
    all_failed: u64,
    /// Calls that gave [`Error::Timeout`](crate::Error::Timeout).
    timed_out: u64,
    /// Calls that gave [`Error::RateLimit`](crate::Error::RateLimit).
    rate_limited: u64,
    /// Calls that gave [`Error::Configuration`](crate::Error::Configuration).
    misconfigured: u64,
    /// Calls that gave [`Error::Cache`](crate::Error::Cache).
    cache_errors: u64,
    /// Calls that gave [`Error::Skipped`](crate::Error::Skipped).
    skipped: u64,
    /// Calls whose body panicked.
    panicked: u64,
    /// Futures that were dropped before the call had ended.
    abandoned: u64,
    /// Attempts of the body that have ended.
    attempts: u64,
    /// Attempts that ended with an error or too late.
    failed_attempts: u64,
    /// Attempts that were cut by a limit, or came back later.
    timeouts: u64,
    /// Rounds after the first.
    retries: u64,
    /// Candidates that were tried after another.
    fallbacks: u64,
    /// Calls that the cache answered from an entry.
    hits: u64,
    /// Calls that the cache could not answer, so that the body ran.
    misses: u64,
    /// Calls that waited for another's run of the same key, and got its value.
    shared: u64,
    /// Calls whose store could not be asked, or could not keep their value.
    store_faults: u64,
    /// Permits that were taken from a rate.
    permits: u64,
    /// Calls that had to wait for a permit.
    rate_waits: u64,
    /// How long they waited, all together.
    rate_waited: Duration,
    /// How long calls waited for another's run of the same key, all together.
    cache_waited: Duration,
    /// Calls that a layer has not let in.
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
