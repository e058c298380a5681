//! Uses the library on tokio: in spawned tasks, and on a thread that may block.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use agnostic_lib::{Shop, price, price_blocking};
use tokio::task::{spawn, spawn_blocking};

#[tokio::main]
async fn main() {
    let (start, shop) = (Instant::now(), Arc::new(Shop::new("corner", 2)));
    let ask = |article: &'static str| {
        let shop = shop.clone();
        spawn(async move { price(&shop, article).await })
    };
    let tasks = ["bread", "milk", "bread", "bread"].map(ask);
    for task in tasks {
        println!("{:?} after {:?}", task.await.unwrap(), start.elapsed());
    }
    assert_eq!(shop.requests(), 4, "two were refused, and three tasks shared a price");
    let error = ask("caviar").await.unwrap().unwrap_err();
    println!("{error}");
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(spawn_blocking(move || price_blocking(&shop, "honey")).await.unwrap(), Ok(102));
    assert!(!threads().contains("async-io"), "only tokio's timers were used: {}", threads());
}

/// The names of the threads of this process, if the system provides them.
fn threads() -> String {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok()).collect()
}
