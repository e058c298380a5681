//! Temporaries of option values are dropped before the call, except for what the value borrows.
#![allow(clippy::unnecessary_wraps, clippy::unused_async, reason = "a body is a `Result`, or a future of one")]

#[path = "support/runtime.rs"]
mod runtime;

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use opero::cache::Memory;
use opero::policy::{Jitter, Rate};
use opero::time::ManualClock;
use opero::{opero, opmap};
use runtime::block_on;

/// The state that a program keeps behind a lock.
struct Config {
    count: u32,
    size: usize,
    time: Duration,
    factor: f64,
    rate: Rate,
    jitter: Jitter,
    flag: bool,
    name: String,
    models: Vec<String>,
    tenant: u64,
}

const MS: Duration = Duration::from_millis(1);

static CONFIG: Mutex<Option<Config>> = Mutex::new(None);

/// Holds the lock while it lives, and dereferences to the configuration.
struct Locked(MutexGuard<'static, Option<Config>>);

impl std::ops::Deref for Locked {
    type Target = Config;

    fn deref(&self) -> &Config {
        self.0.as_ref().expect("it is made where it is locked")
    }
}

fn config() -> Locked {
    let mut config = CONFIG.lock().expect("nobody panics under it");
    config.get_or_insert_with(|| Config {
        count: 2,
        size: 3,
        time: Duration::from_secs(5),
        factor: 1.5,
        rate: Rate::new(100, Duration::from_secs(1)),
        jitter: Jitter::None,
        flag: true,
        name: "named".to_owned(),
        models: vec!["a".to_owned(), "b".to_owned()],
        tenant: 7,
    });
    Locked(config)
}

/// A body that requires the lock to be free. Another test may hold it for an instant; a guard held by this very call
/// would never be released.
fn run() -> Result<(), String> {
    for _ in 0..10_000 {
        if CONFIG.try_lock().is_ok() {
            return Ok(());
        }
        std::thread::yield_now();
    }
    Err("the configuration is locked while the body runs".to_owned())
}

async fn run_later() -> Result<(), String> {
    run()
}

/// The same options, each with a value that holds the lock, for every body.
macro_rules! with_each_option {
    ($run:ident! => $($body:tt)*) => {
        $run!(opero! { retries: config().count => $($body)* });
        $run!(opero! { backoff: config().factor => $($body)* });
        $run!(opero! { min_delay: config().time, max_delay: config().time => $($body)* });
        $run!(opero! { jitter: config().jitter => $($body)* });
        $run!(opero! { retries: 1, retry_if: { let _locked = config(); |_: &String| false } => $($body)* });
        $run!(opero! { retries: 1, retry_if: predicate(&config()) => $($body)* });
        $run!(opero! { timeout: config().time, deadline: config().time + MS => $($body)* });
        $run!(opero! { fallback: _m in config().models.clone() => $($body)* });
        $run!(opero! { fallback: _m in [config().models[0].clone()], fallback_delay: config().time => $($body)* });
        $run!(opero! { rate: config().rate, burst: config().count, max_wait: config().time => $($body)* });
        $run!(opero! { rate: config().rate, scope: per_key(config().tenant), capacity: config().size => $($body)* });
        $run!(opero! { rate: config().rate, scope: per_args, key: config().tenant => $($body)* });
        $run!(opero! { name: config().name.clone(), clock: clock_by(&config()) => $($body)* });
        $run!(opero! { cache: config().time, key: config().tenant, capacity: config().size => $($body)* });
        $run!(opero! { cache: Some(config().time), key: (), namespace: config().name.clone() => $($body)* });
        $run!(opero! { cache, key: 1, store: store_by(&config()), name: config().name.clone() => $($body)* });
    };
}

fn predicate(config: &Config) -> impl Fn(&String) -> bool + use<> {
    let flag = config.flag;
    move |_| !flag
}

fn clock_by(config: &Config) -> ManualClock {
    assert!(config.flag);
    ManualClock::new()
}

fn store_by(config: &Config) -> Memory<()> {
    Memory::with_capacity(config.size)
}

#[test]
fn temporaries_of_a_value_are_dropped_before_a_blocking_body_runs() {
    macro_rules! check {
        ($call:expr) => {
            assert_eq!($call, Ok(()), "{}", stringify!($call))
        };
    }
    with_each_option! { check! => run() };
}

#[test]
fn temporaries_of_a_value_are_dropped_before_an_async_body_runs() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    macro_rules! check {
        ($call:expr) => {
            assert_eq!(block_on(send($call)), Ok(()), "{}", stringify!($call))
        };
    }
    with_each_option! { check! => async { run_later().await } };
    with_each_option! { check! => async move { run_later().await } };
}

#[test]
fn temporaries_of_a_value_are_dropped_before_an_item_of_a_map_runs() {
    let items =
        || opmap! { _i in 0..2, workers: config().size, ordered: config().flag, chunk_size: config().size => run() };
    assert_eq!(items(), [Ok(()), Ok(())]);
    let items = || {
        opmap! {
            _i in 0..2, max_failures: config().size, deadline: config().time, name: config().name.clone(),
            retries: config().count => run()
        }
    };
    assert_eq!(items(), [Ok(()), Ok(())]);
    #[cfg(feature = "progress")]
    assert_eq!(opmap! { _i in 0..2, progress: !config().flag => run() }, [Ok(()), Ok(())]);
    let clock = ManualClock::new();
    let later = opmap! {
        _i in 0..2, workers: config().size, clock: &clock, name: config().name.clone(), rate: config().rate
        => async { run_later().await }
    };
    assert_eq!(block_on(later), [Ok(()), Ok(())]);
    let owning =
        opmap! { _i in 0..2, workers: config().size, timeout: config().time => async move { run_later().await } };
    assert_eq!(block_on(owning), [Ok(()), Ok(())]);
}

#[test]
fn borrows_of_a_value_live_through_the_call() {
    let again = |_: &String| true;
    let fail = || Err::<(), _>("down".to_owned());
    let names = |outcome: Result<(), opero::Error<String>>| outcome.unwrap_err().name().to_owned();
    let n = 1;
    let new = ManualClock::new;
    assert_eq!(names(opero! { name: &format!("n{n}") => fail() }), "n1");
    assert_eq!(names(opero! { name: &format!("n{n}"), clock: &new(), retries: n => fail() }), "n1");
    assert_eq!(names(opero! { clock: &new(), rate: 1/s, name: &format!("n{n}") => fail() }), "n1");
    assert_eq!(names(opero! { clock: &new(), rate: 1/s, name: &format!("n{n}"), retry_if: again => fail() }), "n1");
    let memory = |run: u32| opero! { cache, store: &Memory::new(), name: &format!("n{n}"), namespace: &format!("s{n}"), key: &n, retry_if: again => Ok(run) };
    assert_eq!((memory(1), memory(2)), (Ok(1), Ok(2)));

    assert_eq!(names(block_on(opero! { clock: &new(), rate: 1/s, name: &format!("n{n}") => async { fail() } })), "n1");
    let later = block_on(opero! { clock: &new(), name: &format!("n{n}"), retry_if: again => async { fail() } });
    assert_eq!(names(later), "n1");
    assert_eq!(
        names(block_on(opero! { clock: &new(), rate: 1/s, name: &format!("n{n}") => async move { fail() } })),
        "n1"
    );
    let owning = block_on(
        opero! { clock: &new(), name: &format!("n{n}"), retry_if: again, retries: 1 => async move { fail() } },
    );
    assert_eq!(names(owning), "n1");
    let kept = block_on(
        opero! { cache, store: &Memory::new(), name: &format!("n{n}"), key: &n => async move { Ok::<_, String>(n) } },
    );
    assert_eq!(kept, Ok(1));

    let callable = opero! { clock: &new(), rate: 1/s, name: &format!("n{n}") => |_x: u32| fail() };
    assert_eq!(names(callable(1)), "n1");
    opero! { clock: &ManualClock::new(), rate: 1/s, name: &format!("n{n}"), retries: 1 =>
        async fn item(n: u32) -> Result<(), opero::Error<String>> { Err(n.to_string()) }
    }
    assert_eq!(names(block_on(item(1))), "n1");
    let mapped = opmap! { i in [1], clock: &new(), rate: 1/s, name: &format!("n{n}") => Err::<(), _>(format!("{i}")) };
    assert!(mapped.into_iter().map(names).eq(["n1"]));
    let mapped =
        opmap! { i in [1], clock: &new(), rate: 1/s, name: &format!("n{n}") => async { Err::<(), _>(format!("{i}")) } };
    assert!(block_on(mapped).into_iter().map(names).eq(["n1"]));
    let shared = Mutex::new(vec!["a"]);
    assert_eq!(opero! { fallback: m in &vec!["a".to_owned()] => Ok::<_, String>(m.len()) }, Ok(1));
    assert_eq!(
        opero! { fallback: m in &*shared.lock().unwrap() => Ok::<_, String>(m.len()) },
        Ok(1),
        "what a guard holds"
    );
}

#[test]
fn a_value_keeps_its_natural_type() {
    let text = "3";
    assert_eq!(opero! { retries: text.parse().unwrap(), min_delay: 0s, backoff: 1.into() => run() }, Ok(()));
    let clock: &ManualClock = &ManualClock::new();
    assert_eq!(opero! { clock: clock, rate: { let per = Duration::from_secs(1); Rate::new(1, per) } => run() }, Ok(()));
}
