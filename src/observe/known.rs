//! The texts of errors whose `Display` is not known to the type system.

use alloc::string::String;

/// Returns the text of the error, if its type is one that the crate knows.
pub(crate) fn text<E>(error: &E) -> Option<String> {
    crate::error::known(error).map(|known| crate::error::text(known.text))
}

/// Returns the failure of a body in a child process, whose error is text. The call fails with this failure, as one of
/// several kinds.
#[cfg(all(feature = "process", unix))]
#[allow(unsafe_code, reason = "without specialization there is no other way to tell that type from others")]
pub(crate) fn in_child<E>(error: &E) -> Option<&crate::Failure<String>> {
    if typeid::of::<E>() != typeid::of::<crate::Failure<String>>() {
        return None;
    }
    // SAFETY: the types are the same, because this type has no lifetime.
    Some(unsafe { &*core::ptr::from_ref(error).cast::<crate::Failure<String>>() })
}
