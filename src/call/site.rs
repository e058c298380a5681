//! What a macro use keeps between its calls, and its literal options.

use core::future::Future;
use core::ops::ControlFlow::{Break, Continue};

use super::blocking;
use super::course::{BoxedLog, Course, Source};
use super::failed::Failed;
use super::journey::Journey;
use super::latency::LatencyProbe;
use super::limits::Deadline;
use super::literal::{Async, Blocking};
use super::name::NameRef;
use super::observed::Quick;
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::plan::Plan;
use super::recovery::Recovery;
use super::through;
use super::traced::BlockingSpan;
use super::tuned::Tuned;
use super::turn::Timer;
use crate::__private::Counted;
use crate::error::Error;
use crate::layer::{Layer, Layers};
use crate::policy::{CurrentAttempt, Jitter, Retry};

/// The static of a macro use: its literal options, and what its layers keep.
///
/// `K` and `R` are the parts of the layers that the use has; `()` for one that is not written. Plain data and one
/// method for each option, because the compiler evaluates one of these for each macro use.
#[derive(Debug)]
pub struct Site<K = (), R = ()> {
    pub(super) name: &'static str,
    retries: u32,
    jitter: Jitter,
    /// Is a call that of an item of a map that gives a summary?
    pub(super) of_item: bool,
    /// The speed of its calls.
    pub(super) probe: LatencyProbe,
    backoff: f64,
    min_delay: u64,
    max_delay: u64,
    pub(super) timeout: u64,
    pub(super) deadline: u64,
    #[cfg(feature = "observe")]
    pub(super) origin: Origin,
    cache: K,
    rate: R,
}

/// Methods that each set a field to a literal.
macro_rules! words {
    ($($name:ident: $type:ty),*) => {$(
        $crate::options::documented! { $name
            #[must_use]
            pub const fn $name(mut self, $name: $type) -> Self {
                self.$name = $name;
                self
            }
        }
    )*};
}

#[cfg(feature = "cache")]
pub(crate) use words;

impl Site {
    /// Creates a use named `name`, with no option.
    #[must_use]
    #[cfg_attr(feature = "observe", track_caller)]
    pub const fn new(name: &'static str) -> Self {
        Site {
            name,
            retries: 0,
            jitter: Plan::NEW.jitter,
            of_item: false,
            probe: LatencyProbe::NEW,
            backoff: Plan::NEW.backoff,
            min_delay: Plan::NEW.min_delay,
            max_delay: Plan::NEW.max_delay,
            timeout: Plan::NEVER,
            deadline: Plan::NEVER,
            #[cfg(feature = "observe")]
            origin: Origin::new(),
            cache: (),
            rate: (),
        }
    }

    /// Creates a use with a retry option: retries have their default.
    #[must_use]
    #[cfg_attr(feature = "observe", track_caller)]
    pub const fn retried(name: &'static str) -> Self {
        let mut site = Site::new(name);
        site.retries = Retry::new().count();
        #[cfg(feature = "observe")]
        site.origin.retried();
        site
    }

    /// Sets its module.
    #[cfg(feature = "observe")]
    #[must_use]
    pub const fn within(mut self, module: &'static str) -> Self {
        self.origin.place(module);
        self
    }

    words!(
        name: &'static str, retries: u32, jitter: Jitter, backoff: f64, min_delay: u64, max_delay: u64, timeout: u64,
        deadline: u64
    );

    /// Creates a use for the items of a map that gives a summary, which records which attempt gave each value.
    #[must_use]
    pub const fn of_item(mut self) -> Self {
        self.of_item = true;
        self
    }

    /// Adds the parts of its layers.
    #[must_use]
    pub const fn layers<K, R>(self, cache: K, rate: R) -> Site<K, R> {
        let Site {
            name,
            retries,
            jitter,
            of_item,
            probe,
            backoff,
            min_delay,
            max_delay,
            timeout,
            deadline,
            #[cfg(feature = "observe")]
            origin,
            cache: (),
            rate: (),
        } = self;
        Site {
            name,
            retries,
            jitter,
            of_item,
            probe,
            backoff,
            min_delay,
            max_delay,
            timeout,
            deadline,
            #[cfg(feature = "observe")]
            origin,
            cache,
            rate,
        }
    }
}

impl<K, R> Site<K, R> {
    /// Returns a call that need not be timed, if possible.
    #[inline]
    fn quick(&'static self) -> Option<Quick> {
        if !self.probe.is_quick() {
            return None;
        }
        #[cfg(feature = "observe")]
        return self.origin.quick();
        #[cfg(not(feature = "observe"))]
        Some(Quick)
    }

    /// Returns its tuned numbers.
    #[cfg_attr(not(feature = "observe"), allow(clippy::unused_self, reason = "nothing is"))]
    #[inline]
    pub(super) fn tuned(&'static self) -> Tuned {
        #[cfg(feature = "observe")]
        return self.origin.tuned(NameRef::of_use(&self.name));
        #[cfg(not(feature = "observe"))]
        Tuned::NONE
    }

    /// Returns the options in the static.
    pub(super) const fn plan(&self) -> Plan {
        #[cfg(feature = "observe")]
        let retries = if self.origin.is_retried() { Some(self.retries) } else { None };
        #[cfg(not(feature = "observe"))]
        let retries = Some(self.retries);
        Plan {
            retries,
            backoff: self.backoff,
            min_delay: self.min_delay,
            max_delay: self.max_delay,
            jitter: self.jitter,
            timeout: self.timeout,
            deadline: self.deadline,
            of_item: self.of_item,
            ..Plan::NEW
        }
    }
}

/// What a layer keeps in the static of a use.
pub trait Part {
    /// The layer of a call whose options are all literals.
    type Layer;
    /// The layer of a call with options that are not literals.
    type Told;

    /// Returns the layer of a call with this key.
    fn layer(&'static self, key: u128) -> Self::Layer;

    /// Returns the layer of a call whose key is not set yet.
    fn told(&'static self) -> Self::Told;
}

impl Part for () {
    type Layer = ();
    type Told = ();

    #[inline]
    fn layer(&'static self, _: u128) {}

    #[inline]
    fn told(&'static self) {}
}

/// A use without layers.
impl Site {
    /// Runs a blocking body, as often as the options say.
    ///
    /// # Errors
    /// Those of [`Call::run`](crate::Call::run).
    #[inline]
    pub fn again<T, E>(&'static self, op: impl FnMut(CurrentAttempt) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        self.over("", 1, op)
    }

    /// Like `again`, over a list of candidates, which is named `binding`.
    ///
    /// # Errors
    /// Those of [`Call::run`](crate::Call::run).
    #[inline]
    pub fn over<T, E>(
        &'static self,
        binding: &'static str,
        candidates: impl Counted,
        mut op: impl FnMut(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        let count = candidates.count();
        match self.quick() {
            Some(quick) if count != 0 => match quick.run(|| op(CurrentAttempt::FIRST)) {
                Ok(value) => Ok(value),
                Err(error) => candidates.tell(self.drive(binding, count, Some(error), op)),
            },
            _ => candidates.tell(self.drive(binding, count, None, op)),
        }
    }

    #[cold]
    #[inline(never)]
    fn drive<T, E>(
        &'static self,
        binding: &'static str,
        candidates: usize,
        first: Option<E>,
        op: impl FnMut(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        let span = BlockingSpan::open(NameRef::of_use(&self.name));
        let _current = span.enter();
        blocking::run(&mut Course::new(Blocking::new(self, binding), candidates), first, op)
    }

    /// Runs a blocking body once.
    ///
    /// # Errors
    /// Those of [`Call::run_once`](crate::Call::run_once).
    #[inline]
    pub fn once<T, E>(&'static self, op: impl FnOnce(CurrentAttempt) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        match self.quick() {
            Some(quick) => match quick.run(|| op(CurrentAttempt::FIRST)) {
                Ok(value) => Ok(value),
                Err(error) => Err(self.give_up(error)),
            },
            None => self.drive_once(op),
        }
    }

    #[cold]
    #[inline(never)]
    fn drive_once<T, E>(&'static self, op: impl FnOnce(CurrentAttempt) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        let span = BlockingSpan::open(NameRef::of_use(&self.name));
        let _current = span.enter();
        blocking::run_once(&mut Course::new(Blocking::new(self, ""), 1), op)
    }

    #[cold]
    #[inline(never)]
    fn give_up<E>(&'static self, error: E) -> Error<E>
    where
        Blocking<(), ()>: Source<E>,
    {
        Course::<E, _, Recovery<E>>::new(Blocking::new(self, ""), 1).give_up(Failed::Error(error))
    }

    /// Returns the course of an async body.
    #[inline]
    pub fn course<E>(&'static self) -> Course<E, Async<(), ()>, BoxedLog<E>>
    where
        Async<(), ()>: Source<E>,
    {
        self.course_over("", 1)
    }

    /// Like `course`, over a list of candidates.
    #[inline]
    pub fn course_over<E>(
        &'static self,
        binding: &'static str,
        candidates: usize,
    ) -> Course<E, Async<(), ()>, BoxedLog<E>>
    where
        Async<(), ()>: Source<E>,
    {
        Course::new(Async::new(self, binding), candidates)
    }
}

impl<K: Part, R: Part> Site<K, R> {
    /// Returns a call that passes the layers of the use; this fingerprint is its key.
    #[inline]
    pub const fn at(&'static self, key: u128) -> Use<K, R> {
        Use { site: self, key }
    }

    /// Returns the layers of a call with this key.
    #[inline]
    pub(super) fn parts(&'static self, key: u128) -> Layers<K::Layer, R::Layer> {
        Layers { cache: self.cache.layer(key), rate: self.rate.layer(key), own: () }
    }

    /// Returns the layers of a call whose key is not set yet.
    #[inline]
    pub(super) fn told(&'static self) -> Layers<K::Told, R::Told> {
        Layers { cache: self.cache.told(), rate: self.rate.told(), own: () }
    }
}

/// A call of a use with layers.
#[derive(Debug)]
pub struct Use<K: 'static, R: 'static> {
    pub(super) site: &'static Site<K, R>,
    pub(super) key: u128,
}

impl<K: Part, R: Part> Use<K, R> {
    /// Runs a blocking body.
    ///
    /// # Errors
    /// Those of [`Call::run`](crate::Call::run).
    #[inline]
    pub fn again<T, E>(self, op: impl FnMut(CurrentAttempt) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Blocking<K, R>: Source<E>,
    {
        self.over("", 1, op)
    }

    /// Like `again`, over a list of candidates.
    ///
    /// # Errors
    /// Those of [`Call::run`](crate::Call::run).
    #[inline]
    pub fn over<T, E, F>(self, binding: &'static str, candidates: impl Counted, op: F) -> Result<T, Error<E>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Blocking<K, R>: Source<E>,
        F: FnMut(CurrentAttempt) -> Result<T, E>,
    {
        let span = BlockingSpan::open(NameRef::of_use(&self.site.name));
        let _current = span.enter();
        let mut source = Blocking::new(self.site, binding);
        let layers = self.site.parts(self.key).of::<F>();
        let count = candidates.count();
        match through::enter(&mut source, count, Deadline::NONE, layers) {
            Break(outcome) => outcome,
            Continue(entered) => candidates.tell(entered.run(source, count, op)),
        }
    }

    /// Runs a blocking body once.
    ///
    /// # Errors
    /// Those of [`Call::run_once`](crate::Call::run_once).
    #[inline]
    pub fn once<T, E, F>(self, op: F) -> Result<T, Error<E>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Blocking<K, R>: Source<E>,
        F: FnOnce(CurrentAttempt) -> Result<T, E>,
    {
        let span = BlockingSpan::open(NameRef::of_use(&self.site.name));
        let _current = span.enter();
        let mut source = Blocking::new(self.site, "");
        match through::enter(&mut source, 1, Deadline::NONE, self.site.parts(self.key).of::<F>()) {
            Break(outcome) => outcome,
            Continue(entered) => entered.run_once(source, 1, op),
        }
    }

    /// Runs an async body once.
    ///
    /// # Errors
    /// Those of [`Call::run_once_async`](crate::Call::run_once_async).
    #[inline]
    pub fn once_async<T, E, F>(self, body: F) -> impl Future<Output = Result<T, Error<E>>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Async<K, R>: Source<E> + Timer,
        F: Future<Output = Result<T, E>>,
    {
        self.course().once(body)
    }

    /// Returns the course of an async body.
    #[inline]
    #[must_use]
    pub fn course<E, G>(self) -> Journey<E, Async<K, R>, Layers<K::Layer, R::Layer>, G>
    where
        Async<K, R>: Source<E>,
    {
        self.course_over("", 1)
    }

    /// Like `course`, over a list of candidates.
    #[inline]
    #[must_use]
    pub fn course_over<E, G>(
        self,
        binding: &'static str,
        candidates: usize,
    ) -> Journey<E, Async<K, R>, Layers<K::Layer, R::Layer>, G>
    where
        Async<K, R>: Source<E>,
    {
        Journey::new(Async::new(self.site, binding), candidates, Deadline::NONE, self.site.parts(self.key))
    }
}
