//! Errors in the user's words: each option is a type here, and a method nobody can call underlines it where it stands.

#![allow(non_camel_case_types, reason = "these are the options as users write them")]

use core::marker::PhantomData;

/// The options of a call: a field that is not there, or is there twice, is the user's mistake, at the user's token.
macro_rules! options {
    ($($name:ident)*) => {
        /// Every option there is.
        #[derive(Debug)]
        pub struct Options { $(#[allow(missing_docs, reason = "each is an option")] pub $name: (),)* }

        impl Options {
            /// For `..Options::REST`.
            pub const REST: Self = Options { $($name: (),)* };
        }

        $(
            #[doc = concat!("Option `", stringify!($name), "`.")]
            #[derive(Debug)]
            pub struct $name;
        )*

        impl<W> Later<W> where Self: BuiltOption<W> {
            $(#[allow(missing_docs, reason = "never called")] pub fn $name(&self) {})*
        }
        impl<W> MapOnly<W> where Self: OperoOption<W> {
            $(#[allow(missing_docs, reason = "never called")] pub fn $name(&self) {})*
        }
        impl<W> Bare<W> where Self: HasDefault<W> {
            $(#[allow(missing_docs, reason = "never called")] pub fn $name(&self) {})*
        }
        impl<W> Misshapen<W> where Self: WellShaped<W> {
            $(#[allow(missing_docs, reason = "never called")] pub fn $name(&self) {})*
        }
        impl<W> Lonely<W> where Self: HasFallback<W> {
            $(#[allow(missing_docs, reason = "never called")] pub fn $name(&self) {})*
        }
    };
}

/// A complaint about an option: its type, and the trait that says it.
macro_rules! complaints {
    ($($name:ident: $bound:ident, $message:literal, $label:literal;)*) => {$(
        /// A complaint.
        #[derive(Debug)]
        pub struct $name<W>(PhantomData<W>);

        impl<W> $name<W> {
            /// Its value.
            pub const HERE: Self = $name(PhantomData);
        }

        /// Holds for nothing.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $bound<W> {}
    )*};
}

complaints! {
    Later: BuiltOption, "the option `{W}` is not built yet", "not built yet";
    MapOnly: OperoOption, "`{W}` is an option of `opmap!`; `opero!` runs one expression", "no option of `opero!`";
    Bare: HasDefault, "the option `{W}` has no default: write `{W}: value`", "needs a value";
    Misshapen: WellShaped, "this is not how `{W}` is written: `attempt: n`, `fallback: model in [\"a\", \"b\"]`", "has another shape";
    Lonely: HasFallback, "the option `{W}` is about a fallback, and there is none: add `fallback: name in list`", "there is no `fallback`";
}

options! {
    retries backoff min_delay max_delay jitter retry_on retry_if retry_after attempt timeout deadline cache key namespace
    capacity store rate burst scope max_wait fallback fallback_delay fallback_on memory name clock mode workers ordered
    progress chunk_size max_failures each stream breaker hedge budget concurrency stale_if_error refresh_ahead spread
}
