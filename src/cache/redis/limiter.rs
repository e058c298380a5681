//! A server as a limiter that processes share: what [`rate`](crate::rate) needs from it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Redis, Script, Server};
use crate::cache::StoreError;
use crate::rate;
use crate::rate::{AnyScope, RateLayer, RemoteRate, Sealed, SharedLimiter, Shares};

impl rate::Server for Arc<Server> {
    fn prefix(&self) -> &str {
        self.keys().prefix()
    }

    fn eval(&self, script: &Script, keys: &[String], arguments: &[i64]) -> Result<Vec<i64>, StoreError> {
        Server::eval(self, script, keys, arguments)
    }

    fn eval_async<'s>(&'s self, script: &'s Script, keys: &'s [String], arguments: &'s [i64]) -> rate::Answer<'s> {
        Box::pin(Server::eval_async(self, script, keys, arguments))
    }
}

macro_rules! limiters {
    ($($pointer:ty),*) => {$(
        impl Sealed for $pointer {}

        #[diagnostic::do_not_recommend]
        impl<Q: Shares> SharedLimiter<Q> for $pointer {
            type Layer = RemoteRate<Q>;
            type Scopes = AnyScope;

            #[inline]
            fn around(self, rate: RateLayer<Q>) -> RemoteRate<Q> {
                RemoteRate::new(rate, self.rates.clone())
            }
        }
    )*};
}

limiters! { Redis, &Redis, Arc<Redis>, &Arc<Redis>, &std::sync::LazyLock<Redis> }
