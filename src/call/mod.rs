//! A call: the options it has, and the two thin drivers that carry out what the policies decide.
//!
//! `opero!` writes these same calls; use [`Call`] where a macro does not fit.

use core::marker::PhantomData;
use core::time::Duration;

use self::limits::{Limit, Limits};
use self::pace::Pace;
use crate::error::{Attempts, Configuration, Error, Failure, sentence};
use crate::policy::{Always, FallbackOn, Jitter, Judge, Retry, RetryAfter, RetryIf};
use crate::time::{AsyncDefault, BlockingDefault, Clock};

mod blocking;
mod context;
mod future;
pub(crate) mod limits;
mod name;
pub(crate) mod pace;
mod recovery;

pub(crate) use self::context::Context;
#[cfg(feature = "map")]
pub(crate) use self::limits::Deadline;
pub(crate) use self::name::Fixed;
pub use self::name::Name;
pub use self::recovery::Recovery;

/// A call of a fallible operation, with what shall happen when it fails.
///
/// Each method is the option of the same name in [`opero!`](crate::opero).
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::Call;
///
/// let answer = Call::new("ask")
///     .retries(2)
///     .min_delay(Duration::from_millis(1))
///     .run(|execution| if execution.number() < 3 { Err("busy") } else { Ok(42) });
/// assert_eq!(answer, Ok(42));
/// ```
#[must_use = "a call does nothing until it is run"]
#[derive(Debug)]
pub struct Call<E, N, C = BlockingDefault, J = Always> {
    pub(crate) name: N,
    pub(crate) clock: C,
    pub(crate) judge: J,
    pub(crate) retry: Option<Retry>,
    pub(crate) fallback: Option<Fallback>,
    pub(crate) fallback_delay: Duration,
    pub(crate) limits: Limits,
    pace: Option<&'static Pace>,
    /// The time, where it has just been read.
    now: Option<Duration>,
    error: PhantomData<fn(E)>,
}

/// The same call once more, with limits that begin when it does.
impl<E, N: Clone, C: Clone, J: Clone> Clone for Call<E, N, C, J> {
    fn clone(&self) -> Self {
        let Call { ref name, ref clock, ref judge, retry, fallback, fallback_delay, limits, pace, now, error } = *self;
        Call {
            name: name.clone(),
            clock: clock.clone(),
            judge: judge.clone(),
            retry,
            fallback,
            fallback_delay,
            limits,
            pace,
            now,
            error,
        }
    }
}

/// The list of candidates as the policies see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fallback {
    pub(crate) binding: &'static str,
    pub(crate) candidates: usize,
}

impl<E, N: Name> Call<E, N> {
    /// A call without any option, on the system's clock. `name` stands in its errors.
    #[inline]
    pub const fn new(name: N) -> Self {
        Call::with(name, BlockingDefault::NEW, None)
    }
}

impl<E, N: Name> Call<E, N, AsyncDefault> {
    /// The same for an async operation, whose clock must have a timer.
    #[inline]
    pub const fn new_async(name: N) -> Self {
        Call::with(name, AsyncDefault::NEW, None)
    }
}

impl<E, N: Name, C> Call<E, N, C> {
    #[inline]
    pub(crate) const fn with(name: N, clock: C, pace: Option<&'static Pace>) -> Self {
        Call {
            name,
            clock,
            judge: Always,
            retry: None,
            fallback: None,
            fallback_delay: Duration::ZERO,
            limits: Limits::NONE,
            pace,
            now: None,
            error: PhantomData,
        }
    }
}

impl<E, N, C, J> Call<E, N, C, J> {
    /// Replaces the whole retry policy.
    #[inline]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Turns retries on, with the defaults where nothing else was said.
    #[doc(hidden)]
    #[inline]
    pub fn with_retry(self) -> Self {
        self.change_retry(|retry| retry)
    }

    #[inline]
    fn change_retry(self, change: impl FnOnce(Retry) -> Retry) -> Self {
        let retry = self.retry.unwrap_or_default();
        self.retry(change(retry))
    }

    /// How many rounds may follow the first: see [`Retry::retries`].
    #[inline]
    pub fn retries(self, retries: u32) -> Self {
        self.change_retry(|retry| retry.retries(retries))
    }

    /// The factor from one delay to the next: see [`Retry::backoff`]. Below 1 or no number, the call gives
    /// [`Error::Configuration`].
    #[inline]
    pub fn backoff(self, backoff: f64) -> Self {
        self.change_retry(|retry| retry.backoff(backoff))
    }

    /// The delay before the first retry: see [`Retry::min_delay`].
    #[inline]
    pub fn min_delay(self, min_delay: Duration) -> Self {
        self.change_retry(|retry| retry.min_delay(min_delay))
    }

    /// The longest computed delay: see [`Retry::max_delay`].
    #[inline]
    pub fn max_delay(self, max_delay: Duration) -> Self {
        self.change_retry(|retry| retry.max_delay(max_delay))
    }

    /// How chance changes each delay: see [`Jitter`].
    #[inline]
    pub fn jitter(self, jitter: Jitter) -> Self {
        self.change_retry(|retry| retry.jitter(jitter))
    }

    /// Retries only where `predicate` accepts the last error of the round; without [`retries`](Call::retries), 3 times.
    #[inline]
    pub fn retry_if<P: FnMut(&E) -> bool>(self, predicate: P) -> Call<E, N, C, RetryIf<P, J>> {
        self.with_retry().wrap(|rest| RetryIf { predicate, rest })
    }

    /// Reads out of the last error of the round how long to wait; counts where it is longer than the delay of the
    /// policy, and is not bounded by `max_delay`.
    #[inline]
    pub fn retry_after<P: FnMut(&E) -> Option<Duration>>(self, delay: P) -> Call<E, N, C, RetryAfter<P, J>> {
        self.with_retry().wrap(|rest| RetryAfter { delay, rest })
    }

    /// Goes through `candidates` executions in each round. `binding` is what the list is called in an error.
    #[inline]
    pub fn fallback(mut self, binding: &'static str, candidates: usize) -> Self {
        self.fallback = Some(Fallback { binding, candidates });
        self
    }

    /// The pause between two candidates. Default none.
    #[inline]
    pub fn fallback_delay(mut self, delay: Duration) -> Self {
        self.fallback_delay = delay;
        self
    }

    /// Tries the next candidate only where `predicate` accepts the error; else the round ends with it.
    #[inline]
    pub fn fallback_on<P: FnMut(&E) -> bool>(self, predicate: P) -> Call<E, N, C, FallbackOn<P, J>> {
        self.wrap(|rest| FallbackOn { predicate, rest })
    }

    /// The longest an execution may take. An async one is dropped at the limit; a blocking one cannot be, and is found to
    /// have been too long when it returns. Either way it has failed, with [`Failure::Timeout`](crate::Failure::Timeout),
    /// and what would follow an error follows. Default none.
    #[inline]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// The longest the whole call may take, with its pauses and all it waits for. What runs or waits then is cut short, as
    /// by [`timeout`](Call::timeout), and nothing more is started: the call gives [`Error::Timeout`]. Default none.
    #[inline]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.limits.deadline = Some(deadline);
        self
    }

    /// Ends when the map ends whose item this call is for.
    #[cfg(feature = "map")]
    #[doc(hidden)]
    #[inline]
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.limits.deadline = deadline.limit;
        self.limits.end = deadline.end;
        self
    }

    /// Above 80 % of so many bytes of resident size, an execution waits before it starts: expired entries of caches are
    /// given back, and where that is not enough it pauses for 100 ms, once. See [`memory`](crate::memory) for what is
    /// measured.
    #[cfg(feature = "memory")]
    #[inline]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.limits.memory = Some(bytes);
        self
    }

    /// Waits and tells the time by `clock`.
    #[inline]
    pub fn clock<D: Clock>(mut self, clock: D) -> Call<E, N, D, J> {
        self.pace = None;
        self.map(|name, _, judge| (name, clock, judge))
    }

    /// Goes by another name in errors.
    #[inline]
    pub fn name<M: Name>(self, name: M) -> Call<E, M, C, J> {
        self.map(|_, clock, judge| (name, clock, judge))
    }

    #[inline]
    fn wrap<K>(self, wrapper: impl FnOnce(J) -> K) -> Call<E, N, C, K> {
        self.map(|name, clock, judge| (name, clock, wrapper(judge)))
    }

    /// The same call in a place of its own: where that is a branch hardly ever taken, the fields are not even written
    /// before it.
    #[inline]
    fn afresh(self) -> Self {
        self.map(|name, clock, judge| (name, clock, judge))
    }

    /// Changes what has a type of its own.
    #[inline]
    fn map<M, D, K>(self, change: impl FnOnce(N, C, J) -> (M, D, K)) -> Call<E, M, D, K> {
        let Call { name, clock, judge, retry, fallback, fallback_delay, limits, pace, now, error } = self;
        let (name, clock, judge) = change(name, clock, judge);
        Call { name, clock, judge, retry, fallback, fallback_delay, limits, pace, now, error }
    }
}

impl<E, N: Name, C: Clock, J: Judge<E>> Call<E, N, C, J> {
    /// Refuses values no call can have; else gives the time, unless this use has shown to be faster than a clock.
    ///
    /// # Errors
    /// [`Error::Configuration`].
    #[doc(hidden)]
    #[allow(clippy::inline_always, reason = "out of line it takes five times the instructions of a quick success")]
    #[inline(always)]
    pub fn start(&self) -> Result<Option<Duration>, Error<E>> {
        if self.retry.is_some_and(|retry| !retry.has_sound_backoff())
            || self.fallback.is_some_and(|fallback| fallback.candidates == 0)
            || (!self.limits.is_none() && self.limits.mistake().is_some())
        {
            return Err(self.misconfigured());
        }
        let is_timed = !self.limits.is_none() || !self.pace.is_some_and(Pace::is_quick);
        Ok(self.now.or_else(|| is_timed.then(|| self.clock.now())))
    }

    /// The same, from where on `deadline` counts, unless it does already.
    ///
    /// # Errors
    /// [`Error::Configuration`]; [`Error::Timeout`] where the layers around have used up its time.
    #[inline]
    fn begin(&mut self) -> Result<Option<Duration>, Error<E>> {
        let started = self.start()?;
        if let Some(now) = started {
            self.limits.begin(now);
            if self.limits.are_over(now) {
                return Err(self.timed_out(Attempts::default()));
            }
        }
        Ok(started)
    }

    /// How long to wait before the first execution because of `memory`.
    #[inline]
    fn crowding(&self, now: Option<Duration>) -> Option<Duration> {
        self.limits.memory.and_then(memory_pause).zip(now).map(|(pause, now)| self.limits.cut(pause, now))
    }

    /// The first execution starts now and not where the call began.
    ///
    /// # Errors
    /// [`Error::Timeout`] where the call is over.
    #[inline]
    fn resume(&self) -> Result<Duration, Error<E>> {
        let now = self.clock.now();
        if self.limits.are_over(now) { Err(self.timed_out(Attempts::default())) } else { Ok(now) }
    }

    /// The limit of the first execution.
    #[inline]
    fn limit(&self, started: Option<Duration>) -> Option<Limit> {
        started.and_then(|started| self.limits.of_execution(started))
    }

    /// Notes how long a success took.
    #[doc(hidden)]
    #[inline]
    pub fn succeeded(&self, started: Option<Duration>) {
        if let (Some(pace), Some(started)) = (self.pace, started) {
            if pace.is_open() {
                pace.note(self.clock.now().saturating_sub(started));
            }
        }
    }

    /// The error of a call whose only execution has failed.
    #[doc(hidden)]
    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub fn failed(self, started: Option<Duration>, failure: Failure<E>) -> Error<E> {
        Recovery::new(self, started).give_up(failure)
    }

    #[cold]
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn timed_out(&self, attempts: Attempts<E>) -> Error<E> {
        Error::Timeout(self.limits.timed_out(self.name.text(), attempts))
    }

    #[cold]
    fn misconfigured(&self) -> Error<E> {
        let problem = match (self.limits.mistake(), self.fallback, self.retry) {
            (Some(mistake), _, _) => mistake.into(),
            (_, Some(Fallback { binding, candidates: 0 }), _) => sentence!(
                "the list of `fallback` is empty; it needs a candidate",
                "the list of `fallback: {binding}` is empty; it needs a candidate"
            ),
            (_, _, retry) => sentence!(
                "`backoff` must be a finite number of at least 1",
                "`backoff` is {}; it must be a finite number of at least 1",
                retry.unwrap_or_default().factor()
            ),
        };
        Error::Configuration(Configuration::new(self.name.text(), problem))
    }
}

/// How long to wait before an execution, where the process is near to that many bytes.
#[cfg(feature = "memory")]
#[cold]
fn memory_pause(limit: u64) -> Option<Duration> {
    let pause = crate::memory::pause(limit);
    (!pause.is_zero()).then_some(pause)
}

/// No call can have the option.
#[cfg(not(feature = "memory"))]
fn memory_pause(_: u64) -> Option<Duration> {
    None
}
