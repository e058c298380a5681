//! Who is told of events besides the use itself.

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
    /// Is a listener running on this thread? What the calls in it do is counted, and told to nobody.
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Is there anybody to tell?
#[inline]
pub(crate) fn is_on() -> bool {
    attention::is_listening()
}

/// Tells every call of the process to `listener`, from now on until the [`Listener`] is dropped.
///
/// It is called on the thread of the call, between its steps, so it should be quick. A panic in it is caught: it reaches the panic hook
/// and changes no result. Calls that it makes itself are counted, and told to nobody. Several listeners are told in the order they
/// came.
///
/// While there is one, every call of the process reads the clock twice and makes its events; without one a call pays a load.
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
/// let answer = opero! { name: "ask", retries: 1, min_delay: 0s, attempt: n => if n == 1 { Err("busy") } else { Ok(n) } };
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

/// A listener of the process, which [`listen`] has made. It listens until this is dropped.
pub struct Listener {
    hear: Arc<Hear>,
    _listening: Listening,
}

impl Listener {
    /// Listens for as long as the process runs.
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

/// Tells an event to the listener of its use, which `own` is, then to those of the process.
pub(crate) fn tell(event: &Event<'_>, own: impl FnOnce(&Event<'_>)) {
    let Some(_telling) = Telling::begin() else { return };
    hear(|| spans::tell(event));
    hear(|| own(event));
    recorder::tell(event);
    // Not under the lock: a listener may add another, or end one.
    let listeners = if is_on() { lock(&LISTENERS).clone() } else { Vec::new() };
    for listener in listeners {
        hear(|| listener(event));
    }
}

/// A listener that panics has been heard by the panic hook.
fn hear(listener: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(listener)) {
        // To drop it may panic again.
        core::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
    }
}

/// A thread that tells of an event.
pub(super) struct Telling;

impl Telling {
    /// `None` in a listener, and on a thread that is ending.
    pub(super) fn begin() -> Option<Self> {
        let was_telling = IS_TELLING.try_with(|is_telling| is_telling.replace(true)).unwrap_or(true);
        (!was_telling).then_some(Telling)
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        // It was there when the telling began.
        let _ = IS_TELLING.try_with(|is_telling| is_telling.set(false));
    }
}
