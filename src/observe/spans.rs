//! The span of a call and the events in it: what `tracing` is told.

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

/// The one place of all spans. It is not that of a macro, because a call has to ask whether anybody wants its span before it makes
/// one.
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

/// Does anybody want the spans of calls? One load where no subscriber takes any of their level.
#[inline]
pub(crate) fn is_wanted() -> bool {
    level_enabled!(Level::DEBUG) && is_taken()
}

#[cold]
fn is_taken() -> bool {
    let interest = CALLSITE.interest();
    !interest.is_never() && (interest.is_always() || dispatcher::get_default(|dispatch| dispatch.enabled(&META)))
}

/// What an event is to `tracing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Something has gone wrong: a warning.
    Trouble,
    /// It is told in detail only.
    Detail,
    /// It is written to the span of the call.
    OfSpan,
}

/// Does anybody want events of this weight?
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

/// May anybody want something of any weight? One load.
#[inline]
pub(crate) fn may_hear() -> bool {
    level_enabled!(Level::WARN)
}

/// The span of a call that begins; `None` where nobody takes it, and for calls that a subscriber makes.
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
    // A subscriber that panics has been heard by the panic hook.
    span.ok().filter(|span| !span.is_disabled())
}

/// A span that is the current one of this thread, until this is dropped. Unlike the guard of `tracing` it borrows nothing.
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

/// The span of a call whose future was dropped, or panicked, before it came to its first attempt.
#[cold]
pub(crate) fn abandon(span: &Span) {
    let outcome = if std::thread::panicking() { Outcome::Panicked } else { Outcome::Abandoned };
    write_end(span, outcome, None, None);
}

/// The span around a map, which that of each item is a child of, on whatever thread it runs.
#[cfg(feature = "map")]
#[derive(Clone, Debug)]
pub(crate) struct Parent(Option<Arc<AssertUnwindSafe<Span>>>);

#[cfg(feature = "map")]
impl Parent {
    /// That of this thread.
    pub(crate) fn current() -> Self {
        if !level_enabled!(Level::ERROR) {
            return Parent(None);
        }
        let span = Span::current();
        Parent((!span.is_none()).then(|| Arc::new(AssertUnwindSafe(span))))
    }

    /// Runs a piece of work within it.
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

/// Tells `tracing` of an event, whose weight it has been asked for.
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

/// The span of this call. A subscriber may have declined it.
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

/// An event in the place where it happens.
fn tell_step(told: &Event<'_>) {
    let (name, id) = (told.name(), told.correlation().map(Deref::deref));
    let (attempt, candidate) = (told.attempt(), number(told.candidate()));
    let kind = told.kind();
    // The fields of one kind stand in one place each.
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

/// As a type that subscribers know.
fn number(index: Option<usize>) -> Option<u64> {
    index.and_then(|index| u64::try_from(index).ok())
}
