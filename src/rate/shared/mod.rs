//! Rates that uses share: option `limiter`.
//!
//! A limiter of this process ([`in_process`]) replaces that of the use. A limiter of many processes is a server that
//! runs a [`script`]. A call reserves a permit there ([`remote`]) and waits here until it is due; if it leaves, it
//! hands the permit on ([`handover`]). [`layer`] takes a call through this, and decides what happens without the
//! server.

#[cfg(feature = "redis")]
mod handover;
mod in_process;
#[cfg(feature = "redis")]
mod layer;
#[cfg(feature = "redis")]
mod pace;
#[cfg(feature = "redis")]
mod remote;
#[cfg(feature = "redis")]
mod returns;
#[cfg(feature = "redis")]
pub(crate) mod script;

pub(crate) use self::in_process::InProcess;
#[cfg(feature = "redis")]
pub(crate) use self::layer::{RemoteRate, Shares};
#[cfg(feature = "redis")]
pub(crate) use self::remote::{Answer, Remote, Server};
use super::RateLayer;

/// The limiter that a rate takes its permits from: the value of option `limiter`, and of
/// [`Call::limiter`](crate::Call::limiter).
///
/// - A [`Limiter`](crate::Limiter), by reference or in an `Arc`: one rate for all calls of this process that name it.
/// - With feature `redis`, an `opero::cache::Redis`, by value, by reference or in an `Arc`: one rate for all
///   processes that name that server.
///
/// It is implemented for these types only, and cannot be implemented for others. `Q` is the source of the call's
/// permits without the limiter, according to its `scope`.
///
/// # Examples
/// ```
/// use opero::{Limiter, opero};
///
/// static SHARED: Limiter = Limiter::new();
///
/// let one = opero! { rate: 1/h, max_wait: 0s, limiter: &SHARED => Ok::<_, String>(1) };
/// let two = opero! { rate: 1/h, max_wait: 0s, limiter: &SHARED => Ok::<_, String>(2) };
/// assert_eq!(one, Ok(1));
/// assert!(two.is_err_and(|error| error.is_rate_limit()));
/// ```
#[diagnostic::on_unimplemented(
    message = "a limiter is a `&opero::Limiter`, or with feature `redis` a `&opero::cache::Redis`, and this is `{Self}`",
    label = "not a limiter"
)]
pub trait SharedLimiter<Q>: Sealed {
    /// The layer of the rate.
    #[doc(hidden)]
    type Layer;

    /// The scopes that it supports.
    #[doc(hidden)]
    type Scopes;

    /// Creates the layer of a rate, with permits from this limiter.
    #[doc(hidden)]
    fn around(self, rate: RateLayer<Q>) -> Self::Layer;
}

/// Keeps other types out.
pub trait Sealed {}

/// Does this set of scopes include that of a `Q`?
#[diagnostic::on_unimplemented(
    message = "an `opero::Limiter` is one rate, so it takes no `scope`",
    label = "one rate, whatever the `scope`"
)]
pub trait Include<Q> {}

/// Any scope.
#[cfg(feature = "redis")]
#[derive(Debug)]
pub struct AnyScope;

#[cfg(feature = "redis")]
#[diagnostic::do_not_recommend]
impl<Q> Include<Q> for AnyScope {}

/// What happens to a call whose [limiter](crate::Call::limiter) cannot be reached: option `on_fault`.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::{Call, Limiter, OnFault, policy::Rate};
///
/// let limiter = Limiter::new();
/// let call = Call::new("ask")
///     .rate(Rate::new(10, Duration::from_secs(1)))
///     .limiter(&limiter)
///     .on_fault(OnFault::Closed);
/// assert_eq!(call.run(|_| Ok::<_, String>(42)), Ok(42));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFault {
    /// The use falls back to its own limiter in this process, at the same rate. So with `n` processes there are up to
    /// `n` times as many calls meanwhile.
    #[default]
    Local,
    /// The call goes on as if it had a permit.
    Open,
    /// The call is refused at once, with [`Error::Skipped`](crate::Error::Skipped).
    Closed,
}
