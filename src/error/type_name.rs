//! The names of types in the texts of errors.

#[cfg(feature = "observe")]
use alloc::string::String;
use core::fmt;

/// The name of a type, with the modules removed from all of its paths.
#[cfg(feature = "observe")]
pub(crate) fn type_text<T: ?Sized>() -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_last_segments(&mut text, core::any::type_name::<T>());
    text
}

/// Returns whether it is the name of a string, or of a reference to one. The type of a string adds nothing to its text.
pub(super) fn is_string(name: &str) -> bool {
    const STRINGS: [&str; 5] =
        ["str", "alloc::string::String", "alloc::boxed::Box<str>", "alloc::sync::Arc<str>", "alloc::rc::Rc<str>"];
    let mut name = name;
    while let Some(referent) = name.strip_prefix('&') {
        name = referent.strip_prefix("mut ").unwrap_or(referent);
    }
    STRINGS.contains(&name) || name.starts_with("alloc::borrow::Cow<") && name.ends_with("str>")
}

/// Writes the name of a type, with the modules removed from all of its paths: `Box<dyn Error>` for
/// `alloc::boxed::Box<dyn core::error::Error>`.
pub(super) fn write_last_segments(f: &mut dyn fmt::Write, name: &str) -> fmt::Result {
    let mut rest = name;
    while let Some(end) = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let (word, tail) = rest.split_at(end);
        if let Some(after) = tail.strip_prefix("::") {
            // What follows `>::` belongs to the type before it and is not a module path.
            rest = after;
            continue;
        }
        let mark = tail.chars().next().map_or(0, char::len_utf8);
        f.write_str(word)?;
        f.write_str(&tail[..mark])?;
        rest = &tail[mark..];
    }
    f.write_str(rest)
}

/// The name of a type itself, without modules and parameters: `Overloaded` for `service::Overloaded<u32>`.
pub(super) fn bare(name: &str) -> &str {
    let path = name.split('<').next().unwrap_or(name);
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;
    use alloc::boxed::Box;
    use alloc::string::String;
    use alloc::sync::Arc;
    use core::any::type_name;

    use super::*;

    #[test]
    fn strings_are_told_from_other_types_through_references() {
        for name in [
            type_name::<&str>(),
            type_name::<String>(),
            type_name::<&&mut String>(),
            type_name::<Box<str>>(),
            type_name::<Cow<'static, str>>(),
            type_name::<&Arc<str>>(),
        ] {
            assert!(is_string(name), "{name}");
        }
        for name in [type_name::<()>(), type_name::<Box<[u8]>>(), type_name::<Option<String>>(), "user::String"] {
            assert!(!is_string(name), "{name}");
        }
    }

    #[test]
    fn the_bare_name_has_neither_modules_nor_parameters() {
        assert_eq!(bare("service::client::Overloaded<core::option::Option<u32>>"), "Overloaded");
        assert_eq!(bare("()"), "()");
    }
}
