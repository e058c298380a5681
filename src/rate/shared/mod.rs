//! Rates that uses share: option `limiter`.
//!
//! A limiter of this process ([`in_process`]) takes the place of the use's own. One of many processes is a server that runs a
//! [`script`]: a call asks it for a moment ([`remote`]), waits for that moment here, and hands it on where it leaves
//! ([`handover`]). [`layer`] is the way of a call through that, and what becomes of it without the server.

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

/// What option `limiter` takes, and [`Call::limiter`](crate::Call::limiter): whose permits a rate takes.
///
/// - A [`Limiter`](crate::Limiter), by reference or in an `Arc`: one rate for all calls of this process that name it.
/// - With feature `redis` an `opero::cache::Redis`, by value, by reference or in an `Arc`: one rate for all processes that
///   name that server.
///
/// It is implemented for these and can be implemented for no others. `Q` is where the call took its permits from before, by its
/// `scope`.
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

    /// Which scopes there may be.
    #[doc(hidden)]
    type Scopes;

    /// The layer of a rate, with permits from here.
    #[doc(hidden)]
    fn around(self, rate: RateLayer<Q>) -> Self::Layer;
}

/// Keeps other types out.
pub trait Sealed {}

/// Is a scope, that of a `Q`, among these?
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

/// What becomes of a call whose [limiter](crate::Call::limiter) cannot say whether there is a permit: option `on_fault`.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::{Call, Limiter, OnFault, policy::Rate};
///
/// let limiter = Limiter::new();
/// let call = Call::new("ask").rate(Rate::new(10, Duration::from_secs(1))).limiter(&limiter).on_fault(OnFault::Closed);
/// assert_eq!(call.run(|_| Ok::<_, String>(42)), Ok(42));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFault {
    /// The use goes on by a limiter of its own in this process, at the same rate. So with `n` processes there are up to `n`
    /// times as many calls meanwhile.
    #[default]
    Local,
    /// The call goes on as if it had a permit.
    Open,
    /// The call is refused at once, with [`Error::Skipped`](crate::Error::Skipped).
    Closed,
}
