//! Without an interested subscriber calls format nothing, read no clock and create no span. One test, because the
//! levels apply to the whole process.

use std::error::Error as StdError;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use opero::opero;
use opero::time::Clock;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

static FORMATTED: AtomicUsize = AtomicUsize::new(0);
static READ: AtomicUsize = AtomicUsize::new(0);
static SPANS: AtomicUsize = AtomicUsize::new(0);
static EVENTS: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug)]
struct Noisy;

impl fmt::Display for Noisy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        FORMATTED.fetch_add(1, Relaxed);
        f.write_str("noisy")
    }
}

impl StdError for Noisy {}

type Boxed = Box<dyn StdError + Send + Sync>;

#[derive(Clone, Copy, Debug)]
struct Counting;

impl Clock for Counting {
    fn now(&self) -> Duration {
        READ.fetch_add(1, Relaxed);
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) {}
}

/// Takes events at `level`, and spans only if `spans` is set.
struct AtLevel {
    level: LevelFilter,
    spans: bool,
}

impl Subscriber for AtLevel {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && (self.spans || !metadata.is_span())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1 + SPANS.fetch_add(1, Relaxed) as u64)
    }

    fn event(&self, event: &Event<'_>) {
        assert_eq!(*event.metadata().level(), Level::WARN);
        EVENTS.fetch_add(1, Relaxed);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// How often errors were formatted, the clock was read, spans were created and events emitted since the last call.
fn take() -> [usize; 4] {
    [&FORMATTED, &READ, &SPANS, &EVENTS].map(|count| count.swap(0, Relaxed))
}

fn succeed() {
    let answer = opero! { name: "succeeds", retries: 1, cache, key: 1, clock: Counting => Ok::<_, Boxed>(1) };
    assert_eq!(answer.unwrap(), 1);
}

fn fail() {
    let outcome =
        opero! { name: "fails", retries: 1, min_delay: 0s, clock: Counting => Err::<(), Boxed>(Noisy.into()) };
    assert!(outcome.is_err());
}

fn quick() {
    for n in 0..1000_u32 {
        assert_eq!(opero! { name: "quick", retries: 1 => n.checked_add(1).ok_or("too much") }, Ok(n + 1));
    }
}

#[test]
fn calls_without_a_subscriber_do_no_work() {
    let both = || {
        succeed();
        fail();
        take()
    };
    let [formatted, _, spans, events] = both();
    assert_eq!([formatted, spans, events], [0; 3]);
    let [_, reads, ..] = both();

    // A subscriber that takes only errors.
    let errors = AtLevel { level: LevelFilter::ERROR, spans: true };
    tracing::subscriber::with_default(errors, || assert_eq!(both(), [0, reads, 0, 0]));

    // A subscriber of all levels that takes no spans of calls and no detailed events: only the retry is emitted.
    let told = AtLevel { level: LevelFilter::WARN, spans: false };
    tracing::subscriber::with_default(told, || assert_eq!(both(), [1, reads + 1, 0, 1]));

    // Quick uses stay quick: few calls are timed, and each stands for many.
    let site = || opero::observe::site("quick").get().unwrap();
    let no_spans = AtLevel { level: LevelFilter::TRACE, spans: false };
    tracing::subscriber::with_default(no_spans, quick);
    assert_eq!(take()[2..], [0, 0]);
    assert_eq!(site().counts().calls, 1000);

    let all = AtLevel { level: LevelFilter::TRACE, spans: true };
    tracing::subscriber::with_default(all, quick);
    assert_eq!(take()[2..], [1000, 0]);
    assert_eq!(site().counts().calls, 2000);
}
