//! A live page of the calls of a program: `cargo run --example dashboard --features observe`
//!
//! It prints an address to open in a browser, and runs five uses: a search that is sometimes slow, models that are
//! sometimes down, prices from a cache, letters under a rate limit, and a map of thumbnails. With a number of seconds
//! as argument, it ends after that time, fetches the page once itself, and prints the report.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "programs use std")]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{scope, sleep, spawn};
use std::time::Duration;
use std::{env, io};

use opero::{observe, opero, opmap};

const MS: fn(u64) -> Duration = Duration::from_millis;

static IS_OVER: AtomicBool = AtomicBool::new(false);

fn main() -> Result<(), Box<dyn Error>> {
    let seconds: Option<u64> = env::args().nth(1).map(|seconds| seconds.parse()).transpose()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    println!("http://{address}/");
    spawn(move || serve(&listener));
    let page = scope(|scope| {
        for worker in 0..2 {
            scope.spawn(move || repeat(worker, search));
            scope.spawn(move || repeat(worker, ask));
            scope.spawn(move || repeat(worker, price));
            scope.spawn(move || repeat(worker, letter));
        }
        scope.spawn(|| repeat(2, letter));
        scope.spawn(|| repeat(3, letter));
        scope.spawn(|| repeat(0, thumbnails));
        sleep(seconds.map_or(Duration::MAX, Duration::from_secs));
        let page = fetch(address);
        IS_OVER.store(true, Relaxed);
        page
    })?;
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("</html>\n"), "{page}");
    println!("\n{}", observe::report());
    Ok(())
}

/// Repeats a call.
fn repeat(worker: u64, call: fn(&mut Dice)) {
    let mut dice = Dice(worker + 1);
    while !IS_OVER.load(Relaxed) {
        call(&mut dice);
    }
}

/// Fails sometimes, and then a retry helps. One call in a hundred is slow.
fn search(dice: &mut Dice) {
    let query = dice.below(1000);
    let _found = opero! { name: "search", retries: 2, min_delay: 5ms, timeout: 2s => {
        sleep(MS(if dice.below(100) == 0 { 150 } else { 4 + dice.below(10) }));
        if dice.below(12) == 0 { Err("the index is busy") } else { Ok(query) }
    } };
}

/// The large model is down for some seconds of each half minute, and both are down for two of them.
fn ask(dice: &mut Dice) {
    let second = unix_seconds() % 30;
    let _answer = opero! { name: "ask", fallback: model in ["large", "small"], retries: 1, min_delay: 20ms => {
        sleep(MS(if model == "large" { 60 } else { 25 } + dice.below(30)));
        let is_down = if model == "large" { (8..16).contains(&second) } else { (13..15).contains(&second) };
        if is_down { Err(format!("{model} is down")) } else { Ok(model) }
    } };
}

/// Mostly answered from the cache. Concurrent calls for the same product share a run.
fn price(dice: &mut Dice) {
    let product = dice.below(40);
    let _price = opero! { name: "price", cache: 3s, key: product => {
        sleep(MS(30));
        Ok::<_, String>(product * 7)
    } };
    sleep(MS(2 + dice.below(4)));
}

/// There are more calls than the rate allows, so some wait and some are refused.
fn letter(dice: &mut Dice) {
    let _sent = opero! { name: "send <letter>", rate: 20/s, burst: 5, max_wait: 100ms => {
        sleep(MS(1));
        Ok::<_, String>(())
    } };
    sleep(MS(dice.below(240)));
}

/// Maps one list at a time. Pictures that are too large fail.
fn thumbnails(dice: &mut Dice) {
    let base = dice.below(100);
    let _pictures = opmap! { picture in base..base + 20, name: "thumbnails", workers: 2 => {
        sleep(MS(3));
        if picture % 25 == 0 { Err("too large") } else { Ok(picture) }
    } };
    sleep(MS(200));
}

/// Answers each connection with the page, which reloads every two seconds.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        // A client that sends or reads slowly does not block the others.
        spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(MS(5000)))?;
    stream.set_write_timeout(Some(MS(5000)))?;
    // Read the whole request: closing a connection with unread data discards what was sent.
    let head = BufReader::new((&stream).take(16_384)).lines();
    let head: Vec<_> = head.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let (status, body) = if head.first().is_some_and(|line| line.starts_with("GET / ")) {
        ("200 OK", observe::html())
    } else {
        ("404 Not Found", "<!DOCTYPE html><title>Not found</title>The page is at /".to_owned())
    };
    let head = format!("Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nRefresh: 2", body.len());
    let answer = format!("HTTP/1.1 {status}\r\n{head}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(answer.as_bytes())
}

fn fetch(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(MS(5000)))?;
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    Ok(page)
}

fn unix_seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A pseudorandom generator with a fixed seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
