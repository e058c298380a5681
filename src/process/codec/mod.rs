//! The serialization format between processes. It is self-describing, as some types require, and stores byte sequences
//! compactly.
//!
//! A value is a tag of one byte and its content. Numbers are little-endian; both ends run the same executable. A
//! sequence of only `u8` is stored as bytes, which serde does not do by itself, so a `Vec<u8>` is copied as a whole.
//! Fields of structs and variants of enums are identified by name.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::read::Decoder;
use self::write::Encoder;
use crate::error::{Serialization, Text};

mod read;
#[cfg(test)]
mod tests;
mod write;

/// The tags of values.
mod tag {
    pub(super) const UNIT: u8 = 0;
    pub(super) const NONE: u8 = 1;
    pub(super) const SOME: u8 = 2;
    pub(super) const FALSE: u8 = 3;
    pub(super) const TRUE: u8 = 4;
    pub(super) const U64: u8 = 5;
    pub(super) const I64: u8 = 6;
    pub(super) const U128: u8 = 7;
    pub(super) const I128: u8 = 8;
    pub(super) const F32: u8 = 9;
    pub(super) const F64: u8 = 10;
    pub(super) const CHAR: u8 = 11;
    pub(super) const TEXT: u8 = 12;
    pub(super) const BYTES: u8 = 13;
    /// Values until [`END`].
    pub(super) const SEQUENCE: u8 = 14;
    /// Keys and values until [`END`].
    pub(super) const MAP: u8 = 15;
    /// A variant without a value: its name.
    pub(super) const VARIANT: u8 = 16;
    /// A variant with a value: its name, and the value.
    pub(super) const VARIANT_OF: u8 = 17;
    pub(super) const END: u8 = 18;
    /// A number below 32 in the tag itself.
    pub(super) const SMALL: u8 = 0xe0;
}

/// The maximum nesting depth of values. Reading takes stack for each level.
const DEPTH: usize = 256;

/// Appends a value to the bytes.
pub(super) fn write<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, value: &T) -> Result<(), Serialization> {
    value
        .serialize(Encoder { bytes, depth: DEPTH })
        .map_err(|error| Serialization::new("it cannot be serialized", error))
}

/// Reads values from bytes, in the order they were written.
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Reader(bytes)
    }

    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<T, Serialization> {
        T::deserialize(Decoder { bytes: &mut self.0, depth: DEPTH })
            .map_err(|error| Serialization::new("it cannot be deserialized", error))
    }

    /// Reads the last value.
    pub(super) fn only<T: DeserializeOwned>(mut self) -> Result<T, Serialization> {
        let value = self.next()?;
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Serialization::new("it cannot be deserialized", "there are bytes left over"))
        }
    }
}

/// Why a value cannot be written or read.
#[derive(Debug)]
pub(super) struct Problem(Text);

impl Problem {
    const SHORT: Self = Problem(Text::Borrowed("it ends too early"));
    const DEEP: Self = Problem(Text::Borrowed("its values are nested more than 256 deep"));
    const STRANGE: Self = Problem(Text::Borrowed("it contains a value of another type"));
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Problem {}

impl serde::ser::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Problem(text.to_string().into())
    }
}

impl serde::de::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Problem(text.to_string().into())
    }
}
