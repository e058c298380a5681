//! The cost of async maps, compared with those of `futures-util`: `cargo bench --bench map_async` in `benches/`.

#[allow(dead_code, reason = "these tables have other contenders")]
mod side_by_side;

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use opero::map::{Map, block_on};
use opero::{Error, opero, opmap};
use side_by_side::Table;

type Outcome = Result<u64, Error<Infallible>>;

const READY: u64 = 100_000;

async fn now(n: u64) -> Outcome {
    Ok(black_box(n))
}

async fn a_millisecond_later(n: u64) -> Outcome {
    smol::Timer::after(Duration::from_millis(1)).await;
    Ok(n)
}

fn buffered<F: Future<Output = Outcome>>(items: u64, op: impl FnMut(u64) -> F) -> Vec<Outcome> {
    block_on(stream::iter(0..items).map(op).buffered(100).collect())
}

fn unordered<F: Future<Output = Outcome>>(items: u64, op: impl FnMut(u64) -> F) -> Vec<Outcome> {
    block_on(stream::iter(0..items).map(op).buffer_unordered(100).collect())
}

fn mapped<F: Future<Output = Outcome>>(is_ordered: bool, items: u64, mut op: impl FnMut(u64) -> F) -> Vec<Outcome> {
    block_on(Map::new_async("map").ordered(is_ordered).future(0..items, |n, _| op(n)))
}

fn main() {
    Table::new("1000 sleeps of 1 ms, 100 at a time")
        .call("buffer_unordered", || unordered(1000, a_millisecond_later))
        .call("Map::future, unordered", || mapped(false, 1000, a_millisecond_later))
        .call("buffered", || buffered(1000, a_millisecond_later))
        .call("Map::future", || mapped(true, 1000, a_millisecond_later))
        .print();
    Table::new("100,000 ready futures, 100 at a time")
        .call("buffer_unordered", || unordered(READY, now))
        .call("Map::future, unordered", || mapped(false, READY, now))
        .call("buffered", || buffered(READY, now))
        .call("Map::future", || mapped(true, READY, now))
        .call("Map::future, opero! in it", || {
            mapped(true, READY, |n| opero! { retries: 3 => async move { Ok::<_, Infallible>(black_box(n)) } })
        })
        .call("opmap!, unordered", || {
            block_on(opmap! { n in 0..READY, ordered: false => async { Ok::<_, Infallible>(black_box(n)) } })
        })
        .call("opmap!", || block_on(opmap! { n in 0..READY => async { Ok::<_, Infallible>(black_box(n)) } }))
        .call("opmap!, retries", || {
            block_on(opmap! { n in 0..READY, retries: 2 => async { Ok::<_, Infallible>(black_box(n)) } })
        })
        .call("opmap!, retries, String", || {
            block_on(opmap! { n in 0..READY, retries: 2 => async { Ok::<_, String>(black_box(n)) } })
        })
        .print();
}
