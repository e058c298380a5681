//! The id of a request in child processes.

#![allow(clippy::items_after_statements, reason = "the first line of a test is `init_test`")]
#![allow(clippy::unnecessary_wraps, reason = "bodies give a `Result`")]

use std::time::Duration;

use async_io::Timer;
use opero::map::{Map, block_on};
use opero::observe::ErrorContext;
use opero::observe::correlation::{current, with_id, with_id_async};
use opero::process::init_test;
use opero::{Call, Error, opmap};
use watchdog::watched;

#[path = "support/watchdog.rs"]
mod watchdog;

fn here() -> Option<String> {
    current().map(|id| id.to_string())
}

fn some(id: &str) -> Option<String> {
    Some(id.to_owned())
}

fn of<T: std::fmt::Debug>(outcome: &Result<T, Error<String>>) -> String {
    ErrorContext::of(outcome.as_ref().expect_err("it fails")).correlation_id().to_owned()
}

#[test]
fn a_body_in_a_child_sees_the_id_of_the_map() {
    init_test!();
    watched("blocking bodies", || {
        let see = || opmap! { n in 0..6_u64, mode: process, workers: 2 => Ok::<_, String>((n, here())) };
        // A child is kept for the next map, but keeps nothing of its scope.
        for id in [some("req-42"), None, some(""), some(&"long ".repeat(10_000)), some("straße")] {
            let seen = match &id {
                Some(id) => with_id(id.as_str(), see),
                None => see(),
            };
            let expected: Vec<_> = (0..6).map(|n| Ok((n, id.clone()))).collect();
            assert_eq!(seen, expected);
        }
    });
}

#[test]
fn every_attempt_sees_the_id_and_the_error_has_it() {
    init_test!();
    watched("retries", || {
        let results = with_id("req-42", || {
            opmap! { n in 0..3_u64, mode: process, retries: 2, min_delay: 1ms, attempt: attempt => {
                let id = here().unwrap_or_default();
                assert!(n != 2, "on purpose");
                if attempt < 3 || n == 1 { Err(format!("{attempt} in {id}")) } else { Ok(id) }
            } }
        });
        assert_eq!(results[0].as_deref(), Ok("req-42"));
        let errors: Vec<_> = results[1].as_ref().unwrap_err().attempts().iter().filter_map(|a| a.error()).collect();
        assert_eq!(errors, ["1 in req-42", "2 in req-42", "3 in req-42"]);
        assert!(results[2].as_ref().is_err_and(Error::is_panicked));
        assert_eq!((of(&results[1]).as_str(), of(&results[2]).as_str()), ("req-42", "req-42"));
    });
}

#[test]
fn a_scope_in_the_operation_applies_to_its_body() {
    init_test!();
    watched("a scope in the operation", || {
        let results: Vec<Result<_, Error<String>>> = with_id("map", || {
            Map::new("map").workers(2).process(0..4_u64, |n, _, children| {
                let body = |n: u64| Ok::<_, String>((n, here()));
                with_id(format!("item {n}"), || Call::new("item").run(|_| children.run(body, &n)))
            })
        });
        let expected: Vec<_> = (0..4).map(|n| Ok((n, Some(format!("item {n}"))))).collect();
        assert_eq!(results, expected);

        let failed = with_id("map", || {
            Map::new("map").workers(2).process(0..4_u64, |n, _, children| {
                let body = |n: u64| Err::<(), _>(format!("{n} failed"));
                with_id(format!("item {n}"), || Call::new("item").run(|_| children.run(body, &n)))
            })
        });
        let ids: Vec<_> = failed.iter().map(of).collect();
        assert_eq!(ids, ["item 0", "item 1", "item 2", "item 3"]);
    });
}

#[test]
fn futures_that_share_a_child_have_their_own_ids() {
    init_test!();
    async fn see(n: u64) -> Result<(Option<String>, Option<String>), String> {
        let before = here();
        Timer::after(Duration::from_millis(n % 3)).await;
        Ok((before, here()))
    }

    watched("futures in a child", || {
        let map = || opmap! { n in 0..20_u64, mode: async_process, workers: 1, retries: 1 => async { see(n).await } };
        for id in [some("req-42"), None] {
            let seen = match &id {
                Some(id) => block_on(with_id_async(id.as_str(), map())),
                None => block_on(map()),
            };
            assert_eq!(seen, vec![Ok((id.clone(), id)); 20]);
        }
        let own = Map::new_async("map").workers(1).future_process(0..20_u64, async |n, _, children| {
            let body = |n: u64| async move { see(n).await };
            let call = Call::new_async("item");
            with_id_async(format!("item {n}"), call.run_async(async |_| children.run(body, &n).await)).await
        });
        let expected: Vec<_> = (0..20).map(|n| Some(format!("item {n}"))).map(|id| Ok((id.clone(), id))).collect();
        assert_eq!(block_on(own), expected);
    });
}
