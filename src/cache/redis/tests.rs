//! Tests what the rest of the crate asks of a server, against a real one.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, channel};
use std::thread::sleep;
use std::time::Instant;

use super::super::Key;
use super::super::external::Lend;
use super::{Redis, Script};
use crate::cache::tiered::Change;
use crate::servers::Server;

const LONG: Duration = Duration::from_secs(30);

static ADD: Script = Script::new("local sum = redis.call('INCRBY', KEYS[1], ARGV[1]) return {sum, #KEYS}");

#[test]
fn a_script_runs_and_is_reloaded_if_the_server_has_lost_it() {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let keys = [String::from("a")];
    assert_eq!(redis.server().eval(&ADD, &keys, &[3]), Ok(Vec::from([3, 1])));
    server.ask(&["SCRIPT", "FLUSH"]);
    assert_eq!(redis.server().eval(&ADD, &keys, &[4]), Ok(Vec::from([7, 1])));
    server.ask(&["SCRIPT", "FLUSH"]);
    smol::block_on(async {
        assert_eq!(redis.server().eval_async(&ADD, &keys, &[1]).await, Ok(Vec::from([8, 1])));
        assert_eq!(redis.server().eval_async(&ADD, &keys, &[1]).await, Ok(Vec::from([9, 1])));
    });
}

#[test]
fn a_restarted_server_is_asked_at_once_by_blocking_and_async_calls() {
    let mut server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let keys = [String::from("a")];
    let ask = || (redis.server().eval(&ADD, &keys, &[1]), smol::block_on(redis.server().eval_async(&ADD, &keys, &[1])));
    assert_eq!(ask(), (Ok(Vec::from([1, 1])), Ok(Vec::from([2, 1]))));
    assert!(server.restart());
    assert_eq!(ask(), (Ok(Vec::from([1, 1])), Ok(Vec::from([2, 1]))));
    assert_eq!(redis.server().health().last_error(), None);
}

fn key(n: u32) -> Key<'static> {
    Key::new("a:b", "c", &n).into_owned()
}

#[test]
fn a_lease_is_held_by_one_token_until_it_is_given_back_or_expires() {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let store = redis.server();
    let lend = |token, time| store.lend(&key(1), token, time).unwrap();
    assert!(lend(1, LONG) && !lend(2, LONG), "one holds it");
    assert!(lend(1, LONG), "a repeated request succeeds");
    assert!(store.lend(&key(2), 2, LONG).unwrap(), "another key has another");
    assert!(store.extend(&key(1), 1, LONG).unwrap() && !store.extend(&key(1), 2, LONG).unwrap());
    store.give_back(&key(1), 2).unwrap();
    assert!(!lend(2, LONG), "only its holder gives it back");
    store.give_back(&key(1), 1).unwrap();
    store.give_back(&key(1), 1).unwrap();
    assert!(!store.extend(&key(1), 1, LONG).unwrap() && lend(2, Duration::from_nanos(1)));
    let end = Instant::now() + LONG;
    while !lend(3, LONG) {
        assert!(Instant::now() < end, "the lease expires");
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_async_lease_follows_the_same_rules() {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let store: &Arc<super::Server> = redis.server();
    smol::block_on(async {
        assert!(store.lend_async(&key(1), 1, LONG).await.unwrap());
        assert!(!store.lend_async(&key(1), 2, LONG).await.unwrap() && !store.lend(&key(1), 2, LONG).unwrap());
        assert!(store.extend(&key(1), 1, LONG).unwrap());
        store.give_back(&key(1), 2).unwrap();
        assert!(store.extend(&key(1), 1, LONG).unwrap());
        store.give_back(&key(1), 1).unwrap();
        assert!(!store.extend(&key(1), 1, LONG).unwrap());
    });
}

/// Waits for a change, and returns the changes before it.
fn told(changes: &Receiver<Change>, wanted: &Change) -> Vec<Change> {
    let mut before = Vec::new();
    loop {
        match changes.recv_timeout(LONG).expect("a change is reported") {
            change if change == *wanted => return before,
            change => before.push(change),
        }
    }
}

#[test]
fn a_watch_reports_each_entry_that_is_written_removed_cleared_or_expired() {
    let server = Server::start();
    let (redis, writer) = (Redis::connect(&server.url()).unwrap(), Redis::connect(&server.url()).unwrap());
    let (sender, changes) = channel();
    let watch = redis.server().watch(move |change| sender.send(change).unwrap_or_default());
    told(&changes, &Change::All);
    writer.set(&key(1), 1, Some(LONG)).unwrap();
    assert_eq!(told(&changes, &Change::Key(key(1))), []);
    writer.remove(&key(1)).unwrap();
    assert_eq!(told(&changes, &Change::Key(key(1))), []);
    writer.set(&key(2), 1, Some(Duration::from_millis(20))).unwrap();
    told(&changes, &Change::Key(key(2)));
    assert_eq!(told(&changes, &Change::Key(key(2))), [], "it has expired");
    (3..6).for_each(|n| writer.set(&key(n), n, None).unwrap());
    (3..6).for_each(|n| assert_eq!(told(&changes, &Change::Key(key(n))), []));
    server.ask(&["SET", "opero:entry:no", "entry"]);
    server.ask(&["SET", "another", "key"]);
    writer.clear("a:b").unwrap();
    let cleared: HashSet<_> = (3..6).map(|_| changes.recv_timeout(LONG).map_err(|_| ())).collect();
    assert_eq!(cleared, (3..6).map(|n| Ok(Change::Key(key(n)))).collect());
    server.ask(&["FLUSHALL"]);
    told(&changes, &Change::All);
    drop(watch);
    assert_eq!(changes.into_iter().collect::<Vec<_>>(), [], "its thread has ended and dropped the sender");
}

#[test]
fn a_watch_reports_a_lost_connection_and_resumes_when_the_server_is_back() {
    let mut server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let (sender, changes) = channel();
    let _watch = redis.server().watch(move |change| sender.send(change).unwrap_or_default());
    told(&changes, &Change::All);
    server.stop();
    told(&changes, &Change::All);
    assert!(server.restart());
    told(&changes, &Change::All);
    let end = Instant::now() + LONG;
    while redis.set(&key(1), 1, None).is_err() {
        assert!(Instant::now() < end, "the server is back");
        sleep(Duration::from_millis(1));
    }
    told(&changes, &Change::Key(key(1)));
    let (sender, ended) = channel::<()>();
    let _watch = redis.server().watch(move |_| drop(sender.clone()));
    drop(redis);
    assert!(ended.recv_timeout(LONG).is_err_and(|error| error != std::sync::mpsc::RecvTimeoutError::Timeout));
}
