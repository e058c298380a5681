//! Stores outside of the process: what all of them have in common.
//!
//! A store of bytes implements [`Bytes`]. [`External`] stores values in it ([`record`]), counts the outcomes, and
//! skips the store while it is known to be down ([`health`]). The public types each wrap one such store;
//! [`external_store!`] defines their methods.

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
