//! What a macro use knows of itself.

#[cfg(feature = "memory")]
pub mod memory;
mod site;

pub use self::site::Site;
