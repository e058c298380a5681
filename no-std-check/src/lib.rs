//! opero without the standard library, on a clock of the user's: a radio that reads a value over one of its ports.
#![no_std]
#![deny(missing_docs, unsafe_code, warnings)]
#![deny(clippy::all, clippy::pedantic)]

pub mod radio;
pub mod ticks;

#[cfg(test)]
mod tests;
