//! A call whose rate has a shared limiter: its options beside those of [`layered`](super::layered).

#[cfg(feature = "redis")]
use core::hash::Hash;
#[cfg(feature = "redis")]
use core::time::Duration;

use super::Call;
use crate::layer::Layers;
#[cfg(feature = "redis")]
use crate::policy::Rate;
#[cfg(feature = "cache")]
use crate::rate::InProcessKey;
use crate::rate::{InProcess, Include, OnFault, RateLayer, SharedLimiter};
#[cfg(feature = "redis")]
use crate::rate::{PerKey, RemoteKey, RemoteRate, Scope, Scoped, TakesKey};

impl<E, N, C, J, K, Q, O> Call<E, N, C, J, Layers<K, RateLayer<Q>, O>> {
    /// Takes the permits of the [`rate`](Call::rate) from a shared limiter: see [`SharedLimiter`] for the types that
    /// it accepts.
    ///
    /// - A [`Limiter`](crate::Limiter) is one rate for all calls that use it. The rate and the burst come with each
    ///   call; use the same in all of them. It takes no [`scope`](Call::scope): a scope other than the default gives
    ///   [`Error::Configuration`](crate::Error::Configuration).
    /// - An `opero::cache::Redis` is a limiter for all processes that use the same server. The server decides by its
    ///   own clock, in one atomic step. So however many processes there are, together they get exactly the permits
    ///   that one limiter in one process would give, as long as the server keeps its keys. Times are counted in
    ///   microseconds and fractions of one. Only the wait is rounded, up, so consecutive permits do not drift, even
    ///   at `3/s`. The `scope` says which calls share permits: those of one name, those of one name and one key or
    ///   value, or all. In each case their rates must be equal as written, count and period. Calls without a name of
    ///   their own are called `module:line` in a macro, which changes between releases, so write `name`.
    ///
    /// Each call makes one request to the server. It waits for the answer at most for the `io_timeout` of the server,
    /// 500 ms by default. An async call waits at most until its [`deadline`](Call::deadline); a blocking call whose
    /// deadline passes meanwhile ends when the request does. The server reserves a permit, unless that is due later
    /// than [`max_wait`](Call::max_wait) or the deadline permits. The call then waits for it here, by its own clock
    /// from when the answer came: a permit is never used early. If a waiting call leaves because its future is
    /// dropped, the next call that waits in this process gets its permit and those behind move up. The last permit is
    /// given back to the server in the background. If another was reserved after it, that one permit is lost, and so
    /// is the permit of a call that is dropped during its request.
    ///
    /// If the server cannot be reached, [`on_fault`](Call::on_fault) decides. With a server, a rate below one permit
    /// in 35 years, or a burst worth more, gives [`Error::Configuration`](crate::Error::Configuration).
    ///
    /// Set it before the `key`, because a server needs another hash of the key; otherwise the call gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    ///
    /// # Examples
    /// ```
    /// # use core::time::Duration;
    /// use opero::{Call, Limiter, policy::Rate};
    ///
    /// static SHARED: Limiter = Limiter::new();
    ///
    /// let hourly = Rate::new(1, Duration::from_secs(3600));
    /// let ask = Call::new("ask").rate(hourly).max_wait(Duration::ZERO).limiter(&SHARED);
    /// let tell = Call::new("tell").rate(hourly).max_wait(Duration::ZERO).limiter(&SHARED);
    /// assert_eq!(ask.run(|_| Ok::<_, String>(42)), Ok(42));
    /// assert!(tell.run(|_| Ok::<_, String>(42)).is_err_and(|error| error.is_rate_limit()));
    /// ```
    #[inline]
    pub fn limiter<L: SharedLimiter<Q>>(self, limiter: L) -> Call<E, N, C, J, Layers<K, L::Layer, O>>
    where
        L::Scopes: Include<Q>,
    {
        self.map_layers(|layers| layers.map_rate(|rate| limiter.around(rate)))
    }
}

/// A call whose rate has a limiter.
#[diagnostic::on_unimplemented(
    message = "this option is about a limiter, and there is none: add `limiter: &limiter`",
    label = "there is no `limiter`"
)]
pub trait HasLimiter {
    /// Option `on_fault`.
    #[doc(hidden)]
    fn set_on_fault(&mut self, on_fault: OnFault);
}

/// A limiter of this process does not fail.
#[diagnostic::do_not_recommend]
impl<E, N, C, J, K, L, O> HasLimiter for Call<E, N, C, J, Layers<K, RateLayer<InProcess<L>>, O>> {
    fn set_on_fault(&mut self, _: OnFault) {}
}

#[cfg(feature = "redis")]
#[diagnostic::do_not_recommend]
impl<E, N, C, J, K, Q, O> HasLimiter for Call<E, N, C, J, Layers<K, RemoteRate<Q>, O>> {
    fn set_on_fault(&mut self, on_fault: OnFault) {
        self.layers.rate.on_fault = on_fault;
    }
}

impl<E, N, C, J, L> Call<E, N, C, J, L> {
    /// Sets what happens to the call if its [`limiter`](Call::limiter) cannot be reached. Default [`OnFault::Local`].
    /// A [`Limiter`](crate::Limiter) of this process is always reachable.
    ///
    /// If the [`deadline`](Call::deadline) of a call is earlier than the `io_timeout` of the server, the call ends at
    /// the deadline: keep the `io_timeout` shorter. No call waits for a server that is known to be down. When the
    /// server is back, the shared rate applies again after a second at most. Its errors are counted in
    /// `Redis::stats`, and `Redis::last_error` returns the last one.
    #[inline]
    pub fn on_fault(mut self, on_fault: OnFault) -> Self
    where
        Self: HasLimiter,
    {
        self.set_on_fault(on_fault);
        self
    }
}

#[cfg(feature = "cache")]
impl<E, N, C, J, K, L, O> Call<E, N, C, J, Layers<K, RateLayer<InProcess<L>>, O>> {
    /// Does nothing: its bounds reject a scope that the limiter does not support.
    #[doc(hidden)]
    #[inline]
    pub fn per_key(self, _: InProcessKey) -> Self {
        self
    }
}

/// The options of a rate that processes share.
#[cfg(feature = "redis")]
impl<E, N, C, J, K, Q, O> Call<E, N, C, J, Layers<K, RemoteRate<Q>, O>> {
    /// Replaces the rate.
    #[inline]
    pub fn rate(mut self, rate: Rate) -> Self {
        self.look();
        self.map_rate(|layer| layer.rate(rate))
    }

    /// Sets how many permits may be taken at once. Default 1; 0 gives
    /// [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn burst(mut self, burst: u32) -> Self {
        self.look();
        self.map_rate(|layer| layer.burst(burst))
    }

    /// Sets the longest wait for a permit, counted in microseconds. A call that would have to wait longer gets
    /// [`Error::RateLimit`](crate::Error::RateLimit) at once, and takes no permit. Default: no bound.
    #[inline]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.look();
        self.map_rate(|layer| layer.max_wait(max_wait))
    }

    #[inline]
    fn map_rate(self, change: impl FnOnce(RemoteRate<Q>) -> RemoteRate<Q>) -> Self {
        self.map_layers(|layers| layers.map_rate(change))
    }
}

#[cfg(feature = "redis")]
impl<E, N, C, J, K, O> Call<E, N, C, J, Layers<K, RemoteRate<Scoped>, O>> {
    /// Sets which calls share the permits. Default [`Scope::PerFunction`]: those of the same name.
    #[inline]
    pub fn scope(self, scope: Scope) -> Self {
        self.map_rate(|layer| layer.scope(scope))
    }
}

#[cfg(feature = "redis")]
impl<E, N, C, J, K, L, O> Call<E, N, C, J, Layers<K, RemoteRate<PerKey<L>>, O>> {
    /// Sets the fingerprint of the value that has its own rate.
    #[doc(hidden)]
    #[inline]
    pub fn per_key(self, fingerprint: RemoteKey) -> Self {
        self.map_rate(|layer| layer.per_key(fingerprint))
    }
}

/// The options of a rate for each key, without a cache.
#[cfg(feature = "redis")]
impl<E, N, C, J, Q, O> Call<E, N, C, J, Layers<(), RemoteRate<Q>, O>>
where
    RemoteRate<Q>: TakesKey,
{
    /// Sets the maximum number of keys with their own rate in this process, used while the limiter cannot be reached.
    /// Default 10,000; 0 gives [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn capacity(mut self, rates: usize) -> Self {
        self.look();
        self.layers.rate.set_capacity(rates);
        self
    }

    /// Sets the key: calls with different keys have separate rates.
    #[inline]
    pub fn key<T: Hash + ?Sized>(mut self, key: &T) -> Self {
        self.layers.rate.set_key(key);
        self
    }

    /// Sets the fingerprint of the key.
    #[doc(hidden)]
    #[inline]
    pub fn keyed(mut self, fingerprint: u128) -> Self {
        self.layers.rate.set_fingerprint(fingerprint);
        self
    }
}
