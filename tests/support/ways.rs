//! The ways to run a call: a table of cases goes through all of them.

use opero::layer::Layer;
use opero::policy::{CurrentAttempt, ErrorPolicy};
use opero::time::Clock;
use opero::{Call, Error, Name};

use crate::runtime::block_on;

/// A way to run a call. With option `clock`, one call can be run in each of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Blocking,
    Once,
    Async,
    AsyncOnce,
}

/// All ways.
pub(crate) const WAYS: [Way; 4] = [Way::Blocking, Way::Once, Way::Async, Way::AsyncOnce];
/// The ways that may run the body again.
pub(crate) const AGAIN: [Way; 2] = [Way::Blocking, Way::Async];

impl Way {
    /// Runs the call in this way.
    pub(crate) fn run<T, E, N: Name, C: Clock, J: ErrorPolicy<E>, L: Layer<T, E>>(
        self,
        call: Call<E, N, C, J, L>,
        mut op: impl FnMut(CurrentAttempt) -> Result<T, E>,
    ) -> Result<T, Error<E>> {
        match self {
            Way::Blocking => call.run(op),
            Way::Once => call.run_once(op),
            Way::Async => block_on(call.run_async(async |attempt| op(attempt))),
            Way::AsyncOnce => block_on(call.run_once_async(async |attempt| op(attempt))),
        }
    }
}
