//! What surrounds the work on this thread: the scope of a [correlation id](super::correlation), and a
//! [recorder](super::record) of events.
//!
//! It is one value, so that whatever hands work to another thread takes all of it along.

use alloc::sync::Arc;
use core::cell::Cell;
use core::mem;

use super::correlation::Id;
use super::recorder::Recorder;
use crate::sync::thread_local;

/// What surrounds the work on a thread. A clone costs no more than a count, and nothing where there is nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ambient {
    pub(crate) id: Option<Id>,
    pub(crate) recorder: Option<Arc<Recorder>>,
}

thread_local! {
    static CURRENT: Cell<Ambient> = const { Cell::new(Ambient { id: None, recorder: None }) };
}

impl Ambient {
    /// That of this thread.
    #[inline]
    pub(crate) fn current() -> Self {
        look(Ambient::clone).unwrap_or_default()
    }

    /// Runs a piece of work, or polls it, with this around it, and nothing of what was around it before.
    #[inline]
    pub(crate) fn within<R>(&self, piece: impl FnOnce() -> R) -> R {
        let _put_back = self.enter();
        piece()
    }

    #[inline]
    fn enter(&self) -> Option<PutBack> {
        // A thread that is ending has no place for it.
        let is_here = look(|current| current.is(self)).unwrap_or(true);
        if is_here { None } else { Some(self.put()) }
    }

    #[cold]
    fn put(&self) -> PutBack {
        PutBack(replace(self.clone()))
    }

    /// Is it the very same? Two scopes with equal ids are not.
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

/// Puts what was there before back in its place when it is dropped, by a panic too.
struct PutBack(Ambient);

impl Drop for PutBack {
    fn drop(&mut self) {
        replace(mem::take(&mut self.0));
    }
}

fn replace(ambient: Ambient) -> Ambient {
    CURRENT.try_with(|current| current.replace(ambient)).unwrap_or_default()
}

/// Looks at what surrounds the work on this thread. `None` where the thread is ending.
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
    fn what_is_run_within_sees_that_alone() {
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
    fn a_panic_leaves_nothing_behind() {
        let panicked = std::panic::catch_unwind(|| of("one").within(|| panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(here(), None);
    }

    #[test]
    fn what_is_there_already_is_not_put_there_again() {
        let one = of("one");
        one.within(|| assert!(one.clone().enter().is_none() && of("one").enter().is_some()));
        assert!(Ambient::default().enter().is_none());
    }
}
