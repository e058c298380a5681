//! Single-flight across processes: the right to run the body for a key, which a store lends to one process at a time.
//!
//! Within a process the [flights](super::flights) bring calls together. The one that is to run takes the lease of its key, where
//! the store lends them. While another process has it, it looks for the value now and then, and tries again. A lease has a token
//! and an end, so that what a process that has died holds comes free by itself; the [`keeper`] of the store lengthens those of
//! bodies that still run. Nothing that is kept depends on a lease: one that is lost costs a second run.

#![cfg_attr(not(any(feature = "redis", feature = "sqlite")), allow(dead_code, reason = "no store lends any"))]

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

/// How long a lease lasts unless `lease_time` says otherwise.
const TIME: Duration = Duration::from_secs(10);
/// Shorter ones would be over before they are lengthened where a machine is busy; longer ones hold nobody up who has died today.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

pub(super) type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What lends leases. Each is held under a token that nobody else has.
pub(super) trait Lender: Send + Sync {
    /// Takes the lease of a key for `time`, unless another token holds it and its time is not over.
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, StoreError>;

    /// The same without blocking.
    fn lend_async<'a>(&'a self, key: &'a Key<'a>, token: u128, time: Duration) -> Later<'a, bool>;

    /// Lengthens a lease to `time` from now, and says whether the token still holds it.
    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, StoreError>;

    /// Gives a lease back, if the token still holds it.
    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), StoreError>;

    /// The longest that a question takes.
    fn io_timeout(&self) -> Duration;
}

/// The leases of one store, which all its handles share.
pub struct Leases {
    keeper: Arc<Keeper>,
    is_on: AtomicBool,
    /// In nanoseconds.
    time: AtomicU64,
}

impl Leases {
    /// Those of `lender`, which nobody takes before they are turned on.
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

    /// The lease of a key for the run of this flight, which is not held yet. `None` where it could not be kept.
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

/// A token that nobody else has: by chance between processes, and by a number within one.
fn token() -> u128 {
    // No model depends on it, and an atomic of a model cannot be made in a static.
    static NEXT: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);
    // A process that was forked has the chance of its parent, but another id.
    InMemory::of(&("lease", std::process::id(), NEXT.fetch_add(1, Relaxed)))
}

/// The lease of a key, for one run. It is given back when it is dropped, in any state; the keeper does it, so that nobody blocks.
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
    /// The store has been asked, and has not said what came of it.
    Asked,
    Held(#[allow(dead_code, reason = "it is held")] Note),
}

impl Lease {
    /// Asks the store for it.
    fn lend(&mut self) -> Answer {
        self.hold = Hold::Asked;
        let answer = self.leases.keeper.lender.lend(&self.key, self.token, self.leases.time());
        self.answered(answer.ok())
    }

    /// The same without blocking.
    ///
    /// # Cancel safety
    /// Dropped, what the store may have lent is given back.
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

    /// Who has it, where this one does not.
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
