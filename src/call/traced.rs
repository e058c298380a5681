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

/// The span of an async call: a word, that is null where nobody wants it.
#[derive(Debug)]
pub(super) struct CallSpan(Option<Box<AssertUnwindSafe<Span>>>);

impl CallSpan {
    /// There is none.
    pub(super) const NONE: Self = CallSpan(None);

    /// That of a call which begins.
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

    /// Makes it the current one of this thread, until the guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Current {
        Current::new(self.span())
    }

    /// The same future within the span, on the way to the first attempt. To drop it before its end is to abandon the call.
    pub(super) const fn around_entering<F: Future>(&self, future: F) -> Around<'_, F, Entering> {
        Around { future, span: Some(self), way: PhantomData }
    }

    /// The same, when the span has been told how the call has ended.
    pub(super) const fn around_leaving<F: Future>(&self, future: F) -> Around<'_, F, Leaving> {
        Around { future, span: Some(self), way: PhantomData }
    }
}

/// In few instructions where there is none, so that a call which drops one is not cut in two for it.
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

/// The span of a blocking call, on the stack of that.
pub(super) struct BlockingSpan(Option<Span>);

impl BlockingSpan {
    #[inline]
    pub(super) fn open(name: NameRef<'_>) -> Self {
        BlockingSpan(if spans::is_wanted() { spans::open(name.as_str()) } else { None })
    }

    /// Makes it the current one of this thread, until the guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Current {
        Current::new(self.0.as_ref())
    }
}

/// Where a call is on its way, in the type: a future has no room to spare.
pub(super) trait Way {
    /// It has been dropped there.
    fn dropped(span: &CallSpan);
}

/// Its span has yet to be told how it ends.
pub(super) enum Entering {}

/// Its span knows.
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
        // Until it has ended.
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
