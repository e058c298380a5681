//! Replaces `spans.rs` without feature `tracing`: no subscriber takes any event.

/// How an event is passed to `tracing`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weight {
    Trouble,
    Detail,
    OfSpan,
}

#[allow(clippy::inline_always, reason = "with the feature it checks")]
#[inline(always)]
pub(crate) const fn is_wanted() -> bool {
    false
}

#[allow(clippy::inline_always, reason = "with the feature it checks")]
#[inline(always)]
pub(crate) const fn hears(_: Weight) -> bool {
    false
}

#[allow(clippy::inline_always, reason = "with the feature it checks")]
#[inline(always)]
pub(crate) const fn may_hear() -> bool {
    false
}

#[allow(clippy::inline_always, reason = "with the feature it emits")]
#[inline(always)]
pub(super) fn tell(_: &super::Event<'_>) {}
