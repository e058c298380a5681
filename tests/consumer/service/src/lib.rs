//! A service under every lint, which uses opero renamed and through another library.
#![deny(warnings, missing_docs, unsafe_code)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

pub mod cached;
pub mod from_macros;
pub mod hostile;
pub mod maps;
pub mod options;
pub mod passed_on;
pub mod shapes;
