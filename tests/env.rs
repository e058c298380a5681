//! Option values from variables of the environment. A test that needs variables runs itself again, in a process that
//! has them.

// Each test starts this program again. On 32-bit targets the tests run in an emulator, and the system cannot start a
// program of that target directly.
#![cfg(target_pointer_width = "64")]

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use opero::env::{self, EnvError};
use opero::policy::Rate;
use opero::time::ManualClock;
use opero::{Call, Error, opero, opmap};

#[path = "support/runtime.rs"]
mod runtime;

const SEC: Duration = Duration::from_secs(1);
const CHILD: &str = "OPERO_ENV_TEST";

/// Runs `body`, the body of test `name`, in a process that has these variables.
fn with<V: Into<OsString> + Clone>(name: &str, variables: &[(&str, V)], body: impl FnOnce()) {
    if std::env::var_os(CHILD).is_some() {
        return body();
    }
    let variables = variables.iter().map(|(name, value)| (*name, value.clone().into()));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD, "")
        .envs(variables)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{name}: {}\n{out}\n{err}", output.status);
}

/// A body that must not run.
fn unreached() -> Result<u32, String> {
    panic!("executed");
}

/// Returns the text of the configuration error of a call.
fn problem<T>(outcome: Result<T, Error<String>>) -> String {
    match outcome {
        Err(Error::Configuration(configuration)) => configuration.to_string(),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it has a value"),
    }
}

#[test]
fn a_variable_that_is_not_set_gives_the_default() {
    assert_eq!(env::int("OPERO_NOT_SET", 3_u32), 3);
    assert_eq!(env::int("OPERO_NOT_SET", -3_i64), -3);
    assert!(env::bool("OPERO_NOT_SET", true) && !env::bool("OPERO_NOT_SET", false));
    assert_eq!(env::duration("OPERO_NOT_SET", SEC), SEC);
    assert_eq!(env::rate("OPERO_NOT_SET", Rate::new(1, SEC)), Rate::new(1, SEC));
    assert_eq!((env::size("OPERO_NOT_SET", 7), env::string("OPERO_NOT_SET", "x")), (7, "x".to_owned()));
    assert_eq!(env::try_float("OPERO_NOT_SET", 1.5), Ok(1.5));
    assert_eq!(env::int("", 3_u32) + env::int("A=B", 3_u32) + env::int("\0", 3_u32), 9);
}

#[test]
fn every_kind_of_value_is_read() {
    let variables = [
        ("RETRIES", "1_0"),
        ("OFFSET", "-7"),
        ("SHOW", "YES"),
        ("BACKOFF", "2.5"),
        ("TIMEOUT", "1h30m"),
        ("RATE", "10/sec"),
        ("MEMORY", "512KiB"),
        ("MODEL", "größer"),
        ("EMPTY", ""),
    ];
    with("every_kind_of_value_is_read", &variables, || {
        assert_eq!((env::int("RETRIES", 3_u32), env::int("RETRIES", 3_usize), env::int("RETRIES", 3_u8)), (10, 10, 10));
        assert_eq!(env::int("OFFSET", 0_i64), -7);
        assert!(env::bool("SHOW", false));
        assert_eq!(env::float("BACKOFF", 1.5).to_bits(), 2.5_f64.to_bits());
        assert_eq!(env::duration("TIMEOUT", SEC), Duration::from_secs(5400));
        assert_eq!(env::rate("RATE", Rate::new(1, SEC)), Rate::new(10, SEC));
        assert_eq!(env::size("MEMORY", 0), 524_288);
        assert_eq!(env::string("MODEL", "small"), "größer");
        assert_eq!(env::string("EMPTY", "x"), "");
        assert_eq!(env::problems(), []);
    });
}

#[test]
fn an_error_names_the_variable_and_says_what_is_accepted() {
    let variables = [
        ("RETRIES", "abc"),
        ("WIDE", "300"),
        ("BELOW", "-1"),
        ("SHOW", "maybe"),
        ("BACKOFF", "NaN"),
        ("TIMEOUT", "60"),
        ("RATE", "0/s"),
        ("MEMORY", "512"),
        ("EMPTY", ""),
    ];
    with("an_error_names_the_variable_and_says_what_is_accepted", &variables, || {
        let texts = [
            env::try_int("RETRIES", 3_u32).unwrap_err(),
            env::try_int("WIDE", 3_u8).unwrap_err(),
            env::try_int("BELOW", 3_usize).unwrap_err(),
            env::try_bool("SHOW", true).unwrap_err(),
            env::try_float("BACKOFF", 1.5).unwrap_err(),
            env::try_duration("TIMEOUT", SEC).unwrap_err(),
            env::try_rate("RATE", Rate::new(1, SEC)).unwrap_err(),
            env::try_size("MEMORY", 1).unwrap_err(),
            env::try_int("EMPTY", 3_u32).unwrap_err(),
        ]
        .map(|error| error.to_string());
        let largest = usize::MAX;
        assert_eq!(
            texts,
            [
                "environment variable `RETRIES`: `abc` is not a whole number; \
                 write a whole number from 0 to 4294967295, as in `3`",
                "environment variable `WIDE`: `300` is too large; write a whole number from 0 to 255, as in `3`",
                &format!(
                    "environment variable `BELOW`: `-1` is negative; write a whole number from 0 to {largest}, as in `3`"
                ),
                "environment variable `SHOW`: `maybe` is neither true nor false; \
                 write `1`, `true`, `yes` or `on`, or `0`, `false`, `no` or `off`",
                "environment variable `BACKOFF`: `NaN` is not a finite number; write a number, as in `2` or `1.5`",
                "environment variable `TIMEOUT`: `60` is not a duration; write a number and its unit, \
                 as in `60s`, `250ms`, `1.5s` or `1h30m` (units: ns us ms s m h d)",
                "environment variable `RATE`: `0/s` would let nothing through; write a count and a period, \
                 as in `10/s`, `100/min`, `1000/h` or `10/250ms`",
                "environment variable `MEMORY`: `512` is not a size; write a number and its unit, \
                 as in `1000MB`, `1.5GB` or `512KiB` (units: B KB MB GB TB KiB MiB GiB TiB)",
                "environment variable `EMPTY`: `` is not a whole number; \
                 write a whole number from 0 to 4294967295, as in `3`",
            ]
        );
        // As a plain value, the default is used.
        assert_eq!((env::int("RETRIES", 3_u32), env::duration("TIMEOUT", SEC)), (3, SEC));
        let variables: Vec<_> = env::problems().iter().map(|problem| problem.variable().to_owned()).collect();
        assert_eq!(variables, ["RETRIES", "WIDE", "BELOW", "SHOW", "BACKOFF", "TIMEOUT", "RATE", "MEMORY", "EMPTY"]);
    });
}

#[test]
fn the_value_of_the_first_use_on_any_thread_is_remembered() {
    with("the_value_of_the_first_use_on_any_thread_is_remembered", &[("RETRIES", "5")], || {
        let readers: Vec<_> = (0..8).map(|_| thread::spawn(|| env::int("RETRIES", 3_u32))).collect();
        assert!(readers.into_iter().all(|reader| reader.join().unwrap() == 5));
        // Each call has its own default.
        assert_eq!((env::int("OTHER", 1_u32), env::int("OTHER", 2_u32)), (1, 2));
    });
}

#[test]
#[allow(unsafe_code, reason = "the environment is changed")]
fn a_later_change_of_the_environment_has_no_effect() {
    with("a_later_change_of_the_environment_has_no_effect", &[("RETRIES", "5")], || {
        assert_eq!((env::int("RETRIES", 3_u32), env::int("LATER", 3_u32)), (5, 3));
        // SAFETY: the only other thread of this process waits for this test.
        unsafe {
            std::env::set_var("RETRIES", "6");
            std::env::set_var("LATER", "7");
        }
        assert_eq!((env::int("RETRIES", 3_u32), env::int("LATER", 3_u32)), (5, 3));
        // As another type, too.
        assert_eq!((env::int("RETRIES", 3_usize), env::string("LATER", "never")), (5, "never".to_owned()));
    });
}

#[test]
fn a_call_takes_its_options_from_variables() {
    let variables = [("RETRIES", "2"), ("BACKOFF", "1"), ("MIN_DELAY", "5s"), ("NAME", "ask")];
    with("a_call_takes_its_options_from_variables", &variables, || {
        let (clock, attempts) = (ManualClock::new(), AtomicU32::new(0));
        let outcome = opero! {
            retries: env::int("RETRIES", 9),
            backoff: env::float("BACKOFF", 3.0),
            min_delay: env::duration("MIN_DELAY", SEC),
            name: env::string("NAME", "other"),
            clock: &clock
            => {
                attempts.fetch_add(1, Relaxed);
                Err::<(), _>("down".to_owned())
            }
        };
        let error = outcome.unwrap_err();
        assert_eq!((attempts.into_inner(), error.name()), (3, "ask"));
        let offsets: Vec<_> = error.attempts().iter().map(|attempt| attempt.offset().as_secs()).collect();
        assert_eq!(offsets, [0, 5, 10]);
    });
}

/// The variables of the tests of wrong options. None of them can be read.
const WRONG: [(&str, &str); 5] =
    [("BAD_INT", "abc"), ("BAD_BOOL", "maybe"), ("BAD_FLOAT", "1,5"), ("BAD_TIME", "60"), ("BAD_RATE", "10")];

#[test]
fn an_option_that_cannot_be_read_is_a_configuration_error() {
    with("an_option_that_cannot_be_read_is_a_configuration_error", &WRONG, || {
        let text = problem(opero! { retries: env::int("BAD_INT", 3), name: "ask" => unreached() });
        assert_eq!(
            text,
            "Invalid configuration of ask: environment variable `BAD_INT`: `abc` is not a whole number; \
             write a whole number from 0 to 4294967295, as in `3`"
        );
        let is_blamed = |text: String, variable| assert!(text.contains(&format!("`{variable}`")), "{text}");
        is_blamed(problem(opero! { backoff: env::float("BAD_FLOAT", 2.0) => unreached() }), "BAD_FLOAT");
        is_blamed(problem(opero! { min_delay: env::duration("BAD_TIME", SEC) => unreached() }), "BAD_TIME");
        is_blamed(problem(opero! { max_delay: env::duration("BAD_TIME", SEC) => unreached() }), "BAD_TIME");
        is_blamed(problem(opero! { timeout: env::duration("BAD_TIME", SEC) => unreached() }), "BAD_TIME");
        is_blamed(problem(opero! { deadline: env::duration("BAD_TIME", SEC) => unreached() }), "BAD_TIME");
        is_blamed(problem(opero! { cache: env::duration("BAD_TIME", SEC), key: () => unreached() }), "BAD_TIME");
        is_blamed(problem(opero! { cache, capacity: env::int("BAD_INT", 9), key: () => unreached() }), "BAD_INT");
        is_blamed(problem(opero! { rate: env::rate("BAD_RATE", Rate::new(1, SEC)) => unreached() }), "BAD_RATE");
        is_blamed(problem(opero! { rate: 1/s, burst: env::int("BAD_INT", 2) => unreached() }), "BAD_INT");
        is_blamed(problem(opero! { rate: 1/s, max_wait: env::duration("BAD_TIME", SEC) => unreached() }), "BAD_TIME");
        is_blamed(
            problem(opero! { fallback_delay: env::duration("BAD_TIME", SEC), fallback: _m in ["a"] => unreached() }),
            "BAD_TIME",
        );
        // Whatever the option does with the value, and the first of several.
        let text = problem(opero! {
            retries: env::int("BAD_INT", 3_u32).min(9) + 1, timeout: env::duration("BAD_TIME", SEC) => unreached()
        });
        is_blamed(text, "BAD_INT");
        // Beside a literal.
        is_blamed(problem(opero! { timeout: 1s, retries: env::int("BAD_INT", 3), jitter => unreached() }), "BAD_INT");
    });
}

#[test]
fn a_call_that_cannot_fail_goes_on_without_its_cache() {
    with("a_call_that_cannot_fail_goes_on_without_its_cache", &WRONG, || {
        let runs = AtomicU32::new(0);
        let run = || runs.fetch_add(1, Relaxed) + 1;
        let ask = || opero! { infallible, cache: env::duration("BAD_TIME", SEC), key: (), name: "read" => run() };
        let later =
            || opero! { infallible, cache: env::duration("BAD_TIME", SEC), key: (), name: "read" => async { run() } };
        assert_eq!((ask(), ask(), runtime::block_on(later()), runtime::block_on(later())), (1, 2, 3, 4));
        let stats = opero::cache::stats("read");
        assert_eq!((stats.misses, stats.errors, stats.insertions), (4, 4, 0));
    });
}

#[test]
fn a_refused_call_waits_for_nothing_and_spends_no_permit() {
    with("a_refused_call_waits_for_nothing_and_spends_no_permit", &WRONG, || {
        let limiter = opero::Limiter::new();
        let hour = Rate::new(1, Duration::from_secs(3600));
        let wrong =
            opero! { rate: hour, max_wait: 0s, limiter: &limiter, retries: env::int("BAD_INT", 3) => unreached() };
        assert!(wrong.is_err_and(|error| error.is_configuration()));
        let right = opero! { rate: hour, max_wait: 0s, limiter: &limiter => Ok::<_, String>(1) };
        assert_eq!(right, Ok(1));
        let wrong = opero! { rate: hour, limiter: &limiter, retries: env::int("BAD_INT", 3) => unreached() };
        assert!(
            wrong.is_err_and(|error| error.is_configuration()),
            "there is no permit, and the call did not wait for one"
        );
    });
}

#[test]
fn every_form_of_a_body_is_refused() {
    with("every_form_of_a_body_is_refused", &WRONG, || {
        let callable = opero! { retries: env::int("BAD_INT", 3) => |_n: u32| unreached() };
        for n in 0..2 {
            assert!(problem(callable(n)).contains("`BAD_INT`"));
        }

        opero! {
            retries: env::int("BAD_INT", 3) =>
            fn decorated() -> Result<u32, Error<String>> { unreached() }
        }
        assert!(problem(decorated()).contains("`BAD_INT`"));

        opero! {
            retries: env::int("BAD_INT", 3), cache: 1h, rate: 1/s =>
            async fn asynchronous(n: u32) -> Result<u32, Error<String>> { unreached().map(|one| one + n) }
        }
        assert!(problem(runtime::block_on(asynchronous(1))).contains("`BAD_INT`"));

        let future = opero! { timeout: env::duration("BAD_TIME", SEC) => async { unreached() } };
        assert!(problem(runtime::block_on(future)).contains("`BAD_TIME`"));
        let future = opero! { rate: env::rate("BAD_RATE", Rate::new(1, SEC)) => async move { unreached() } };
        // The error is detected where the future is created, not where it is polled.
        let elsewhere = thread::spawn(|| problem(runtime::block_on(future))).join().unwrap();
        assert!(elsewhere.contains("`BAD_RATE`"), "{elsewhere}");
    });
}

#[test]
fn a_call_built_by_hand_is_refused_too() {
    with("a_call_built_by_hand_is_refused_too", &WRONG, || {
        let text = problem(Call::new("ask").retries(env::int("BAD_INT", 3)).run(|_| unreached()));
        assert!(text.starts_with("Invalid configuration of ask: environment variable `BAD_INT`"), "{text}");
        let future = Call::new_async("ask").timeout(env::duration("BAD_TIME", SEC)).run_async(async |_| unreached());
        assert!(problem(runtime::block_on(future)).contains("`BAD_TIME`"));

        // Its clones have the same options, wherever they run. A later correct option changes nothing.
        let ask = Call::new("ask").rate(env::rate("BAD_RATE", Rate::new(9, SEC))).retries(1);
        let clone = ask.clone().timeout(SEC);
        assert!(problem(thread::spawn(|| clone.run(|_| unreached())).join().unwrap()).contains("`BAD_RATE`"));
        assert!(problem(ask.run_once(|_| unreached())).contains("`BAD_RATE`"));
    });
}

#[test]
fn a_map_and_its_items_are_refused() {
    with("a_map_and_its_items_are_refused", &WRONG, || {
        let count = |results: Vec<Result<u32, Error<String>>>, variable: &str| {
            let blamed = format!("`{variable}`");
            assert!(results.iter().all(|result| {
                matches!(result, Err(error) if error.is_configuration() && error.to_string().contains(&blamed))
            }));
            results.len()
        };
        let map = opmap! { _n in 0..5, workers: env::int("BAD_INT", 2) => unreached() };
        assert_eq!(count(map, "BAD_INT"), 5);
        let map = opmap! { _n in 0..5, ordered: env::bool("BAD_BOOL", true), workers: 3 => unreached() };
        assert_eq!(count(map, "BAD_BOOL"), 5);
        let map = opmap! { _n in 0..5, chunk_size: env::int("BAD_INT", 1) => unreached() };
        assert_eq!(count(map, "BAD_INT"), 5);
        let map = opmap! { _n in 0..5, max_failures: env::int("BAD_INT", 9) => unreached() };
        assert_eq!(count(map, "BAD_INT"), 5);
        let map = opmap! { _n in 0..5, deadline: env::duration("BAD_TIME", SEC) => unreached() };
        assert_eq!(count(map, "BAD_TIME"), 5);
        let map = opmap! { _n in 0..5, mode: async, workers: env::int("BAD_INT", 2) => async move { unreached() } };
        assert_eq!(count(runtime::block_on(map), "BAD_INT"), 5);
        // On the threads of the map.
        let map = opmap! { _n in 0..5, workers: 3, retries: env::int("BAD_INT", 2) => unreached() };
        assert_eq!(count(map, "BAD_INT"), 5);
    });
}

#[test]
fn a_call_does_not_fail_for_variables_that_others_have_read() {
    with("a_call_does_not_fail_for_variables_that_others_have_read", &WRONG, || {
        let retries: u32 = env::int("BAD_INT", 3);
        assert_eq!(opero! { retries: retries => Ok::<_, String>(1) }, Ok(1));
        let base = Call::new("ask").retries(retries);
        let _: u32 = env::int("BAD_INT", 3);
        assert_eq!(base.clone().timeout(SEC).run(|_| Ok::<_, String>(2)), Ok(2));
        // In a body, before another call.
        let outcome = opero! { retries: retries => {
            let timeout = env::duration("BAD_TIME", SEC);
            opero! { timeout: timeout => Ok::<_, String>(3) }.map_err(|error| error.to_string())
        } };
        assert_eq!(outcome, Ok(3));
        // A `try_` function returns its error to its caller only.
        let outcome = opero! { retries: env::try_int("BAD_INT", 3).unwrap_or(1) => Ok::<_, String>(4) };
        assert_eq!(outcome, Ok(4));
        assert_eq!(env::problems().len(), 2);
        // The call after one that was refused is not refused.
        assert!(opero! { retries: env::int("BAD_INT", 3) => unreached() }.is_err());
        assert_eq!(opero! { retries: retries => Ok::<_, String>(5) }, Ok(5));
    });
}

#[test]
fn an_error_can_be_passed_on() {
    with("an_error_can_be_passed_on", &WRONG, || {
        fn configure() -> Result<u32, Box<dyn std::error::Error>> {
            Ok(env::try_int("BAD_INT", 3)?)
        }
        let error = configure().unwrap_err();
        let error = error.downcast_ref::<EnvError>().unwrap();
        assert_eq!(error.variable(), "BAD_INT");
        assert!(format!("{error:?}").starts_with("EnvError(\"environment variable `BAD_INT`: `abc` is not"));
    });
}

#[cfg(unix)]
#[test]
fn bytes_that_are_not_utf_8_are_an_error() {
    use std::os::unix::ffi::OsStringExt;

    let variables = [("BYTES", OsString::from_vec(b"3\xff".to_vec()))];
    with("bytes_that_are_not_utf_8_are_an_error", &variables, || {
        let text = "environment variable `BYTES`: `3\u{fffd}` is not valid Unicode; write it in UTF-8";
        assert_eq!(env::try_int("BYTES", 3_u32).unwrap_err().to_string(), text);
        assert_eq!(env::try_string("BYTES", "x").unwrap_err().to_string(), text);
        assert_eq!((env::string("BYTES", "x"), env::bool("BYTES", true)), ("x".to_owned(), true));
        let outcome = opero! { name: env::string("BYTES", "ask") => unreached() };
        assert_eq!(problem(outcome), format!("Invalid configuration of ask: {text}"));
        let outcome = opero! { retries: env::int("BYTES", 3), name: "ask" => unreached() };
        assert_eq!(problem(outcome), format!("Invalid configuration of ask: {text}"));
    });
}
