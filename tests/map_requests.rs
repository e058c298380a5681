//! Results are passed on as soon as they are there: a map answers requests from its input, each before the next one is
//! sent.

#[path = "support/maps.rs"]
mod maps;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use maps::{Face, Mode, Options};
use opero::map::{Map, block_on};
use opero::opmap;
use watchdog::watched;

const ROUNDS: u32 = 50;

/// Sends requests by `send`, each after the reply to the one before.
fn asks(send: impl Fn(u32) + Send + 'static) -> (Sender<u32>, JoinHandle<()>) {
    let (reply, replies) = channel();
    let asks = move || {
        for n in 0..ROUNDS {
            send(n);
            assert_eq!(replies.recv(), Ok(n * 2), "the reply to {n}");
        }
    };
    (reply, thread::spawn(asks))
}

/// Requests from a channel, as an iterator that waits for them.
fn blocking_requests() -> (Receiver<u32>, Sender<u32>, JoinHandle<()>) {
    let (sender, requests) = channel();
    let (reply, asks) = asks(move |n| sender.send(n).expect("the map takes requests"));
    (requests, reply, asks)
}

/// The ways in which a worker may take its items.
fn options() -> Vec<Options> {
    let mut all = Vec::new();
    for workers in [None, Some(1), Some(2), Some(8)] {
        for chunk_size in [None, Some(1), Some(64)] {
            all.extend([false, true].map(|unordered| Options { workers, chunk_size, unordered, ..Options::default() }));
        }
    }
    all
}

/// Checks that each request has its reply, with the map on the calling thread.
fn answers(mode: Mode, face: Face) {
    for options in options() {
        watched((mode, face, options), || {
            let (requests, reply, asks) = blocking_requests();
            maps::any(
                (mode, face),
                options,
                requests.into_iter(),
                |n| Ok(n * 2),
                |result| {
                    reply.send(result.expect("a value")).expect("the reply is waited for");
                    ControlFlow::Continue(())
                },
            );
            drop(reply);
            asks.join().expect("every reply has come");
        });
    }
}

fn answers_in_a_task(face: Face) {
    for options in options() {
        watched((face, options), || {
            let (sender, requests) = smol::channel::unbounded();
            let (reply, asks) = asks(move |n| sender.send_blocking(n).expect("the map takes requests"));
            let map = options.apply(Map::new_async("answers"));
            block_on(maps::future(
                face,
                map,
                requests,
                async |n, _| Ok(n * 2),
                |result| {
                    reply.send(result.expect("a value")).expect("the reply is waited for");
                    ControlFlow::Continue(())
                },
            ));
            drop(reply);
            asks.join().expect("every reply has come");
        });
    }
}

#[test]
fn thread_mode_passes_each_reply_to_a_closure_before_the_next_request() {
    answers(Mode::Thread, Face::Each);
}

#[test]
fn thread_mode_streams_each_reply_before_the_next_request() {
    answers(Mode::Thread, Face::Stream);
}

#[test]
fn rayon_mode_passes_each_reply_to_a_closure_before_the_next_request() {
    answers(Mode::Rayon, Face::Each);
}

#[test]
fn rayon_mode_streams_each_reply_before_the_next_request() {
    answers(Mode::Rayon, Face::Stream);
}

#[test]
fn async_mode_passes_each_reply_to_a_closure_before_the_next_request() {
    answers_in_a_task(Face::Each);
}

#[test]
fn async_mode_streams_each_reply_before_the_next_request() {
    answers_in_a_task(Face::Stream);
}

#[test]
fn a_map_on_the_only_thread_of_a_rayon_pool_sends_each_reply_before_the_next_request() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    for (mode, face) in [(Mode::Rayon, Face::Each), (Mode::Rayon, Face::Stream)] {
        pool.install(|| answers(mode, face));
    }
}

#[test]
fn a_thread_map_inside_a_rayon_pool_sends_each_reply_before_the_next_request() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    for (mode, face) in [(Mode::Thread, Face::Each), (Mode::Thread, Face::Stream)] {
        pool.install(|| answers(mode, face));
    }
}

#[test]
fn the_macro_answers_on_threads_as_the_method_does() {
    watched("opmap!, thread", || {
        let (requests, reply, asks) = blocking_requests();
        let summary = opmap! {
            n in requests, mode: thread, each: |result| reply.send(result.unwrap()).unwrap() => Ok::<_, String>(n * 2)
        };
        assert_eq!(summary.succeeded(), ROUNDS as usize);
        asks.join().expect("every reply has come");
    });
}

#[test]
fn the_macro_answers_on_rayon_as_the_method_does() {
    watched("opmap!, rayon", || {
        let (requests, reply, asks) = blocking_requests();
        let summary = opmap! {
            n in requests, mode: rayon, each: |result| reply.send(result.unwrap()).unwrap() => Ok::<_, String>(n * 2)
        };
        assert_eq!(summary.succeeded(), ROUNDS as usize);
        asks.join().expect("every reply has come");
    });
}

/// The same if only the closure of `each` sends.
fn answers_itself(mode: Mode) {
    for options in options() {
        watched((mode, options), || {
            let (sender, requests) = channel();
            sender.send(0).expect("the receiver is there");
            let (mut sender, mut replies) = (Some(sender), 0);
            let each = |result| {
                assert_eq!(result, Ok(replies * 2));
                replies += 1;
                if let Some(open) = sender.as_ref().filter(|_| replies < ROUNDS) {
                    open.send(replies).expect("the map takes requests");
                } else {
                    sender = None;
                }
                ControlFlow::Continue(())
            };
            maps::any((mode, Face::Each), options, requests.into_iter(), |n| Ok(n * 2), each);
            assert_eq!(replies, ROUNDS);
        });
    }
}

#[test]
fn the_closure_of_a_thread_map_may_send_the_next_request() {
    answers_itself(Mode::Thread);
}

#[test]
fn the_closure_of_a_rayon_map_may_send_the_next_request() {
    answers_itself(Mode::Rayon);
}
