//! A crate that defines, in lower case, the names that an expansion might use for its variables: as constants in its
//! root, and as statics in a module.
//!
//! A pattern with the name of a constant means the constant, and one with the name of a static does not compile. Macro
//! hygiene does not help: a constant is resolved at the place of use.
#![deny(warnings, missing_docs, unsafe_code)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![allow(non_upper_case_globals, reason = "they take the names of variables")]

macro_rules! taken {
    ($kind:ident) => {
        taken! { @$kind
            answer arg args attempt body budget cached call candidate clock context core course done entry error event
            failed failure fallback flight future guard hasher index inner item items journey key keyed
            landing layer left limit limiter list map name next now op outcome outer output owned part parts pass
            place plan policy prepared rated ready recovery remaining rest result retry round runner site slot slots
            start started state stats step store stream task then this time timer turn use_site value waiter
        }
    };
    (@constants $($name:ident)*) => {$(
        /// Not a variable.
        pub const $name: u8 = 1;
    )*};
    (@statics $($name:ident)*) => {$(
        /// Not a variable.
        pub static $name: u8 = 1;
    )*};
}

taken! { constants }
include!("uses.rs");

/// The same names as statics, with the same uses.
pub mod statics {
    taken! { statics }
    include!("uses.rs");
}
