//! The values of the maps that describe errors and uses.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

/// A value in the map of [`ErrorContext::to_map`](super::ErrorContext::to_map).
///
/// # Examples
/// ```
/// use opero::observe::{ErrorContext, Value};
/// use opero::opero;
///
/// let error = opero! { name: "ask" => Err::<(), _>("down") }.unwrap_err();
/// let map = ErrorContext::of(&error).to_map();
/// assert_eq!(map["function"], Value::Text("ask".into()));
/// let Value::List(attempts) = &map["attempts"] else { panic!("{map:?}") };
/// let Value::Map(first) = &attempts[0] else { panic!("{attempts:?}") };
/// assert_eq!(first["number"], Value::Integer(1));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A text.
    Text(String),
    /// A count, or a position in a list.
    Integer(u64),
    /// A duration in seconds.
    Seconds(f64),
    /// A list of values.
    List(Vec<Value>),
    /// Fields by name.
    Map(BTreeMap<String, Value>),
}

/// Collects fields by name.
pub(super) fn fields(fields: impl IntoIterator<Item = (&'static str, Value)>) -> BTreeMap<String, Value> {
    fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value::Integer(number)
    }
}

/// Converts to the nearest representable number of seconds, so that 1.14 is not written as 1.1400000000000001.
impl From<Duration> for Value {
    #[allow(clippy::cast_precision_loss, reason = "precision is lost from three months on")]
    fn from(length: Duration) -> Self {
        Value::Seconds(length.as_nanos() as f64 / 1e9)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.into())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Integer(number) => serializer.serialize_u64(*number),
            Value::Seconds(seconds) => serializer.serialize_f64(*seconds),
            Value::List(values) => serializer.collect_seq(values),
            Value::Map(fields) => serializer.collect_map(fields),
        }
    }
}
