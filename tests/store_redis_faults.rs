//! A Redis server that fails: calls go on without it within a bounded time, the error can be read, and when the server
//! recovers, so does the cache.
#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/proxy.rs"]
#[allow(unreachable_pub, reason = "tests share it")]
mod proxy;
#[path = "support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "not every test uses all of it")]
mod redis;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use opero::cache::{Key, Redis};
use opero::{Error, opero};
use proxy::{Proxy, Way};
use redis::{Server, free_port};
use watchdog::watched;

const IO_TIMEOUT: Duration = Duration::from_millis(100);
/// The extra time that a busy machine takes.
const MARGIN: Duration = Duration::from_secs(2);
/// The time until a recovered server is detected, with a margin.
const BACK: Duration = Duration::from_secs(10);

/// How a cached call is made. Its value is the number of its run.
type Face = fn(&Redis, u32) -> Result<u32, Error<String>>;

const FACES: [(&str, Face); 4] =
    [("blocking", blocking), ("smol", smol), ("tokio", tokio_one), ("tokio, many threads", tokio_many)];

static RUNS: AtomicU32 = AtomicU32::new(0);

fn run() -> Result<u32, String> {
    Ok(RUNS.fetch_add(1, Relaxed))
}

fn blocking(redis: &Redis, key: u32) -> Result<u32, Error<String>> {
    opero! { cache: 60s, store: redis, name: "faulty", key: key => run() }
}

async fn call(redis: &Redis, key: u32) -> Result<u32, Error<String>> {
    opero! { cache: 60s, store: redis, name: "faulty", key: key => async { run() } }.await
}

fn smol(redis: &Redis, key: u32) -> Result<u32, Error<String>> {
    smol::block_on(call(redis, key))
}

fn tokio_one(redis: &Redis, key: u32) -> Result<u32, Error<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(call(redis, key))
}

fn tokio_many(redis: &Redis, key: u32) -> Result<u32, Error<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let redis = redis.clone();
    runtime.block_on(runtime.spawn(async move { call(&redis, key).await })).unwrap()
}

fn connect(url: &str) -> Redis {
    Redis::connect(url).unwrap().io_timeout(IO_TIMEOUT)
}

/// A store with a timeout long enough for a busy machine, if nothing hangs.
fn patient(url: &str) -> Redis {
    Redis::connect(url).unwrap().io_timeout(Duration::from_secs(20))
}

/// Calls go on without a store that is down, and one call waits for it at a time.
fn goes_on_without(redis: &Redis, (name, face): (&str, Face), why: &str) {
    let since = Instant::now();
    assert!(face(redis, 1).is_ok());
    assert!(since.elapsed() < IO_TIMEOUT + MARGIN, "{name}: {:?}", since.elapsed());
    let answers: Vec<_> = (0..100).map(|_| face(redis, 1).unwrap()).collect();
    assert!(answers.is_sorted_by(|one, next| one < next), "{name}: every body runs");
    // Besides the first, one call waits after each pause of 50 ms, 100 ms, 200 ms, …
    assert!(since.elapsed() < 4 * IO_TIMEOUT + 2 * MARGIN, "{name}: {:?}", since.elapsed());
    assert!(redis.stats().errors >= 101, "{name}: {:?}", redis.stats());
    says(redis, why);
}

fn says(redis: &Redis, why: &str) {
    let error = redis.last_error().expect("an error").to_string();
    assert!(error.contains(why) && error.starts_with("redis://"), "{error}");
    assert!(!error.contains("hunter2") && !error.contains("faulty"), "{error}");
}

/// The cache works again: a call returns what another has stored.
fn is_back(redis: &Redis, (name, face): (&str, Face)) {
    let since = Instant::now();
    while face(redis, 2).unwrap() != face(redis, 2).unwrap() {
        assert!(since.elapsed() < BACK, "{name}: {:?}", redis.last_error());
        sleep(Duration::from_millis(5));
    }
}

fn in_each_face(test: impl Fn((&str, Face))) {
    for face in FACES {
        watched(face.0, || test(face));
    }
}

fn signal(server: &Server, signal: &str) {
    assert!(Command::new("kill").args([signal, &server.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_server_that_is_down_from_the_start() {
    let mut server = Server::start();
    in_each_face(|face| {
        let redis = connect(&format!("redis://127.0.0.1:{}/0", free_port()));
        goes_on_without(&redis, face, "the connection is refused");
    });
    server.stop();
    let stores = FACES.map(|face| (connect(&server.url()), face));
    for (redis, face) in &stores {
        goes_on_without(redis, *face, "the connection is refused");
    }
    assert!(server.restart());
    for (redis, face) in &stores {
        is_back(redis, *face);
    }
}

#[test]
fn a_server_that_is_killed_and_started_again() {
    let mut server = Server::start();
    let stores = FACES.map(|face| (connect(&server.url()), face));
    for (redis, face) in &stores {
        is_back(redis, *face);
    }
    server.stop();
    for (redis, face) in &stores {
        goes_on_without(redis, *face, "the connection is");
    }
    assert!(server.restart());
    for (redis, face) in &stores {
        is_back(redis, *face);
    }
}

#[test]
fn a_server_restart_between_two_calls_is_not_noticed() {
    let mut server = Server::start();
    let redis = patient(&server.url());
    for face in FACES {
        is_back(&redis, face);
        assert!(server.restart());
        assert_eq!((face.1)(&redis, 3), (face.1)(&redis, 3), "{}", face.0);
    }
    assert_eq!(redis.last_error(), None);
}

#[test]
fn a_server_that_hangs() {
    let server = Server::start();
    let stores = FACES.map(|face| (connect(&server.url()), face));
    for (redis, face) in &stores {
        is_back(redis, *face);
    }
    signal(&server, "-STOP");
    for (redis, face) in &stores {
        watched(face.0, || goes_on_without(redis, *face, "no answer within 100 ms"));
    }
    signal(&server, "-CONT");
    for (redis, face) in &stores {
        is_back(redis, *face);
    }
}

#[test]
fn a_hundred_concurrent_calls_wait_once() {
    let server = Server::start();
    let redis = connect(&server.url());
    is_back(&redis, FACES[0]);
    signal(&server, "-STOP");
    let since = Instant::now();
    scope(|scope| {
        for key in 0..100 {
            let redis = &redis;
            scope.spawn(move || assert!(blocking(redis, key).is_ok()));
        }
    });
    let tasks = (0..100).map(|key| call(&redis, key));
    assert!(smol::block_on(futures_util::future::join_all(tasks)).iter().all(Result::is_ok));
    assert!(since.elapsed() < 3 * IO_TIMEOUT + 2 * MARGIN, "{:?}", since.elapsed());
    signal(&server, "-CONT");
}

#[test]
fn a_server_that_has_become_a_replica_answers_and_stores_nothing() {
    let server = Server::start();
    in_each_face(|(name, face)| {
        server.ask(&["REPLICAOF", "NO", "ONE"]);
        let redis = patient(&server.url());
        let kept = face(&redis, 1).unwrap();
        server.ask(&["REPLICAOF", "127.0.0.1", &free_port().to_string()]);
        assert_eq!(face(&redis, 1).unwrap(), kept, "{name}: reads go on");
        assert!(face(&redis, 7).unwrap() < face(&redis, 7).unwrap(), "{name}: nothing is kept");
        says(&redis, "READONLY: it is a read-only replica");
        assert_eq!(redis.stats().errors, 2);
        server.ask(&["REPLICAOF", "NO", "ONE"]);
        assert_eq!(face(&redis, 8), face(&redis, 8), "{name}: it is back at once");
        server.ask(&["FLUSHALL"]);
    });
}

#[test]
fn a_server_that_is_out_of_memory_answers_and_stores_nothing() {
    let server = Server::start();
    in_each_face(|(name, face)| {
        let redis = patient(&server.url());
        let kept = face(&redis, 1).unwrap();
        server.ask(&["CONFIG", "SET", "maxmemory", "1mb"]);
        assert_eq!(face(&redis, 1).unwrap(), kept, "{name}: reads go on");
        assert!(face(&redis, 7).unwrap() < face(&redis, 7).unwrap(), "{name}: nothing is kept");
        says(&redis, "OOM: it is out of memory");
        server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
        assert_eq!(face(&redis, 8), face(&redis, 8), "{name}: it is back at once");
        server.ask(&["FLUSHALL"]);
    });
}

#[test]
fn a_key_that_holds_something_else_is_an_error_and_overwritten() {
    let server = Server::start();
    in_each_face(|(name, face)| {
        let redis = patient(&server.url());
        let entry = format!("opero:entry:5:opero:faulty:{:032x}", Key::new("opero", "faulty", &5).fingerprint());
        server.ask(&["DEL", &entry]);
        server.ask(&["LPUSH", &entry, "hunter2"]);
        assert_eq!(face(&redis, 5), face(&redis, 5), "{name}");
        says(&redis, "WRONGTYPE: the key holds another type");
        server.ask(&["DEL", "opero:index:opero"]);
        server.ask(&["LPUSH", "opero:index:opero", "hunter2"]);
        assert!(face(&redis, 6).is_ok() && redis.clear("opero").is_err());
        says(&redis, "WRONGTYPE");
        server.ask(&["FLUSHALL"]);
    });
}

#[test]
fn a_password_that_is_wrong_or_missing() {
    let server = Server::with(&["--requirepass", "right"]);
    in_each_face(|face| {
        let url = |login: &str| format!("redis://{login}127.0.0.1:{}/0", server.port());
        goes_on_without(&connect(&url(":hunter2@")), face, "the user or the password is wrong");
        goes_on_without(&connect(&url("me:hunter2@")), face, "the user or the password is wrong");
        goes_on_without(&connect(&url("")), face, "NOAUTH: it requires a password");
        is_back(&connect(&url(":right@")), face);
    });
}

#[test]
fn a_transaction_is_refused_without_a_password() {
    let server = Server::with(&["--requirepass", "right"]);
    let redis = connect(&format!("redis://127.0.0.1:{}/0", server.port()));
    let key = Key::new("opero", "page", &1);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        assert!(redis.remove_async(&key).await.unwrap_err().to_string().contains("NOAUTH: it requires a password"));
    });
    assert!(connect(&server.url()).remove(&key).unwrap_err().to_string().contains("NOAUTH"));
}

#[test]
fn a_database_that_is_not_there() {
    let server = Server::start();
    in_each_face(|face| {
        goes_on_without(&connect(&format!("redis://127.0.0.1:{}/99", server.port())), face, "the server answers");
    });
}

/// In each way of calling. The server misbehaves from the start or once it is connected, then no more.
fn misbehaves(way: Way, why: &str) {
    let server = Server::start();
    in_each_face(|face| {
        let proxy = Proxy::before(server.port());
        let (connected, fresh) = (connect(&proxy.url()), connect(&proxy.url()));
        is_back(&connected, face);
        proxy.go(way);
        let before = proxy.connections();
        for redis in [&connected, &fresh] {
            goes_on_without(redis, face, why);
        }
        let opened = proxy.connections() - before;
        assert!(opened <= 12, "{}: {opened} connections", face.0);
        proxy.go(Way::Through);
        for redis in [&connected, &fresh] {
            is_back(redis, face);
        }
        server.ask(&["FLUSHALL"]);
    });
}

#[test]
fn a_server_that_accepts_and_never_answers() {
    misbehaves(Way::Silence, "no answer within 100 ms");
}

#[test]
fn a_server_that_hangs_up() {
    misbehaves(Way::HangUp, "the connection is lost");
}

#[test]
fn a_connection_that_ends_in_the_middle_of_an_answer() {
    misbehaves(Way::Half, "the connection is lost");
}

#[test]
fn a_server_that_speaks_another_protocol() {
    misbehaves(Way::Instead(b"HTTP/1.1 400 hunter2\r\n\r\n"), "not from a Redis server");
}

#[test]
fn a_server_that_announces_more_than_the_memory() {
    let announced: [&[u8]; 6] = [
        b"*9223372036854775807\r\n",
        b"$9223372036854775807\r\n",
        b"%9223372036854775807\r\n",
        b"%4611686018427387904\r\n",
        b"|4611686018427387903\r\n",
        b">9223372036854775807\r\n",
    ];
    for answer in announced {
        misbehaves(Way::Instead(answer), "");
    }
}

#[test]
fn a_server_that_answers_with_endlessly_nested_lists() {
    let deep: &'static str = Box::leak("*1\r\n".repeat(100_000).into_boxed_str());
    misbehaves(Way::Instead(deep.as_bytes()), "");
}

#[test]
fn a_server_that_answers_without_a_request() {
    let server = Server::start();
    in_each_face(|(_, face)| {
        let proxy = Proxy::before(server.port());
        let redis = connect(&proxy.url());
        for answer in
            [&b":7\r\n"[..], b"+hunter2\r\n", b"*1\r\n$1\r\nx\r\n", b"-hunter2 faulty\r\n", b"-ERR hunter2\r\n"]
        {
            is_back(&redis, ("", face));
            proxy.go(Way::Instead(answer));
            assert!(face(&redis, 9).is_ok());
            proxy.go(Way::Through);
            if let Some(error) = redis.last_error() {
                assert!(!error.to_string().contains("hunter2") && !error.to_string().contains("faulty"), "{error}");
            }
        }
        server.ask(&["FLUSHALL"]);
    });
}

#[test]
fn many_calls_do_not_storm_a_failing_server() {
    for way in [Way::HangUp, Way::Half, Way::Silence] {
        let server = Server::start();
        let proxy = Proxy::before(server.port());
        let redis = connect(&proxy.url());
        is_back(&redis, FACES[0]);
        is_back(&redis, FACES[1]);
        proxy.go(way);
        let (before, end) = (proxy.connections(), Instant::now() + Duration::from_secs(1));
        scope(|scope| {
            for thread in 0..8 {
                let redis = &redis;
                let face = if thread % 2 == 0 { blocking } else { smol };
                scope.spawn(move || {
                    while Instant::now() < end {
                        face(redis, thread).unwrap();
                    }
                });
            }
        });
        let opened = proxy.connections() - before;
        assert!(opened <= 20, "{way:?}: {opened} connections in a second");
        proxy.go(Way::Through);
        is_back(&redis, FACES[0]);
        is_back(&redis, FACES[1]);
    }
}
