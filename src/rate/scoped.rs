//! The permits of a call that is built without a macro, by its scope.

use alloc::sync::Arc;
#[cfg(feature = "cache")]
use core::hash::Hash;

use super::{Joined, Limiter, PermitSource};
#[cfg(feature = "cache")]
use crate::key::Fingerprint as _;
#[cfg(feature = "redis")]
use crate::key::InMemory;
// The same hash in every process if processes may share a rate; otherwise the faster one.
#[cfg(all(feature = "cache", not(feature = "redis")))]
use crate::key::InMemory as OfScope;
#[cfg(feature = "redis")]
use crate::key::InStore as OfScope;
use crate::policy::{Gcra, Rate};

/// Which calls share the permits of a rate: option `scope`.
///
/// With a limiter on a server (see [`Call::limiter`](crate::Call::limiter)) these are the calls of all processes.
/// They are then identified by their name, not by their use.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::{Call, Scope, policy::Rate};
///
/// let call = Call::new("ask").rate(Rate::new(10, Duration::from_secs(1))).scope(Scope::Global);
/// assert_eq!(call.run(|_| Ok::<_, String>(42)), Ok(42));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// All calls of the process whose rates are equal as written.
    #[cfg(feature = "std")]
    Global,
    /// The calls of one use, or the clones of one [`Call`](crate::Call).
    #[default]
    PerFunction,
    /// The calls of one use with one `key`.
    #[cfg(feature = "cache")]
    PerArgs,
    /// The calls of one use with one value, whatever their `key`: made by [`Scope::per_key`].
    #[cfg(feature = "cache")]
    PerKey(ScopeKey),
}

/// The fingerprint of a value that has its own rate.
#[cfg(feature = "cache")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeKey(u128);

#[cfg(feature = "cache")]
impl Scope {
    /// A rate for each value; `scope: per_key(value)` in a macro. The `key` of the call makes no difference.
    ///
    /// # Examples
    /// ```
    /// # use core::time::Duration;
    /// use opero::{Call, Scope, policy::Rate};
    ///
    /// let ask = Call::new("ask")
    ///     .rate(Rate::new(1, Duration::from_secs(3600)))
    ///     .max_wait(Duration::ZERO);
    /// let is_let_through = |tenant: &str| ask
    ///     .clone()
    ///     .scope(Scope::per_key(tenant))
    ///     .run(|_| Ok::<_, ()>(()))
    ///     .is_ok();
    /// assert_eq!(["one", "two", "one"].map(is_let_through), [true, true, false]);
    /// ```
    #[must_use]
    pub fn per_key<T: Hash + ?Sized>(value: &T) -> Self {
        Scope::PerKey(ScopeKey(OfScope::of(value)))
    }
}

#[cfg(feature = "redis")]
impl ScopeKey {
    pub(crate) const fn fingerprint(self) -> u128 {
        self.0
    }
}

/// The permits of the clones of a call.
#[derive(Clone, Debug)]
pub struct Scoped {
    pub(crate) scope: Scope,
    permits: Arc<Permits>,
    #[cfg(feature = "cache")]
    pub(crate) key: Option<u128>,
    #[cfg(feature = "cache")]
    pub(crate) capacity: usize,
}

#[derive(Debug)]
struct Permits {
    limiter: Limiter,
    #[cfg(feature = "std")]
    global: super::Global,
    #[cfg(feature = "cache")]
    limiters: super::KeyedLimiter,
}

impl Scoped {
    /// Creates permits, all of them free.
    pub(crate) fn new() -> Self {
        let permits = Permits {
            limiter: Limiter::new(),
            #[cfg(feature = "std")]
            global: super::Global::NEW,
            #[cfg(feature = "cache")]
            limiters: super::KeyedLimiter::new(),
        };
        Scoped {
            scope: Scope::PerFunction,
            permits: Arc::new(permits),
            #[cfg(feature = "cache")]
            key: None,
            #[cfg(feature = "cache")]
            capacity: super::CAPACITY,
        }
    }
}

#[cfg(feature = "cache")]
impl Scoped {
    /// Returns the key of this call's own permits.
    fn key(&self) -> u128 {
        match self.scope {
            // Others may be able to compute this value, so it is hashed again with a secret key.
            #[cfg(feature = "redis")]
            Scope::PerKey(ScopeKey(key)) => InMemory::of(&key),
            #[cfg(not(feature = "redis"))]
            Scope::PerKey(ScopeKey(key)) => key,
            _ => self.key.unwrap_or_default(),
        }
    }
}

#[cfg_attr(not(feature = "std"), allow(unused_variables, reason = "the rate names a limiter of the process"))]
impl PermitSource for Scoped {
    fn is_sound(&self) -> bool {
        match self.scope {
            #[cfg(feature = "cache")]
            Scope::PerArgs => self.key.is_some() && self.capacity > 0,
            #[cfg(feature = "cache")]
            Scope::PerKey(_) => self.capacity > 0,
            _ => true,
        }
    }

    fn is_one(&self) -> bool {
        self.scope == Scope::PerFunction
    }

    fn take(&self, rate: Rate, gcra: &Gcra, now: u64) -> Result<(), u64> {
        match self.scope {
            #[cfg(feature = "std")]
            Scope::Global => self.permits.global.limiter(rate).take(gcra, now),
            Scope::PerFunction => self.permits.limiter.take(gcra, now),
            #[cfg(feature = "cache")]
            Scope::PerArgs | Scope::PerKey(_) => self.permits.limiters.take(self.key(), gcra, self.capacity, now),
        }
    }

    fn join(&self, rate: Rate, gcra: &Gcra, now: u64, max_wait: u64) -> Joined<'_> {
        match self.scope {
            #[cfg(feature = "std")]
            Scope::Global => self.permits.global.limiter(rate).join(gcra, now, max_wait),
            Scope::PerFunction => self.permits.limiter.join(gcra, now, max_wait),
            #[cfg(feature = "cache")]
            Scope::PerArgs | Scope::PerKey(_) => {
                self.permits.limiters.join(self.key(), gcra, self.capacity, now, max_wait)
            }
        }
    }
}
