//! Stores outside of the process: what is around one that knows how to keep bytes.
//!
//! A store of bytes is a [`Bytes`]. [`External`] makes values of them ([`record`]), counts what becomes of those who ask, and does
//! without the store while it is known to be down ([`health`]). The types that users see are that around one store each, made by
//! [`external_store!`].

mod backoff;
mod checksum;
pub(super) mod health;
#[cfg(any(feature = "redis", feature = "sqlite"))]
mod lend;
#[cfg(any(feature = "redis", feature = "sqlite"))]
mod lending;
mod outage;
pub(super) mod record;
mod store;
mod typed;
pub(super) mod wall;

#[cfg(any(feature = "disk", feature = "redis"))]
pub(super) use self::backoff::Backoff;
pub(super) use self::health::{Fault, Health};
#[cfg(any(feature = "redis", feature = "sqlite"))]
pub(super) use self::lend::Lend;
#[cfg(any(feature = "redis", feature = "sqlite"))]
pub(super) use self::lending::lending_store;
#[cfg(feature = "sqlite")]
pub(super) use self::outage::{Asking, SharedOutage};
pub(super) use self::record::Times;
pub(super) use self::store::{Bytes, External};
pub(super) use self::typed::external_store;
