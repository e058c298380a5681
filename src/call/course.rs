//! Where a call stands: what has failed, what is due, and after what pause. The two drivers carry out what it says.

use core::borrow::BorrowMut;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

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
use crate::error::{Attempt, Attempts, Configuration, Error, Failure, MaybeBoxed, TimeoutReason, format_or};
use crate::policy::{CurrentAttempt, ErrorPolicy};
use crate::time::{Clock, Moment};
#[cfg(feature = "std")]
use crate::time::{Left, Until, within};

/// What a course asks of its call.
pub trait Source<E> {
    /// Its clock.
    type Clock: Clock;
    /// What it makes of an error.
    type Policy: ErrorPolicy<E>;

    /// Its name.
    fn name(&self) -> NameRef<'_>;
    /// Its clock.
    fn clock(&self) -> &Self::Clock;
    /// Its options, as they are written.
    fn written(&self) -> Plan;
    /// What is tuned of them.
    fn tuned(&self) -> Tuned;
    /// Its options.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn plan(&self) -> Plan {
        self.tuned().plan(self.written())
    }
    /// How long it may take, in nanoseconds.
    fn deadline(&self) -> u64;
    /// How long an attempt may take, in nanoseconds.
    fn timeout(&self) -> u64;
    /// The size of the process, in bytes, that attempts shall not be started near to.
    fn memory(&self) -> u64;
    /// Has it no limit, and no option with a value it cannot have?
    fn is_plain(&self) -> bool;
    /// Is it the call of an item of a map that gives a summary?
    fn of_item(&self) -> bool;
    /// How fast its use has shown to be.
    fn probe(&self) -> Option<&'static LatencyProbe>;
    /// What it makes of an error.
    fn policy(&mut self) -> &mut Self::Policy;
    /// Its name, and what it makes of an error.
    #[cfg(feature = "observe")]
    fn name_and_policy(&mut self) -> (NameRef<'_>, &mut Self::Policy);
    /// The use that it is a call of, where that is one of a macro.
    #[cfg(feature = "observe")]
    fn origin(&self) -> Option<&'static Origin>;
}

/// A call on its way.
///
/// Nothing here depends on the type of the body or its value, so that a crate holds this once for each type of error.
///
/// `B` is where the log of failures is: in place for a blocking call, boxed for a future, which stays small.
pub struct Course<E, P: Source<E>, B: Log<E>> {
    pub(super) source: P,
    pub(super) candidates: usize,
    /// When the whole call is over, once that is known. The other limits are those of the source.
    deadline: Deadline,
    pub(super) state: State<B>,
    /// Has it begun, and not ended? To drop it then is to abandon it.
    #[cfg(feature = "observe")]
    pub(super) is_running: bool,
    /// That of an async call. A blocking one is run within its own.
    pub(super) span: CallSpan,
    error: PhantomData<fn(E)>,
}

/// Where the log of failures is.
pub trait Log<E>: BorrowMut<Recovery<E>> + From<Recovery<E>> {}

impl<E, B: BorrowMut<Recovery<E>> + From<Recovery<E>>> Log<E> for B {}

/// A course whose log of failures is boxed, where there is an allocator.
pub(super) type BoxedLog<E> = MaybeBoxed<Recovery<E>>;

/// One tag says what a success has to look at.
pub(super) enum State<B> {
    /// The first attempt of a use that is faster than a clock: its start is not timed.
    Quick,
    /// Nothing has happened yet, but what the layers around have found out.
    New { now: Option<Duration> },
    /// The first attempt of a call without limits, which is timed.
    Timed { started: Moment },
    /// The first attempt of one that has some.
    First { started: Moment, pause: Duration },
    /// An attempt after a failure.
    Failed(B),
}

impl<E, P: Source<E>, B: Log<E>> Course<E, P, B> {
    /// A call of its own.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn new(source: P, candidates: usize) -> Self {
        Course::within(source, candidates, None, Deadline::none())
    }

    /// A call that its layers have let through: at `now`, where they have read the clock, and until its deadline.
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

    /// Comes into the span of the call, which begins where the call does.
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

    /// The attempt that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn attempt(&self) -> CurrentAttempt {
        match &self.state {
            State::Failed(recovery) => recovery.borrow().attempt(),
            _ => CurrentAttempt::FIRST,
        }
    }

    /// The attempt that ended the call so.
    pub(super) fn last<T>(&self, outcome: &Result<T, Error<E>>) -> Option<CurrentAttempt> {
        match outcome {
            Ok(_) => Some(self.attempt()),
            Err(error) => error.attempts().last().map(Attempt::attempt),
        }
    }

    /// What is left to wait before the attempt that is due.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn pause(&self) -> Duration {
        match &self.state {
            State::First { pause, .. } => *pause,
            State::Failed(recovery) => recovery.borrow().pause(),
            State::Quick | State::New { .. } | State::Timed { .. } => Duration::ZERO,
        }
    }

    /// Begins the call, where it has not begun.
    ///
    /// # Errors
    /// [`Error::Configuration`]; [`Error::Timeout`] where the layers around have used up its time.
    #[allow(clippy::inline_always, reason = "most of it is known where the course is made")]
    #[inline(always)]
    pub(super) fn begin(&mut self) -> Result<(), Error<E>> {
        let State::New { now } = self.state else {
            return Ok(());
        };
        self.tell_begin();
        if self.deadline.end().is_none() && self.candidates != 0 && self.source.is_plain() {
            // What the layers have read may lag, by which a quick use would seem slow.
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

    /// The pause is over.
    ///
    /// # Errors
    /// So is the call.
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

    /// Is it a call with limits, or one that has failed and may keep to those of another?
    #[inline]
    pub(super) const fn may_have_limit(&self) -> bool {
        matches!(self.state, State::First { .. } | State::Failed(_))
    }

    /// Runs a body, or polls it, which can ask what is left of its limit.
    #[cfg_attr(feature = "std", inline)]
    #[cfg_attr(not(feature = "std"), inline(always), allow(clippy::unused_self, reason = "nobody can ask"))]
    pub(super) fn lend<R>(&self, body: impl FnOnce() -> R) -> R {
        #[cfg(feature = "std")]
        {
            let limit = self.limit().map(|limit| Until { clock: self.source.clock(), end: limit.end() });
            within(limit.as_ref().map(|limit| limit as &dyn Left), body)
        }
        #[cfg(not(feature = "std"))]
        body()
    }

    /// The limit of the attempt that runs.
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

    /// The body has given a value: one that came too late is a failure.
    #[allow(clippy::inline_always, reason = "most of it is known where the course is made")]
    #[inline(always)]
    pub(super) fn succeeded(&mut self) -> Option<Failure<E>> {
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

    /// It began then, and the probe may learn from it.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn note(&self, probe: &LatencyProbe, started: &Moment) {
        probe.note(self.source.clock().moment().since(*started));
    }

    /// The same of a call that has limits, or has failed before.
    #[cfg_attr(feature = "std", inline)]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn succeeded_at_last(&self) -> Option<Failure<E>> {
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
    fn late(&self, limit: Limit) -> Option<Failure<E>> {
        limit.late(self.source.clock().moment())
    }

    /// An error that came too late is what the limit says.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn judge(&self, failure: Failure<E>, now: Moment) -> Failure<E> {
        self.limit().and_then(|limit| limit.late(now)).unwrap_or(failure)
    }

    /// Logs a failed attempt, and finds the next and the pause before it.
    ///
    /// # Errors
    /// There is no next: the error of the call.
    #[cfg_attr(feature = "std", inline)]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn failed(&mut self, failure: Failure<E>) -> Result<Duration, Error<E>> {
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
        // Without feature `observe` the log is at hand still, and need not be looked for.
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

    /// The error of a call that has come to its end.
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

    /// Logs the failure of the only attempt there is, and gives the error of the call.
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(super) fn give_up(&mut self, failure: Failure<E>) -> Error<E> {
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

    /// From the first failure on there is a log.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    fn open_log(&mut self, now: Moment) {
        if !matches!(self.state, State::Failed(_)) {
            self.state = State::Failed(self.log(now).into());
        }
    }

    /// The log of a call that has had no failure before `now`.
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

/// Is it a use that is faster than a clock, in a call that has no end to keep to?
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

/// The error of a call that an option has a value for that it cannot have.
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
