//! The store on Redis, compared with the crate `redis` and `rmp_serde`, on a server that the bench starts. Needs
//! `redis-server`.

#[path = "../../tests/support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "only a part of it is used")]
pub(crate) mod servers;

use std::future::Future;
use std::hint::black_box;
use std::time::Duration;

use futures_util::future::join_all;
use opero::cache::{Key, Redis};
use opero::opero;
use redis::aio::MultiplexedConnection;
use redis::{Client, Connection, cmd};
use serde::{Deserialize, Serialize};
use servers::Server;

use crate::side_by_side::Table;

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));
const MANY: u32 = 1000;

#[derive(Clone, Serialize, Deserialize)]
struct Page {
    title: String,
    words: u32,
    links: Vec<String>,
}

fn page() -> Page {
    Page { title: "A page of some size".into(), words: 1234, links: vec!["https://example.org/another/page".into(); 5] }
}

fn bare_get(connection: &mut Connection, key: &str) -> Page {
    let bytes: Vec<u8> = cmd("GET").arg(key).query(connection).expect("an answer");
    rmp_serde::from_slice(&bytes).expect("a page")
}

fn bare_set(connection: &mut Connection, key: &str, page: &Page) {
    let bytes = rmp_serde::to_vec_named(page).expect("it can be written");
    cmd("SET").arg(key).arg(bytes).arg("PX").arg(60_000).exec(connection).expect("an answer");
}

async fn bare_get_async(connection: &MultiplexedConnection, key: &str) -> Page {
    let bytes: Vec<u8> = cmd("GET").arg(key).query_async(&mut connection.clone()).await.expect("an answer");
    rmp_serde::from_slice(&bytes).expect("a page")
}

async fn bare_set_async(connection: &MultiplexedConnection, key: &str, page: &Page) {
    let bytes = rmp_serde::to_vec_named(page).expect("it can be written");
    cmd("SET").arg(key).arg(bytes).arg("PX").arg(60_000).exec_async(&mut connection.clone()).await.expect("an answer");
}

async fn get_async(redis: &Redis, key: &Key<'_>) -> Page {
    redis.get_async(key).await.expect("an answer").expect("a page").into_value()
}

pub(crate) fn run() {
    let server = Server::start();
    let client = Client::open(server.url()).expect("a URL");
    let redis = Redis::connect(&server.url()).expect("a URL");
    let key = Key::new("opero", "page", &("news.txt",));
    redis.set(&key, page(), MINUTE).expect("it is kept");
    blocking(&client, &redis, &key);
    let runner = Runner::Smol;
    asynchronous("smol", &runner, &client, &redis, &key);
    at_once("smol", &runner, &client, &redis, &key);
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let runner = Runner::Tokio(runtime);
        asynchronous("tokio", &runner, &client, &redis, &key);
        at_once("tokio", &runner, &client, &redis, &key);
    }
}

/// Runs the futures.
enum Runner {
    Smol,
    Tokio(tokio::runtime::Runtime),
}

impl Runner {
    fn run<R>(&self, work: impl Future<Output = R>) -> R {
        match self {
            Runner::Smol => smol::block_on(work),
            Runner::Tokio(runtime) => runtime.block_on(work),
        }
    }
}

fn blocking(client: &Client, redis: &Redis, key: &Key<'_>) {
    let mut connection = client.get_connection().expect("a connection");
    let (page, text) = (page(), &key.to_string());
    bare_set(&mut connection, text, &page);
    let cached = || -> Result<Page, opero::Error<String>> {
        opero! { cache: 60s, store: redis, name: "page", key: ("news.txt",) => Ok::<_, String>(self::page()) }
    };
    let mut bare = client.get_connection().expect("a connection");
    Table::new("redis, a hit")
        .call("bare", || bare_get(&mut bare, text))
        .call("Redis::get", || redis.get::<Page>(key))
        .call("opero! { store }", cached)
        .print();
    Table::new("redis, a set")
        .call("bare", || bare_set(&mut connection, text, &page))
        .call("Redis::set", || redis.set(key, page.clone(), MINUTE))
        .print();
}

fn asynchronous(name: &str, runner: &Runner, client: &Client, redis: &Redis, key: &Key<'_>) {
    let connection = &runner.run(client.get_multiplexed_async_connection()).expect("a connection");
    let (page, text) = (page(), &key.to_string());
    Table::new(&format!("redis, async on {name}, a hit"))
        .call("bare", || runner.run(bare_get_async(connection, text)))
        .call("Redis::get_async", || runner.run(get_async(redis, key)))
        .print();
    Table::new(&format!("redis, async on {name}, a set"))
        .call("bare", || runner.run(bare_set_async(connection, text, &page)))
        .call("Redis::set_async", || runner.run(redis.set_async(key, page.clone(), MINUTE)))
        .print();
}

fn at_once(name: &str, runner: &Runner, client: &Client, redis: &Redis, key: &Key<'_>) {
    let connection = &runner.run(client.get_multiplexed_async_connection()).expect("a connection");
    let text = &key.to_string();
    let one_at_a_time = async || {
        for _ in 0..MANY {
            black_box(get_async(redis, key).await);
        }
    };
    Table::new(&format!("redis, async on {name}, {MANY} hits on one connection"))
        .call("one at a time", || runner.run(one_at_a_time()))
        .call("at once", || runner.run(join_all((0..MANY).map(|_| get_async(redis, key)))))
        .call("bare, at once", || runner.run(join_all((0..MANY).map(|_| bare_get_async(connection, text)))))
        .print();
}
