//! Reads values from bytes.

#![allow(unsafe_code, reason = "serde cannot pass on a list of bytes as a whole")]

use alloc::vec::Vec;
use core::any::type_name;
use core::mem::{ManuallyDrop, transmute_copy};
use core::str::from_utf8;

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Problem, tag};

/// Reads one value.
pub(super) struct Decoder<'r, 'b> {
    pub(super) bytes: &'r mut &'b [u8],
    pub(super) depth: usize,
}

impl<'r, 'b> Decoder<'r, 'b> {
    fn again(&mut self) -> Decoder<'_, 'b> {
        Decoder { bytes: self.bytes, depth: self.depth }
    }

    fn below(self) -> Result<Decoder<'r, 'b>, Problem> {
        Ok(Decoder { bytes: self.bytes, depth: self.depth.checked_sub(1).ok_or(Problem::DEEP)? })
    }

    fn peek(&self) -> Result<u8, Problem> {
        self.bytes.first().copied().ok_or(Problem::SHORT)
    }

    fn tag(&mut self) -> Result<u8, Problem> {
        let (tag, rest) = self.bytes.split_first().ok_or(Problem::SHORT)?;
        *self.bytes = rest;
        Ok(*tag)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let (array, rest) = self.bytes.split_first_chunk().ok_or(Problem::SHORT)?;
        *self.bytes = rest;
        Ok(*array)
    }

    fn slice(&mut self) -> Result<&'b [u8], Problem> {
        let length = usize::try_from(u64::from_le_bytes(self.array()?)).map_err(|_| Problem::SHORT)?;
        let (slice, rest) = self.bytes.split_at_checked(length).ok_or(Problem::SHORT)?;
        *self.bytes = rest;
        Ok(slice)
    }

    fn text(&mut self) -> Result<&'b str, Problem> {
        from_utf8(self.slice()?).map_err(|_| Problem::STRANGE)
    }
}

impl<'de> Deserializer<'de> for Decoder<'_, 'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        match self.tag()? {
            tag::UNIT => visitor.visit_unit(),
            tag::NONE => visitor.visit_none(),
            tag::SOME => visitor.visit_some(self.below()?),
            tag::FALSE => visitor.visit_bool(false),
            tag::TRUE => visitor.visit_bool(true),
            tag::U64 => visitor.visit_u64(u64::from_le_bytes(self.array()?)),
            tag::I64 => visitor.visit_i64(i64::from_le_bytes(self.array()?)),
            tag::U128 => visitor.visit_u128(u128::from_le_bytes(self.array()?)),
            tag::I128 => visitor.visit_i128(i128::from_le_bytes(self.array()?)),
            tag::F32 => visitor.visit_f32(f32::from_le_bytes(self.array()?)),
            tag::F64 => visitor.visit_f64(f64::from_le_bytes(self.array()?)),
            tag::CHAR => visitor.visit_char(char::from_u32(u32::from_le_bytes(self.array()?)).ok_or(Problem::STRANGE)?),
            tag::TEXT | tag::VARIANT => visitor.visit_borrowed_str(self.text()?),
            // A type that accepts any value, such as an untagged enum, may want a sequence. Bytes can be read as one,
            // too.
            tag::BYTES => visitor.visit_seq(SeqDeserializer::new(self.slice()?.iter().copied())),
            tag::SEQUENCE => read_parts(self.below()?, |parts| visitor.visit_seq(parts)),
            tag::MAP => read_parts(self.below()?, |parts| visitor.visit_map(parts)),
            tag::VARIANT_OF => {
                let name = self.text()?;
                visitor.visit_map(OneEntry { name: Some(name), value: self.below()? })
            }
            small if small >= tag::SMALL => visitor.visit_u64((small & !tag::SMALL).into()),
            _ => Err(Problem::STRANGE),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        match self.peek()? {
            // The value was not written as an option, for example because it is flattened.
            tag::NONE | tag::SOME => self.again().deserialize_any(visitor),
            tag::UNIT => {
                self.tag()?;
                visitor.visit_unit()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        if self.peek()? == tag::BYTES {
            self.tag()?;
            return visitor.visit_borrowed_bytes(self.slice()?);
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        if is_list_of_octets::<V>(type_name::<V>()) && self.peek()? == tag::BYTES {
            self.tag()?;
            let octets = ManuallyDrop::new(self.slice()?.to_vec());
            // SAFETY: both types are the same, because their ids are equal and the type has no lifetimes that could
            // differ. The copied value is not dropped at its old place.
            return Ok(unsafe { transmute_copy::<ManuallyDrop<Vec<u8>>, V::Value>(&octets) });
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self.below()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.tag()? {
            tag::VARIANT => {
                let name: StrDeserializer<'_, Problem> = self.text()?.into_deserializer();
                visitor.visit_enum(name)
            }
            tag::VARIANT_OF => {
                let name = self.text()?;
                visitor.visit_enum(Variant { name, value: self.below()? })
            }
            _ => Err(Problem::STRANGE),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Returns whether this is serde's own visitor of a `Vec<u8>`. It would take one element after another, which is most
/// of the cost of a large item. If serde ever renames the visitor, it is not recognised, and elements are read one by
/// one.
pub(super) fn is_list_of_octets<'de, V: Visitor<'de>>(name: &str) -> bool {
    name.starts_with("serde")
        && name.ends_with("::VecVisitor<u8>")
        && typeid::of::<V::Value>() == typeid::of::<Vec<u8>>()
}

/// Reads the parts, then skips those that the visitor has not taken.
fn read_parts<'b, T>(
    decoder: Decoder<'_, 'b>,
    visit: impl FnOnce(&mut Parts<'_, 'b>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut parts = Parts(decoder);
    let value = visit(&mut parts)?;
    if parts.has_more()? {
        return Err(Problem::STRANGE);
    }
    parts.0.tag()?;
    Ok(value)
}

/// The parts of a sequence or a map.
struct Parts<'r, 'b>(Decoder<'r, 'b>);

impl Parts<'_, '_> {
    fn has_more(&self) -> Result<bool, Problem> {
        Ok(self.0.peek()? != tag::END)
    }
}

impl<'b> SeqAccess<'b> for &mut Parts<'_, 'b> {
    type Error = Problem;

    fn next_element_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        if self.has_more()? { seed.deserialize(self.0.again()).map(Some) } else { Ok(None) }
    }
}

impl<'b> MapAccess<'b> for &mut Parts<'_, 'b> {
    type Error = Problem;

    fn next_key_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        if self.has_more()? { seed.deserialize(self.0.again()).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        seed.deserialize(self.0.again())
    }
}

/// A variant as a map of its name to its value, for types that do not expect an enum.
struct OneEntry<'r, 'b> {
    name: Option<&'b str>,
    value: Decoder<'r, 'b>,
}

impl<'b> MapAccess<'b> for OneEntry<'_, 'b> {
    type Error = Problem;

    fn next_key_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        let name = self.name.take().map(IntoDeserializer::<Problem>::into_deserializer);
        name.map(|name: StrDeserializer<'_, Problem>| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        seed.deserialize(self.value.again())
    }
}

/// A variant with its value.
struct Variant<'r, 'b> {
    name: &'b str,
    value: Decoder<'r, 'b>,
}

impl<'r, 'b> EnumAccess<'b> for Variant<'r, 'b> {
    type Error = Problem;
    type Variant = Decoder<'r, 'b>;

    fn variant_seed<S: DeserializeSeed<'b>>(self, seed: S) -> Result<(S::Value, Decoder<'r, 'b>), Problem> {
        let name: StrDeserializer<'_, Problem> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.value))
    }
}

impl<'b> VariantAccess<'b> for Decoder<'_, 'b> {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        Err(Problem::STRANGE)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'b>>(self, seed: S) -> Result<S::Value, Problem> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'b>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'b>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_any(visitor)
    }
}
