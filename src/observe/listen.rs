//! Listeners of events.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use super::attention::{self, Listening};
use super::{Event, recorder, spans};
use crate::sync::{Mutex, lock, thread_local};

type Hear = dyn Fn(&Event<'_>) + Send + Sync;

static LISTENERS: Mutex<Vec<Arc<Hear>>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether a listener is running on this thread. Calls that it makes are counted, but produce no events.
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether there is a listener.
#[inline]
pub(crate) fn is_on() -> bool {
    attention::is_listening()
}

/// Calls `listener` for every event of every call of the process, until the [`Listener`] is dropped.
///
/// The listener runs on the thread of the call, between its steps, so it should be quick. A panic in it is caught: it
/// reaches the panic hook and changes no result. Calls that the listener makes are counted, but produce no events.
/// Several listeners are called in the order they were added.
///
/// While there is a listener, every call of the process reads the clock twice and creates its events. Without one a
/// call pays one load.
///
/// # Examples
/// ```
/// use std::sync::Mutex;
///
/// use opero::{Event, observe, opero};
///
/// static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// let listener = observe::listen(|event: &Event<'_>| {
///     SEEN.lock().unwrap().push(format!("{} {}", event.name(), event.kind()));
/// });
/// let answer = opero! {
///     name: "ask", retries: 1, min_delay: 0s, attempt: n
///     => if n == 1 { Err("busy") } else { Ok(n) }
/// };
/// assert_eq!(answer, Ok(2));
/// drop(listener);
/// assert_eq!(*SEEN.lock().unwrap(), ["ask retry", "ask succeeded"]);
/// ```
#[must_use = "it listens until this is dropped: `keep` it to listen for as long as the process runs"]
pub fn listen(listener: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Listener {
    let hear: Arc<Hear> = Arc::new(listener);
    lock(&LISTENERS).push(hear.clone());
    Listener { hear, _listening: Listening::new() }
}

/// A listener of all calls of the process, created by [`listen`]. It is removed when this is dropped.
pub struct Listener {
    hear: Arc<Hear>,
    _listening: Listening,
}

impl Listener {
    /// Keeps listening for as long as the process runs.
    pub fn keep(self) {
        core::mem::forget(self);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        lock(&LISTENERS).retain(|hear| !Arc::ptr_eq(hear, &self.hear));
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// Passes an event to `own`, the listener of its use, then to the listeners of the process.
pub(crate) fn tell(event: &Event<'_>, own: impl FnOnce(&Event<'_>)) {
    let Some(_telling) = Telling::begin() else { return };
    hear(|| spans::tell(event));
    hear(|| own(event));
    recorder::tell(event);
    // Not under the lock: a listener may add another listener, or drop one.
    let listeners = if is_on() { lock(&LISTENERS).clone() } else { Vec::new() };
    for listener in listeners {
        hear(|| listener(event));
    }
}

/// Runs a listener and catches its panic, which the panic hook has already reported.
fn hear(listener: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(listener)) {
        // Dropping the payload may panic again.
        core::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
    }
}

/// Marks a thread that is passing an event to listeners.
pub(super) struct Telling;

impl Telling {
    /// Returns `None` inside a listener, and on a thread that is ending.
    pub(super) fn begin() -> Option<Self> {
        let was_telling = IS_TELLING.try_with(|is_telling| is_telling.replace(true)).unwrap_or(true);
        (!was_telling).then_some(Telling)
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        // It existed when `begin` was called.
        let _ = IS_TELLING.try_with(|is_telling| is_telling.set(false));
    }
}
