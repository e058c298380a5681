//! Hits and sets, compared with those of the stores of `#[cached]`: redb on disk, and Redis.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Duration;

use cached::{ConcurrentCached, RedbCache, RedisCache};
use opero::cache::{Disk, Key, Redis};
use serde::{Deserialize, Serialize};

use crate::redis::servers::Server;
use crate::side_by_side::Table;

const HOUR: Duration = Duration::from_secs(3600);
const KEYS: u32 = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Page {
    title: String,
    text: String,
}

fn page() -> Page {
    Page { title: "A page".into(), text: "word ".repeat(100) }
}

fn step(turn: &Cell<u32>) -> u32 {
    turn.set((turn.get() + 7) % KEYS);
    black_box(turn.get())
}

pub(crate) fn run() {
    on_disk();
    on_redis();
}

fn on_disk() {
    let directory = std::env::temp_dir().join(format!("opero-bench-cached-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let theirs: RedbCache<u32, Page> =
        RedbCache::builder("pages").ttl(HOUR).disk_dir(&directory).build().expect("a store");
    let ours = Disk::open(directory.join("ours")).expect("a store");
    for n in 0..KEYS {
        theirs.cache_set(n, page()).expect("it is kept");
        ours.set(&Key::new("opero", "page", &n), page(), Some(HOUR)).expect("it is kept");
    }
    ours.flush().expect("it is on disk");
    let [one, two, three, four] = [const { Cell::new(0) }; 4];
    Table::new("beside #[cached]: a hit on disk")
        .call("#[cached], RedbCache", || theirs.cache_get(&step(&one)))
        .call("Disk::get", || ours.get::<Page>(&Key::new("opero", "page", &step(&two))))
        .print();
    Table::new("beside #[cached]: a set on disk")
        .call("#[cached], RedbCache", || theirs.cache_set(step(&three), page()))
        .call("Disk::set", || ours.set(&Key::new("opero", "page", &step(&four)), page(), Some(HOUR)))
        .print();
    drop((theirs, ours));
    let _ = std::fs::remove_dir_all(&directory);
}

fn on_redis() {
    static URL: OnceLock<String> = OnceLock::new();
    let server = Server::start();
    let url = URL.get_or_init(|| server.url());
    let theirs: RedisCache<u32, Page> =
        RedisCache::builder("pages").ttl(HOUR).connection_string(url).build().expect("a store");
    let ours = Redis::connect(url).expect("a URL");
    for n in 0..KEYS {
        theirs.cache_set(n, page()).expect("it is kept");
        ours.set(&Key::new("opero", "page", &n), page(), Some(HOUR)).expect("it is kept");
    }
    let [one, two, three, four] = [const { Cell::new(0) }; 4];
    Table::new("beside #[cached]: a hit on Redis")
        .call("#[cached], RedisCache", || theirs.cache_get(&step(&one)))
        .call("Redis::get", || ours.get::<Page>(&Key::new("opero", "page", &step(&two))))
        .print();
    Table::new("beside #[cached]: a set on Redis")
        .call("#[cached], RedisCache", || theirs.cache_set(step(&three), page()))
        .call("Redis::set", || ours.set(&Key::new("opero", "page", &step(&four)), page(), Some(HOUR)))
        .print();
}
