//! Errors in the user's words, each at the option it is about.

use core::marker::PhantomData;

pub use super::foreign::*;
use crate::options::with_options;

/// A diagnostic of kind `K`: its methods are the options, and as nobody can call them, rustc underlines the name of the
/// one that is and says why. The parameter `W` keeps rustc from judging that here.
#[derive(Debug)]
pub struct Diagnostic<K, W = ()>(PhantomData<(K, W)>);

impl<K> Diagnostic<K> {
    /// Its value.
    pub const HERE: Self = Diagnostic(PhantomData);
}

macro_rules! methods {
    ($kind:ident $bound:ident: $($option:ident)*) => {
        #[allow(missing_docs, reason = "each is an option, and is never called")]
        impl<W> Diagnostic<$kind, W> where Self: $bound { $(pub fn $option(&self) {})* }
    };
}

macro_rules! complaints {
    ($($kind:ident: $bound:ident, $message:literal, $label:literal;)*) => {$(
        /// A kind of diagnostic.
        #[derive(Debug)]
        pub struct $kind;

        /// Holds for nothing.
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $bound {}

        with_options! { methods! { $kind $bound } }
    )*};
}

complaints! {
    NotBuilt: Built,
        "this option is not built yet",
        "not built yet";
    MapOnly: OperoOption,
        "this is an option of `opmap!`, and `opero!` runs one expression",
        "not an option of `opero!`";
    Bare: HasDefault,
        "this option has no default, so it needs a value: write `option: value`",
        "needs a value";
    NoName: Named,
        "this option takes a name for the body to use, as in `attempt: n`",
        "not followed by `: name`";
    NoList: Listed,
        "a fallback is a name and a list, as in `fallback: model in [\"a\", \"b\"]`",
        "not followed by `: name in list`";
    Second: First,
        "this option is given twice: a call has one fallback and one attempt",
        "given before";
    WithoutFallback: HasFallback,
        "this option is about a fallback, and there is none: add `fallback: name in list`",
        "there is no `fallback`";
    Uncached: HasCache,
        "this option is about the cache, and there is none: add `cache` or `cache: 60s`",
        "there is no `cache`";
    Unlimited: HasRate,
        "this option is about a rate limit, and there is none: add `rate: 10/s`",
        "there is no `rate`";
    Unkeyed: TellsCallsApart,
        "this option is about calls that are told apart, and nothing asks for that: add `cache` or `scope: per_args`",
        "there is no `cache`";
    Unbounded: Bounded,
        "this option bounds the entries of a cache and rates with a key, and there are none: add `cache` or `scope: per_args`",
        "there is no `cache`";
    KeyOfCache: TellsWhoseRate,
        "with a `cache`, `key` is the cache's, and does not say what has a rate of its own: write `scope: per_key(…)` with that",
        "`key` is the cache's";
    NoMode: HasMode,
        "a map has one of the modes `thread`, `rayon`, `async`, `process` and `async_process`, as in `mode: rayon`",
        "not followed by one of the five";
    BlockingBody: Awaits,
        "this mode runs futures, and the body is none: put it into an `async` block",
        "the body is not async";
    AsyncBody: Blocks,
        "this mode runs blocking bodies, and an async body gives a future: leave `mode` out, or write `mode: async`",
        "the body is async";
    AsyncBodyInChild: BlocksInChild,
        "this mode runs blocking bodies in child processes, and an async body gives a future: write `mode: async_process`",
        "the body is async";
    BlockingBodyInChild: AwaitsInChild,
        "this mode runs futures in child processes, and the body is none: put it into an `async` block, or write `mode: process`",
        "the body is not async";
    Childless: HasChildren,
        "this option is about child processes, and the map has none: add `mode: process`, or `mode: async_process`",
        "there are no child processes";
    NoProcessFeature: ProcessFeature,
        "this option needs feature `process` of the crate opero",
        "feature `process` is off";
    SecondOutput: OnlyOutput,
        "the results of a map go to one place: to `each` or to a `stream`",
        "they go elsewhere already";
    NoValue: Valueless,
        "this option has no value: write its name alone",
        "has no value";
    NoScope: HasScope,
        "a rate is shared by one of `global`, `per_function`, `per_args` and `per_key(…)`, as in `scope: per_args`",
        "not followed by one of the four";
    Keyless: HasKey,
        "opero cannot tell what the result of this body depends on: add `key: (…)` with what it depends on, or \
         `key: ()` where it depends on no variable",
        "needs a `key`";
    NoCacheFeature: CacheFeature,
        "this option needs feature `cache` of the crate opero",
        "feature `cache` is off";
    NoMemoryFeature: MemoryFeature,
        "this option needs feature `memory` of the crate opero",
        "feature `memory` is off";
    NoObserveFeature: ObserveFeature,
        "this option needs feature `observe` of the crate opero",
        "feature `observe` is off";
    BesideAdaptive: WithoutAdaptive,
        "with `adaptive` the numbers of the retry are those of the policy that is chosen: write this one into the policies, as \
         in `adaptive: [Retry::new().retries(2), Retry::new().retries(5)]`",
        "there is `adaptive`";
    BesideInfallible: TakenByInfallible,
        "an infallible call cannot fail, so it takes only the options of the cache, `name` and `clock`: remove this one, or \
         `infallible`",
        "not beside `infallible`";
    InfallibleMap: ItemsFail,
        "a map gives a `Result` for each item, since an item may panic: remove this, and give \
         `Ok::<_, core::convert::Infallible>(value)`",
        "not an option of `opmap!`";
    NoStdFeature: StdFeature,
        "this scope needs feature `std` of the crate opero",
        "feature `std` is off";
    Unterminated: Ended,
        "the value of this option does not end in `,` or `=>`",
        "expected `option: value` and then `,` or `=>`";
}
