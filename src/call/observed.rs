//! What a call reports to `observe`: the counters of its use, and events if there are listeners.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub(super) use self::layers::{tell_entered, tell_left, tell_refused};
use super::course::{Course, Log, Source, State};
use super::failed::Failed;
pub(super) use super::origin::Quick;
use super::recovery::Recovery;
pub(crate) use super::seen::Seen;
#[cfg(feature = "cache")]
pub(crate) use super::seen::{Fault, Stopwatch};
use crate::error::{Attempt, Error, type_text};
use crate::observe::correlation::{self, Id};
use crate::observe::counters::Count;
use crate::observe::description::Description;
use crate::observe::site::Record;
use crate::observe::spans::{self, Weight};
use crate::observe::{Event, EventError, LayerInfo, Outcome, known, listen};
use crate::policy::{CurrentAttempt, ErrorPolicy};
use crate::time::{Clock, Moment, nanos};

mod layers;

/// Could there be a listener to this call, besides its counters?
fn may_be_heard<E, P: Source<E>>(source: &mut P) -> bool {
    listen::is_on() || spans::may_hear() || source.policy().hears()
}

/// Is there a listener to events of this weight?
fn is_heard<E, P: Source<E>>(source: &mut P, weight: Weight) -> bool {
    listen::is_on() || source.policy().hears() || spans::hears(weight)
}

/// Sends an event, made from the name, the surrounding id and the time, to all listeners.
fn tell<E, P: Source<E>>(
    source: &mut P,
    weight: Weight,
    event: impl FnOnce(Cow<'_, str>, Option<Id>, Duration) -> Event<'_>,
) {
    if !is_heard(source, weight) {
        return;
    }
    let time = source.clock().now();
    let (name, policy) = source.name_and_policy();
    let event = event(Cow::Borrowed(name.as_str()), correlation::current(), time);
    listen::tell(&event, |event| policy.hear(event));
}

/// Returns the type and the text of an error of a body, as an event shows them.
fn shown<E>(error: &E, policy: &mut impl ErrorPolicy<E>) -> (String, String) {
    #[cfg(all(feature = "process", unix))]
    if let Some(failure) = known::in_child(error) {
        return failure.type_and_text(|error| (type_text::<String>(), error.clone()));
    }
    let type_name = type_text::<E>();
    let text = policy.text(error).or_else(|| known::text(error)).unwrap_or_else(|| type_name.clone());
    (type_name, text)
}

fn event_error((type_name, text): (String, String)) -> EventError<'static> {
    EventError { type_name: type_name.into(), text: text.into() }
}

impl<E, P: Source<E>, B: Log<E>> Course<E, P, B> {
    /// Reports that the call begins.
    pub(super) fn tell_begin(&mut self) {
        self.is_running = true;
        introduce(&self.source, self.candidates, Vec::new);
    }

    /// Reports the end of the call if this is an error.
    pub(super) fn tell_unless(&mut self, outcome: &Result<(), Error<E>>) {
        if let Err(error) = outcome {
            self.tell_end(error);
        }
    }

    /// Reports that the body of a quick future is polled.
    #[inline]
    pub(super) fn tell_quick_poll(&mut self) {
        self.is_running = true;
    }

    /// Reports a value.
    #[inline]
    pub(super) fn tell_success(&mut self) {
        self.is_running = false;
        if let (State::Quick, Some(origin)) = (&self.state, self.source.origin()) {
            return origin.count_quick();
        }
        self.tell_timed_success();
    }

    fn tell_timed_success(&mut self) {
        let attempt = self.attempt();
        if let Some(record) = record(&self.source) {
            self.note_end(record, count_of(attempt));
        }
        if is_heard(&mut self.source, Weight::OfSpan) {
            let (attempt, candidate) = (Some(attempt.number()), self.candidate(attempt));
            let elapsed = self.elapsed();
            tell(&mut self.source, Weight::OfSpan, |name, correlation, time| Event::Succeeded {
                name,
                attempt,
                candidate,
                elapsed,
                correlation,
                time,
            });
        }
    }

    /// Reports a failed attempt, and whether another follows.
    pub(super) fn tell_failure(&mut self, attempt: CurrentAttempt, goes_on: bool) {
        let State::Failed(log) = &self.state else { return };
        let recovery = log.borrow();
        let (next, delay) = (recovery.attempt(), recovery.pause());
        let Some(failure) = recovery.last() else { return };
        let candidate = self.candidate(attempt);
        let falls_back = next.retry() == attempt.retry();
        if let Some(record) = record(&self.source) {
            count_failure(record, failure);
            if goes_on {
                record.counters.count(if falls_back { Count::Fallback } else { Count::Retry });
            }
        }
        if !is_heard(&mut self.source, Weight::Trouble) {
            return;
        }
        tell_cut(&mut self.source, failure, attempt, candidate);
        if goes_on {
            let policy = self.source.policy();
            let error = event_error(failure.type_and_text(|error| shown(error, policy)));
            let attempt = attempt.number();
            tell(&mut self.source, Weight::Trouble, |name, correlation, time| {
                if falls_back {
                    Event::Fallback {
                        name,
                        attempt,
                        candidate,
                        next: next.candidate(),
                        delay,
                        error,
                        correlation,
                        time,
                    }
                } else {
                    Event::Retry { name, attempt, candidate, delay, error, correlation, time }
                }
            });
        }
    }

    /// Reports that the only attempt has failed.
    pub(super) fn tell_only_failure(&mut self, recovery: &Recovery<E>) {
        let Some(failure) = recovery.last() else { return };
        if let Some(record) = record(&self.source) {
            count_failure(record, failure);
        }
        let candidate = self.candidate(CurrentAttempt::FIRST);
        tell_cut(&mut self.source, failure, CurrentAttempt::FIRST, candidate);
    }

    /// Reports that the call ends with this error.
    pub(super) fn tell_end(&mut self, error: &Error<E>) {
        self.is_running = false;
        if let Some(record) = record(&self.source) {
            self.note_end(record, Count::Failed(Outcome::of(error)));
        }
        if is_heard(&mut self.source, Weight::OfSpan) {
            let elapsed = self.elapsed();
            tell_given_up(&mut self.source, error, elapsed);
        }
    }

    /// Reports that the call was dropped while it ran.
    #[cold]
    fn tell_dropped(&mut self) {
        let _current = self.span.enter();
        let (attempt, elapsed) = (self.attempt().number(), self.elapsed());
        tell_dropped(&mut self.source, attempt, elapsed);
    }

    /// Returns the index of the candidate, if there is a list of them.
    fn candidate(&self, attempt: CurrentAttempt) -> Option<usize> {
        (!self.source.written().binding.is_empty()).then(|| attempt.candidate())
    }

    /// Returns when the first attempt could start, if that is known.
    fn began(&self) -> Option<Moment> {
        match &self.state {
            State::Timed { started } | State::First { started, .. } => Some(*started),
            State::Failed(log) => Some(log.borrow().began()),
            State::Quick | State::New { .. } => None,
        }
    }

    fn elapsed(&self) -> Duration {
        self.began().map_or(Duration::ZERO, |began| self.source.clock().moment().since(began))
    }

    /// Counts the end of the call, and its duration if that is known.
    fn note_end(&self, record: &Record, end: Count) {
        let weight = if end == Count::AtOnce { self.weight(record) } else { Some(1) };
        let Some(weight) = weight else {
            return record.counters.count(end);
        };
        let times = self.began().map(|began| (began, self.source.clock().moment()));
        record.tick(times.map(|(_, ended)| ended));
        record.counters.count(end);
        if let Some((began, ended)) = times {
            let elapsed = nanos(ended.since(began));
            record.latency.record(elapsed, weight);
            if end == Count::AtOnce {
                record.note_shortness(elapsed);
            }
        }
    }

    /// Returns how many calls this one stands for if it is to be timed. If a use is faster than reading a clock, only
    /// a fraction of its calls is timed. A clock that is not the system's is read for each call.
    fn weight(&self, record: &Record) -> Option<u64> {
        let probe =
            self.source.probe().filter(|_| self.source.tuned().is_none() && !listen::is_on() && !spans::is_wanted());
        probe.map_or(Some(1), |probe| record.weight(probe.is_quick()))
    }
}

/// A call that is dropped while it runs has panicked, or was abandoned.
impl<E, P: Source<E>, B: Log<E>> Drop for Course<E, P, B> {
    #[inline]
    fn drop(&mut self) {
        if self.is_running {
            self.tell_dropped();
        }
    }
}

#[cold]
fn tell_dropped<E, P: Source<E>>(source: &mut P, attempt: u32, elapsed: Duration) {
    let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Abandoned };
    if let Some(record) = record(source) {
        record.tick(None);
        record.counters.count(Count::Failed(outcome));
    }
    tell(source, Weight::OfSpan, |name, correlation, time| {
        if outcome == Outcome::Panicked {
            Event::Panicked { name, attempt, elapsed, correlation, time }
        } else {
            Event::Abandoned { name, attempt, elapsed, correlation, time }
        }
    });
}

fn record<E, P: Source<E>>(source: &P) -> Option<&'static Record> {
    source.origin()?.record()
}

/// Registers the use as one that has run.
#[inline]
pub(super) fn introduce<E, P: Source<E>>(source: &P, candidates: usize, layers: impl FnOnce() -> Vec<LayerInfo>) {
    if let Some(origin) = source.origin() {
        origin.introduce(source.name(), || Description { plan: source.written(), candidates, layers: layers() });
    }
}

const fn count_of(attempt: CurrentAttempt) -> Count {
    if attempt.candidate() > 0 {
        Count::AfterFallback
    } else if attempt.retry() > 0 {
        Count::AfterRetry
    } else {
        Count::AtOnce
    }
}

fn count_failure<E>(record: &Record, failure: &Failed<E>) {
    record.counters.count(Count::FailedAttempt);
    if matches!(failure, Failed::Timeout(_)) {
        record.counters.count(Count::AttemptTimeout);
    }
}

/// Reports an attempt that timed out.
fn tell_cut<E, P: Source<E>>(source: &mut P, failure: &Failed<E>, attempt: CurrentAttempt, candidate: Option<usize>) {
    if let Failed::Timeout(limit) = failure {
        let (limit, attempt) = (*limit, attempt.number());
        tell(source, Weight::Trouble, |name, correlation, time| Event::Timeout {
            name,
            attempt,
            candidate,
            limit,
            correlation,
            time,
        });
    }
}

#[cold]
fn tell_given_up<E, P: Source<E>>(source: &mut P, error: &Error<E>, elapsed: Duration) {
    if !is_heard(source, Weight::OfSpan) {
        return;
    }
    let outcome = Outcome::of(error);
    let last = error.attempts().last();
    let attempts = last.map_or(0, Attempt::number);
    let policy = source.policy();
    let error = last.map(|attempt| event_error(attempt.failure().type_and_text(|error| shown(error, policy))));
    tell(source, Weight::OfSpan, |name, correlation, time| Event::GaveUp {
        name,
        outcome,
        attempts,
        error,
        elapsed,
        correlation,
        time,
    });
}
