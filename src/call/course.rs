//! The state of a call: what has failed, what is due, and after what pause. The two drivers only carry this out.

use core::borrow::BorrowMut;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use super::failed::Failed;
use super::latency::LatencyProbe;
use super::limits::{Deadline, Limit};
use super::name::NameRef;
use super::observed::Quick;
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::plan::{Plan, tell};
#[cfg(feature = "observe")]
use super::recovery::End;
use super::recovery::Recovery;
use super::traced::{CallSpan, Current};
use super::tuned::Tuned;
use crate::error::{Attempt, Attempts, Configuration, Error, MaybeBoxed, TimeoutReason, format_or};
use crate::policy::{CurrentAttempt, ErrorPolicy};
use crate::time::{Clock, Moment};
#[cfg(feature = "std")]
use crate::time::{Left, Until, within};

/// What a course needs from its call.
pub trait Source<E> {
    /// The clock of the call.
    type Clock: Clock;
    /// The policy that judges its errors.
    type Policy: ErrorPolicy<E>;

    /// Returns its name.
    fn name(&self) -> NameRef<'_>;
    /// Returns its clock.
    fn clock(&self) -> &Self::Clock;
    /// Returns its options as written.
    fn written(&self) -> Plan;
    /// Returns the tuned values of its options.
    fn tuned(&self) -> Tuned;
    /// Returns its options.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn plan(&self) -> Plan {
        self.tuned().plan(self.written())
    }
    /// Returns how long the call may take, in nanoseconds.
    fn deadline(&self) -> u64;
    /// Returns how long an attempt may take, in nanoseconds.
    fn timeout(&self) -> u64;
    /// Returns the size of the process, in bytes, close to which attempts are delayed.
    fn memory(&self) -> u64;
    /// Does it have no limit and no invalid option?
    fn is_plain(&self) -> bool;
    /// Is it the call of an item of a map that gives a summary?
    fn of_item(&self) -> bool;
    /// Returns what is known about the speed of its use.
    fn probe(&self) -> Option<&'static LatencyProbe>;
    /// Returns the policy that judges its errors.
    fn policy(&mut self) -> &mut Self::Policy;
    /// Returns its name, and the policy that judges its errors.
    #[cfg(feature = "observe")]
    fn name_and_policy(&mut self) -> (NameRef<'_>, &mut Self::Policy);
    /// Returns its macro use, if it has one.
    #[cfg(feature = "observe")]
    fn origin(&self) -> Option<&'static Origin>;
}

/// A call that is running.
///
/// Nothing here depends on the type of the body or its value, so a crate contains this once for each error type.
///
/// `B` holds the log of failures: in place for a blocking call, boxed for a future, to keep it small.
pub struct Course<E, P: Source<E>, B: Log<E>> {
    pub(super) source: P,
    pub(super) candidates: usize,
    /// When the whole call must end, once that is known. The other limits are in the source.
    deadline: Deadline,
    pub(super) state: State<B>,
    /// Has it begun and not ended? Dropping it then abandons the call.
    #[cfg(feature = "observe")]
    pub(super) is_running: bool,
    /// The span of an async call. A blocking call runs within its own.
    pub(super) span: CallSpan,
    error: PhantomData<fn(E)>,
}

/// A holder of the log of failures.
pub trait Log<E>: BorrowMut<Recovery<E>> + From<Recovery<E>> {}

impl<E, B: BorrowMut<Recovery<E>> + From<Recovery<E>>> Log<E> for B {}

/// The log of failures, boxed if there is an allocator.
pub(super) type BoxedLog<E> = MaybeBoxed<Recovery<E>>;

/// A single tag, which says what a success has to check.
pub(super) enum State<B> {
    /// The first attempt of a use that is faster than reading a clock: its start is not timed.
    Quick,
    /// Nothing has happened yet, except what the outer layers have found out.
    New { now: Option<Duration> },
    /// The first attempt of a call without limits, which is timed.
    Timed { started: Moment },
    /// The first attempt of a call with limits.
    First { started: Moment, pause: Duration },
    /// An attempt after a failure.
    Failed(B),
}

impl<E, P: Source<E>, B: Log<E>> Course<E, P, B> {
    /// Creates the course of a call without layers.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn new(source: P, candidates: usize) -> Self {
        Course::within(source, candidates, None, Deadline::none())
    }

    /// Creates the course of a call that its layers have let in: at `now`, if they have read the clock, and until its
    /// deadline.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn within(source: P, candidates: usize, now: Option<Duration>, deadline: Deadline) -> Self {
        let is_quick = quick(&source, candidates, deadline).is_some();
        let state = if is_quick { State::Quick } else { State::New { now } };
        Course {
            source,
            candidates,
            deadline,
            state,
            #[cfg(feature = "observe")]
            is_running: false,
            span: CallSpan::NONE,
            error: PhantomData,
        }
    }

    /// Enters the span of the call, which begins with the call.
    #[inline]
    pub(super) fn enter_span(&mut self) -> Current {
        if matches!(self.state, State::New { .. }) && self.span.is_none() {
            self.span = CallSpan::begin(self.source.name());
        }
        self.span.enter()
    }

    #[inline]
    pub(super) const fn is_quick(&self) -> bool {
        matches!(self.state, State::Quick)
    }

    /// Returns the attempt that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn attempt(&self) -> CurrentAttempt {
        match &self.state {
            State::Failed(recovery) => recovery.borrow().attempt(),
            _ => CurrentAttempt::FIRST,
        }
    }

    /// Returns the attempt that ended the call with this outcome.
    pub(super) fn last<T>(&self, outcome: &Result<T, Error<E>>) -> Option<CurrentAttempt> {
        match outcome {
            Ok(_) => Some(self.attempt()),
            Err(error) => error.attempts().last().map(Attempt::attempt),
        }
    }

    /// Returns the time left to wait before the attempt that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn pause(&self) -> Duration {
        match &self.state {
            State::First { pause, .. } => *pause,
            State::Failed(recovery) => recovery.borrow().pause(),
            State::Quick | State::New { .. } | State::Timed { .. } => Duration::ZERO,
        }
    }

    /// Begins the call, if it has not begun.
    ///
    /// # Errors
    /// [`Error::Configuration`]; [`Error::Timeout`] if the outer layers have used up its time.
    #[allow(clippy::inline_always, reason = "most of it is known where the course is made")]
    #[inline(always)]
    pub(super) fn begin(&mut self) -> Result<(), Error<E>> {
        let State::New { now } = self.state else {
            return Ok(());
        };
        self.tell_begin();
        if self.deadline.end().is_none() && self.candidates != 0 && self.source.is_plain() {
            // The time that the layers have read may lag, which would make a quick use seem slow.
            let is_open = self.source.probe().is_some_and(LatencyProbe::is_open);
            let started = now.filter(|_| !is_open).map_or_else(|| self.source.clock().moment(), Moment::Told);
            self.state = State::Timed { started };
            return Ok(());
        }
        let begun = self.begin_with_limits(now);
        self.tell_unless(&begun);
        begun
    }

    #[cold]
    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn begin_with_limits(&mut self, now: Option<Duration>) -> Result<(), Error<E>> {
        let plan = self.source.plan();
        if !plan.is_sound() || self.candidates == 0 {
            return Err(misconfigured(self.source.name(), self.source.plan(), self.candidates));
        }
        let started = now.unwrap_or_else(|| self.source.clock().now());
        self.deadline.begin(plan.deadline, started);
        let started = Moment::Told(started);
        self.deadline.keep_to_around(started);
        if self.deadline.is_over(started) {
            return Err(self.timed_out(TimeoutReason::Elapsed));
        }
        let pause = self.deadline.memory_pause(plan.memory, started).map_err(|reason| self.timed_out(reason))?;
        self.state = State::First { started, pause };
        Ok(())
    }

    /// Ends the pause.
    ///
    /// # Errors
    /// The time of the call is over.
    #[cfg_attr(feature = "std", inline(never))]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn resume(&mut self) -> Result<(), Error<E>> {
        let resumed = self.resume_in_time();
        self.tell_unless(&resumed);
        resumed
    }

    #[allow(clippy::inline_always, reason = "the method above, and nothing else")]
    #[inline(always)]
    fn resume_in_time(&mut self) -> Result<(), Error<E>> {
        let now = self.source.clock().moment();
        match &mut self.state {
            State::First { started, pause } => {
                (*started, *pause) = (now, Duration::ZERO);
                if self.deadline.is_over(now) {
                    return Err(self.timed_out(TimeoutReason::Elapsed));
                }
            }
            State::Failed(recovery) => {
                let recovery = recovery.borrow_mut();
                if let Some(end) = recovery.resume(now, &self.deadline, self.source.memory()) {
                    return Err(recovery.end(end, self.source.name(), self.deadline));
                }
            }
            State::Quick | State::New { .. } | State::Timed { .. } => {}
        }
        Ok(())
    }

    /// Does the call have limits, or has it failed and may inherit limits from a surrounding call?
    #[inline]
    pub(super) const fn may_have_limit(&self) -> bool {
        matches!(self.state, State::First { .. } | State::Failed(_))
    }

    /// Runs or polls a body, which can ask for the time left.
    #[cfg_attr(feature = "std", inline)]
    #[cfg_attr(
        not(feature = "std"),
        inline(always),
        allow(clippy::unused_self, reason = "there is no thread-local to set")
    )]
    pub(super) fn lend<R>(&self, body: impl FnOnce() -> R) -> R {
        #[cfg(feature = "std")]
        {
            let limit = self.limit().map(|limit| Until { clock: self.source.clock(), end: limit.end() });
            within(limit.as_ref().map(|limit| limit as &dyn Left), body)
        }
        #[cfg(not(feature = "std"))]
        body()
    }

    /// Returns the limit of the attempt that runs.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn limit(&self) -> Option<Limit> {
        let timeout = self.source.timeout();
        if timeout == Plan::NEVER && self.deadline.end().is_none() {
            return None;
        }
        let started = match &self.state {
            State::First { started, .. } => *started,
            State::Failed(recovery) => recovery.borrow().started(),
            State::Quick | State::New { .. } | State::Timed { .. } => return None,
        };
        self.deadline.of_attempt(timeout, started)
    }

    /// Handles a value of the body: a value that came too late is a failure.
    #[allow(clippy::inline_always, reason = "most of it is known where the course is made")]
    #[inline(always)]
    pub(super) fn succeeded(&mut self) -> Option<Failed<E>> {
        match &self.state {
            State::Quick | State::New { .. } => {}
            State::Timed { started } => {
                if let Some(probe) = self.source.probe().filter(|probe| probe.is_open()) {
                    self.note(probe, started);
                }
            }
            State::First { .. } | State::Failed(_) => {
                if let Some(late) = self.succeeded_at_last() {
                    return Some(late);
                }
            }
        }
        self.tell_success();
        None
    }

    /// Records for the probe how long an attempt took that began at this time.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn note(&self, probe: &LatencyProbe, started: &Moment) {
        probe.note(self.source.clock().moment().since(*started));
    }

    /// Like `succeeded`, for a call that has limits or has failed before.
    #[cfg_attr(feature = "std", inline)]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn succeeded_at_last(&self) -> Option<Failed<E>> {
        if let Some(late) = self.limit().and_then(|limit| self.late(limit)) {
            return Some(late);
        }
        if let State::Failed(recovery) = &self.state {
            tell(self.source.of_item(), Some(recovery.borrow().attempt()));
        }
        None
    }

    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn late(&self, limit: Limit) -> Option<Failed<E>> {
        limit.late(self.source.clock().moment())
    }

    /// Returns the failure of an attempt: a timeout if its error came too late.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn judge(&self, failure: Failed<E>, now: Moment) -> Failed<E> {
        self.limit().and_then(|limit| limit.late(now)).unwrap_or(failure)
    }

    /// Logs a failed attempt, and finds the next one and the pause before it.
    ///
    /// # Errors
    /// There is no next attempt: the error of the call.
    #[cfg_attr(feature = "std", inline)]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn failed(&mut self, failure: Failed<E>) -> Result<Duration, Error<E>> {
        let now = self.source.clock().moment();
        let failure = self.judge(failure, now);
        self.deadline.keep_to_around(now);
        self.open_log(now);
        let memory = self.source.memory();
        let State::Failed(recovery) = &mut self.state else {
            return Ok(Duration::ZERO);
        };
        let recovery = recovery.borrow_mut();
        let attempt = recovery.attempt();
        let end = recovery.failed(failure, now, &self.deadline, memory, self.source.policy());
        // Without feature `observe` the log is still at hand, and need not be looked up.
        #[cfg(not(feature = "observe"))]
        {
            let _ = attempt;
            match end {
                None => Ok(recovery.pause()),
                Some(end) => Err(recovery.end(end, self.source.name(), self.deadline)),
            }
        }
        #[cfg(feature = "observe")]
        {
            self.tell_failure(attempt, end.is_none());
            match end {
                None => Ok(self.pause()),
                Some(end) => Err(self.finish(end)),
            }
        }
    }

    /// Returns the error of a call that has ended.
    #[cfg(feature = "observe")]
    #[cold]
    fn finish(&mut self, end: End) -> Error<E> {
        let State::Failed(recovery) = &mut self.state else {
            return self.timed_out(TimeoutReason::Elapsed);
        };
        let error = recovery.borrow_mut().end(end, self.source.name(), self.deadline);
        self.tell_end(&error);
        error
    }

    /// Logs the failure of the only attempt, and returns the error of the call.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn give_up(&mut self, failure: Failed<E>) -> Error<E> {
        let now = self.source.clock().moment();
        let failure = self.judge(failure, now);
        self.deadline.keep_to_around(now);
        let mut recovery = self.log(now);
        let end = recovery.give_up(failure, now, self.deadline);
        self.tell_only_failure(&recovery);
        let error = recovery.end(end, self.source.name(), self.deadline);
        self.tell_end(&error);
        error
    }

    /// Returns the log, and creates it at the first failure.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn open_log(&mut self, now: Moment) {
        if !matches!(self.state, State::Failed(_)) {
            self.state = State::Failed(self.log(now).into());
        }
    }

    /// Creates the log of a call that has had no failure before `now`.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn log(&self, now: Moment) -> Recovery<E> {
        let began = match &self.state {
            State::First { started, .. } | State::Timed { started } => started,
            _ => &now,
        };
        if let Some(probe) = self.source.probe() {
            probe.note_failure();
        }
        Recovery::new(&self.source.plan(), self.candidates, *began)
    }

    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn timed_out(&self, reason: TimeoutReason) -> Error<E> {
        self.deadline.timed_out(self.source.name().text(), reason, Attempts::default())
    }
}

/// Is it a use that is faster than reading a clock, in a call without a deadline?
#[cfg_attr(not(feature = "std"), inline(always))]
#[cfg_attr(feature = "std", inline)]
pub(super) fn quick<E, P: Source<E>>(source: &P, candidates: usize, deadline: Deadline) -> Option<Quick> {
    if candidates == 0 || deadline.end().is_some() || !source.probe().is_some_and(LatencyProbe::is_quick) {
        return None;
    }
    #[cfg(feature = "observe")]
    return source.origin().and_then(Origin::quick);
    #[cfg(not(feature = "observe"))]
    Some(Quick)
}

/// Creates the error of a call with an invalid option.
#[cold]
pub(super) fn misconfigured<E>(name: NameRef<'_>, plan: Plan, candidates: usize) -> Error<E> {
    let problem = if let Some(sentence) = plan.bad_read.sentence() {
        sentence
    } else if let Some(mistake) = plan.mistake() {
        mistake.into()
    } else if candidates == 0 {
        format_or!(
            "the list of `fallback` is empty, or has no end; it needs a last candidate",
            "the list of `fallback: {}` is empty, or has no end; it needs a last candidate",
            plan.binding
        )
    } else {
        format_or!(
            "`backoff` must be a finite number of at least 1",
            "`backoff` is {}; it must be a finite number of at least 1",
            plan.backoff
        )
    };
    Error::Configuration(Configuration::new(name.text(), problem))
}

impl<E, P: Source<E>, B: Log<E>> fmt::Debug for Course<E, P, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Course").finish_non_exhaustive()
    }
}
