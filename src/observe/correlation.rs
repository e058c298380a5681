//! Correlation ids: one id for everything that is done for a request.
//!
//! In a program that serves several requests at a time, events and errors of different requests are mixed. Run the work
//! for one request in the scope of an id, and the id is in the [context](super::ErrorContext) of each error of that
//! work:
//! ```
//! use opero::observe::{ErrorContext, correlation};
//! use opero::opero;
//!
//! fn handle() -> Result<u32, opero::Error<String>> {
//!     opero! { name: "ask" => Err("down".to_owned()) }
//! }
//!
//! let error = correlation::with_id("req-42", handle).unwrap_err();
//! assert_eq!(ErrorContext::of(&error).correlation_id(), "req-42");
//! println!("{}", ErrorContext::of(&error));
//! ```
//! prints
//! ```text
//! 1 attempt failed for ask
//!   function: ask
//!   kind: all_failed
//!   correlation id: req-42
//!   time: 2026-03-01T09:30:00.125041Z
//!   total duration: 1.2µs
//!   attempts:
//!     1. 2026-03-01T09:30:00.125040Z, took 1.2µs: String: down
//! ```
//!
//! # Where an id applies
//! An id belongs to a scope: to what [`with_id`] runs, or to the future that [`with_id_async`] returns, whatever
//! threads poll it. Scopes can be nested; the innermost counts.
//!
//! The items of a map run in the scope in which the map began, in every mode: on threads, on rayon threads, as futures,
//! and in child processes, where the body sees an equal id. A map begins where its method is called; an async map
//! begins with its first poll. The input iterator and the closure of `each` run in the scope of the thread that runs
//! them.
//!
//! A thread or a task that the body spawns itself is in no scope. Pass the id to it:
//! ```
//! use opero::observe::correlation::{self, current, with_id};
//!
//! with_id("req-42", || {
//!     let id = current();
//!     std::thread::spawn(move || {
//!         assert_eq!(current(), None);
//!         if let Some(id) = id {
//!             with_id(id, || assert_eq!(current().as_deref(), Some("req-42")));
//!         }
//!     })
//!     .join()
//!     .unwrap();
//! });
//! ```

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::ambient::Ambient;

/// The id of a request: any text. A clone does not copy the text.
///
/// # Examples
/// ```
/// use opero::observe::correlation::Id;
///
/// let id = Id::from("req-42");
/// assert_eq!((id.to_string().as_str(), id.len()), ("req-42", 6));
/// assert_ne!(Id::new(), Id::new());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Arc<str>);

impl Id {
    /// Creates a random id of 16 hexadecimal digits. It is not a secret: anyone who has seen some ids may be able to
    /// guess others.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "a default is the same each time")]
    pub fn new() -> Self {
        Id::of_number(fastrand::u64(..))
    }

    pub(crate) fn of_number(number: u64) -> Self {
        Id(format!("{number:016x}").into())
    }

    /// Returns whether both are the same allocation, not only equal.
    #[inline]
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Id {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        self
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Id(text.into())
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Id(text.into())
    }
}

impl From<Arc<str>> for Id {
    fn from(text: Arc<str>) -> Self {
        Id(text)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// Returns the id of the innermost scope of this thread; `None` if there is none.
///
/// # Examples
/// ```
/// use opero::observe::correlation::{current, with_id};
///
/// assert_eq!(current(), None);
/// assert_eq!(with_id("req-42", current).as_deref(), Some("req-42"));
/// ```
#[must_use]
pub fn current() -> Option<Id> {
    Ambient::current().id
}

/// Runs `body` in the scope of this id, and returns its result.
///
/// # Panics
/// If `body` panics. The scope ends then, too.
///
/// # Examples
/// ```
/// use opero::observe::correlation::{current, with_id};
///
/// let ids = with_id("outer", || [current(), with_id("inner", current), current()]);
/// assert_eq!(ids.map(|id| id.unwrap().to_string()), ["outer", "inner", "outer"]);
/// ```
pub fn with_id<R>(id: impl Into<Id>, body: impl FnOnce() -> R) -> R {
    scope(id.into()).within(body)
}

/// Runs `body` in the scope of a [new](Id::new) id.
///
/// # Panics
/// If `body` panics.
///
/// # Examples
/// ```
/// use opero::observe::correlation::{current, with_new_id};
///
/// let id = with_new_id(current).unwrap();
/// assert_eq!(id.len(), 16);
/// ```
pub fn with_new_id<R>(body: impl FnOnce() -> R) -> R {
    with_id(Id::new(), body)
}

/// Wraps a future in the scope of this id. The scope applies whenever the future is polled, on whatever thread, and
/// when it is dropped.
///
/// The result is `Send` if `future` is. It needs no runtime.
///
/// # Cancel safety
/// The same as for `future`.
///
/// # Examples
/// ```
/// use futures_lite::future::yield_now;
/// use opero::observe::correlation::{current, with_id_async};
///
/// let ids = with_id_async("req-42", async {
///     let before = current();
///     yield_now().await;
///     [before, current()]
/// });
/// let ids = futures_lite::future::block_on(ids);
/// assert_eq!(ids.map(|id| id.unwrap().to_string()), ["req-42", "req-42"]);
/// ```
pub fn with_id_async<F: Future>(id: impl Into<Id>, future: F) -> InScope<F> {
    InScope { future: Some(future), id: id.into() }
}

/// Wraps a future in the scope of a [new](Id::new) id.
///
/// # Cancel safety
/// The same as for `future`.
///
/// # Examples
/// ```
/// use opero::observe::correlation::{current, with_new_id_async};
///
/// let id = futures_lite::future::block_on(with_new_id_async(async { current() })).unwrap();
/// assert_eq!(id.len(), 16);
/// ```
pub fn with_new_id_async<F: Future>(future: F) -> InScope<F> {
    with_id_async(Id::new(), future)
}

/// The observation context of this thread, with another id.
fn scope(id: Id) -> Ambient {
    Ambient { id: Some(id), ..Ambient::current() }
}

pin_project! {
    /// A future in the scope of an id: see [`with_id_async`].
    #[must_use = "futures do nothing unless they are polled"]
    #[derive(Debug)]
    pub struct InScope<F> {
        #[pin]
        future: Option<F>,
        id: Id,
    }

    impl<F> PinnedDrop for InScope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            scope(this.id.clone()).within(|| this.future.set(None));
        }
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else { return Poll::Pending };
        scope(this.id.clone()).within(|| future.poll(context))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn an_id_is_its_text() {
        let [one, same, other] = ["a", "a", "b"].map(Id::from);
        assert_eq!((&one, one.to_string().as_str(), format!("{one:?}").as_str()), (&same, "a", "\"a\""));
        assert_ne!(one, other);
        assert!(!one.is(&same) && one.is(&one.clone()));
        assert_eq!(format!("{one:>3}|"), "  a|");
    }

    #[test]
    fn a_new_id_has_16_digits() {
        assert_eq!(&*Id::of_number(0xab), "00000000000000ab");
        assert!(Id::new().chars().all(|digit| digit.is_ascii_hexdigit()));
    }
}
