//! Errors in the user's words, each at the option it is about.

pub use super::foreign::*;

/// What stands in the place of a call with a mistake. As rustc evaluates `N`, it finds the mistake; `N` is an error then, and
/// nothing is said about what follows from it.
#[derive(Debug)]
pub struct Mistake<const N: usize>;

impl<const N: usize> Mistake<N> {
    /// Never called.
    pub const fn value(self) {}
}

/// Kinds of mistakes. The name of the option is a parameter `Self` of a function in the expansion, which nothing is implemented for,
/// so that rustc underlines the name and says the message. The other parameter is never known: else rustc would propose a bound.
macro_rules! complaints {
    ($($kind:ident: $message:literal, $label:literal;)*) => {$(
        /// Holds for nothing.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $kind<Inferred> {
            /// Never read.
            const HERE: ();
        }
    )*};
}

pub(super) use complaints;

complaints! {
    NotBuilt:
        "`{Self}` is not built yet",
        "not built yet";
    MapOnly:
        "`{Self}` is an option of `opmap!`, and `opero!` runs one expression",
        "not an option of `opero!`";
    Bare:
        "`{Self}` has no default: write `{Self}: value`",
        "needs a value";
    NoName:
        "`{Self}` takes a name for the body to use: write `{Self}: n`",
        "not followed by `: name`";
    NoList:
        "`{Self}` takes a name and a list: write `{Self}: model in [\"a\", \"b\"]`",
        "not followed by `: name in list`";
    Second:
        "`{Self}` is given twice: a call has one",
        "given before";
    WithoutFallback:
        "`{Self}` is about a fallback, and there is none: add `fallback: name in list`",
        "there is no `fallback`";
    Uncached:
        "`{Self}` is about the cache, and there is none: add `cache` or `cache: 60s`",
        "there is no `cache`";
    Unlimited:
        "`{Self}` is about a rate limit, and there is none: add `rate: 10/s`",
        "there is no `rate`";
    Unkeyed:
        "`{Self}` tells calls apart, and nothing asks for that: add `cache` or `scope: per_args`",
        "there is no `cache`";
    Unbounded:
        "`{Self}` bounds the entries of a cache and the rates of a scope, and there are none: add `cache` or `scope: per_args`",
        "there is no `cache`";
    KeyOfCache:
        "with a `cache`, `key` is the cache's, and does not say what has a rate of its own: write `scope: per_key(…)` with that",
        "`key` is the cache's";
    NoMode:
        "a map has one of the modes `thread`, `rayon`, `async`, `process` and `async_process`: write `mode: rayon`",
        "not followed by one of the five";
    NoJitter:
        "jitter is one of `none`, `full`, `equal` and `decorrelated`: write `{Self}: full`",
        "not followed by one of the four";
    BlockingBody:
        "this mode runs futures, and the body is none: put it into `async {{ … }}`",
        "the body is not async";
    AsyncBody:
        "this mode runs blocking bodies, and an async body gives a future: leave `mode` out, or write `mode: async`",
        "the body is async";
    AsyncBodyInChild:
        "this mode runs blocking bodies in child processes, and an async body gives a future: write `mode: async_process`",
        "the body is async";
    BlockingBodyInChild:
        "this mode runs futures in child processes, and the body is none: put it into `async {{ … }}`, or write `mode: process`",
        "the body is not async";
    Childless:
        "`{Self}` is about child processes, and the map has none: add `mode: process`, or `mode: async_process`",
        "there are no child processes";
    NoProcessFeature:
        "`{Self}` needs feature `process` of the crate opero",
        "feature `process` is off";
    SecondOutput:
        "the results of a map go to one place: to `each` or to a `stream`",
        "they go elsewhere already";
    NoValue:
        "`{Self}` has no value: write its name alone",
        "has no value";
    NoScope:
        "a rate is shared by one of `global`, `per_function`, `per_args` and `per_key(…)`: write `{Self}: per_args`",
        "not followed by one of the four";
    Keyless:
        "opero cannot tell what the result of this body depends on: add `key: (…)` with what it depends on, or \
         `key: ()` where it depends on no variable",
        "needs a `key`";
    NoCacheFeature:
        "`{Self}` needs feature `cache` of the crate opero",
        "feature `cache` is off";
    NoMemoryFeature:
        "`{Self}` needs feature `memory` of the crate opero",
        "feature `memory` is off";
    NoObserveFeature:
        "`{Self}` needs feature `observe` of the crate opero",
        "feature `observe` is off";
    BesideAdaptive:
        "with `adaptive` the numbers of the retry are those of the policy that is chosen: write `{Self}` into the policies, as \
         in `adaptive: [Retry::new().retries(2), Retry::new().retries(5)]`",
        "there is `adaptive`";
    BesideInfallible:
        "an infallible call cannot fail, so it takes only the options of the cache, `name` and `clock`: remove `{Self}`, or \
         `infallible`",
        "not beside `infallible`";
    InfallibleMap:
        "a map gives a `Result` for each item, since an item may panic: remove `{Self}`, and give \
         `Ok::<_, core::convert::Infallible>(value)`",
        "not an option of `opmap!`";
    NoStdFeature:
        "this scope needs feature `std` of the crate opero",
        "feature `std` is off";
    Unterminated:
        "the value of `{Self}` does not end in `,` or `=>`: write `{Self}: value, …`",
        "expected `{Self}: value` and then `,` or `=>`";
    Bodiless:
        "the body is missing: write `=>` and the expression to run after the options",
        "no `=>` after this option";
    NoColon:
        "an option is followed by its value, or stands alone: write `{Self}: value` or `{Self},`",
        "expected `:`, `,` or `=>` behind this";
    NoStore:
        "`{Self}` takes a store: write `{Self}: &store`, with a `Memory`, `Disk`, `Sqlite` or `Redis` of `opero::cache`",
        "not a store";
    NoPolicies:
        "`{Self}` takes a list of policies: write `{Self}: [Retry::new().retries(2), Retry::new().retries(5)]`",
        "not a list";
    NoLimiter:
        "`{Self}` takes a limiter that calls share: write `static LIMITER: Limiter = Limiter::new();`, and `{Self}: &LIMITER`",
        "not a limiter";
    NoPattern:
        "`{Self}` takes a pattern, and this is a closure: write `{Self}: pattern if condition`, or for a retry `retry_if: |error| …`",
        "not a pattern";
    NoPredicate:
        "`{Self}` takes a closure over the error: write `{Self}: |error| …`",
        "not a closure";
    NoClosure:
        "`{Self}` takes a closure: write `{Self}: |it| …`",
        "not a closure";
    ManyKeys:
        "a key of more than one value is a tuple: write `{Self}: (…, …)`",
        "more than one value";
    NotARate:
        "a rate is a count and a time: write `{Self}: 10/s`, `100/min` or `10/250ms`",
        "not followed by a rate";
    BodyFirst:
        "the body stands last: write `opero! {{ options => body }}`",
        "no option";
    NotAsync:
        "`.await` needs an async body: put the body into `async {{ … }}`",
        "awaited outside of `async`";
    UnsafeFn:
        "an `unsafe` function cannot be decorated: write a safe `fn {Self}` that has `unsafe {{ … }}` in its block",
        "this function is `unsafe`";
    ExternFn:
        "an `extern` function cannot be decorated: write `fn {Self}`, and call it from the `extern` one",
        "this function is `extern`";
    ConstFn:
        "a `const` function cannot be decorated, since it runs while a program is compiled: write `fn {Self}`",
        "this function is `const`";
    ReturnsNothing:
        "the function `{Self}` must return `Result<T, opero::Error<E>>`",
        "returns nothing";
    KeepsNothing:
        "the function `{Self}` must return a value, which is what is kept: write `fn {Self}(…) -> T`",
        "returns nothing";
    ReturnsImpl:
        "the function `{Self}` must return `Result<T, opero::Error<E>>`, with types that have names, and not `impl Trait`",
        "returns `impl Trait`";
    Borrows:
        "a cached value stays when what it borrows from is gone: let `{Self}` return a value that it owns, as `String` or `Arc<str>`",
        "returns a reference";
    Blockless:
        "the function `{Self}` has no block: write `fn {Self}(…) -> … {{ body }}`",
        "no block";
    NotAlone:
        "one macro decorates one function: close it behind the block of `{Self}`",
        "more than this function";
}

/// Kinds of mistakes whose messages name more than the option.
macro_rules! complaints_about {
    ($($kind:ident $($named:ident)*: $message:literal;)*) => {$(
        /// Holds for nothing.
        #[diagnostic::on_unimplemented(message = $message, label = "needs a `key`")]
        pub trait $kind<Inferred, $($named),*> {
            /// Never read.
            const HERE: ();
        }
    )*};
}

/// Kinds of mistakes that rustc finds by a condition, which holds by the bound of a function in the expansion where it is true.
macro_rules! conditions {
    ($($kind:ident: $message:literal, $label:literal;)*) => {$(
        /// Holds for `true`.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $kind<const HOLDS: bool, Inferred> {
            /// Never read.
            const HERE: ();
        }
    )*};
}

conditions! {
    Nameless:
        "entries in a store are found by a name, and this body has none of its own: add `name: \"…\"`",
        "needs a `name`";
    MayChange:
        "the body may run again, and an argument that holds a call, a macro or a block may have another value then: bind it \
         with `let` first, or add `key: (…)` with what the result depends on",
        "is found by an argument that may change";
}

complaints_about! {
    OfReceiver Receiver:
        "the result of this body may depend on `{Receiver}`: add `key: (&{Receiver}.…, …)`, with what it depends on";
    OfReceiverAndArgument Receiver Argument:
        "the result of this body may depend on `{Receiver}`: add `key: (&{Receiver}.…, {Argument})`, with what it depends on";
    OfSelfAndArgument Argument:
        "the result of this body may depend on `self`: add `key: (&self.…, {Argument})`, with what it depends on, or keep its \
         entries in `store: &self.…`";
    OfSelf:
        "the result of this body may depend on `self`: add `key: (&self.…, …)`, with what it depends on, or keep its entries in \
         `store: &self.…`";
}
