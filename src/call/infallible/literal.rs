//! The infallible call of a macro use whose options are literals.

use core::convert::Infallible;
#[cfg(feature = "async")]
use core::future::Future;

#[cfg(feature = "async")]
use super::super::literal::Async;
use super::super::literal::Blocking;
use super::super::name::{NameRef, StaticName};
use super::super::site::Use;
use super::super::traced::BlockingSpan;
#[cfg(feature = "async")]
use super::{Body, Deadline, Journey, Sure};
use super::{Unlimited, run};
use crate::cache::backing::{Own, Value};
use crate::cache::layer::{CacheLayer, CacheSite, CannotFail};
use crate::cache::slots::Slots;
use crate::layer::{Layer, Layers};

impl Use<CacheSite, ()> {
    /// Returns the value of an entry, or that of a blocking body.
    #[inline]
    pub fn infallible<T: Value, F: FnOnce() -> T>(self, op: F) -> T {
        let span = BlockingSpan::open(NameRef::of_use(&self.site.name));
        let _current = span.enter();
        let layers = self.infallible_layers();
        run(Unlimited(Blocking::new(self.site, "")), Layer::<T, Infallible>::of::<F>(layers), op)
    }

    /// The same for an async body.
    #[cfg(feature = "async")]
    #[allow(clippy::inline_always, reason = "out of line, the future is moved once more")]
    #[inline(always)]
    pub fn infallible_async<T: Value, F: Future<Output = T>>(self, body: F) -> impl Future<Output = T> {
        let layers = self.infallible_layers();
        let source = Unlimited(Async::new(self.site, ""));
        Sure { future: Journey::new(source, 1, Deadline::NONE, layers).once(Body { future: body }) }
    }

    #[inline]
    fn infallible_layers(&self) -> Layers<CacheLayer<&'static Slots, StaticName, Own, CannotFail>> {
        self.site.parts(self.key).map_cache(CacheLayer::infallible)
    }
}
