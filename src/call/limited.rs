//! A call whose rate has a limiter that others share: its options beside those of [`layered`](super::layered).

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
    /// Takes the permits of the [`rate`](Call::rate) from a limiter that others share: see [`SharedLimiter`] for what it may be.
    ///
    /// - A [`Limiter`](crate::Limiter) is one rate for all calls that are given it. The rate and the burst come with each call; give
    ///   all the same. It takes no [`scope`](Call::scope): with another than the default the call gives
    ///   [`Error::Configuration`](crate::Error::Configuration).
    /// - An `opero::cache::Redis` is a limiter for all processes that use the same server. The server decides by its own clock, in
    ///   one step, so that no more permits are given than by one limiter in one process, exactly, however many processes there
    ///   are, for as long as it keeps its keys. Moments are counted in microseconds and fractions of one, of which nothing is
    ///   rounded but the wait, which is rounded up: permits in a row do not drift, at `3/s` neither. Which calls share permits is said by the `scope` as ever, and always by the rate as it is written too, count and
    ///   period: by the name of the call, by that and its key or value, or by the rate alone. Calls without a name of their own
    ///   are called `module:line` in a macro, which another release changes: write `name`.
    ///
    /// With a server each call asks it once. It waits for the answer no longer than the `io_timeout` of the server, 500 ms by
    /// default, and an async one no longer than its [`deadline`](Call::deadline); a blocking one that is over by then ends then.
    /// The server reserves a moment, unless that is further away than [`max_wait`](Call::max_wait)
    /// or what is left of the deadline, and the call waits for it here, by its own clock from when the answer came: a permit
    /// is never used early. One who leaves, since its future is dropped, leaves its moment to the next who waits in this process;
    /// those behind move up, and the last moment is given back to the server in the background, unless another was reserved
    /// after it: then that one permit is lost, as is the permit of a call that is dropped while it asks.
    ///
    /// Where the server cannot be asked, [`on_fault`](Call::on_fault) says what is done. A rate below one permit in 35 years, or
    /// a burst worth more, gives [`Error::Configuration`](crate::Error::Configuration) with a server.
    ///
    /// To be named before the `key`, which is hashed in another way for a server; else the call gives
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

/// One of this process does not fail.
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
    /// What becomes of the call where its [`limiter`](Call::limiter) cannot say whether there is a permit. Default
    /// [`OnFault::Local`]. A [`Limiter`](crate::Limiter) of this process always can.
    ///
    /// A call whose [`deadline`](Call::deadline) comes before the `io_timeout` of the server ends with it: keep that one shorter. No
    /// call waits for a server that is known to be down; when it is back, so is the shared rate, after a second at most. Its
    /// errors are counted in `Redis::stats`, and `Redis::last_error` is the last.
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
    /// Does nothing: it is where a scope is found to be too much.
    #[doc(hidden)]
    #[inline]
    pub fn per_key(self, _: InProcessKey) -> Self {
        self
    }
}

/// The options of a rate that processes share.
#[cfg(feature = "redis")]
impl<E, N, C, J, K, Q, O> Call<E, N, C, J, Layers<K, RemoteRate<Q>, O>> {
    /// Another rate.
    #[inline]
    pub fn rate(mut self, rate: Rate) -> Self {
        self.look();
        self.map_rate(|layer| layer.rate(rate))
    }

    /// How many permits may be taken at once. Default 1; 0 gives [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn burst(mut self, burst: u32) -> Self {
        self.look();
        self.map_rate(|layer| layer.burst(burst))
    }

    /// A call that would have to wait longer for its permit gets [`Error::RateLimit`](crate::Error::RateLimit) at once, and
    /// takes none. Default no bound. Counted in microseconds.
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
    /// Which calls share the permits. Default [`Scope::PerFunction`]: those of the same name.
    #[inline]
    pub fn scope(self, scope: Scope) -> Self {
        self.map_rate(|layer| layer.scope(scope))
    }
}

#[cfg(feature = "redis")]
impl<E, N, C, J, K, L, O> Call<E, N, C, J, Layers<K, RemoteRate<PerKey<L>>, O>> {
    /// The fingerprint of what has a rate of its own.
    #[doc(hidden)]
    #[inline]
    pub fn per_key(self, fingerprint: RemoteKey) -> Self {
        self.map_rate(|layer| layer.per_key(fingerprint))
    }
}

/// The options of a rate for each key, where there is no cache.
#[cfg(feature = "redis")]
impl<E, N, C, J, Q, O> Call<E, N, C, J, Layers<(), RemoteRate<Q>, O>>
where
    RemoteRate<Q>: TakesKey,
{
    /// How many rates with a key of their own are remembered in this process, for when the limiter is gone. Default 10,000; 0
    /// gives [`Error::Configuration`](crate::Error::Configuration).
    #[inline]
    pub fn capacity(mut self, rates: usize) -> Self {
        self.look();
        self.layers.rate.set_capacity(rates);
        self
    }

    /// What tells calls with a rate of their own apart.
    #[inline]
    pub fn key<T: Hash + ?Sized>(mut self, key: &T) -> Self {
        self.layers.rate.set_key(key);
        self
    }

    /// The fingerprint of the key.
    #[doc(hidden)]
    #[inline]
    pub fn keyed(mut self, fingerprint: u128) -> Self {
        self.layers.rate.set_fingerprint(fingerprint);
        self
    }
}
