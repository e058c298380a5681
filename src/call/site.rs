//! What a macro use keeps between its calls, and its options where they are literals.

use core::marker::PhantomData;
use core::ops::ControlFlow::{Break, Continue};
#[cfg(feature = "async")]
use core::time::Duration;

use super::blocking;
use super::course::{BoxedLog, Course, Source};
use super::journey::Journey;
use super::name::NameRef;
use super::pace::Pace;
use super::plan::Plan;
use super::through;
#[cfg(feature = "async")]
use super::turn::Timer;
use crate::error::Error;
use crate::layer::{Layer, Layers};
use crate::policy::{Always, Execution};
use crate::time::{AsyncDefault, BlockingDefault, UseClock};

/// The static of a macro use: its options, and what its layers keep.
///
/// `K` and `R` are the parts of the layers that the use has: `()` where one is not written.
#[derive(Debug)]
pub struct Site<K = (), R = ()> {
    /// Option `name`, else what the use is called.
    pub name: &'static str,
    /// The options of the call itself.
    pub plan: &'static Plan,
    /// How fast its calls are.
    pub pace: Pace,
    /// The part of the cache.
    pub cache: K,
    /// The part of the rate.
    pub rate: R,
}

/// What a layer keeps in the static of a use.
pub trait Part {
    /// The layer of one call.
    type Layer;

    /// The layer of a call that has this key.
    fn layer(&'static self, key: Option<u128>) -> Self::Layer;
}

impl Part for () {
    type Layer = ();

    #[inline]
    fn layer(&'static self, _: Option<u128>) {}
}

/// A call of a use whose options are literals, on the clock `C`.
#[derive(Debug)]
pub struct Literal<K: 'static, R: 'static, C> {
    site: &'static Site<K, R>,
    policy: Always,
    clock: PhantomData<C>,
}

impl<K, R, C> Literal<K, R, C> {
    #[inline]
    const fn new(site: &'static Site<K, R>) -> Self {
        Literal { site, policy: Always, clock: PhantomData }
    }
}

impl<E, K, R, C: UseClock> Source<E> for Literal<K, R, C> {
    type Clock = C;
    type Policy = Always;

    #[inline]
    fn name(&self) -> NameRef<'_> {
        NameRef::Static(self.site.name)
    }

    #[inline]
    fn clock(&self) -> &C {
        C::of_use()
    }

    #[inline]
    fn plan(&self) -> &Plan {
        self.site.plan
    }

    #[inline]
    fn pace(&self) -> Option<&'static Pace> {
        Some(&self.site.pace)
    }

    #[inline]
    fn policy(&mut self) -> &mut Always {
        &mut self.policy
    }
}

type Blocking<K, R> = Literal<K, R, BlockingDefault>;
type Async<K, R> = Literal<K, R, AsyncDefault>;

/// No layer stands around the call.
impl Site {
    /// Runs a blocking body.
    ///
    /// # Errors
    /// As [`Call::run`](crate::Call::run).
    #[inline]
    pub fn run<T, E>(&'static self, op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        self.run_over(1, op)
    }

    /// The same over a list of candidates.
    ///
    /// # Errors
    /// As [`Call::run`](crate::Call::run).
    #[inline]
    pub fn run_over<T, E>(
        &'static self,
        candidates: usize,
        mut op: impl FnMut(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        if self.pace.is_quick() && candidates != 0 {
            return match op(Execution::FIRST) {
                Ok(value) => Ok(value),
                Err(error) => self.drive(candidates, Some(error), op),
            };
        }
        self.drive(candidates, None, op)
    }

    #[cold]
    #[inline(never)]
    fn drive<T, E>(
        &'static self,
        candidates: usize,
        first: Option<E>,
        op: impl FnMut(Execution) -> Result<T, E>,
    ) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        blocking::run(&mut Course::new(Blocking::new(self), candidates), first, op)
    }

    /// Runs a blocking body once.
    ///
    /// # Errors
    /// As [`Call::run_once`](crate::Call::run_once).
    #[inline]
    pub fn run_once<T, E>(&'static self, op: impl FnOnce(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Blocking<(), ()>: Source<E>,
    {
        blocking::run_once(&mut Course::new(Blocking::new(self), 1), op)
    }

    /// The course of an async body.
    #[inline]
    pub fn course<E>(&'static self) -> Course<E, Async<(), ()>, BoxedLog<E>>
    where
        Async<(), ()>: Source<E>,
    {
        self.course_over(1)
    }

    /// The same over a list of candidates.
    #[inline]
    pub fn course_over<E>(&'static self, candidates: usize) -> Course<E, Async<(), ()>, BoxedLog<E>>
    where
        Async<(), ()>: Source<E>,
    {
        Course::new(Async::new(self), candidates)
    }
}

impl<K: Part, R: Part> Site<K, R> {
    /// A call that goes through the layers of the use; what tells it apart from others has this fingerprint.
    #[inline]
    pub const fn at(&'static self, key: u128) -> Use<K, R> {
        Use { site: self, key }
    }
}

/// A call of a use with layers.
#[derive(Debug)]
pub struct Use<K: 'static, R: 'static> {
    site: &'static Site<K, R>,
    key: u128,
}

impl<K: Part, R: Part> Use<K, R> {
    #[inline]
    fn layers(&self) -> Layers<K::Layer, R::Layer> {
        let key = Some(self.key);
        Layers { cache: self.site.cache.layer(key), rate: self.site.rate.layer(key), own: () }
    }

    /// Runs a blocking body.
    ///
    /// # Errors
    /// As [`Call::run`](crate::Call::run).
    #[inline]
    pub fn run<T, E>(self, op: impl FnMut(Execution) -> Result<T, E>) -> Result<T, Error<E>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Blocking<K, R>: Source<E>,
    {
        self.run_over(1, op)
    }

    /// The same over a list of candidates.
    ///
    /// # Errors
    /// As [`Call::run`](crate::Call::run).
    #[inline]
    pub fn run_over<T, E, F>(self, candidates: usize, op: F) -> Result<T, Error<E>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Blocking<K, R>: Source<E>,
        F: FnMut(Execution) -> Result<T, E>,
    {
        match through::enter(Blocking::new(self.site), candidates, None, self.layers().of::<F>()) {
            Break(outcome) => outcome,
            Continue(inside) => inside.run(op),
        }
    }

    /// Runs a blocking body once.
    ///
    /// # Errors
    /// As [`Call::run_once`](crate::Call::run_once).
    #[inline]
    pub fn run_once<T, E, F>(self, op: F) -> Result<T, Error<E>>
    where
        Layers<K::Layer, R::Layer>: Layer<T, E>,
        Blocking<K, R>: Source<E>,
        F: FnOnce(Execution) -> Result<T, E>,
    {
        match through::enter(Blocking::new(self.site), 1, None, self.layers().of::<F>()) {
            Break(outcome) => outcome,
            Continue(inside) => inside.run_once(op),
        }
    }

    /// The course of an async body.
    #[inline]
    pub fn course<E, G>(self) -> Journey<E, Async<K, R>, Layers<K::Layer, R::Layer>, G>
    where
        Async<K, R>: Source<E>,
    {
        self.course_over(1)
    }

    /// The same over a list of candidates.
    #[inline]
    pub fn course_over<E, G>(self, candidates: usize) -> Journey<E, Async<K, R>, Layers<K::Layer, R::Layer>, G>
    where
        Async<K, R>: Source<E>,
    {
        Journey::new(Async::new(self.site), candidates, None, self.layers())
    }
}

#[cfg(feature = "async")]
impl<K, R> Timer for Async<K, R> {
    type Sleep = crate::time::Sleep;

    #[cold]
    fn sleep(&self, pause: Duration) -> Self::Sleep {
        crate::time::sleep(pause)
    }
}
