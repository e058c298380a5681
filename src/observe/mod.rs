//! What a macro use knows of itself.

#[cfg(feature = "memory")]
pub mod memory;
#[cfg(any(feature = "cache", feature = "map"))]
mod striped;

#[cfg(any(feature = "cache", feature = "map"))]
pub(crate) use self::striped::Striped;
