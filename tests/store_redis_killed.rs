//! A process that is killed while it writes: what it has finished is stored, and the rest is whole or absent.

#[path = "support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "not every test uses all of it")]
mod redis;

use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Command, Stdio};
use std::time::Duration;

use opero::cache::{Key, Redis};
use redis::Server;

const URL: &str = "OPERO_KILLED_WRITER";

/// The value of a key, of a few bytes or many kilobytes.
fn value(n: u32) -> String {
    format!("{n},").repeat(1 + n as usize * 997 % 5000)
}

fn key(round: u32, n: u32) -> Key<'static> {
    Key::new("killed", "writer", &(round, n)).into_owned()
}

/// Writes until it is killed, and prints what it has finished. Does nothing as a test, only in a process of its own.
#[test]
fn writer() {
    let (Ok(url), Ok(round)) = (env::var(URL), env::var("OPERO_KILLED_ROUND")) else { return };
    let (redis, round) = (Redis::connect(&url).unwrap(), round.parse().unwrap());
    for n in 0.. {
        match n % 2 {
            0 => redis.set(&key(round, n), value(n), Some(Duration::from_secs(600))).unwrap(),
            _ => smol::block_on(redis.set_async(&key(round, n), value(n), None)).unwrap(),
        }
        writeln!(stdout(), "finished {n}").unwrap();
    }
}

#[test]
fn what_a_killed_process_has_finished_is_there_and_the_rest_is_whole_or_absent() {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap().io_timeout(Duration::from_secs(10));
    let rounds = if env::var_os("CI").is_some() { 20 } else { 200 };
    let mut unfinished = 0;
    for round in 0..rounds {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["writer", "--exact", "--nocapture"])
            .env(URL, server.url())
            .env("OPERO_KILLED_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let number = |line: String| line.strip_prefix("finished ").and_then(|n| n.parse::<u32>().ok());
        // Killed at another step each time.
        let enough = round % 23;
        let mut finished = lines.by_ref().find_map(|line| number(line).filter(|n| *n >= enough)).expect("it writes");
        child.kill().unwrap();
        child.wait().unwrap();
        finished = lines.filter_map(number).last().unwrap_or(finished);
        for n in 0..=finished {
            assert_eq!(redis.get::<String>(&key(round, n)).unwrap().unwrap().into_value(), value(n));
        }
        for n in finished + 1..finished + 3 {
            if let Some(entry) = redis.get::<String>(&key(round, n)).unwrap() {
                assert_eq!(entry.into_value(), value(n));
                unfinished += 1;
            }
        }
        assert_eq!(redis.clear("killed").unwrap(), finished as usize + 1 + std::mem::take(&mut unfinished));
    }
    assert_eq!((redis.stats().rejections, redis.stats().errors), (0, 0));
}
