//! `scope: per_key(value)`: a rate for each value, independent of the key of the cache.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;

use opero::time::ManualClock;
use opero::{Call, Error, Scope, opero, opmap};
use runtime::block_on;

/// The call runs, is answered from the cache, or is refused.
#[derive(Debug, PartialEq)]
enum Was {
    Run,
    Hit,
    Refused,
}
use Was::{Hit, Refused, Run};

/// Describes the outcomes of calls.
#[derive(Default)]
struct Watch(Cell<bool>);

impl Watch {
    fn ask(&self) -> Result<u8, String> {
        self.0.set(true);
        Ok(1)
    }

    fn saw(&self, outcome: Result<u8, Error<String>>) -> Was {
        match (outcome, self.0.take()) {
            (Ok(_), true) => Run,
            (Ok(_), false) => Hit,
            (Err(error), false) if error.is_rate_limit() => Refused,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_key_of_the_cache_and_the_key_of_the_rate_are_independent() {
    let watch = Watch::default();
    let ask = |tenant: &str, prompt: &str| {
        watch.saw(opero! {
            cache: 1h, key: (tenant, prompt), rate: 1/h, max_wait: 0s, scope: per_key(tenant) => watch.ask()
        })
    };
    assert_eq!([ask("a", "1"), ask("a", "1"), ask("a", "2"), ask("b", "2")], [Run, Hit, Refused, Run]);
}

#[test]
fn in_every_order_of_the_options() {
    let watch = Watch::default();
    let calls: [&dyn Fn(&str, u32) -> Was; 5] = [
        &|t, p| watch.saw(opero! { scope: per_key(t), rate: 1/h, max_wait: 0s, key: p, cache => watch.ask() }),
        &|t, p| watch.saw(opero! { key: p, scope: per_key(t), cache, max_wait: 0s, rate: 1/h => watch.ask() }),
        &|t, p| {
            watch.saw(opero! { cache, rate: 1/h, key: p, max_wait: 0s, scope: per_key(t), capacity: 9 => watch.ask() })
        },
        &|t, p| {
            watch.saw(
                opero! { capacity: 9, cache: 60s, scope: per_key(t), key: p, rate: 1/h, max_wait: 0s => watch.ask() },
            )
        },
        &|t, p| {
            watch.saw(opero! { retries: 2, rate: 1/h, max_wait: 0s, scope: per_key(t), cache, key: p, fallback: _m in [1] => watch.ask() })
        },
    ];
    for ask in calls {
        assert_eq!([ask("a", 1), ask("a", 1), ask("a", 2), ask("b", 2)], [Run, Hit, Refused, Run]);
    }
}

#[test]
fn in_every_shape_of_a_body() {
    let is_let_through = |outcome: Result<u32, Error<String>>| outcome.is_ok();
    let expected = [true, true, false];
    let tenants = ["a", "b", "a"];

    let expression = tenants.map(|t| is_let_through(opero! { rate: 1/h, max_wait: 0s, scope: per_key(t) => Ok(1) }));
    assert_eq!(expression, expected);
    let awaited = tenants
        .map(|t| is_let_through(block_on(opero! { rate: 1/h, max_wait: 0s, scope: per_key(t) => async { Ok(1) } })));
    assert_eq!(awaited, expected);
    let owning = tenants.map(|t| {
        is_let_through(block_on(opero! { rate: 1/h, max_wait: 0s, scope: per_key(t) => async move { Ok(1) } }))
    });
    assert_eq!(owning, expected);
    let callable = opero! { rate: 1/h, max_wait: 0s, scope: per_key(t) => |t: &str, n: u32| { let _ = t; Ok(n) } };
    assert_eq!(tenants.map(|t| is_let_through(callable(t, 2))), expected);
    let callable =
        opero! { rate: 1/h, max_wait: 0s, scope: per_key(t) => async |t: &str, n: u32| { let _ = t; Ok(n) } };
    assert_eq!(tenants.map(|t| is_let_through(block_on(callable(t, 2)))), expected);
    opero! { rate: 1/h, max_wait: 0s, scope: per_key(t) =>
        fn item(t: &str, n: u32) -> Result<u32, Error<String>> { Ok(n + u32::from(t.is_empty())) }
    }
    assert_eq!(tenants.map(|t| is_let_through(item(t, 2))), expected);
    opero! { rate: 1/h, max_wait: 0s, scope: per_key(t), cache =>
        async fn later(t: &str, n: u32) -> Result<u32, Error<String>> { Ok(n + u32::from(t.is_empty())) }
    }
    assert_eq!([("a", 1), ("b", 1), ("a", 2)].map(|(t, n)| is_let_through(block_on(later(t, n)))), expected);
    let plain = |n: u32| {
        fn call(n: u32) -> Result<u32, String> {
            Ok(n)
        }
        is_let_through(opero! { rate: 1/h, max_wait: 0s, cache, scope: per_key(n % 2) => call(n) })
    };
    assert_eq!([plain(1), plain(2), plain(3), plain(1)], [true, true, false, true], "the last from the cache");
    let predicate = |t: &str| {
        is_let_through(
            opero! { rate: 1/h, max_wait: 0s, scope: per_key(t), retry_if: |e: &String| e.is_empty() => Ok(1) },
        )
    };
    assert_eq!(tenants.map(predicate), expected);
    let mapped =
        opmap! { t in tenants, workers: 1, rate: 1/h, max_wait: 0s, scope: per_key(t) => Ok::<u32, String>(1) };
    assert_eq!(mapped.into_iter().map(is_let_through).collect::<Vec<_>>(), expected);
    let mapped = block_on(
        opmap! { t in tenants, workers: 1, rate: 1/h, max_wait: 0s, scope: per_key(t) => async { Ok::<u32, String>(1) } },
    );
    assert_eq!(mapped.into_iter().map(is_let_through).collect::<Vec<_>>(), expected);
}

#[test]
fn the_value_is_evaluated_once_per_call_and_needs_only_hash() {
    #[derive(Hash)]
    struct Tenant<'t>(&'t str);
    let (evaluated, clock) = (Cell::new(0), ManualClock::new());
    let text = String::from("a");
    let ask = || {
        opero! { rate: 1/s, clock: &clock, retries: 2, min_delay: 0s, scope: per_key({ evaluated.set(evaluated.get() + 1); Tenant(&text) }) =>
            Err::<(), _>("down")
        }
    };
    for calls in 1..4 {
        assert_eq!(ask().unwrap_err().attempts().len(), 3);
        assert_eq!(evaluated.get(), calls);
    }
}

#[test]
fn the_capacity_bounds_the_number_of_rates() {
    let capacity = |capacity: usize| {
        move |t: u32| {
            opero! { rate: 1/h, max_wait: 0s, capacity: capacity, scope: per_key(t) => Ok::<_, ()>(()) }.is_ok()
        }
    };
    assert_eq!([1, 2, 1].map(capacity(1)), [true; 3], "it has been forgotten");
    let literal =
        |t: u32| opero! { capacity: 1, rate: 1/h, max_wait: 0s, scope: per_key(t) => Ok::<_, ()>(()) }.is_ok();
    assert_eq!([1, 2, 1].map(literal), [true; 3]);
    let none = 0;
    let error = opero! { rate: 1/h, capacity: none, scope: per_key(1) => Ok::<_, String>(()) }.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`capacity`"), "{error}");
}

#[test]
fn a_key_without_a_cache_is_the_key_of_per_args() {
    fn plain(_: u32) -> Result<(), ()> {
        Ok(())
    }
    let ask = |key: &str, n: u32| opero! { rate: 1/h, max_wait: 0s, key: key, scope: per_args => plain(n) }.is_ok();
    assert_eq!([ask("a", 1), ask("a", 2), ask("b", 2)], [true, false, true], "it is the key, and not the arguments");
}

#[test]
fn the_builder_sets_the_scope_in_every_order() {
    let rate = opero::policy::Rate::new(1, std::time::Duration::from_secs(3600));
    let watch = Watch::default();
    let with_rate = || Call::new("built").rate(rate).max_wait(std::time::Duration::ZERO);
    let first = with_rate().cache(None);
    let last = with_rate().cache(None);
    let before = |t: &str, n: u32| watch.saw(first.clone().scope(Scope::per_key(t)).key(&n).run(|_| watch.ask()));
    let after = |t: &str, n: u32| watch.saw(last.clone().key(&n).scope(Scope::per_key(t)).run(|_| watch.ask()));
    assert_eq!([before("a", 1), before("a", 1), before("a", 2), before("b", 2)], [Run, Hit, Refused, Run]);
    assert_eq!([after("a", 1), after("a", 1), after("a", 2), after("b", 2)], [Run, Hit, Refused, Run]);
    assert_eq!(Scope::per_key("a"), Scope::per_key(&"a"));
    assert_ne!(Scope::per_key("a"), Scope::per_key("b"));
    let error = with_rate().scope(Scope::per_key("a")).capacity(0).run(|_| watch.ask()).unwrap_err();
    assert!(error.is_configuration(), "{error}");
}
