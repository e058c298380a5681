//! What stands in the place of `spans.rs` without feature `tracing`: nobody hears.

/// What an event is to `tracing`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weight {
    Trouble,
    Detail,
    OfSpan,
}

#[allow(clippy::inline_always, reason = "with the feature it asks")]
#[inline(always)]
pub(crate) const fn is_wanted() -> bool {
    false
}

#[allow(clippy::inline_always, reason = "with the feature it asks")]
#[inline(always)]
pub(crate) const fn hears(_: Weight) -> bool {
    false
}

#[allow(clippy::inline_always, reason = "with the feature it asks")]
#[inline(always)]
pub(crate) const fn may_hear() -> bool {
    false
}

#[allow(clippy::inline_always, reason = "with the feature it tells")]
#[inline(always)]
pub(super) fn tell(_: &super::Event<'_>) {}
