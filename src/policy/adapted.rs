//! Numbers of a retry policy that are chosen for each call.

use super::Retry;
use super::error_policy::{ErrorPolicy, SealedPolicy};

/// Retries by numbers that are chosen for each call: the policy of `Call::adaptive`, with feature `observe`. The
/// inner policy judges errors.
#[derive(Clone, Copy, Debug)]
pub struct Adapted<R> {
    pub(crate) retry: Option<Retry>,
    pub(crate) rest: R,
}

impl<E, R: ErrorPolicy<E>> ErrorPolicy<E> for Adapted<R> {}

impl<E, R: ErrorPolicy<E>> SealedPolicy<E> for Adapted<R> {
    type Rest = R;

    #[inline]
    fn rest(&mut self) -> Option<&mut R> {
        Some(&mut self.rest)
    }

    #[inline]
    fn adapt(&mut self, retry: &Retry) {
        self.retry = Some(*retry);
    }

    #[inline]
    fn adapted(&self) -> Option<&Retry> {
        self.retry.as_ref()
    }
}
