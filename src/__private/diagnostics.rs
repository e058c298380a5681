//! The compile errors of the macros, each at the option it is about.

pub use super::foreign::*;

/// Replaces a call with a mistake. rustc finds the mistake when it evaluates `N`. `N` is an error then, so rustc reports no errors
/// that follow from it.
#[derive(Debug)]
pub struct Mistake<const N: usize>;

impl<const N: usize> Mistake<N> {
    /// Never called.
    pub const fn value(self) {}
}

/// Kinds of mistakes. In the expansion, the name of the option is a type parameter of a function, which implements no trait. So
/// rustc underlines the name and reports the message. The parameter `Inferred` is never known, since rustc would propose a bound
/// otherwise.
macro_rules! complaints {
    ($($kind:ident: $message:literal, $label:literal;)*) => {$(
        /// Implemented for no type.
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
        "`{Self}` is given twice: remove one of them",
        "already given";
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
        "`{Self}` needs a cache, or a rate for each key: add `cache` or `scope: per_args`",
        "there is no `cache`";
    Unbounded:
        "`{Self}` limits the entries of a cache or the rates of a scope, and there are none: add `cache` or `scope: per_args`",
        "there is no `cache`";
    KeyOfCache:
        "with a `cache`, `key` is the key of the cache and not of the rate: write `scope: per_key(…)` with what has a rate of its own",
        "`key` is the key of the cache";
    NoMode:
        "the mode of a map is one of `thread`, `rayon`, `async`, `process` and `async_process`: write `mode: rayon`",
        "not followed by one of the five";
    NoJitter:
        "jitter is one of `none`, `full`, `equal` and `decorrelated`: write `{Self}: full`",
        "not followed by one of the four";
    BlockingBody:
        "this mode runs futures, but the body is not async: put it into `async {{ … }}`",
        "the body is not async";
    AsyncBody:
        "this mode runs blocking bodies, but the body is async: remove `mode`, or write `mode: async`",
        "the body is async";
    AsyncBodyInChild:
        "this mode runs blocking bodies in child processes, but the body is async: write `mode: async_process`",
        "the body is async";
    BlockingBodyInChild:
        "this mode runs futures in child processes, but the body is not async: put it into `async {{ … }}`, or write `mode: process`",
        "the body is not async";
    Childless:
        "`{Self}` is about child processes, and the map has none: add `mode: process`, or `mode: async_process`",
        "there are no child processes";
    NoProcessFeature:
        "`{Self}` needs feature `process` of the crate opero",
        "feature `process` is off";
    SecondOutput:
        "the results of a map go either to `each` or to a `stream`: remove one of them",
        "they already go elsewhere";
    NoValue:
        "`{Self}` takes no value: write only `{Self}`",
        "takes no value";
    NoScope:
        "the scope of a rate is one of `global`, `per_function`, `per_args` and `per_key(…)`: write `{Self}: per_args`",
        "not followed by one of the four";
    Keyless:
        "opero cannot tell what the result of this body depends on: add `key: (…)` with what it depends on, or \
         `key: ()` if it depends on no variable",
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
        "with `adaptive`, the chosen policy sets the numbers of the retry: write `{Self}` in the policies, as in \
         `adaptive: [Retry::new().retries(2), Retry::new().retries(5)]`",
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
        "an option is a name and a value, or only a name: write `{Self}: value` or `{Self},`",
        "expected `:`, `,` or `=>` after this";
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
        "`{Self}` takes a pattern, but this is a closure: write `{Self}: pattern if condition`, or for a retry `retry_if: |error| …`",
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
        "the body comes last: write `opero! {{ options => body }}`",
        "not an option";
    NotAsync:
        "`.await` needs an async body: put the body into `async {{ … }}`",
        "awaited outside of `async`";
    UnsafeFn:
        "an `unsafe` function cannot be decorated: write a safe `fn {Self}` with `unsafe {{ … }}` in its block",
        "this function is `unsafe`";
    ExternFn:
        "an `extern` function cannot be decorated: write `fn {Self}`, and call it from the `extern` one",
        "this function is `extern`";
    ConstFn:
        "a `const` function cannot be decorated, since it may run at compile time: write `fn {Self}`",
        "this function is `const`";
    ReturnsNothing:
        "the function `{Self}` must return `Result<T, opero::Error<E>>`",
        "returns nothing";
    KeepsNothing:
        "the function `{Self}` must return a value to cache: write `fn {Self}(…) -> T`",
        "returns nothing";
    ReturnsImpl:
        "the function `{Self}` must return `Result<T, opero::Error<E>>` with named types, not `impl Trait`",
        "returns `impl Trait`";
    Borrows:
        "a cached value outlives what it borrows from: let `{Self}` return an owned value, such as `String` or `Arc<str>`",
        "returns a reference";
    Blockless:
        "the function `{Self}` has no block: write `fn {Self}(…) -> … {{ body }}`",
        "no block";
    NotAlone:
        "one macro decorates one function: close it after the block of `{Self}`",
        "more than this function";
}

/// Kinds of mistakes whose message names more than the option.
macro_rules! complaints_about {
    ($($kind:ident $($named:ident)*: $message:literal;)*) => {$(
        /// Implemented for no type.
        #[diagnostic::on_unimplemented(message = $message, label = "needs a `key`")]
        pub trait $kind<Inferred, $($named),*> {
            /// Never read.
            const HERE: ();
        }
    )*};
}

/// Kinds of mistakes that depend on a condition. If the condition is true, the bound of a function in the expansion holds.
macro_rules! conditions {
    ($($kind:ident: $message:literal, $label:literal;)*) => {$(
        /// Holds if `HOLDS` is `true`.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $kind<const HOLDS: bool, Inferred> {
            /// Never read.
            const HERE: ();
        }
    )*};
}

conditions! {
    Nameless:
        "entries in a store are found by a name, but this body has none: add `name: \"…\"`",
        "needs a `name`";
    MayChange:
        "the body may run again, and an argument that holds a call, a macro or a block may then have another value: bind it \
         with `let` first, or add `key: (…)` with what the result depends on",
        "its key has an argument that may change";
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
