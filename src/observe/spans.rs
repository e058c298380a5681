//! The span of a call and its events, emitted through `tracing`.

#[cfg(feature = "map")]
use alloc::sync::Arc;
use core::ops::Deref;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use ::tracing::callsite::{Callsite, DefaultCallsite, Identifier};
use ::tracing::field::{FieldSet, Value};
use ::tracing::metadata::Kind;
use ::tracing::{Dispatch, Level, Metadata, Span, dispatcher, event, event_enabled, level_enabled, span};

use super::listen::Telling;
use super::tracing::{SPAN, TARGET};
use super::{Event, EventError, Outcome, correlation};

const FIELDS: &[&str] = &[
    "opero.name",
    "opero.correlation_id",
    "opero.outcome",
    "opero.attempts",
    "opero.cache",
    "error.type",
    "error.message",
    "otel.status_code",
];

/// The callsite of all spans. It is not created by a macro of `tracing`, because a call must check whether a subscriber
/// takes its span before it creates it.
static CALLSITE: DefaultCallsite = DefaultCallsite::new(&META);

static META: Metadata<'static> = Metadata::new(
    SPAN,
    TARGET,
    Level::DEBUG,
    None,
    None,
    Some("opero"),
    FieldSet::new(FIELDS, Identifier(&CALLSITE)),
    Kind::SPAN,
);

/// Returns whether a subscriber takes the spans of calls. Costs one load if no subscriber takes any span of their
/// level.
#[inline]
pub(crate) fn is_wanted() -> bool {
    level_enabled!(Level::DEBUG) && is_taken()
}

#[cold]
fn is_taken() -> bool {
    let interest = CALLSITE.interest();
    !interest.is_never() && (interest.is_always() || dispatcher::get_default(|dispatch| dispatch.enabled(&META)))
}

/// How an event is passed to `tracing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A failure, as an event of level `WARN`.
    Trouble,
    /// A detail, as an event of level `DEBUG`.
    Detail,
    /// A field of the span of the call.
    OfSpan,
}

/// Returns whether a subscriber takes events of this weight.
#[inline]
pub(crate) fn hears(weight: Weight) -> bool {
    may_hear() && are_taken(weight)
}

#[cold]
fn are_taken(weight: Weight) -> bool {
    match weight {
        Weight::Trouble => event_enabled!(target: TARGET, Level::WARN),
        Weight::Detail => event_enabled!(target: TARGET, Level::DEBUG),
        Weight::OfSpan => is_wanted(),
    }
}

/// Returns whether a subscriber may take events of any weight. Costs one load.
#[inline]
pub(crate) fn may_hear() -> bool {
    level_enabled!(Level::WARN)
}

/// Creates the span of a call. `None` if no subscriber takes it, and for calls that a subscriber makes.
#[cold]
pub(crate) fn open(name: &str) -> Option<Span> {
    let _telling = Telling::begin()?;
    let id = correlation::current();
    let id = id.as_deref();
    let fields = META.fields();
    let span = catch_unwind(AssertUnwindSafe(|| {
        let (Some(named), Some(in_scope)) = (fields.field(FIELDS[0]), fields.field(FIELDS[1])) else {
            return Span::none();
        };
        let in_scope = (&in_scope, id.as_ref().map(|id| id as &dyn Value));
        Span::new(&META, &fields.value_set(&[(&named, Some(&name as &dyn Value)), in_scope]))
    }));
    // The panic hook has already reported a panic of the subscriber.
    span.ok().filter(|span| !span.is_disabled())
}

/// Makes a span the current span of this thread until it is dropped. Unlike the guard of `tracing` it borrows nothing.
#[derive(Debug)]
pub(crate) struct Current(Option<(span::Id, Dispatch)>);

impl Current {
    #[inline]
    pub(crate) fn new(span: Option<&Span>) -> Self {
        Current(span.and_then(enter))
    }
}

#[cold]
fn enter(span: &Span) -> Option<(span::Id, Dispatch)> {
    span.with_subscriber(|(id, dispatch)| {
        dispatch.enter(id);
        (id.clone(), dispatch.clone())
    })
}

impl Drop for Current {
    #[inline]
    fn drop(&mut self) {
        if let Some((id, dispatch)) = &self.0 {
            dispatch.exit(id);
        }
    }
}

/// Ends the span of a call whose future was dropped, or panicked, before its first attempt.
#[cold]
pub(crate) fn abandon(span: &Span) {
    let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Abandoned };
    write_end(span, outcome, None, None);
}

/// The span in which a map began. The span of each item is its child, on whatever thread it runs.
#[cfg(feature = "map")]
#[derive(Clone, Debug)]
pub(crate) struct Parent(Option<Arc<AssertUnwindSafe<Span>>>);

#[cfg(feature = "map")]
impl Parent {
    /// Returns the current span of this thread.
    pub(crate) fn current() -> Self {
        if !level_enabled!(Level::ERROR) {
            return Parent(None);
        }
        let span = Span::current();
        Parent((!span.is_none()).then(|| Arc::new(AssertUnwindSafe(span))))
    }

    /// Runs a piece of work inside the span.
    #[inline]
    pub(crate) fn within<R>(&self, piece: impl FnOnce() -> R) -> R {
        let _current = Current::new(self.0.as_deref().map(Deref::deref).filter(|span| !is_here(span)));
        piece()
    }
}

#[cfg(feature = "map")]
#[cold]
fn is_here(span: &Span) -> bool {
    Span::current().id() == span.id()
}

/// Emits an event through `tracing`. The caller has checked that a subscriber takes events of its weight.
pub(super) fn tell(told: &Event<'_>) {
    match told {
        Event::Hit { .. } => write("opero.cache", "hit"),
        Event::Miss { .. } => write("opero.cache", "miss"),
        Event::Succeeded { attempt, .. } => write_end(&own(), Outcome::Success, *attempt, None),
        Event::GaveUp { outcome, attempts, error, .. } => write_end(&own(), *outcome, Some(*attempts), error.as_ref()),
        Event::Panicked { attempt, .. } => write_end(&own(), Outcome::Panicked, Some(*attempt), None),
        Event::Abandoned { attempt, .. } => write_end(&own(), Outcome::Abandoned, Some(*attempt), None),
        _ => tell_step(told),
    }
}

/// Returns the span of this call, or none if the subscriber has declined it.
fn own() -> Span {
    let current = Span::current();
    let is_own = current.metadata().is_some_and(|metadata| metadata.callsite() == CALLSITE.metadata().callsite());
    if is_own { current } else { Span::none() }
}

fn write(field: &'static str, value: &str) {
    own().record(field, value);
}

fn write_end(span: &Span, outcome: Outcome, attempts: Option<u32>, error: Option<&EventError<'_>>) {
    span.record("opero.outcome", outcome.as_str());
    span.record("opero.attempts", attempts.unwrap_or(0));
    if outcome.is_failure() {
        let type_name = error.filter(|_| outcome == Outcome::AllFailed).map_or(outcome.as_str(), EventError::type_name);
        span.record("error.type", type_name);
        if let Some(error) = error {
            span.record("error.message", error.text());
        }
        span.record("otel.status_code", "ERROR");
    }
}

/// Emits an event where it happens.
fn tell_step(told: &Event<'_>) {
    let (name, id) = (told.name(), told.correlation().map(Deref::deref));
    let (attempt, candidate) = (told.attempt(), number(told.candidate()));
    let kind = told.kind();
    // Defines the common fields in one place.
    macro_rules! tell {
        ($level:ident: $($fields:tt)*) => {
            event!(
                target: TARGET, Level::$level, { opero.name = name, opero.correlation_id = id, $($fields)* }, "{kind}"
            )
        };
    }
    match told {
        Event::Retry { delay, error, .. } => tell!(
            WARN: opero.attempt = attempt, opero.candidate = candidate, opero.delay = delay.as_secs_f64(),
            error.type = error.type_name(), error.message = error.text()
        ),
        Event::Fallback { next, delay, error, .. } => tell!(
            WARN: opero.attempt = attempt, opero.candidate = candidate, opero.next_candidate = number(Some(*next)),
            opero.delay = delay.as_secs_f64(), error.type = error.type_name(), error.message = error.text()
        ),
        Event::Timeout { limit, .. } => tell!(
            WARN: opero.attempt = attempt, opero.candidate = candidate, opero.limit = limit.as_secs_f64(),
            error.type = "timeout"
        ),
        Event::Refused { layer, retry_after, .. } => {
            tell!(WARN: opero.layer = *layer, opero.retry_after = retry_after.as_ref().map(Duration::as_secs_f64));
        }
        Event::StoreFault { error, .. } => tell!(WARN: opero.layer = "cache", error.message = error.as_ref()),
        Event::Waited { layer, wait, .. } => {
            if *layer == "cache" {
                write("opero.cache", "wait");
            }
            tell!(DEBUG: opero.layer = *layer, opero.wait = wait.as_secs_f64());
        }
        _ => {}
    }
}

/// Converts to a type that subscribers support.
fn number(index: Option<usize>) -> Option<u64> {
    index.and_then(|index| u64::try_from(index).ok())
}
