extern crate std;

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::string::ToString;

use crate::radio::{Fault, Radio, listen, listen_later, read, read_later, read_twice};
use crate::ticks::Ticks;

/// Polls without an executor, as a main loop does.
fn poll_to_end<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

#[test]
fn an_expression_goes_through_the_ports_in_each_round() {
    let clock = Ticks::new();
    assert_eq!(read(&Radio::new(0), &clock), Ok((9, 2)));
    assert!(clock.count() < 100);
    assert_eq!(read(&Radio::new(4), &clock), Ok((9, 6)));
    assert!(clock.count() >= 100 + 150);
    let error = read(&Radio::new(99), &clock).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("All 8 attempts failed for read\nAttempt details:\n  1. Fault: the channel is busy\n"),
        "{text}"
    );
    assert_eq!(error.last(), Some(&Fault::Busy));
}

#[test]
fn a_future_waits_by_the_clock_of_the_board() {
    let clock = Ticks::new();
    assert_eq!(poll_to_end(read_later(&Radio::new(2), &clock)), Ok(9));
    assert_eq!(poll_to_end(read_later(&Radio::new(99), &clock)).unwrap_err().attempts().len(), 4);
}

#[test]
fn a_callable_is_called_again() {
    assert_eq!(read_twice(&Radio::new(2), &Ticks::new()), Ok(18));
    assert_eq!(read_twice(&Radio::new(3), &Ticks::new()).unwrap_err().attempts().len(), 3);
}

#[test]
fn functions_keep_their_names() {
    let clock = Ticks::new();
    assert_eq!(listen(&Radio::new(1), &clock), Ok(9));
    assert_eq!(listen(&Radio::new(99), &clock).unwrap_err().name(), "listen");
    assert_eq!(poll_to_end(listen_later(&Radio::new(2), &clock, 9)), Ok(9));
    let error = poll_to_end(listen_later(&Radio::new(0), &clock, 7)).unwrap_err();
    assert_eq!((error.attempts().len(), error.into_last()), (1, Some(Fault::Silent)));
}
