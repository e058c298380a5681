//! Rates that processes share through a Redis server.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;
#[path = "support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "not every test uses all of it")]
mod servers;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::future::Future;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use opero::cache::Redis;
use opero::policy::Rate;
use opero::time::{Clock, Runtime, System};
use opero::{Call, Error, OnFault, Scope, opero};
use runtime::block_on;
use servers::{Server, free_port};
use watchdog::watched;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn connect(server: &Server) -> Redis {
    Redis::connect(&server.url()).expect("a URL")
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Waits for an event that happens by itself.
fn eventually(mut what: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !what() {
        assert!(Instant::now() < end, "it never comes");
        thread::sleep(MS(2));
    }
}

/// Sends a signal to a server.
fn signal(server: &Server, name: &str) {
    let sent = Command::new("kill").args([name, &server.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "`kill` is there");
}

mod processes {
    use super::*;

    const URL: &str = "OPERO_TEST_RATE_URL";
    const START: &str = "OPERO_TEST_RATE_START";
    const NUMBER: &str = "OPERO_TEST_RATE_NUMBER";

    /// How long the processes run.
    const TIME: Duration = Duration::from_secs(3);
    const THREADS: usize = 8;

    fn now() -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970")
    }

    fn micros(time: Duration) -> u64 {
        u64::try_from(time.as_micros()).expect("a time of this age")
    }

    /// The work of one process, if this is one of the four: it prints the time of each permit.
    #[test]
    fn of_four() {
        let Ok(url) = std::env::var(URL) else { return };
        let number = |name| std::env::var(name).expect("told").parse::<u64>().expect("a number");
        let (start, is_async) = (Duration::from_micros(number(START)), number(NUMBER) % 2 == 0);
        let redis = Redis::connect(&url).expect("a URL");
        thread::sleep(start.saturating_sub(now()));
        let used: Vec<u64> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        let mut used = Vec::new();
                        while now() < start + TIME {
                            used.push(micros(if is_async { one_async(&redis) } else { one(&redis) }));
                        }
                        used
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("does not panic")).collect()
        });
        for moment in used {
            println!("permit {moment}");
        }
    }

    fn one(redis: &Redis) -> Duration {
        opero! { rate: 100/s, limiter: redis, on_fault: closed, name: "of four" => Ok::<_, String>(now()) }
            .expect("a permit")
    }

    fn one_async(redis: &Redis) -> Duration {
        smol::block_on(
            opero! { rate: 100/s, limiter: redis, on_fault: closed, name: "of four" => async { Ok::<_, String>(now()) } },
        )
        .expect("a permit")
    }

    fn spawn(url: &str, start: Duration, number: usize) -> Child {
        Command::new(std::env::current_exe().expect("a path"))
            .args(["processes::of_four", "--exact", "--nocapture"])
            .env(URL, url)
            .env(START, micros(start).to_string())
            .env(NUMBER, number.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process")
    }

    #[test]
    fn four_processes_share_one_rate_and_use_all_of_it() {
        let server = Server::start();
        let start = now() + MS(700);
        let children: Vec<_> = (0..4).map(|number| spawn(&server.url(), start, number)).collect();
        let mut used = Vec::new();
        for child in children {
            let output = child.wait_with_output().expect("its output");
            assert!(output.status.success());
            let text = String::from_utf8(output.stdout).expect("text");
            let permits = text.lines().filter_map(|line| line.strip_prefix("permit "));
            let permits: Vec<u64> = permits.map(|moment| moment.parse().expect("a number")).collect();
            assert!(permits.len() > 10, "each has its share: {}", permits.len());
            used.extend(permits);
        }
        used.sort_unstable();
        for (n, moment) in (0_u64..).zip(&used) {
            // A clock that is synchronised over the network may run slightly faster than one that is not.
            let early = (micros(start) + 10_000 * n).saturating_sub(*moment);
            assert!(early < 1000, "permit {n} comes {early} µs early");
        }
        let in_time = used.iter().filter(|moment| **moment <= micros(start + TIME)).count();
        println!("{in_time} of 300 permits in 3 s");
        assert!((285..=301).contains(&in_time), "{in_time} of 300");
    }
}

#[test]
fn two_handles_share_a_rate_like_two_processes() {
    let server = Server::start();
    let (one, two) = (connect(&server), connect(&server));
    let check = |redis: &Redis| opero! { rate: 1/h, max_wait: 0s, limiter: redis, name: "a" => Ok::<_, String>(1) };
    assert_eq!(check(&one), Ok(1));
    let Err(Error::RateLimit(limit)) = check(&two) else { panic!("it is the same hour") };
    assert!((Duration::from_secs(3500)..=Duration::from_secs(3600)).contains(&limit.retry_after()), "{limit}");
    block_on(async {
        let check = opero! { rate: 1/h, max_wait: 0s, limiter: &two, name: "a" => async { Ok::<_, String>(1) } };
        assert!(check.await.is_err_and(|error| error.is_rate_limit()));
    });
    let other = opero! { rate: 1/h, max_wait: 0s, limiter: &two, name: "b" => Ok::<_, String>(1) };
    assert_eq!(other, Ok(1), "another name");
    let other = opero! { rate: 2/h, max_wait: 0s, limiter: &two, name: "a" => Ok::<_, String>(1) };
    assert_eq!(other, Ok(1), "another rate");
}

#[test]
fn each_scope_shares_its_rate() {
    let server = Server::start();
    let (one, two) = (connect(&server), connect(&server));
    let by_key = |redis: &Redis, tenant: &str| {
        opero! { rate: 1/h, scope: per_key(tenant), limiter: redis, name: "k", max_wait: 0s => Ok::<_, String>(1) }
            .is_ok()
    };
    assert_eq!([by_key(&one, "a"), by_key(&two, "a"), by_key(&two, "b")], [true, false, true]);
    let by_args = |redis: &Redis, n: u32| {
        opero! { limiter: redis, max_wait: 0s, rate: 1/h, key: n, scope: per_args, name: "n" => Ok::<_, String>(n) }
            .is_ok()
    };
    assert_eq!([by_args(&one, 1), by_args(&two, 1), by_args(&two, 2)], [true, false, true]);
    let of_all = |redis: &Redis, name: &str| {
        opero! { limiter: redis, max_wait: 0s, rate: 1/h, scope: global, name: name => Ok::<_, String>(1) }.is_ok()
    };
    assert_eq!([of_all(&one, "x"), of_all(&two, "y")], [true, false]);

    let hourly = Rate::new(1, Duration::from_secs(3600));
    let built = Call::new("k").rate(hourly).max_wait(Duration::ZERO).limiter(&two);
    let by_key = |tenant: &str| built.clone().scope(Scope::per_key(tenant)).run(|_| Ok::<_, String>(1)).is_ok();
    assert_eq!(["a", "c"].map(by_key), [false, true], "the macro and the builder agree on a key");
    assert!(built.name("x").scope(Scope::Global).run(|_| Ok::<_, String>(1)).is_err());
}

#[test]
fn a_function_is_identified_by_its_path_and_its_arguments() {
    opero! { rate: 1/h, max_wait: 0s, scope: per_args, limiter: &redis.0 =>
        fn item(redis: &Shared, n: u32) -> Result<u32, Error<String>> { let _ = redis; Ok(n) }
    }

    /// A handle that is not part of the arguments the call depends on.
    #[derive(Clone)]
    struct Shared(Redis);

    impl std::hash::Hash for Shared {
        fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
    }

    let server = Server::start();
    let (one, two) = (Shared(connect(&server)), Shared(connect(&server)));
    assert_eq!([item(&one, 1).is_ok(), item(&two, 1).is_ok(), item(&two, 2).is_ok()], [true, false, true]);
    let keys = server.ask(&["KEYS", "*"]);
    assert!(keys.contains("a_function_is_identified_by_its_path_and_its_arguments::item"), "{keys}");
}

#[test]
fn no_permit_beyond_the_deadline_is_waited_for() {
    let server = Server::start();
    let redis = connect(&server);
    let late = || opero! { rate: 1/h, deadline: 1s, limiter: &redis, name: "a" => Ok::<_, String>(1) };
    assert_eq!(late(), Ok(1));
    let begun = Instant::now();
    let error = late().unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("permit"), "{error}");
    block_on(async {
        let late = opero! { rate: 1/h, deadline: 1s, limiter: &redis, name: "a" => async { Ok::<_, String>(1) } };
        assert!(late.await.is_err_and(|error| error.is_timeout()));
    });
    assert!(begun.elapsed() < MS(900), "at once: {:?}", begun.elapsed());
}

/// The theoretical arrival time on the server, in microseconds.
fn tat(server: &Server) -> u64 {
    let answer = server.ask(&["GET", "opero:rate:name:1/60000000000ns:a"]);
    let value = answer.lines().nth(1).expect("a value");
    value.split(' ').next().and_then(|micros| micros.parse().ok()).expect("a moment")
}

/// The system clock, with a count of the callers that have begun to wait.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Clock for Counting {
    fn now(&self) -> Duration {
        System.now()
    }

    fn sleep_until_async(&self, moment: Duration) -> impl Future<Output = ()> {
        self.0.fetch_add(1, Relaxed);
        Runtime.sleep_until_async(moment)
    }
}

#[test]
fn a_leaving_waiter_passes_its_permit_on_and_the_last_permit_returns_to_the_server() {
    let server = Server::start();
    let (one, two, clock) = (connect(&server), connect(&server), Counting::default());
    let call = |redis: &Redis| {
        let (redis, clock) = (redis.clone(), &clock);
        async move { opero! { rate: 1/min, limiter: redis, name: "a", clock: clock => async { Ok::<_, String>(1) } }.await }
    };
    block_on(async {
        assert_eq!(call(&one).await, Ok(1));
        let first = tat(&server);
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(call(&one))).collect();
        for (n, future) in waiting.iter_mut().enumerate() {
            let end = Instant::now() + Duration::from_secs(30);
            while clock.0.load(Relaxed) <= n {
                assert!(poll(future.as_mut()).is_pending() && Instant::now() < end);
                futures_lite::future::yield_now().await;
            }
        }
        assert_eq!(tat(&server), first + 180_000_000);
        drop(waiting.remove(1));
        eventually(|| tat(&server) == first + 120_000_000);
        drop(waiting);
        eventually(|| tat(&server) == first);
        // In another process the next permit is the one that all of them have returned, within a minute.
        let limited = opero! { rate: 1/min, max_wait: 0s, limiter: &two, name: "a" => Ok::<_, String>(1) };
        let Err(Error::RateLimit(limit)) = limited else { panic!("the minute is not over") };
        assert!(limit.retry_after() <= Duration::from_secs(60), "{limit}");
    });
}

#[test]
fn without_a_server_the_option_decides_and_the_rate_recovers() {
    let mut server = Server::start();
    let redis = connect(&server);
    let call = |on_fault: OnFault| {
        opero! { rate: 1/h, max_wait: 0s, limiter: &redis, on_fault: on_fault, name: "a" => Ok::<_, String>(1) }
    };
    assert_eq!(call(OnFault::Closed), Ok(1));
    assert!(call(OnFault::Open).is_err_and(|error| error.is_rate_limit()), "the server says no");
    server.stop();
    assert_eq!([call(OnFault::Local), call(OnFault::Open), call(OnFault::Open)], [Ok(1), Ok(1), Ok(1)]);
    assert!(call(OnFault::Local).is_err_and(|error| error.is_rate_limit()), "by the limiter of the use");
    let error = call(OnFault::Closed).unwrap_err();
    assert!(matches!(error, Error::Skipped(_)), "{error}");
    assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    assert!(redis.stats().errors >= 4, "{:?}", redis.stats());
    let last = redis.last_error().expect("it is kept").to_string();
    assert!(last.contains("connection"), "{last}");
    block_on(async {
        let open = || opero! { rate: 1/h, limiter: &redis, on_fault: open, name: "a" => async { Ok::<_, String>(1) } };
        assert_eq!([open().await, open().await], [Ok(1), Ok(1)]);
        let closed = opero! { rate: 1/h, limiter: &redis, on_fault: closed, name: "a" => async { Ok::<_, String>(1) } };
        assert!(matches!(closed.await, Err(Error::Skipped(_))));
    });
    assert!(server.restart());
    // The server knows nothing of the hour before, so the next call is its first.
    eventually(|| call(OnFault::Open).is_err_and(|error| error.is_rate_limit()));
}

#[test]
fn a_hanging_server_is_waited_for_once() {
    let server = Server::start();
    let redis = connect(&server).io_timeout(MS(400));
    let call = || opero! { rate: 1/h, max_wait: 0s, limiter: &redis, on_fault: open, name: "a" => Ok::<_, String>(1) };
    let call_async = || opero! { rate: 1/h, max_wait: 0s, limiter: &redis, on_fault: open, name: "a" => async { Ok::<_, String>(1) } };
    assert_eq!(call(), Ok(1));
    signal(&server, "-STOP");
    let begun = Instant::now();
    assert_eq!(call(), Ok(1));
    let first = begun.elapsed();
    assert!(first >= MS(390), "{first:?}");
    // Some calls check whether it is back, one at a time.
    let begun = Instant::now();
    for _ in 0..10 {
        assert_eq!(call(), Ok(1));
        assert_eq!(block_on(call_async()), Ok(1));
    }
    assert!(begun.elapsed() < 8 * MS(400), "20 calls, and few wait: {:?}", begun.elapsed());
    signal(&server, "-CONT");
    eventually(|| call().is_err_and(|error| error.is_rate_limit()));
}

#[test]
fn a_server_that_does_not_exist_fails_no_call() {
    watched("no server", || {
        let redis = Redis::connect(&format!("redis://127.0.0.1:{}/0", free_port())).expect("a URL");
        let call = || opero! { rate: 1000/s, limiter: &redis, name: "a" => Ok::<_, String>(1) };
        assert!((0..50).all(|_| call() == Ok(1)));
        block_on(async {
            let call = || opero! { rate: 1000/s, limiter: &redis, name: "a" => async { Ok::<_, String>(1) } };
            for _ in 0..50 {
                assert_eq!(call().await, Ok(1));
            }
        });
    });
}

#[test]
fn a_server_that_returns_errors_counts_as_unavailable() {
    let server = Server::start();
    let redis = connect(&server);
    let wrong = server.ask(&["LPUSH", "opero:rate:name:1/3600000000000ns:a", "x"]);
    assert_eq!(wrong, ":1\r\n");
    let call = |on_fault: OnFault| {
        opero! { rate: 1/h, max_wait: 0s, limiter: &redis, on_fault: on_fault, name: "a" => Ok::<_, String>(1) }
    };
    assert_eq!(call(OnFault::Local), Ok(1));
    assert!(matches!(call(OnFault::Closed), Err(Error::Skipped(_))));
    server.ask(&["SET", "opero:rate:name:1/3600000000000ns:a", "nonsense"]);
    assert_eq!(call(OnFault::Closed), Ok(1), "what is no rate is written over");
    assert!(call(OnFault::Closed).is_err_and(|error| error.is_rate_limit()));
}

#[test]
fn a_limiter_can_be_any_pointer_to_a_handle() {
    use std::sync::{Arc, LazyLock};

    static NEVER: LazyLock<Redis> = LazyLock::new(|| Redis::connect("redis://127.0.0.1:1/0").expect("a URL"));

    let server = Server::start();
    let (redis, shared) = (connect(&server), Arc::new(connect(&server)));
    let url = server.url();
    let lazy = LazyLock::new(move || Redis::connect(&url).expect("a URL"));
    let mut seen = vec![opero! { rate: 1/h, max_wait: 0s, limiter: &redis, name: "a" => Ok::<_, String>(1) }.is_ok()];
    seen.push(opero! { rate: 1/h, max_wait: 0s, limiter: redis.clone(), name: "a" => Ok::<_, String>(1) }.is_ok());
    seen.push(opero! { rate: 1/h, max_wait: 0s, limiter: &shared, name: "a" => Ok::<_, String>(1) }.is_ok());
    seen.push(opero! { rate: 1/h, max_wait: 0s, limiter: shared, name: "a" => Ok::<_, String>(1) }.is_ok());
    seen.push(opero! { rate: 1/h, max_wait: 0s, limiter: &*lazy, name: "a" => Ok::<_, String>(1) }.is_ok());
    assert_eq!(seen, [true, false, false, false, false]);
    let never = opero! { rate: 1/h, max_wait: 0s, limiter: &NEVER, on_fault: closed, name: "a" => Ok::<_, String>(1) };
    assert!(matches!(never, Err(Error::Skipped(_))));
}

#[test]
fn the_items_of_a_map_share_the_rate() {
    let server = Server::start();
    let (one, two) = (connect(&server), connect(&server));
    let begun = Instant::now();
    let blocking =
        opero::opmap! { n in 0..5_u32, workers: 3, rate: 50/s, limiter: &one, name: "m" => Ok::<_, String>(n) };
    let futures = block_on(
        opero::opmap! { n in 0..5_u32, workers: 3, rate: 50/s, limiter: &two, name: "m" => async { Ok::<_, String>(n) } },
    );
    assert!(blocking.iter().chain(&futures).all(Result::is_ok));
    assert!(begun.elapsed() >= MS(9 * 20 - 1), "ten permits: {:?}", begun.elapsed());
}
