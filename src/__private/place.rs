//! Where a use with a store stands, which tells its entries apart from those of others.

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
    /// Does nothing: it is where option `store` is found to have a name.
    #[doc(hidden)]
    #[inline]
    pub fn stored(self, (): ()) -> Self {
        self
    }

    /// Names a function by its path, unless it has a name. `F` is an item `__here` of its block.
    #[doc(hidden)]
    #[inline]
    pub fn placed<const NAMED: bool, F>(self, _: F) -> Self {
        if NAMED { self } else { self.name(StaticName(NameRef::Static(path_of::<F>()))) }
    }
}

/// The path of the function that item `__here` stands in, of type `F`.
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

/// The types by which the instance that closure `C` stands in differs from other instances of the function that item `__here`
/// stands in, of type `F`, as text: nothing, where it is not generic.
#[cfg(feature = "cache")]
pub(super) fn types_of<C, F>() -> impl Iterator<Item = &'static str> {
    let (instance, function) = (without(type_name::<C>(), CLOSURE), without(type_name::<F>(), HERE));
    Types(if instance == function { "" } else { instance })
}

/// What stands between brackets in a path.
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

/// Where the bracket ends that `text` stands behind. The one of an arrow is none.
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
    fn the_types_of_an_instance_are_what_stands_in_its_brackets() {
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
    fn a_name_is_looked_for_among_the_options() {
        assert!(is_named(&["cache", "name", "store"]) && !is_named(&["cache", "namespace"]) && !is_named(&[]));
    }
}
