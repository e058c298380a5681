//! The texts of errors whose `Display` is not known to the type system.

#![allow(unsafe_code, reason = "without specialization there is no other way to print some types and leave the others")]

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::error::Error;
use core::fmt;

/// Returns the text of the error, if its type is one that the crate knows.
pub(crate) fn text<E>(error: &E) -> Option<String> {
    macro_rules! of_one_of {
        ($($known:ty),* $(,)?) => {
            [$(text_as::<E, $known>),*]
        };
    }
    let known = of_one_of![
        &str,
        String,
        Box<str>,
        Cow<'static, str>,
        Box<dyn Error>,
        Box<dyn Error + Send>,
        Box<dyn Error + Send + Sync>,
        std::io::Error,
        fmt::Error,
        core::num::ParseIntError,
        core::num::ParseFloatError,
        core::num::TryFromIntError,
        core::str::Utf8Error,
        alloc::string::FromUtf8Error,
        core::net::AddrParseError,
        i32,
        u32,
    ];
    known.iter().find_map(|text_as| text_as(error))
}

/// Returns the text of the error if it is a `K`, which is one of the types above.
fn text_as<E, K: fmt::Display + 'static>(error: &E) -> Option<String> {
    if typeid::of::<E>() != typeid::of::<K>() {
        return None;
    }
    // SAFETY: equal type ids mean that the types are the same except for lifetimes. Each of the types above displays in
    // the same way whatever its lifetimes are, since no lifetime appears in the bounds of its `Display`. The reference
    // is not kept.
    let known = unsafe { &*core::ptr::from_ref(error).cast::<K>() };
    Some(crate::error::text(known))
}

/// Returns the failure of a body in a child process, whose error is text. The call fails with this failure, as one of
/// several kinds.
#[cfg(all(feature = "process", unix))]
pub(crate) fn in_child<E>(error: &E) -> Option<&crate::Failure<String>> {
    if typeid::of::<E>() != typeid::of::<crate::Failure<String>>() {
        return None;
    }
    // SAFETY: the types are the same, because this type has no lifetime.
    Some(unsafe { &*core::ptr::from_ref(error).cast::<crate::Failure<String>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    #[test]
    fn errors_of_known_types_have_their_text_and_others_none() {
        assert_eq!(text(&"busy"), Some("busy".into()));
        let local = String::from("borrowed");
        assert_eq!(text(&local.as_str()), Some("borrowed".into()));
        assert_eq!(text(&Box::<dyn Error>::from("boxed")), Some("boxed".into()));
        assert_eq!(text(&"x".parse::<u8>().unwrap_err()), Some("invalid digit found in string".into()));
        assert_eq!(text(&std::io::Error::other("disk")), Some("disk".into()));
        assert_eq!(text(&Silent), None);
        assert_eq!(text(&()), None);
    }
}
