//! A call: its options, and the two thin drivers that carry out what the policies decide.
//!
//! `opero!` makes the same calls; use [`Call`] when a macro does not fit.

use core::marker::PhantomData;
use core::time::Duration;

use crate::layer::Layers;
#[cfg(feature = "observe")]
use crate::observe::Event;
#[cfg(feature = "observe")]
use crate::policy::OnEvent;
use crate::policy::{Always, FallbackOn, Jitter, Retry, RetryAfter, RetryIf};
use crate::time::{AsyncDefault, BlockingDefault, Clock, nanos};

mod bad_read;
mod blocking;
mod context;
mod course;
mod failed;
#[cfg(feature = "cache")]
mod infallible;
mod journey;
mod latency;
mod layered;
mod limited;
pub(crate) mod limits;
mod literal;
mod name;
mod notes;
#[cfg_attr(not(feature = "observe"), path = "unobserved.rs")]
mod observed;
#[cfg(feature = "observe")]
mod origin;
mod plan;
mod recovery;
mod run;
#[cfg(feature = "observe")]
mod seen;
mod site;
mod through;
#[cfg_attr(not(feature = "tracing"), path = "untraced.rs")]
mod traced;
#[cfg_attr(not(feature = "observe"), path = "untuned.rs")]
mod tuned;
mod turn;

pub(crate) use self::bad_read::BadRead;
pub use self::context::Context;
pub use self::course::Course;
#[cfg(feature = "cache")]
pub use self::infallible::InfallibleCall;
pub use self::journey::Journey;
pub use self::latency::LatencyProbe;
pub(crate) use self::limits::Deadline;
pub use self::name::Name;
pub(crate) use self::name::NameRef;
pub(crate) use self::name::StaticName;
#[cfg(feature = "cache")]
pub(crate) use self::observed::{Fault, Stopwatch};
#[cfg(feature = "observe")]
use self::origin::Origin;
pub use self::plan::Plan;
pub use self::run::Parts;
pub(crate) use self::site::Part;
#[cfg(feature = "cache")]
pub(crate) use self::site::words;
pub use self::site::{Site, Use};

/// A call of a fallible operation, with options for what happens when it fails.
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
///     .run(|attempt| if attempt.number() < 3 { Err("busy") } else { Ok(42) });
/// assert_eq!(answer, Ok(42));
/// ```
#[must_use = "a call does nothing until it is run"]
#[derive(Debug)]
pub struct Call<E, N, C = BlockingDefault, J = Always, L = Layers> {
    name: N,
    clock: C,
    policy: J,
    layers: L,
    rest: Rest,
    error: PhantomData<fn(E)>,
}

/// The clone has the same options. Its layers share entries and permits with those of the original.
impl<E, N: Clone, C: Clone, J: Clone, L: Clone> Clone for Call<E, N, C, J, L> {
    fn clone(&self) -> Self {
        BadRead::begin();
        let Call { name, clock, policy, layers, rest, error } = self;
        Call {
            name: name.clone(),
            clock: clock.clone(),
            policy: policy.clone(),
            layers: layers.clone(),
            rest: *rest,
            error: *error,
        }
    }
}

/// The fields whose types are the same in every call.
#[derive(Clone, Copy, Debug)]
struct Rest {
    plan: Plan,
    candidates: usize,
    /// When the call must end, if a map says so.
    deadline: Deadline,
    probe: Option<&'static LatencyProbe>,
    #[cfg(feature = "observe")]
    origin: Option<&'static Origin>,
}

impl<E, N: Name> Call<E, N> {
    /// Creates a call without options, on the system's clock. `name` appears in its errors.
    #[inline]
    pub fn new(name: N) -> Self {
        BadRead::begin();
        Call::with(name, BlockingDefault::NEW, Layers::NONE, Plan::NEW, None)
    }
}

impl<E, N: Name> Call<E, N, AsyncDefault> {
    /// Creates a call of an async operation, whose clock must have a timer.
    #[inline]
    pub fn new_async(name: N) -> Self {
        BadRead::begin();
        Call::with(name, AsyncDefault::NEW, Layers::NONE, Plan::NEW, None)
    }
}

impl<E, N, C, L> Call<E, N, C, Always, L> {
    #[inline]
    const fn with(name: N, clock: C, layers: L, plan: Plan, probe: Option<&'static LatencyProbe>) -> Self {
        let rest = Rest {
            plan,
            candidates: 1,
            deadline: Deadline::NONE,
            probe,
            #[cfg(feature = "observe")]
            origin: None,
        };
        Call { name, clock, policy: Always, layers, rest, error: PhantomData }
    }
}

impl<E, N, C, J, L> Call<E, N, C, J, L> {
    /// Replaces the whole retry policy.
    #[inline]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.look();
        self.rest.plan.set_retry(&retry);
        self
    }

    /// Sets how many rounds may follow the first: see [`Retry::retries`].
    #[inline]
    pub fn retries(mut self, retries: u32) -> Self {
        self.look();
        self.rest.plan.retries = Some(retries);
        self
    }

    /// Sets the factor from one delay to the next: see [`Retry::backoff`]. If it is below 1 or not a number, the call
    /// gives [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn backoff(mut self, backoff: f64) -> Self {
        self.look();
        self.rest.plan.with_retries().backoff = backoff;
        self
    }

    /// Sets the delay before the first retry: see [`Retry::min_delay`].
    #[inline]
    pub fn min_delay(mut self, min_delay: Duration) -> Self {
        self.look();
        self.rest.plan.with_retries().min_delay = nanos(min_delay);
        self
    }

    /// Sets the longest computed delay: see [`Retry::max_delay`].
    #[inline]
    pub fn max_delay(mut self, max_delay: Duration) -> Self {
        self.look();
        self.rest.plan.with_retries().max_delay = nanos(max_delay);
        self
    }

    /// Sets how each delay is randomized: see [`Jitter`].
    #[inline]
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.rest.plan.with_retries().jitter = jitter;
        self
    }

    /// Retries only if `predicate` accepts the last error of the round; without [`retries`](Call::retries), 3 times.
    #[inline]
    pub fn retry_if<P: FnMut(&E) -> bool>(self, predicate: P) -> Call<E, N, C, RetryIf<P, J>, L> {
        self.with_retries().wrap(|rest| RetryIf { predicate, rest })
    }

    /// Reads from the last error of the round how long to wait.
    ///
    /// It applies if it is longer than the delay of the policy, and is not bounded by `max_delay`. With any
    /// [`jitter`](Call::jitter) it is lengthened by up to a tenth, so that callers that were given the same time do
    /// not come back together.
    #[inline]
    pub fn retry_after<P: FnMut(&E) -> Option<Duration>>(self, delay: P) -> Call<E, N, C, RetryAfter<P, J>, L> {
        self.with_retries().wrap(|rest| RetryAfter { delay, rest })
    }

    /// Tries `candidates` candidates in each round. `binding` is the name of the list in an error.
    #[inline]
    pub fn fallback(mut self, binding: &'static str, candidates: usize) -> Self {
        self.rest.plan.binding = binding;
        self.rest.candidates = candidates;
        self
    }

    /// Sets the pause between two candidates. Default none.
    #[inline]
    pub fn fallback_delay(mut self, delay: Duration) -> Self {
        self.look();
        self.rest.plan.fallback_delay = nanos(delay);
        self
    }

    /// Tries the next candidate only if `predicate` accepts the error; otherwise the round ends with it.
    #[inline]
    pub fn fallback_on<P: FnMut(&E) -> bool>(self, predicate: P) -> Call<E, N, C, FallbackOn<P, J>, L> {
        self.wrap(|rest| FallbackOn { predicate, rest })
    }

    /// Calls `listener` for each [`Event`] of the call: retries and fallbacks, waits, refusals, and its end.
    ///
    /// It runs on the thread of the call, between its steps. A panic in it is caught and does not change the result.
    /// The errors of the body must be [`Display`](core::fmt::Display).
    ///
    /// # Examples
    /// ```
    /// use opero::{Call, Event};
    ///
    /// let mut retries = 0;
    /// let outcome = Call::new("ask")
    ///     .retries(2)
    ///     .min_delay(core::time::Duration::ZERO)
    ///     .on_event(|event| retries += u32::from(matches!(event, Event::Retry { .. })))
    ///     .run(|_| Err::<(), _>("busy"));
    /// assert!(outcome.is_err());
    /// assert_eq!(retries, 2);
    /// ```
    #[cfg(feature = "observe")]
    #[inline]
    pub fn on_event<F: FnMut(&Event<'_>)>(self, listener: F) -> Call<E, N, C, OnEvent<F, J>, L> {
        let mut call = self.wrap(|rest| OnEvent { listener, rest });
        // Each of its calls has events to report.
        call.rest.probe = None;
        call
    }

    /// Sets the longest time that an attempt may take. Default none.
    ///
    /// An async attempt is dropped at the limit. A blocking attempt cannot be interrupted; the overrun is detected
    /// when it returns. Either way it has failed with [`Failure::Timeout`](crate::Failure::Timeout), and the call
    /// goes on as after an error.
    #[inline]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.look();
        self.rest.plan.timeout = nanos(timeout);
        self
    }

    /// Sets the longest time that the whole call may take, including pauses and waits. Default none.
    ///
    /// At the deadline, a running attempt is cut short as by [`timeout`](Call::timeout), nothing more is started, and
    /// the call gives [`Error::Timeout`](crate::Error::Timeout). If a delay or a permit would end at or beyond the
    /// deadline, the call ends at once. Calls in the body respect the nearer deadline: see
    /// [`remaining`](crate::time::remaining).
    #[inline]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.look();
        self.rest.plan.deadline = nanos(deadline);
        self
    }

    /// Ends no later than the map whose item this call is for.
    #[cfg(feature = "map")]
    #[doc(hidden)]
    #[inline]
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.rest.deadline = deadline;
        self
    }

    /// Delays attempts while the resident size of the process is above 80 % of `bytes`.
    ///
    /// Before an attempt starts, expired entries of caches are freed. If that is not enough, it pauses for 100 ms,
    /// once. See [`memory`](crate::memory) for what is measured.
    #[cfg(feature = "memory")]
    #[inline]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.look();
        self.rest.plan.memory = bytes;
        self
    }

    /// Sets the clock that the call waits and tells the time by.
    #[inline]
    pub fn clock<D: Clock>(self, clock: D) -> Call<E, N, D, J, L> {
        let Call { name, clock: _, policy, layers, rest, error } = self;
        Call { name, clock, policy, layers, rest: Rest { probe: None, ..rest }, error }
    }

    /// Sets the name of the call in its errors.
    #[inline]
    pub fn name<M: Name>(mut self, name: M) -> Call<E, M, C, J, L> {
        self.look();
        let Call { name: _, clock, policy, layers, rest, error } = self;
        Call { name, clock, policy, layers, rest, error }
    }

    /// Records that an option was evaluated; its variable may be unreadable.
    #[inline]
    fn look(&mut self) {
        self.rest.plan.bad_read.look();
    }

    #[inline]
    fn with_retries(mut self) -> Self {
        self.rest.plan.with_retries();
        self
    }

    #[inline]
    fn wrap<K>(self, wrapper: impl FnOnce(J) -> K) -> Call<E, N, C, K, L> {
        let Call { name, clock, policy, layers, rest, error } = self;
        Call { name, clock, policy: wrapper(policy), layers, rest, error }
    }

    #[inline]
    fn map_layers<M>(self, change: impl FnOnce(L) -> M) -> Call<E, N, C, J, M> {
        let Call { name, clock, policy, layers, rest, error } = self;
        Call { name, clock, policy, layers: change(layers), rest, error }
    }
}
