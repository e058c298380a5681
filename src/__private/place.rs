//! The place of a use with a store, which tells its entries apart from those of other uses.

use core::any::type_name;

use crate::call::{Call, NameRef, StaticName};

/// Is option `name` among these?
#[must_use]
pub const fn is_named(mut told: &[&str]) -> bool {
    while let [first, rest @ ..] = told {
        if let b"name" = first.as_bytes() {
            return true;
        }
        told = rest;
    }
    false
}

impl<E, C, J, L> Call<E, StaticName, C, J, L> {
    /// Does nothing. Its argument checks that a call with option `store` has a name.
    #[doc(hidden)]
    #[inline]
    pub fn stored(self, (): ()) -> Self {
        self
    }

    /// Names the call by the path of its function, unless it has option `name`. `F` is an item `__here` in the function's block.
    #[doc(hidden)]
    #[inline]
    pub fn placed<const NAMED: bool, F>(self, _: F) -> Self {
        if NAMED { self } else { self.name(StaticName(NameRef::Static(path_of::<F>()))) }
    }
}

/// Returns the path of the function that contains item `__here`, which has type `F`.
fn path_of<F>() -> &'static str {
    let mut path = without(type_name::<F>(), HERE);
    // The block of an async function is a closure.
    while let Some(outer) = path.strip_suffix(CLOSURE) {
        path = outer;
    }
    path
}

const CLOSURE: &str = "::{{closure}}";
const HERE: &str = "::__here";

fn without(path: &'static str, last: &str) -> &'static str {
    path.strip_suffix(last).unwrap_or(path)
}

/// Returns the types of an instance of a function, as text; nothing if the function is not generic. Closure `C` is in the instance,
/// item `__here`, of type `F`, in the function.
#[cfg(feature = "cache")]
pub(super) fn types_of<C, F>() -> impl Iterator<Item = &'static str> {
    let (instance, function) = (without(type_name::<C>(), CLOSURE), without(type_name::<F>(), HERE));
    Types(if instance == function { "" } else { instance })
}

/// The generic arguments in a path: the text between its brackets.
#[cfg(feature = "cache")]
struct Types(&'static str);

#[cfg(feature = "cache")]
impl Iterator for Types {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let path = self.0.split_once('<')?.1;
        let end = closing(path)?;
        self.0 = &path[end + 1..];
        Some(&path[..end])
    }
}

/// Returns where the bracket ends that was opened before `text`. The `>` of an arrow does not count.
#[cfg(feature = "cache")]
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut before) = (1, b' ');
    text.bytes().position(|byte| {
        match byte {
            b'<' => depth += 1,
            b'>' if before != b'-' => depth -= 1,
            _ => {}
        }
        before = byte;
        depth == 0
    })
}

#[cfg(all(test, feature = "cache"))]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_types_of_an_instance_are_the_text_in_its_brackets() {
        let types = |path: &'static str| Types(path).collect::<Vec<_>>();
        assert_eq!(types("a::f"), [""; 0]);
        assert_eq!(types("a::f<alloc::vec::Vec<u8>, 3>"), ["alloc::vec::Vec<u8>, 3"]);
        assert_eq!(types("<a::U as a::L>::f<fn(u8) -> u8>"), ["a::U as a::L", "fn(u8) -> u8"]);
    }

    #[test]
    fn a_closure_has_the_types_of_its_instance_and_a_function_has_none() {
        #[allow(clippy::extra_unused_type_parameters, reason = "it is generic")]
        fn here<T>() -> (Vec<&'static str>, &'static str) {
            fn __here() {}
            fn types<C, F>(_: C, _: F) -> Vec<&'static str> {
                types_of::<C, F>().collect()
            }
            fn path<F>(_: F) -> &'static str {
                path_of::<F>()
            }
            (types(|| {}, __here), path(__here))
        }
        let path = concat!(module_path!(), "::a_closure_has_the_types_of_its_instance_and_a_function_has_none::here");
        assert_eq!(here::<u8>(), (["u8"].into(), path));
    }

    #[test]
    fn a_name_is_found_among_the_options() {
        assert!(is_named(&["cache", "name", "store"]) && !is_named(&["cache", "namespace"]) && !is_named(&[]));
    }
}
