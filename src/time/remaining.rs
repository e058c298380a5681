//! The time left for the body that runs on this thread.
//!
//! A call with a limit lends its clock to this module while its body runs or is polled. The clock may be borrowed,
//! and a thread-local has no lifetimes, so it holds a pointer to a frame on the stack.

#![allow(unsafe_code, reason = "a thread-local cannot borrow from the stack")]

use core::cell::Cell;
use core::ptr::NonNull;
use core::time::Duration;

use super::Clock;
use crate::sync::thread_local;

/// The time left of a limit, computed on demand.
pub(crate) trait Left {
    fn left(&self) -> Duration;
}

/// The time left until `end`, on the clock of that limit.
pub(crate) struct Until<'c, C> {
    pub(crate) clock: &'c C,
    pub(crate) end: Duration,
}

impl<C: Clock> Left for Until<'_, C> {
    fn left(&self) -> Duration {
        self.end.saturating_sub(self.clock.now())
    }
}

/// The limit of a body, and the frame of the surrounding body.
struct Frame<'f> {
    left: &'f dyn Left,
    outer: Innermost,
}

type Innermost = Option<NonNull<Frame<'static>>>;

thread_local! {
    static INNERMOST: Cell<Innermost> = const { Cell::new(None) };
}

/// Restores the previous frame when it is dropped, also by a panic.
struct PutBack(Innermost);

impl Drop for PutBack {
    fn drop(&mut self) {
        replace(self.0);
    }
}

fn replace(frame: Innermost) -> Innermost {
    // A thread that is ending has no limits any more.
    INNERMOST.try_with(|innermost| innermost.replace(frame)).unwrap_or(None)
}

/// Runs a body, or polls it, within a limit if there is one, and within those around it.
#[inline]
pub(crate) fn within<R>(left: Option<&dyn Left>, body: impl FnOnce() -> R) -> R {
    // The body has two calls, so that the one without a limit needs no flag for what to restore.
    let Some(left) = left else { return body() };
    let frame = Frame { left, outer: innermost() };
    let _put_back = enter(&frame);
    body()
}

/// Runs or polls a body without the surrounding limits: this thread may be inside an unrelated body.
#[cfg(feature = "map")]
#[inline]
pub(crate) fn apart<R>(left: Option<&dyn Left>, body: impl FnOnce() -> R) -> R {
    let frame = left.map(|left| Frame { left, outer: None });
    let _put_back = match &frame {
        Some(frame) => Some(enter(frame)),
        None => innermost().map(|_| PutBack(replace(None))),
    };
    body()
}

#[cold]
fn enter(frame: &Frame<'_>) -> PutBack {
    PutBack(replace(Some(NonNull::from(frame).cast())))
}

#[inline]
fn innermost() -> Innermost {
    INNERMOST.try_with(Cell::get).unwrap_or(None)
}

/// Returns the time left for the body that runs on this thread; `None` if it has no limit.
///
/// A body is limited by `timeout` and `deadline` of its own call and of every call and map around it; the nearest
/// counts. Pass the time left to the client that the body uses: no caller waits for a longer request. It is exact, by
/// the clock of the call whose limit it is, and zero when the time is over, which can happen in a blocking body.
///
/// Calls in the body respect it automatically. It is found through the thread: a body sees it while it runs or is
/// polled, and so do the items of a map in it, on any thread. A thread or a task that the body starts itself does
/// not.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use opero::{opero, time::{ManualClock, remaining}};
///
/// let clock = ManualClock::new();
/// let outcome = opero! { timeout: 2s, deadline: 3s, retries: 1, min_delay: 1s,
///     clock: &clock, attempt: n => {
///     clock.advance(Duration::from_millis(500));
///     // The first attempt has 1.5 seconds of the `timeout` left.
///     // The second has one second of the `deadline` left.
///     if n == 1 { Err(remaining()) } else { Ok((remaining(), "answer")) }
/// } };
/// assert_eq!(outcome, Ok((Some(Duration::from_secs(1)), "answer")));
/// assert_eq!(remaining(), None);
/// ```
#[must_use]
#[inline]
pub fn remaining() -> Option<Duration> {
    innermost().map(nearest)
}

#[cold]
fn nearest(frames: NonNull<Frame<'static>>) -> Duration {
    // The clock may make calls itself; these must not ask it how much time is left.
    let _put_back = PutBack(replace(None));
    let mut nearest = Duration::MAX;
    walk(Some(frames), |frame| nearest = nearest.min(frame.left.left()));
    nearest
}

/// Returns the number of limits around the code that runs on this thread.
pub(crate) fn depth() -> usize {
    let mut depth = 0;
    walk(innermost(), |_| depth += 1);
    depth
}

/// Visits the frames from the innermost outwards.
fn walk(mut next: Innermost, mut visit: impl FnMut(&Frame<'_>)) {
    while let Some(frame) = next {
        // SAFETY: a frame is a local variable of `within` or `apart`, further down on the stack of this thread. It is
        // linked only until that function returns or unwinds, and so is a frame that names it as its outer one.
        // Nothing mutates it.
        let frame = unsafe { frame.as_ref() };
        visit(frame);
        next = frame.outer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ManualClock;

    const SEC: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn the_nearest_limit_counts_each_by_its_own_clock() {
        let (outer_clock, inner_clock) = (ManualClock::new(), ManualClock::new());
        let outer = Until { clock: &outer_clock, end: SEC(5) };
        let inner = Until { clock: &inner_clock, end: SEC(3) };
        assert_eq!(remaining(), None);
        within(Some(&outer), || {
            within(Some(&inner), || {
                assert_eq!(remaining(), Some(SEC(3)));
                outer_clock.advance(SEC(4));
                assert_eq!(remaining(), Some(SEC(1)));
                inner_clock.advance(SEC(9));
                assert_eq!(remaining(), Some(SEC(0)));
            });
            assert_eq!(within(None, remaining), Some(SEC(1)));
        });
        assert_eq!(remaining(), None);
    }

    #[test]
    fn a_body_that_panics_leaves_no_limit_behind() {
        let clock = ManualClock::new();
        let outer = Until { clock: &clock, end: SEC(5) };
        within(Some(&outer), || {
            let panicked = std::panic::catch_unwind(|| {
                within(Some(&Until { clock: &ManualClock::new(), end: SEC(1) }), || panic!("on purpose"));
            });
            assert!(panicked.is_err());
            assert_eq!(remaining(), Some(SEC(5)));
        });
        assert_eq!(remaining(), None);
    }

    #[cfg(feature = "map")]
    #[test]
    fn a_body_run_apart_does_not_see_the_surrounding_limit() {
        let clock = ManualClock::new();
        let (near, far) = (Until { clock: &clock, end: SEC(1) }, Until { clock: &clock, end: SEC(9) });
        within(Some(&near), || {
            assert_eq!(apart(None, remaining), None);
            assert_eq!(apart(Some(&far), remaining), Some(SEC(9)));
            assert_eq!(remaining(), Some(SEC(1)));
        });
        assert_eq!(apart(None, remaining), None);
    }

    /// A clock that asks how much time is left on it.
    struct Reentrant(ManualClock);

    impl Clock for Reentrant {
        fn now(&self) -> Duration {
            assert_eq!(remaining(), None);
            self.0.now()
        }
    }

    #[test]
    fn a_clock_may_ask_how_much_time_is_left() {
        let clock = Reentrant(ManualClock::new());
        let left = within(Some(&Until { clock: &clock, end: SEC(2) }), || (remaining(), remaining()));
        assert_eq!(left, (Some(SEC(2)), Some(SEC(2))));
    }
}
