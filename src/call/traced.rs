//! The span of a call, for subscribers of `tracing`.

use alloc::boxed::Box;
use core::future::Future;
use core::marker::PhantomData;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;
use tracing::Span;

use super::name::NameRef;
use crate::observe::spans;
pub(super) use crate::observe::spans::Current;

/// The span of an async call: one word, null if no subscriber wants it.
#[derive(Debug)]
pub(super) struct CallSpan(Option<Box<AssertUnwindSafe<Span>>>);

impl CallSpan {
    /// There is none.
    pub(super) const NONE: Self = CallSpan(None);

    /// Creates the span of a call that begins.
    #[inline]
    pub(super) fn begin(name: NameRef<'_>) -> Self {
        if spans::is_wanted() { CallSpan::open(name) } else { CallSpan::NONE }
    }

    #[cold]
    fn open(name: NameRef<'_>) -> Self {
        CallSpan(spans::open(name.as_str()).map(AssertUnwindSafe).map(Box::new))
    }

    #[inline]
    pub(super) const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    fn span(&self) -> Option<&Span> {
        self.0.as_deref().map(|span| &span.0)
    }

    /// Makes it the current span of this thread until the guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Current {
        Current::new(self.span())
    }

    /// Puts a future that leads to the first attempt into the span. Dropping it before it is ready abandons the call.
    pub(super) const fn around_entering<F: Future>(&self, future: F) -> Around<'_, F, Entering> {
        Around { future, span: Some(self), way: PhantomData }
    }

    /// Puts a future into the span after the end of the call was recorded.
    pub(super) const fn around_leaving<F: Future>(&self, future: F) -> Around<'_, F, Leaving> {
        Around { future, span: Some(self), way: PhantomData }
    }
}

/// Few instructions if there is no span, so that a call that drops one stays in one piece.
impl Drop for CallSpan {
    #[inline]
    fn drop(&mut self) {
        if let Some(span) = self.0.take() {
            close(span);
        }
    }
}

#[cold]
fn close(span: Box<AssertUnwindSafe<Span>>) {
    drop(span);
}

/// The span of a blocking call, on its stack.
pub(super) struct BlockingSpan(Option<Span>);

impl BlockingSpan {
    #[inline]
    pub(super) fn open(name: NameRef<'_>) -> Self {
        BlockingSpan(if spans::is_wanted() { spans::open(name.as_str()) } else { None })
    }

    /// Makes it the current span of this thread until the guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Current {
        Current::new(self.0.as_ref())
    }
}

/// The direction of a call, as a type: a future has no space for a field.
pub(super) trait Way {
    /// Records that it was dropped there.
    fn dropped(span: &CallSpan);
}

/// The end of the call is not recorded yet.
pub(super) enum Entering {}

/// The end of the call is recorded.
pub(super) enum Leaving {}

impl Way for Entering {
    #[cold]
    fn dropped(span: &CallSpan) {
        span.span().into_iter().for_each(spans::abandon);
    }
}

impl Way for Leaving {
    fn dropped(_: &CallSpan) {}
}

pin_project! {
    /// A future within the span of a call.
    pub(super) struct Around<'s, F, W>
    where
        W: Way,
    {
        #[pin]
        future: F,
        // `None` once it has ended.
        span: Option<&'s CallSpan>,
        way: PhantomData<fn(W)>,
    }

    impl<F, W> PinnedDrop for Around<'_, F, W>
    where
        W: Way,
    {
        fn drop(this: Pin<&mut Self>) {
            this.project().span.take().into_iter().for_each(W::dropped);
        }
    }
}

impl<F: Future, W: Way> Future for Around<'_, F, W> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _current = this.span.map(CallSpan::enter);
        let polled = this.future.poll(context);
        if polled.is_ready() {
            *this.span = None;
        }
        polled
    }
}
