//! The observation context of a thread: the [correlation id](super::correlation) and the [recorder](super::record) of
//! the innermost scope.
//!
//! It is one value, so that code that hands work to another thread passes all of it on.

use alloc::sync::Arc;
use core::cell::Cell;
use core::mem;

use super::correlation::Id;
use super::recorder::Recorder;
use crate::sync::thread_local;

/// The observation context of a thread. A clone increments a reference count, or does nothing if it is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ambient {
    pub(crate) id: Option<Id>,
    pub(crate) recorder: Option<Arc<Recorder>>,
}

thread_local! {
    static CURRENT: Cell<Ambient> = const { Cell::new(Ambient { id: None, recorder: None }) };
}

impl Ambient {
    /// Returns the context of this thread.
    #[inline]
    pub(crate) fn current() -> Self {
        look(Ambient::clone).unwrap_or_default()
    }

    /// Runs or polls `piece` in this context, instead of the thread's own.
    #[inline]
    pub(crate) fn within<R>(&self, piece: impl FnOnce() -> R) -> R {
        let _put_back = self.enter();
        piece()
    }

    #[inline]
    fn enter(&self) -> Option<PutBack> {
        // A thread that is ending has no context.
        let is_here = look(|current| current.is(self)).unwrap_or(true);
        if is_here { None } else { Some(self.put()) }
    }

    #[cold]
    fn put(&self) -> PutBack {
        PutBack(replace(self.clone()))
    }

    /// Returns whether both are the same context. Two scopes with equal ids are different.
    #[inline]
    fn is(&self, other: &Self) -> bool {
        same(self.id.as_ref(), other.id.as_ref(), Id::is)
            && same(self.recorder.as_ref(), other.recorder.as_ref(), Arc::ptr_eq)
    }
}

#[inline]
fn same<T>(one: Option<&T>, other: Option<&T>, is: impl FnOnce(&T, &T) -> bool) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => is(one, other),
        _ => false,
    }
}

/// Restores the previous context when it is dropped, also by a panic.
struct PutBack(Ambient);

impl Drop for PutBack {
    fn drop(&mut self) {
        replace(mem::take(&mut self.0));
    }
}

fn replace(ambient: Ambient) -> Ambient {
    CURRENT.try_with(|current| current.replace(ambient)).unwrap_or_default()
}

/// Reads the context of this thread. `None` if the thread is ending.
#[inline]
fn look<R>(look: impl FnOnce(&Ambient) -> R) -> Option<R> {
    let looked = CURRENT.try_with(|current| {
        let ambient = current.take();
        let seen = look(&ambient);
        current.set(ambient);
        seen
    });
    looked.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str) -> Ambient {
        Ambient { id: Some(id.into()), recorder: None }
    }

    fn here() -> Option<alloc::string::String> {
        Ambient::current().id.map(|id| (*id).into())
    }

    #[test]
    fn work_sees_only_the_innermost_context() {
        let (one, two) = (of("one"), of("two"));
        one.within(|| {
            assert_eq!(here().as_deref(), Some("one"));
            two.within(|| assert_eq!(here().as_deref(), Some("two")));
            Ambient::default().within(|| assert_eq!(here(), None));
            assert_eq!(here().as_deref(), Some("one"));
        });
        assert_eq!(here(), None);
    }

    #[test]
    fn a_panic_restores_the_context() {
        let panicked = std::panic::catch_unwind(|| of("one").within(|| panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(here(), None);
    }

    #[test]
    fn the_current_context_is_not_entered_again() {
        let one = of("one");
        one.within(|| assert!(one.clone().enter().is_none() && of("one").enter().is_some()));
        assert!(Ambient::default().enter().is_none());
    }
}
