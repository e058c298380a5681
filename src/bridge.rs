//! Between blocking code and async code: what runs on which thread.

#[cfg(feature = "unblock")]
mod around;
mod block_on;
#[cfg(feature = "unblock")]
mod unblock;

pub use self::block_on::block_on;
#[cfg(feature = "unblock")]
pub use self::unblock::{Unblock, unblock};
