//! What a macro use knows of itself.

#[cfg(feature = "memory")]
pub mod memory;
mod site;
#[cfg(any(feature = "cache", feature = "map"))]
mod striped;

pub use self::site::Site;
#[cfg(any(feature = "cache", feature = "map"))]
pub(crate) use self::striped::Striped;
