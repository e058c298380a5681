//! A near store before Redis: writes of another process are seen without waiting for the near entry to expire.

#[path = "support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "not every test uses all of it")]
mod redis;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::thread;
use std::time::Duration;

use opero::cache::{Entry, Key, Memory, Redis, Store, Tiered};
use redis::Server;
use watchdog::watched;

const HOUR: Duration = Duration::from_secs(3600);

type Pair = Tiered<Memory<u32>, Redis>;

/// Longer than the test, so that nothing expires by itself.
fn pair(server: &Server) -> Pair {
    let redis = Redis::connect(&server.url()).unwrap().io_timeout(Duration::from_secs(10));
    Tiered::new(Memory::new(), redis).near_for(HOUR).misses_for(HOUR)
}

fn key() -> Key<'static> {
    Key::new("tiered", "redis", &1)
}

fn value(store: &Pair) -> Option<u32> {
    store.get(&key()).ok().flatten().map(Entry::into_value)
}

fn until(what: &str, is_such: impl Fn() -> bool) {
    watched(what, || {
        while !is_such() {
            thread::yield_now();
        }
    });
}

/// Returns whether the server notifies this many clients of changes.
fn is_listened_to(server: &Server, by: usize) -> bool {
    server.ask(&["CLIENT", "LIST"]).matches(" sub=1 ").count() == by
}

#[test]
fn writes_of_another_are_seen_before_the_near_entry_expires() {
    let server = Server::start();
    let (one, other) = (pair(&server), pair(&server));
    assert_eq!((value(&one), value(&other)), (None, None));
    until("they listen", || is_listened_to(&server, 2));
    for n in 1..20 {
        let (writer, reader) = if n % 2 == 0 { (&one, &other) } else { (&other, &one) };
        writer.set(&key(), n, None).unwrap();
        assert_eq!(value(writer), Some(n));
        until("the other sees it", || value(reader) == Some(n));
    }
    assert_eq!(one.clear("tiered"), Ok(1));
    until("the other sees that it is gone", || value(&other).is_none());
    smol::block_on(one.set_async(&key(), 20, Some(HOUR))).unwrap();
    let later = || smol::block_on(other.get_async(&key())).unwrap().map(Entry::into_value);
    until("the other sees it by an async call", || later() == Some(20));
}

#[test]
fn hits_do_not_go_to_the_server() {
    let server = Server::start();
    let store = pair(&server);
    store.set(&key(), 7, None).unwrap();
    until("it listens", || is_listened_to(&server, 1));
    // The server notifies a client of its own write, too. After that the entry stays near.
    until("it is near", || value(&store) == Some(7) && store.near().len() == 1);
    until("it answers alone", || {
        let before = store.far().stats().hits;
        (0..100).all(|_| value(&store) == Some(7)) && store.far().stats().hits == before
    });
}

#[test]
fn writes_during_a_lost_connection_are_seen_when_the_server_is_back() {
    let mut server = Server::start();
    let store = pair(&server);
    store.set(&key(), 7, None).unwrap();
    until("it listens", || is_listened_to(&server, 1));
    until("it is near", || value(&store) == Some(7));
    // The server loses all entries, as if another had written meanwhile.
    assert!(server.restart());
    until("the near one is emptied", || value(&store).is_none());
    until("it listens again", || is_listened_to(&server, 1));
    let other = Redis::connect(&server.url()).unwrap();
    other.set(&key(), 8_u32, None).unwrap();
    until("it sees what is new", || value(&store) == Some(8));
}
