//! The replacement of `traced.rs` without feature `tracing`: there are no spans.

use super::name::NameRef;

/// No span.
#[derive(Debug)]
pub(super) struct CallSpan;

/// No guard.
pub(super) struct Current;

impl Current {
    pub(super) const fn new(_: Option<&CallSpan>) -> Self {
        Current
    }
}

#[allow(clippy::inline_always, clippy::unused_self, reason = "with the feature they do something")]
impl CallSpan {
    pub(super) const NONE: Self = CallSpan;

    #[inline(always)]
    pub(super) const fn begin(_: NameRef<'_>) -> Self {
        CallSpan
    }

    #[inline(always)]
    pub(super) const fn is_none(&self) -> bool {
        false
    }

    #[inline(always)]
    pub(super) const fn enter(&self) -> Current {
        Current
    }

    #[inline(always)]
    pub(super) fn around_entering<F>(&self, future: F) -> F {
        future
    }

    #[inline(always)]
    pub(super) fn around_leaving<F>(&self, future: F) -> F {
        future
    }
}

/// No span.
pub(super) struct BlockingSpan;

#[allow(clippy::inline_always, clippy::unused_self, reason = "with the feature they do something")]
impl BlockingSpan {
    #[inline(always)]
    pub(super) const fn open(_: NameRef<'_>) -> Self {
        BlockingSpan
    }

    #[inline(always)]
    pub(super) const fn enter(&self) -> Current {
        Current
    }
}
