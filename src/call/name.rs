//! The name of a call.

use crate::error::Text;

/// The value of option `name` and of [`Call::new`](crate::Call::new): anything that gives a `&str`, of which an error
/// keeps a copy. Without feature `alloc` a copy is impossible, and a name is a `&'static str`.
///
/// It is implemented for these types only, and cannot be implemented for others.
///
/// # Examples
/// ```
/// use opero::opero;
///
/// let model = String::from("large");
/// let outcome = opero! { name: format!("ask {model}") => Err::<(), _>("down") };
/// assert_eq!(outcome.unwrap_err().name(), "ask large");
/// ```
#[diagnostic::on_unimplemented(
    message = "a name is a text, as in `\"ask\"`, and this is `{Self}`",
    label = "not a text",
    note = "without feature `alloc` of the crate opero it is a `&'static str`"
)]
pub trait Name: Sealed {}

/// A name by reference, and whether it is the same in every call.
pub trait Sealed {
    /// Returns the name.
    fn name(&self) -> NameRef<'_>;
}

#[diagnostic::do_not_recommend]
impl<N: Sealed> Name for N {}

#[cfg(feature = "alloc")]
impl<N: AsRef<str>> Sealed for N {
    #[inline]
    fn name(&self) -> NameRef<'_> {
        NameRef::Given(self.as_ref())
    }
}

#[cfg(not(feature = "alloc"))]
impl Sealed for &'static str {
    #[inline]
    fn name(&self) -> NameRef<'_> {
        NameRef::Static(self)
    }
}

/// A name that is the same in every call of a use.
#[derive(Clone, Copy, Debug)]
pub struct StaticName(pub(crate) NameRef<'static>);

#[diagnostic::do_not_recommend]
impl Sealed for StaticName {
    #[inline]
    fn name(&self) -> NameRef<'_> {
        self.0
    }
}

/// The name of a call, by reference.
#[derive(Clone, Copy, Debug)]
pub enum NameRef<'n> {
    /// The same in every call of a use, and stored in its static.
    #[cfg(target_pointer_width = "64")]
    OfUse(&'static &'static str),
    /// The same in every call.
    Static(&'static str),
    /// It may differ in each call.
    #[cfg_attr(not(feature = "alloc"), allow(dead_code, reason = "there is nowhere to keep it"))]
    Given(&'n str),
}

impl<'n> NameRef<'n> {
    /// Creates the name from the static of a use.
    #[inline]
    pub(crate) const fn of_use(name: &'static &'static str) -> Self {
        // A reference is half as large, which matters where an error keeps it: see `RateLimit`.
        #[cfg(target_pointer_width = "64")]
        return NameRef::OfUse(name);
        #[cfg(not(target_pointer_width = "64"))]
        NameRef::Static(name)
    }

    /// Returns the name.
    #[inline]
    pub(crate) const fn as_str(self) -> &'n str {
        match self {
            #[cfg(target_pointer_width = "64")]
            NameRef::OfUse(name) => name,
            NameRef::Static(name) | NameRef::Given(name) => name,
        }
    }

    /// Returns the text that an error keeps.
    #[cold]
    pub(crate) fn text(self) -> Text {
        match self {
            #[cfg(target_pointer_width = "64")]
            NameRef::OfUse(name) => (*name).into(),
            NameRef::Static(name) => name.into(),
            #[cfg(feature = "alloc")]
            NameRef::Given(name) => Text::Owned(name.into()),
            #[cfg(not(feature = "alloc"))]
            NameRef::Given(_) => "",
        }
    }
}

impl Sealed for NameRef<'_> {
    #[inline]
    fn name(&self) -> NameRef<'_> {
        *self
    }
}
