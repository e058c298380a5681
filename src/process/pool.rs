//! Idle children, by configuration.

use alloc::vec::Vec;
use core::time::Duration;
use std::time::Instant;

use super::code::FunctionOffset;
use super::worker::Worker;
use super::{spawner, state};
use crate::error::Crash;
use crate::sync::{Mutex, lock};

/// How long a child may be idle before it ends.
const IDLE: Duration = Duration::from_secs(60);

/// Children are shared only between maps with the same configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Configuration {
    pub(super) init: Option<FunctionOffset>,
    pub(super) memory: Option<u64>,
    pub(super) recycle_after: Option<usize>,
    /// Whether bodies are futures, of which a child runs many at a time.
    pub(super) is_async: bool,
}

struct Idle {
    worker: Worker,
    configuration: Configuration,
    since: Instant,
}

static POOL: Mutex<Vec<Idle>> = Mutex::new(Vec::new());

/// Takes a child of this configuration: the one that was used last, or a new one.
pub(super) fn take(configuration: Configuration) -> Result<Worker, Crash> {
    loop {
        let idle = {
            let mut pool = lock(&POOL);
            let place = pool.iter().rposition(|idle| idle.configuration == configuration);
            place.map(|place| pool.remove(place))
        };
        match idle {
            Some(Idle { worker, .. }) if worker.is_healthy() => return Ok(worker),
            // It has ended meanwhile, or has sent something without a request.
            Some(idle) => drop(idle),
            None => break,
        }
    }
    let (launch, depth) = state::launch().ok_or_else(|| Crash::not_started("`opero::process::init` was not called"))?;
    spawner::start(launch, depth, configuration).map_err(Crash::not_started)
}

/// Returns a child that has answered.
pub(super) fn give_back(worker: Worker, configuration: Configuration) {
    if configuration.recycle_after.is_some_and(|most| worker.requests() >= most) {
        return worker.dismiss();
    }
    lock(&POOL).push(Idle { worker, configuration, since: Instant::now() });
}

/// Ends the children that have been idle for long. Returns whether any are left.
pub(super) fn end_idle() -> bool {
    let mut pool = lock(&POOL);
    let is_old = |idle: &Idle| idle.since.elapsed() >= IDLE;
    let (old, young): (Vec<_>, Vec<_>) = core::mem::take(&mut *pool).into_iter().partition(is_old);
    let has_children = !young.is_empty();
    *pool = young;
    drop(pool);
    for idle in old {
        idle.worker.dismiss();
    }
    has_children
}

/// Ends all idle children, and waits until they have ended.
pub(crate) fn shutdown() {
    #[cfg(feature = "async")]
    super::link::wait_for_closing();
    let idle = core::mem::take(&mut *lock(&POOL));
    for Idle { worker, .. } in idle {
        worker.dismiss();
    }
    spawner::wait_for_all();
}
