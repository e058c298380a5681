//! What is reported of a call while it passes its layers.

use core::time::Duration;

use super::{Seen, may_be_heard, record, tell, tell_dropped, tell_given_up};
use crate::call::course::Source;
use crate::call::seen::Looked;
use crate::call::through::Entering;
use crate::error::Error;
use crate::layer::Step;
use crate::observe::counters::Count;
use crate::observe::spans::Weight;
use crate::observe::{Event, Outcome};

/// A call that is dropped while it enters its layers was abandoned.
impl<E, P: Source<E>> Drop for Entering<E, P> {
    fn drop(&mut self) {
        if let Some(source) = self.source() {
            tell_dropped(source, 0, Duration::ZERO);
        }
    }
}

/// Reports what the layers decided about a call that enters.
pub(in crate::call) fn tell_entered<T, E, P: Source<E>, G>(
    source: &mut P,
    seen: &Seen,
    step: &Result<Step<T, G>, Error<E>>,
) {
    if let Some(record) = record(source) {
        seen.count(record);
        match step {
            Ok(Step::Answer(_)) if seen.cache == Looked::Nothing => record.counters.count(Count::Answered),
            Ok(_) => {}
            Err(error) => {
                record.tick(None);
                record.counters.count(Count::Failed(Outcome::of(error)));
                if is_refusal(error) {
                    record.counters.count(Count::Refusal);
                }
            }
        }
    }
    if may_be_heard(source) {
        tell_seen(source, seen, step);
    }
}

/// Reports a call that is refused if this is an error: an option is invalid.
pub(in crate::call) fn tell_refused<E, P: Source<E>>(source: &mut P, outcome: &Result<(), Error<E>>) {
    if let Err(error) = outcome {
        if let Some(record) = record(source) {
            record.tick(None);
            record.counters.count(Count::Failed(Outcome::of(error)));
        }
        tell_given_up(source, error, Duration::ZERO);
    }
}

const fn is_refusal<E>(error: &Error<E>) -> bool {
    matches!(error, Error::RateLimit(_) | Error::Skipped(_))
}

/// Reports that the call has left its layers: a store may have failed to keep its value.
#[inline]
pub(in crate::call) fn tell_left<E, P: Source<E>>(source: &mut P, seen: &Seen) {
    if seen.problem().is_none() {
        return;
    }
    if let Some(record) = record(source) {
        record.counters.count(Count::StoreFault);
    }
    if may_be_heard(source) {
        tell_fault(source, seen);
    }
}

#[cold]
fn tell_fault<E, P: Source<E>>(source: &mut P, seen: &Seen) {
    if let Some(error) = seen.problem() {
        tell(source, Weight::Trouble, |name, correlation, time| Event::StoreFault {
            name,
            error: error.clone().into(),
            correlation,
            time,
        });
    }
}

/// Reports that the call has waited that many nanoseconds.
fn tell_wait<E, P: Source<E>>(source: &mut P, layer: &'static str, nanos: u64) {
    let wait = Duration::from_nanos(nanos);
    tell(source, Weight::Detail, |name, correlation, time| Event::Waited { name, layer, wait, correlation, time });
}

#[cold]
fn tell_seen<T, E, P: Source<E>, G>(source: &mut P, seen: &Seen, step: &Result<Step<T, G>, Error<E>>) {
    tell_fault(source, seen);
    match seen.cache {
        Looked::Nothing => {}
        Looked::Hit => tell(source, Weight::OfSpan, |name, correlation, time| Event::Hit { name, correlation, time }),
        Looked::Miss => tell(source, Weight::OfSpan, |name, correlation, time| Event::Miss { name, correlation, time }),
        Looked::Shared => tell_wait(source, "cache", seen.cache_wait),
    }
    if seen.rate_wait > 0 {
        tell_wait(source, "rate", seen.rate_wait);
    }
    match step {
        Ok(Step::Inward(_)) => {}
        Ok(Step::Answer(_)) => tell(source, Weight::OfSpan, |name, correlation, time| Event::Succeeded {
            name,
            attempt: None,
            candidate: None,
            elapsed: Duration::ZERO,
            correlation,
            time,
        }),
        Err(error) => {
            if is_refusal(error) {
                let (layer, retry_after) = match error {
                    Error::RateLimit(limit) => ("rate", Some(limit.retry_after())),
                    _ => ("layer", None),
                };
                tell(source, Weight::Trouble, |name, correlation, time| Event::Refused {
                    name,
                    layer,
                    retry_after,
                    correlation,
                    time,
                });
            }
            tell_given_up(source, error, Duration::ZERO);
        }
    }
}
