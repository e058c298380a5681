//! The permits that are on their way back to the server: pure decisions.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use super::script::Permit;

/// The maximum number of queued permits. More are lost: then the server is slow, and their due times are near.
const MOST: usize = 1024;

/// The permits to give back, in order: a permit can be given back only before the one that was reserved before it.
#[derive(Debug, Default)]
pub(super) struct Returns {
    queue: VecDeque<Return>,
    /// Is a thread giving permits back?
    is_busy: bool,
}

/// A permit of the rate under this key, or several consecutive ones.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Return {
    pub(super) key: Arc<str>,
    pub(super) permit: Permit,
}

impl Returns {
    /// Adds a permit, and returns whether a thread must be started to give it back.
    #[must_use]
    pub(super) fn add(&mut self, key: Arc<str>, permit: Permit) -> bool {
        let last = self.queue.back_mut().filter(|last| last.key == key && last.permit.before == permit.after);
        if let Some(last) = last {
            last.permit.before = permit.before;
        } else if self.queue.len() < MOST {
            self.queue.push_back(Return { key, permit });
        } else {
            return false;
        }
        !core::mem::replace(&mut self.is_busy, true)
    }

    /// Returns the next permit to give back. If there is none, the thread is done.
    pub(super) fn next(&mut self) -> Option<Return> {
        let next = self.queue.pop_front();
        self.is_busy = next.is_some();
        next
    }

    /// The thread is done, and the rest is lost.
    pub(super) fn stop(&mut self) {
        self.is_busy = false;
        self.queue.clear();
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn permit(before: i64, after: i64) -> Permit {
        Permit { before: (before, 0), after: (after, 0) }
    }

    #[test]
    fn consecutive_permits_go_back_together() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let mut returns = Returns::default();
        assert!(returns.add(a.clone(), permit(3, 4)));
        for (key, before, after) in [(&a, 2, 3), (&a, 1, 2), (&b, 0, 1), (&a, 0, 1)] {
            assert!(!returns.add(key.clone(), permit(before, after)), "a thread is giving back");
        }
        let next = |returns: &mut Returns| returns.next().map(|next| (next.key, next.permit));
        assert_eq!(next(&mut returns), Some((a.clone(), permit(1, 4))));
        assert_eq!(next(&mut returns), Some((b, permit(0, 1))));
        assert_eq!(next(&mut returns), Some((a.clone(), permit(0, 1))));
        assert_eq!(next(&mut returns), None);
        assert!(returns.add(a, permit(8, 9)), "the thread is done");
    }

    #[test]
    fn permits_beyond_the_maximum_are_lost() {
        let mut returns = Returns::default();
        let begun = (0..2 * MOST).filter(|n| returns.add(format!("{n}").into(), permit(0, 1))).count();
        assert_eq!((begun, returns.queue.len()), (1, MOST));
        returns.stop();
        assert!(returns.next().is_none() && returns.add("a".into(), permit(0, 1)));
    }
}
