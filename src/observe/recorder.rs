//! Records the events of a scope, for tests.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::Event;
use super::ambient::Ambient;
use super::attention::Listening;
use crate::sync::{Mutex, lock};

/// The recorder of a scope.
pub(crate) struct Recorder {
    /// The recorder of the enclosing scope.
    outer: Option<Arc<Recorder>>,
    events: Mutex<Vec<Event<'static>>>,
    _listening: Listening,
}

/// Runs `scope`, and returns the events of its calls in the order they happened. Use it to test what a call does.
///
/// It records calls that run on this thread, and the items of its maps on any thread. It does not record calls of other
/// threads, such as other tests that run at the same time. Scopes nest: each records the events inside it.
///
/// # Examples
/// ```
/// use opero::{Event, observe, opero};
///
/// let events = observe::record(|| {
///     opero! {
///         name: "ask", retries: 2, min_delay: 0s, attempt: n
///         => if n < 3 { Err("busy") } else { Ok(n) }
///     }
/// });
/// assert!(matches!(events[0], Event::Retry { attempt: 1, .. }));
/// assert!(matches!(events[1], Event::Retry { attempt: 2, .. }));
/// assert!(matches!(events[2], Event::Succeeded { attempt: Some(3), .. }));
/// assert_eq!(events.len(), 3);
/// ```
pub fn record<R>(scope: impl FnOnce() -> R) -> Vec<Event<'static>> {
    record_with(scope).1
}

/// Does the same, and returns the value of `scope` as well.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let (answer, events) = observe::record_with(|| opero! { retries: 1 => Ok::<_, String>(42) });
/// assert_eq!(answer, Ok(42));
/// assert_eq!(events.len(), 1);
/// ```
pub fn record_with<R>(scope: impl FnOnce() -> R) -> (R, Vec<Event<'static>>) {
    let Ambient { id, recorder: outer } = Ambient::current();
    let recorder = Arc::new(Recorder { outer, events: Mutex::default(), _listening: Listening::new() });
    let value = Ambient { id, recorder: Some(recorder.clone()) }.within(scope);
    let events = core::mem::take(&mut *lock(&recorder.events));
    (value, events)
}

impl Recorder {
    fn push(&self, event: &Event<'_>) {
        let event = event.clone().into_owned();
        lock(&self.events).push(event);
    }
}

/// Passes an event to the recorders around this call.
pub(super) fn tell(event: &Event<'_>) {
    let innermost = Ambient::current().recorder;
    let mut next = innermost.as_deref();
    while let Some(recorder) = next {
        recorder.push(event);
        next = recorder.outer.as_deref();
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
