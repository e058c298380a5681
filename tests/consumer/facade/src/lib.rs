//! A library that re-exports opero to its own users, as a crate and as a macro.
#![deny(warnings, missing_docs, unsafe_code)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

pub use ::opero;
pub use ::opero::opero;
/// The macro under the name of this library.
pub use ::opero::opero as resilient;
/// The map macro under the name of this library.
pub use ::opero::opmap as resilient_map;
pub use ::opero::opmap;
