//! Four processes under one rate limit: `cargo run --example shared_rate --features redis`
//!
//! They share the rate through a Redis server: the one at a URL, as in `cargo run … -- redis://127.0.0.1:6379/0`, or
//! one that the example starts on a free loopback port and stops at the end. Only option `limiter: &redis` is needed,
//! see [`work`].

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "programs use std")]

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{scope, sleep, spawn};
use std::time::{Duration, Instant};
use std::{env, fmt};

use opero::cache::Redis;
use opero::opero;

const PROCESSES: usize = 4;
/// The threads of each process. Each makes calls as fast as it can.
const THREADS: usize = 4;
/// The limit for all processes together, in calls per second, as written in [`work`].
const RATE: u32 = 100;
const SECONDS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [word, url] if word == "work" => work(url),
        [url] => watch(url),
        _ => {
            let server = Server::start()?;
            println!("started a Redis server on port {}", server.port);
            watch(&format!("redis://127.0.0.1:{}/0", server.port))
        }
    }
}

/// The work of each process: as many calls as the limit allows. It prints a line for each call.
fn work(url: &str) -> Result<(), Box<dyn Error>> {
    let redis = Redis::connect(url)?;
    let end = Instant::now() + Duration::from_secs(u64::from(SECONDS) + 1);
    scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while Instant::now() < end {
                    let call = opero! { name: "shared_rate", rate: 100/s, limiter: &redis, on_fault: closed => {
                        println!("call");
                        Ok::<_, fmt::Error>(())
                    } };
                    if let Err(error) = call {
                        eprintln!("{error}");
                        return;
                    }
                }
            });
        }
    });
    Ok(())
}

/// Starts the processes, and prints their calls in each second.
fn watch(url: &str) -> Result<(), Box<dyn Error>> {
    println!("{PROCESSES} processes of {THREADS} threads, {RATE} calls a second for all together\n");
    let (calls, events) = channel();
    let mut processes = Vec::new();
    for number in 0..PROCESSES {
        let mut process =
            Command::new(env::current_exe()?).args(["work", url]).stdout(Stdio::piped()).spawn().map(Ended)?;
        let output = process.0.stdout.take().ok_or("no output")?;
        let calls = calls.clone();
        spawn(move || report(number, BufReader::new(output), &calls));
        processes.push(process);
    }
    drop(calls);
    count(&events)?;
    Ok(())
}

fn report(number: usize, output: impl BufRead, calls: &Sender<(usize, Instant)>) {
    for _ in output.lines().map_while(Result::ok).filter(|line| line == "call") {
        if calls.send((number, Instant::now())).is_err() {
            return;
        }
    }
}

/// Prints a line per second.
fn count(events: &Receiver<(usize, Instant)>) -> Result<(), Box<dyn Error>> {
    println!("second   process 1   process 2   process 3   process 4   total   limit");
    let (mut first, mut sum) = (None, 0);
    let mut done = [0; PROCESSES];
    let mut second = 1;
    while second <= SECONDS {
        let (number, moment) = events.recv_timeout(Duration::from_secs(10))?;
        let begin = *first.get_or_insert(moment);
        while moment - begin >= Duration::from_secs(second.into()) && second <= SECONDS {
            let total: u32 = done.iter().sum();
            let [a, b, c, d] = done;
            println!("{second:>6}{a:>12}{b:>12}{c:>12}{d:>12}{total:>8}{RATE:>8}");
            sum += total;
            done = [0; PROCESSES];
            second += 1;
        }
        done[number] += 1;
    }
    println!("\n{sum} calls in {SECONDS} seconds; the limit is {}", RATE * SECONDS);
    Ok(())
}

/// A process that is killed when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server on a free loopback port.
struct Server {
    port: u16,
    _process: Ended,
}

impl Server {
    fn start() -> Result<Self, Box<dyn Error>> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("`redis-server` does not start ({error}): name the URL of a server instead"))?;
        let process = Ended(process);
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if Instant::now() > end {
                return Err("the server that was started does not answer".into());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(Server { port, _process: process })
    }
}
