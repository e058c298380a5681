//! The rate layer of a call whose limiter is on a server.

use alloc::sync::Arc;
use core::future::Future;
use core::hash::Hash;
use core::time::Duration;

use super::OnFault;
use super::pace::Pace;
use super::remote::Remote;
use super::script::{Permit, Question, Reply, Sharing};
use crate::cache::StoreError;
use crate::call::Context;
use crate::error::{Error, TimeoutReason};
use crate::key::{Fingerprint as _, InMemory, InStore};
use crate::layer::{Layer, Step};
use crate::policy::Rate;
use crate::rate::layer::proceed;
use crate::rate::waiting::Waiting;
use crate::rate::{Global, Limiter, PerKey, PermitSource, RateLayer, RemoteKey, Scope, Scoped, TakesKey};
use crate::time::{Clock, nanos};

/// The rate layer of one call: its rate, with permits of a server, or of this process while the server is down.
#[derive(Clone, Debug)]
pub struct RemoteRate<Q> {
    rate: RateLayer<Q>,
    remote: Arc<Remote>,
    /// The fingerprint of the arguments, or of a value. The same in every process.
    key: Option<u128>,
    pub(crate) on_fault: OnFault,
}

/// Says which calls share the permits of a source of this process.
pub trait Shares: PermitSource {
    /// Returns which calls share the rate; `None` if a key is needed and there is none.
    #[doc(hidden)]
    fn sharing(&self, key: Option<u128>) -> Option<Sharing>;
}

impl Shares for &Limiter {
    fn sharing(&self, _: Option<u128>) -> Option<Sharing> {
        Some(Sharing::Name)
    }
}

impl Shares for &Global {
    fn sharing(&self, _: Option<u128>) -> Option<Sharing> {
        Some(Sharing::Rate)
    }
}

impl<L> Shares for PerKey<L>
where
    PerKey<L>: PermitSource,
{
    fn sharing(&self, key: Option<u128>) -> Option<Sharing> {
        key.map(Sharing::Key)
    }
}

impl Shares for Scoped {
    fn sharing(&self, key: Option<u128>) -> Option<Sharing> {
        match self.scope {
            Scope::Global => Some(Sharing::Rate),
            Scope::PerFunction => Some(Sharing::Name),
            Scope::PerArgs => key.map(Sharing::Key),
            Scope::PerKey(key) => Some(Sharing::Key(key.fingerprint())),
        }
    }
}

impl<Q> RemoteRate<Q> {
    /// Creates the same rate, with permits of a server.
    pub(crate) fn new(rate: RateLayer<Q>, remote: Arc<Remote>) -> Self {
        RemoteRate { rate, remote, key: None, on_fault: OnFault::Local }
    }

    pub(crate) fn rate(mut self, rate: Rate) -> Self {
        self.rate.options = self.rate.options.rate(rate);
        self
    }

    pub(crate) fn burst(mut self, burst: u32) -> Self {
        self.rate.options = self.rate.options.burst(burst);
        self
    }

    pub(crate) fn max_wait(mut self, max_wait: Duration) -> Self {
        self.rate.options = self.rate.options.max_wait(nanos(max_wait));
        self
    }
}

impl RemoteRate<Scoped> {
    pub(crate) fn scope(mut self, scope: Scope) -> Self {
        self.rate.source.scope = scope;
        self
    }
}

impl<L> RemoteRate<PerKey<L>> {
    /// Sets scope `per_key`, by a fingerprint that is the same in every process.
    pub(crate) fn per_key(mut self, key: RemoteKey) -> Self {
        self.key = Some(key.0);
        // In memory it is hashed again with a secret key.
        self.rate.source.key = Some(InMemory::of(&key.0));
        self
    }
}

impl<Q: TakesKey> TakesKey for RemoteRate<Q> {
    fn set_key<T: Hash + ?Sized>(&mut self, key: &T) {
        self.set_fingerprint(InStore::of(key));
    }

    fn set_fingerprint(&mut self, fingerprint: u128) {
        self.key = Some(fingerprint);
        self.rate.set_fingerprint(fingerprint);
    }

    fn set_capacity(&mut self, capacity: usize) {
        self.rate.set_capacity(capacity);
    }
}

/// The next step of a call.
enum Next {
    Go,
    /// Waits for its permit, which is due at this time.
    Wait(u64, Permit),
    /// There is no answer.
    Without,
}

impl<Q: Shares> RemoteRate<Q> {
    /// Creates the request to the server: a permit that is due at the end of the call or later is useless.
    fn question<C: Clock, E>(&self, context: &mut Context<'_, C>) -> Result<Question, Error<E>> {
        let options = &self.rate.options;
        let sharing = self.rate.source.sharing(self.key);
        let (Some(sharing), Some(pace)) = (sharing, Pace::new(options.rate, options.burst)) else {
            return Err(context.misconfigured(self.problem()));
        };
        let left = left(context, context.clock.now());
        if left == 0 {
            return Err(context.timed_out());
        }
        let key = sharing.key(self.remote.prefix(), options.rate, context.name.as_str());
        Ok(Question { keys: [key], pace, max_wait: options.max_wait.min(left - 1) })
    }

    /// Applies the tuned numbers of the use.
    fn tune<C>(&mut self, context: &Context<'_, C>) {
        if let Some(tuned) = context.tuned.rate(&self.rate.options) {
            self.rate.options = tuned;
        }
    }

    /// Returns what is wrong with a call that would work within this process only.
    fn problem(&self) -> &'static str {
        if self.rate.source.sharing(self.key).is_none() {
            "set the `limiter` before the `key`: a limiter on a server hashes keys differently"
        } else {
            "a permit, or a `burst`, is worth more than 35 years of the rate, which is too long for a shared `limiter`"
        }
    }

    /// Handles the answer. From here on the clock of the call counts, so that no permit is used early.
    fn hear<C: Clock, E>(
        &self,
        question: &Question,
        answer: &Result<Reply, StoreError>,
        context: &mut Context<'_, C>,
    ) -> Result<Next, Error<E>> {
        let now = context.clock.now();
        context.now = Some(now);
        let (wait, permit) = match *answer {
            Ok(Reply::Reserved { wait, permit }) => (wait, permit),
            Ok(Reply::TooFar(wait)) if wait > self.rate.options.max_wait => {
                return Err(context.rate_limited(Duration::from_nanos(wait)));
            }
            Ok(Reply::TooFar(wait)) => return Err(too_late(context, wait)),
            Err(_) => return Ok(Next::Without),
        };
        let left = left(context, now);
        if wait < left {
            return Ok(if wait == 0 { Next::Go } else { Next::Wait(nanos(now).saturating_add(wait), permit) });
        }
        self.remote.give_back(question.key(), permit);
        Err(if left == 0 { context.timed_out() } else { too_late(context, wait) })
    }

    /// Returns a place in line, until the reserved permit is due.
    fn wait_for<'w, 'c, C: Clock>(
        &'w self,
        question: &Question,
        (due, permit): (u64, Permit),
        context: &Context<'c, C>,
    ) -> Waiting<'w, 'c, C> {
        Waiting::new(self.remote.join(question, due, permit), context.clock)
    }

    #[cold]
    fn refused<C: Clock, E>(context: &Context<'_, C>) -> Error<E> {
        context.refused("its `limiter` cannot be reached")
    }
}

/// In nanoseconds.
fn left<C: Clock>(context: &mut Context<'_, C>, now: Duration) -> u64 {
    context.left(now).map_or(u64::MAX, nanos)
}

#[cold]
fn too_late<C: Clock, E>(context: &Context<'_, C>, wait: u64) -> Error<E> {
    context.timed_out_for(TimeoutReason::Permit(Duration::from_nanos(wait)))
}

impl<T, E, Q: Shares> Layer<T, E> for RemoteRate<Q> {
    type Pass = ();

    #[cfg(feature = "observe")]
    fn describe(&self, layers: &mut alloc::vec::Vec<crate::observe::LayerInfo>) {
        Layer::<T, E>::describe(&self.rate, layers);
    }

    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<E>> {
        Layer::<T, E>::check(&self.rate, context)?;
        let options = context.tuned.rate(&self.rate.options).unwrap_or(self.rate.options);
        if self.rate.source.sharing(self.key).is_none() || Pace::new(options.rate, options.burst).is_none() {
            return Err(context.misconfigured(self.problem()));
        }
        Ok(())
    }

    fn enter<C: Clock>(mut self, context: &mut Context<'_, C>) -> Result<Step<T, ()>, Error<E>> {
        self.tune(context);
        let question = self.question(context)?;
        let answer = self.remote.ask(&question);
        match self.hear(&question, &answer, context)? {
            Next::Go => {}
            Next::Wait(due, permit) => {
                let mut waiting = self.wait_for(&question, (due, permit), context);
                let now = waiting.wait();
                proceed(waiting, now, context)?;
            }
            Next::Without => match self.on_fault {
                OnFault::Local => return self.rate.enter(context),
                OnFault::Open => {}
                OnFault::Closed => return Err(Self::refused(context)),
            },
        }
        Ok(Step::Inward(()))
    }

    #[allow(clippy::manual_async_fn, reason = "an `async fn` stores its arguments twice")]
    fn enter_async<C: Clock>(
        mut self,
        context: &mut Context<'_, C>,
    ) -> impl Future<Output = Result<Step<T, ()>, Error<E>>> {
        async move {
            self.tune(context);
            let question = self.question(context)?;
            let Some(answer) = context.until_over(self.remote.ask_async(&question)).await else {
                return Err(context.timed_out());
            };
            match self.hear(&question, &answer, context)? {
                Next::Go => {}
                Next::Wait(due, permit) => {
                    let mut waiting = self.wait_for(&question, (due, permit), context);
                    let now = waiting.wait_async().await;
                    proceed(waiting, now, context)?;
                }
                Next::Without => match self.on_fault {
                    OnFault::Local => return self.rate.enter_async(context).await,
                    OnFault::Open => {}
                    OnFault::Closed => return Err(Self::refused(context)),
                },
            }
            Ok(Step::Inward(()))
        }
    }
}
