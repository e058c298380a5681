//! Single-flight across processes: the right to run the body for a key, which a store lends to one process at a time.
//!
//! Within a process, the [flights](super::flights) bring calls together. If the store lends leases, the call that is
//! to run first takes the lease of its key. While another process holds it, the call polls for the value and tries
//! again. A lease has a token and an expiry, so that the lease of a dead process becomes free by itself. The
//! [`keeper`] of the store renews the leases of bodies that still run. No cached value depends on a lease: a lost
//! lease costs one extra run.

#![cfg_attr(not(any(feature = "redis", feature = "sqlite")), allow(dead_code, reason = "no store lends leases"))]

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use self::held::{Note, Which};
use self::keeper::Keeper;
pub(super) use self::turn::{Leased, take, take_async};
use self::wait::{Answer, Holder};
use super::{Key, StoreError};
use crate::key::{Fingerprint as _, InMemory};
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, AtomicU64};
use crate::time::nanos;

mod book;
mod held;
mod keeper;
mod turn;
mod wait;

/// How long a lease lasts unless `lease_time` is set.
const TIME: Duration = Duration::from_secs(10);
/// A shorter lease would expire on a busy machine before it is renewed. A longer one would block others for days
/// after a crash.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

pub(super) type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store that lends leases. Each lease is held under a unique token.
pub(super) trait Lender: Send + Sync {
    /// Takes the lease of a key for `time`, unless another token holds it and it has not expired.
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, StoreError>;

    /// Like `lend`, without blocking the thread.
    fn lend_async<'a>(&'a self, key: &'a Key<'a>, token: u128, time: Duration) -> Later<'a, bool>;

    /// Renews a lease to `time` from now. Returns whether the token still holds it.
    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, StoreError>;

    /// Gives a lease back, if the token still holds it.
    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), StoreError>;

    /// The longest time that a request takes.
    fn io_timeout(&self) -> Duration;
}

/// The leases of one store, shared by all its handles.
pub struct Leases {
    keeper: Arc<Keeper>,
    is_on: AtomicBool,
    /// In nanoseconds.
    time: AtomicU64,
}

impl Leases {
    /// Creates the leases of `lender`. No lease is taken until they are turned on.
    pub(super) fn new(lender: impl Lender + 'static) -> Arc<Self> {
        let keeper = Keeper::new(Box::new(lender));
        Arc::new(Leases { keeper, is_on: AtomicBool::new(false), time: AtomicU64::new(nanos(TIME)) })
    }

    pub(super) fn turn_on(&self, is_on: bool) {
        self.is_on.store(is_on, Relaxed);
    }

    pub(super) fn are_on(&self) -> bool {
        self.is_on.load(Relaxed)
    }

    pub(super) fn set_time(&self, time: Duration) {
        self.time.store(nanos(time.clamp(SHORTEST, LONGEST)), Relaxed);
    }

    fn time(&self) -> Duration {
        Duration::from_nanos(self.time.load(Relaxed))
    }

    /// Creates the lease of a key for the run of this flight. It is not held yet. `None` if the keeper cannot start.
    fn lease(self: &Arc<Self>, key: &Key<'_>, flight: usize) -> Option<Box<Lease>> {
        if !self.keeper.start() {
            return None;
        }
        let which = Which { store: Arc::as_ptr(self).addr(), key: InMemory::of(key) };
        let (leases, key) = (self.clone(), key.clone().into_owned());
        Some(Box::new(Lease { leases, key, token: token(), flight, which, hold: Hold::Free }))
    }
}

impl Drop for Leases {
    fn drop(&mut self) {
        self.keeper.close();
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").field("are_on", &self.are_on()).field("time", &self.time()).finish_non_exhaustive()
    }
}

/// Returns a unique token: random between processes, and numbered within one.
fn token() -> u128 {
    // No model depends on it, and a modelled atomic cannot be in a static.
    static NEXT: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);
    // A forked process has the random seed of its parent, but its own id.
    InMemory::of(&("lease", std::process::id(), NEXT.fetch_add(1, Relaxed)))
}

/// The lease of a key, for one run. Dropping it gives it back, in any state. The keeper does that, so a drop never
/// blocks.
#[derive(Debug)]
pub struct Lease {
    leases: Arc<Leases>,
    key: Key<'static>,
    token: u128,
    flight: usize,
    which: Which,
    hold: Hold,
}

#[derive(Debug)]
enum Hold {
    Free,
    /// The store has been asked and has not answered.
    Asked,
    Held(#[allow(dead_code, reason = "it is held")] Note),
}

impl Lease {
    /// Asks the store for the lease.
    fn lend(&mut self) -> Answer {
        self.hold = Hold::Asked;
        let answer = self.leases.keeper.lender.lend(&self.key, self.token, self.leases.time());
        self.answered(answer.ok())
    }

    /// Like `lend`, without blocking the thread.
    ///
    /// # Cancel safety
    /// If the future is dropped, the lease is given back in case the store has lent it.
    async fn lend_async(&mut self) -> Answer {
        self.hold = Hold::Asked;
        let answer = self.leases.keeper.lender.lend_async(&self.key, self.token, self.leases.time()).await;
        self.answered(answer.ok())
    }

    fn answered(&mut self, answer: Option<bool>) -> Answer {
        match answer {
            Some(true) => {
                self.leases.keeper.hold(self.key.clone(), self.token, self.leases.time());
                self.hold = Hold::Held(Note::new(self.flight, self.which));
                Answer::Ours
            }
            Some(false) => {
                self.hold = Hold::Free;
                Answer::Elsewhere
            }
            None => Answer::Unknown,
        }
    }

    /// Says who holds the lease that this call did not get.
    fn holder(&self) -> Holder {
        held::holder(self.flight, self.which)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match self.hold {
            Hold::Free => {}
            Hold::Asked => self.leases.keeper.abandon(self.key.clone(), self.token),
            Hold::Held(_) => self.leases.keeper.end(self.token),
        }
    }
}
