//! The texts and causes of errors of known types, such as strings, boxed errors and errors of the standard library.

#![allow(unsafe_code, reason = "without specialization there is no other way to print only some types")]

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::any::TypeId;
use core::error::Error;
use core::fmt;
use core::ops::Deref;

use super::text::Known;

/// The value as an error, if it has one of the types of the table.
pub(crate) fn known<E>(value: &E) -> Option<Known<'_>> {
    find(&Erased {
        id: typeid::of::<E>(),
        value: core::ptr::from_ref(value).cast(),
        lifetime: core::marker::PhantomData,
    })
}

/// A value and its type, so that the table below is compiled only once.
struct Erased<'e> {
    id: TypeId,
    value: *const (),
    lifetime: core::marker::PhantomData<&'e ()>,
}

impl<'e> Erased<'e> {
    /// The value as a `K` with other lifetimes than those of the value: a caller may only print it and its sources, and not
    /// pass it on.
    fn get<K: 'static>(&self) -> Option<&'e K> {
        if self.id != TypeId::of::<K>() {
            return None;
        }
        // SAFETY: the pointer is to a value that lives for `'e`. The ids are equal, so its type is `K` except for lifetimes. `K` is
        // one of the types of the table. Their `Display`, `Debug` and `Error::source` do not depend on lifetimes, and what `source`
        // returns is always `'static`. A box may borrow, so it is passed on as an `Opaque`, which cannot be taken apart.
        Some(unsafe { &*self.value.cast::<K>() })
    }
}

fn find<'e>(value: &Erased<'e>) -> Option<Known<'e>> {
    texts(value).or_else(|| boxes(value)).or_else(|| errors(value))
}

fn texts<'e>(value: &Erased<'e>) -> Option<Known<'e>> {
    macro_rules! one_of {
        ($($known:ty),* $(,)?) => {
            $(if let Some(text) = value.get::<$known>() {
                return Some(Known { text, error: None });
            })*
        };
    }
    one_of!(&str, String, Box<str>, Arc<str>, Cow<'static, str>, &String, &&str);
    one_of!(i32, u32, i64, u64, u8, u16, usize, char, bool);
    None
}

fn boxes<'e>(value: &Erased<'e>) -> Option<Known<'e>> {
    macro_rules! one_of {
        ($($known:ty),* $(,)?) => {
            $(if let Some(text) = value.get::<$known>() {
                return Some(Known { text, error: Some(Opaque::of(text)) });
            })*
        };
    }
    one_of!(Box<dyn Error>, Box<dyn Error + Send>, Box<dyn Error + Send + Sync>);
    one_of!(Arc<dyn Error>, Arc<dyn Error + Send + Sync>);
    None
}

fn errors<'e>(value: &Erased<'e>) -> Option<Known<'e>> {
    macro_rules! one_of {
        ($($known:ty),* $(,)?) => {
            $(if let Some(error) = value.get::<$known>() {
                return Some(Known { text: error, error: Some(error) });
            })*
        };
    }
    one_of![
        fmt::Error,
        core::num::ParseIntError,
        core::num::ParseFloatError,
        core::num::TryFromIntError,
        core::array::TryFromSliceError,
        core::char::ParseCharError,
        core::net::AddrParseError,
        core::str::ParseBoolError,
        core::str::Utf8Error,
        alloc::ffi::NulError,
        alloc::string::FromUtf8Error,
        alloc::string::FromUtf16Error,
    ];
    #[cfg(feature = "std")]
    one_of![
        std::io::Error,
        std::env::VarError,
        std::sync::mpsc::RecvError,
        std::sync::mpsc::RecvTimeoutError,
        std::time::SystemTimeError,
    ];
    None
}

/// A box as an error. Its content may borrow, so it is not exposed.
#[repr(transparent)]
struct Opaque<B>(B);

impl<B: 'static> Opaque<B>
where
    Opaque<B>: Error,
{
    fn of(inside: &B) -> &(dyn Error + 'static) {
        // SAFETY: `Opaque` is `repr(transparent)`, so it has the layout of its content.
        let opaque: &Opaque<B> = unsafe { &*core::ptr::from_ref(inside).cast() };
        opaque
    }
}

impl<B: fmt::Debug> fmt::Debug for Opaque<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<B: fmt::Display> fmt::Display for Opaque<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<B: Deref<Target: Error> + fmt::Debug + fmt::Display> Error for Opaque<B> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    struct Silent;

    #[test]
    fn known_types_print_and_others_do_not() {
        let text = |known: Option<Known<'_>>| known.map(|known| known.text.to_string());
        assert_eq!(text(known(&"busy")).as_deref(), Some("busy"));
        let local = String::from("borrowed");
        assert_eq!(text(known(&local.as_str())).as_deref(), Some("borrowed"));
        assert_eq!(text(known(&Box::<dyn Error>::from("boxed"))).as_deref(), Some("boxed"));
        assert_eq!(text(known(&"x".parse::<u8>().unwrap_err())).as_deref(), Some("invalid digit found in string"));
        #[cfg(feature = "std")]
        assert_eq!(text(known(&std::io::Error::other("disk"))).as_deref(), Some("disk"));
        assert!(known(&Silent).is_none() && known(&()).is_none());
    }

    #[derive(Debug)]
    struct Outer<'t>(&'t str, core::num::ParseIntError);

    impl fmt::Display for Outer<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Outer<'_> {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.1)
        }
    }

    #[test]
    fn the_error_in_a_box_that_borrows_gives_its_cause_but_not_itself() {
        let local = String::from("borrowed");
        let boxed: Box<dyn Error + '_> = Box::new(Outer(&local, "x".parse::<u8>().unwrap_err()));
        let error = known(&boxed).and_then(|known| known.error).unwrap();
        assert_eq!(error.to_string(), "borrowed");
        assert!(error.downcast_ref::<Outer<'static>>().is_none());
        assert!(error.source().is_some_and(<dyn core::error::Error>::is::<core::num::ParseIntError>));
    }

    #[test]
    fn strings_are_not_errors() {
        assert!(known(&"busy").is_some_and(|known| known.error.is_none()));
        assert!(known(&7_u32).is_some_and(|known| known.error.is_none()));
    }
}
