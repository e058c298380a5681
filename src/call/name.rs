//! What a call is called.

use crate::error::Text;

/// What option `name` takes, and [`Call::new`](crate::Call::new): anything that gives a `&str`, of which an error keeps a copy.
/// Without feature `alloc` there is nowhere to keep one, and a name is a `&'static str`.
///
/// It is implemented for these and can be implemented for no others.
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
pub trait Name: SealedName {
    /// The name.
    fn as_str(&self) -> &str;
}

/// What a name is to the crate alone. The type of the text depends on feature `alloc`, so that no other crate may implement
/// this: it would compile with the feature or without it, and not with both.
pub trait SealedName {
    /// What an error keeps of the name.
    fn text(&self) -> Text;
}

#[cfg(feature = "alloc")]
impl<N: AsRef<str>> Name for N {
    #[inline]
    fn as_str(&self) -> &str {
        self.as_ref()
    }
}

#[cfg(feature = "alloc")]
#[diagnostic::do_not_recommend]
impl<N: AsRef<str>> SealedName for N {
    fn text(&self) -> Text {
        Text::Owned(self.as_ref().into())
    }
}

#[cfg(not(feature = "alloc"))]
impl Name for &'static str {
    #[inline]
    fn as_str(&self) -> &str {
        self
    }
}

#[cfg(not(feature = "alloc"))]
impl SealedName for &'static str {
    fn text(&self) -> Text {
        self
    }
}

/// A name that is the same in every call of a use.
#[derive(Clone, Copy, Debug)]
pub struct Fixed(pub(crate) &'static str);

#[diagnostic::do_not_recommend]
impl Name for Fixed {
    #[inline]
    fn as_str(&self) -> &str {
        self.0
    }
}

#[diagnostic::do_not_recommend]
impl SealedName for Fixed {
    fn text(&self) -> Text {
        self.0.into()
    }
}

/// The name of a call that is in somebody else's hands.
#[derive(Debug)]
pub struct Lent<'n, N>(pub(crate) &'n N);

#[diagnostic::do_not_recommend]
impl<N: Name> Name for Lent<'_, N> {
    #[inline]
    fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[diagnostic::do_not_recommend]
impl<N: Name> SealedName for Lent<'_, N> {
    fn text(&self) -> Text {
        self.0.text()
    }
}
