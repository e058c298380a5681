//! A module that redefines every name on which an expansion could rely.
//!
//! It has no prelude and redefines its names. `core`, `std` and `alloc` are modules of its own, the built-in macros are
//! redefined, and traits add the methods of opero to every type.
#![no_implicit_prelude]
#![allow(dead_code, reason = "the names are there to be in the way")]

/// Not the standard library.
pub mod core {}
/// Not the standard library.
pub mod std {}
/// Not the standard library.
pub mod alloc {}
/// Not the crate.
pub mod opero {}

macro_rules! taken {
    ($($macro:ident)*) => {$(
        #[allow(unused_macros, reason = "it is there to be in the way")]
        macro_rules! $macro {
            ($d:tt) => { "not the standard one" };
        }
    )*};
}

taken! { concat stringify matches line module_path compile_error panic assert format vec }

macro_rules! things {
    ($($name:ident)*) => {$(
        /// A type of this name.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        pub struct $name;
    )*};
}

things! {
    Some None Ok Err Result Option String Vec Box Iterator IntoIterator Error Attempt Retry Rate Jitter CurrentAttempt Options
    Duration Send Sync Clone Hash Fn FnMut AsRef Default Key Store Memory Stats Place Summary Progress Stream Future
}

/// A primitive type redefined.
#[allow(non_camel_case_types, reason = "it takes the place of the primitive")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct str;

macro_rules! methods {
    ($($trait:ident: $($method:ident)*;)*) => {$(
        /// Methods with the same names as those of opero, by value, so that method resolution finds them first.
        #[allow(clippy::iter_not_returning_iterator, reason = "it is not the method of that name")]
        pub trait $trait: ::core::marker::Sized {
            $(
                /// Not opero's.
                fn $method(self) -> Never {
                    Never
                }
            )*
        }

        impl<T> $trait for T {}
    )*};
}

/// A value that no call returns.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct Never;

methods! {
    Call: retries backoff min_delay max_delay jitter retry_if retry_after fallback fallback_delay fallback_on name clock
        with_retry of of_async run run_async start succeeded;
    Clock: now sleep sleep_async;
    Bind: bind candidate number retry count nth next layer iter into_iter item items candidates;
    Course: course course_over turn once attempt part parts journey finish keyed call call_async at poll leave;
    Recovery: pause failed recover within split;
    Literal: value is;
    Cached: cache key namespace capacity store infallible infallible_async slots enter land hash feed part;
    Limits: rate burst scope max_wait limiter on_fault per_key around timeout deadline memory of_map until;
    Map: workers ordered chunk_size max_failures progress each stream thread rayon future;
}

macro_rules! functions {
    ($($name:ident)*) => {$(
        /// Not a variable.
        pub const fn $name() -> Never {
            Never
        }
    )*};
}

functions! {
    map call op place list site clock context cached rated item items attempt result body error arg slots course started
    value outcome key limit plan layer state now hasher answer owned parts infallible
}

/// An expression with a list, a literal and a predicate.
///
/// # Errors
/// No candidate is good.
pub fn expression(good: u8) -> ::core::result::Result<u8, ::resil::Error<&'static ::core::primitive::str>> {
    ::resil::opero! {
        retries: 1, backoff: 1.0, min_delay: 0s, max_delay: 1s, jitter: full, retry_on: _, retry_if: |_| true,
        retry_after: |_| ::core::option::Option::None, fallback: item in [1, 2], fallback_delay: 0s, fallback_on: _,
        attempt: number, name: "hostile", clock: ::resil::time::ManualClock::new()
        => if *item == good && number > 2 {
            ::core::result::Result::Ok(*item)
        } else {
            ::core::result::Result::Err("not good")
        }
    }
}

/// Futures that borrow, and futures that own.
///
/// # Errors
/// It was told so.
pub async fn futures(fail: bool) -> ::core::result::Result<u32, ::resil::Error<()>> {
    let body = || if fail { ::core::result::Result::Err(()) } else { ::core::result::Result::Ok(1) };
    let borrowing = ::resil::opero! { retries: 1, min_delay: 0s, fallback: _item in ["a"] => async { body() } };
    let owning = ::resil::opero! { retries: 1, min_delay: 0s, fallback: _item in ["a"] => async move { body() } };
    ::core::result::Result::Ok(borrowing.await? + owning.await?)
}

/// A callable.
///
/// # Errors
/// It was told so.
pub fn callable(fail: bool) -> ::core::result::Result<u32, ::resil::Error<()>> {
    let call = ::resil::opero! { retries => |fail: bool| {
        if fail { ::core::result::Result::Err(()) } else { ::core::result::Result::Ok(1) }
    } };
    call(fail)
}

::resil::opero! { retries: 2, min_delay: 0s, attempt: number =>
    /// A function.
    ///
    /// # Errors
    /// The third attempt is not the last that is needed.
    pub fn function(needed: u32) -> ::core::result::Result<u32, ::resil::Error<()>> {
        if number < needed { ::core::result::Result::Err(()) } else { ::core::result::Result::Ok(number) }
    }
}

::resil::opero! { retries: 2, min_delay: 0s, attempt: number =>
    /// An async function.
    ///
    /// # Errors
    /// The third attempt is not the last that is needed.
    pub async fn async_function(needed: u32) -> ::core::result::Result<u32, ::resil::Error<()>> {
        if number < needed { ::core::result::Result::Err(()) } else { ::core::result::Result::Ok(number) }
    }
}

fn double(n: u32) -> ::core::result::Result<u32, ()> {
    n.checked_mul(2).ok_or(())
}

async fn double_later(n: u32) -> ::core::result::Result<u32, ()> {
    double(n)
}

/// Cached calls of every shape except functions.
///
/// # Errors
/// The number is too large.
pub async fn answers(n: u32) -> ::core::result::Result<u32, ::resil::Error<()>> {
    let shared = ::resil::cache::Memory::new();
    let plain = ::resil::opero! { cache: 60s => double(n) };
    let listed = ::resil::opero! { cache, fallback: n in [n, 1] => double(*n) };
    let full = ::resil::opero! {
        cache, key: n, namespace: "hostile", capacity: 10, store: &shared, name: "hostile" => double(n)
    };
    let later = ::resil::opero! { cache => async { double_later(n).await } };
    let owning = ::resil::opero! { cache, store: &shared, name: "owning" => async move { double_later(n).await } };
    let callable = ::resil::opero! { cache => |n: u32| double(n) };
    let callable_later = ::resil::opero! { cache => async |n: u32| double_later(n).await };
    let blocking = plain? + listed? + full? + callable(n)?;
    ::core::result::Result::Ok(blocking + later.await? + owning.await? + callable_later(n).await?)
}

::resil::opero! { cache: 60s, capacity: 10 =>
    /// A cached function.
    ///
    /// # Errors
    /// The number is too large.
    pub fn cached_function(n: u32) -> ::core::result::Result<u32, ::resil::Error<()>> {
        double(n)
    }
}

::resil::opero! { cache =>
    /// A cached async function.
    ///
    /// # Errors
    /// The number is too large.
    pub async fn cached_async_function(n: u32) -> ::core::result::Result<u32, ::resil::Error<()>> {
        double_later(n).await
    }
}

const fn triple(n: u32) -> u32 {
    n.wrapping_mul(3)
}

async fn triple_later(n: u32) -> u32 {
    triple(n)
}

/// Calls that cannot fail, of every shape but a function.
pub async fn infallible_answers(n: u32) -> u32 {
    let (shared, clock) = (::resil::cache::Memory::new(), ::resil::time::ManualClock::new());
    let plain = ::resil::opero! { infallible, cache: 60s => triple(n) };
    let full = ::resil::opero! {
        infallible, cache, key: n, namespace: "hostile", capacity: 10, store: &shared, name: "surely", clock: &clock => triple(n)
    };
    let later = ::resil::opero! { cache, infallible => async { triple_later(n).await } };
    let owning =
        ::resil::opero! { infallible, cache, store: &shared, name: "owning" => async move { triple_later(n).await } };
    let callable = ::resil::opero! { infallible, cache => |n: u32| triple(n) };
    let callable_later = ::resil::opero! { infallible, cache => async |n: u32| -> u32 { triple_later(n).await } };
    plain + full + callable(n) + later.await + owning.await + callable_later(n).await
}

::resil::opero! { infallible, cache: 60s, capacity: 10 =>
    /// A cached function that cannot fail.
    #[must_use]
    pub fn infallible_function(n: u32) -> u32 {
        triple(n)
    }
}

::resil::opero! { infallible, cache, clock: ::resil::time::ManualClock::new() =>
    /// A cached async function that cannot fail.
    pub async fn infallible_async_function(n: u32) -> u32 {
        triple_later(n).await
    }
}

/// The results of a map.
pub type Results = [::core::result::Result<u32, ::resil::Error<()>>];

/// Maps in every mode. Their bodies use names that the expansion might use for its variables.
pub async fn maps(map: u32, test: impl ::core::ops::Fn(&Results) + ::core::marker::Send + ::core::marker::Sync) {
    let (call, op, place, list, site, clock) = (map, map, map, map, map, ::resil::time::ManualClock::new());
    test(&::resil::opmap! {
        item in [1, 2], workers: 2, ordered: true, chunk_size: 1, max_failures: 2, deadline: 1h, progress: |_: &::resil::map::Progress| (),
        retries: 1, min_delay: 0s, jitter: full, retry_on: (), timeout: 1s, rate: 1000/s, burst: 9, scope: per_args, max_wait: 1s,
        cache, fallback: item in [item, list], attempt: attempt, name: "hostile map", clock: &clock
        => double(*item)
    });
    test(&::resil::opmap! {
        context in [1, 2], mode: rayon, deadline: 1h, cache, key: (context, op), fallback: cached in [place], attempt: rated, clock: &clock
        => double(context + (*cached - call) + (site - map) * rated)
    });
    test(&::resil::opmap! { (cached, rated) in [(1, map), (2, map)], deadline: 1h, rate: 1000/s, burst: 9, clock: &clock => async {
        double_later(cached + (rated - call)).await
    } }.await);
    let mut results = ::std::vec::Vec::new();
    ::resil::opmap! { n in [1, 2], each: |result| results.push(result), deadline: 1h => double(n) };
    test(&results);
    let stream = ::resil::opmap! { result in [1, 2], stream, deadline: 1h => double(result) };
    test(&::core::iter::Iterator::collect::<::std::vec::Vec<_>>(stream));
    let stream = ::resil::opmap! { body in [1, 2], stream, cache => async move { double_later(body).await } };
    test(&::futures_lite::StreamExt::collect::<::std::vec::Vec<_>>(stream).await);
}

#[cfg(test)]
mod tests {
    use ::std::prelude::rust_2024::*;

    use ::futures_lite::future::block_on;

    use super::{
        answers, async_function, cached_async_function, cached_function, callable, expression, function, futures,
        infallible_answers, infallible_async_function, infallible_function, maps,
    };

    #[test]
    fn redefined_names_do_not_conflict() {
        ::std::assert_eq!(expression(2), Ok(2));
        ::std::assert_eq!(expression(3).unwrap_err().name(), "hostile");
        ::std::assert_eq!(block_on(futures(false)), Ok(2));
        ::std::assert!(block_on(futures(true)).is_err());
        ::std::assert_eq!(callable(false), Ok(1));
        ::std::assert_eq!(function(3), Ok(3));
        ::std::assert_eq!(block_on(async_function(4)).unwrap_err().attempts().len(), 3);
        for _ in 0..2 {
            ::std::assert_eq!((block_on(answers(1)), block_on(answers(2))), (Ok(14), Ok(28)));
            block_on(maps(7, |results| ::std::assert_eq!(results, [Ok(2), Ok(4)])));
            ::std::assert_eq!((cached_function(3), block_on(cached_async_function(4))), (Ok(6), Ok(8)));
            ::std::assert_eq!((block_on(infallible_answers(1)), infallible_function(2)), (18, 6));
            ::std::assert_eq!(block_on(infallible_async_function(3)), 9);
        }
    }
}
