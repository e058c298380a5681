//! A library that passes opero on to its own users, as a crate and as a macro.
#![deny(warnings, missing_docs, unsafe_code)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

pub use ::opero;
pub use ::opero::opero;
/// The macro under the name this library gives it.
pub use ::opero::opero as resilient;
/// The macro of maps under the name this library gives it.
pub use ::opero::opmap as resilient_map;
pub use ::opero::opmap;
