//! Uses the library on smol: in spawned tasks, and blocking on the thread of `main`.

use std::sync::Arc;
use std::time::Instant;

use agnostic_lib::{Shop, price, price_blocking};

fn main() {
    let (start, shop) = (Instant::now(), Arc::new(Shop::new("corner", 2)));
    let ask = |article: &'static str| {
        let shop = shop.clone();
        smol::spawn(async move { price(&shop, article).await })
    };
    let tasks = ["bread", "milk", "bread", "bread"].map(ask);
    for task in tasks {
        println!("{:?} after {:?}", smol::block_on(task), start.elapsed());
    }
    assert_eq!(shop.requests(), 4, "two were refused, and three tasks shared a price");
    let error = smol::block_on(ask("caviar")).unwrap_err();
    println!("{error}");
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(price_blocking(&shop, "honey"), Ok(102));
}
