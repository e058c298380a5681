//! A subscriber that records everything: the spans with their parents, and the events in them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};
use std::thread::ThreadId;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// Fields by name, as text.
pub(crate) type Fields = BTreeMap<&'static str, String>;

#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) id: u64,
    pub(crate) parent: Option<u64>,
    pub(crate) name: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: Fields,
    /// The threads that it was entered on.
    pub(crate) threads: Vec<ThreadId>,
    pub(crate) is_closed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) span: Option<u64>,
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: Fields,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<Span>,
    pub(crate) events: Vec<Told>,
}

static SEEN: Mutex<Seen> = Mutex::new(Seen { spans: Vec::new(), events: Vec::new() });

/// Records everything from now on, in all threads.
pub(crate) fn keep() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| tracing::subscriber::set_global_default(Registry::default().with(Keep)).unwrap());
}

fn seen<R>(look: impl FnOnce(&mut Seen) -> R) -> R {
    look(&mut SEEN.lock().unwrap())
}

/// Returns the spans of the calls of this name.
pub(crate) fn calls(name: &str) -> Vec<Span> {
    let is_one = |span: &&Span| span.name == "opero.call" && span.fields.get("opero.name").is_some_and(|of| of == name);
    seen(|seen| seen.spans.iter().filter(is_one).cloned().collect())
}

/// Returns the span of the only call of this name.
pub(crate) fn call(name: &str) -> Span {
    let mut calls = calls(name);
    assert_eq!(calls.len(), 1, "{calls:#?}");
    calls.remove(0)
}

/// Returns the span of this name that a test has created.
pub(crate) fn named(name: &str) -> Span {
    seen(|seen| seen.spans.iter().find(|span| span.name == name).cloned()).unwrap()
}

/// Returns the events in a span, with their messages.
pub(crate) fn events(span: &Span) -> Vec<Told> {
    seen(|seen| seen.events.iter().filter(|event| event.span == Some(span.id)).cloned().collect())
}

pub(crate) fn messages(span: &Span) -> Vec<String> {
    events(span).iter().map(|event| event.fields["message"].clone()).collect()
}

/// Returns the fields in the order of their names, as one text.
pub(crate) fn text(fields: &Fields) -> String {
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

struct Keep;

struct Write<'f>(&'f mut Fields);

impl Visit for Write<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }
}

impl<S: Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Write(&mut fields));
        let parent = context.span(id).unwrap().parent().map(|parent| parent.id().into_u64());
        let (name, level) = (attributes.metadata().name(), *attributes.metadata().level());
        let id = id.into_u64();
        seen(|seen| {
            // The registry reuses an id after its span is closed.
            assert!(seen.spans.iter().all(|span| span.id != id || span.is_closed));
            seen.spans.push(Span { id, parent, name, level, fields, threads: Vec::new(), is_closed: false });
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        change(id, |span| {
            let before = span.fields.len();
            let mut new = Fields::new();
            values.record(&mut Write(&mut new));
            let told = new.len();
            span.fields.extend(new);
            assert_eq!(span.fields.len(), before + told, "a field is recorded once");
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Write(&mut fields));
        let span = context.event_span(event).map(|span| span.id().into_u64());
        let (target, level) = (event.metadata().target(), *event.metadata().level());
        seen(|seen| seen.events.push(Told { span, target, level, fields }));
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        change(id, |span| span.threads.push(std::thread::current().id()));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        change(&id, |span| span.is_closed = true);
    }
}

fn change(id: &Id, change: impl FnOnce(&mut Span)) {
    let id = id.into_u64();
    seen(|seen| change(seen.spans.iter_mut().rev().find(|span| span.id == id).unwrap()));
}
