extern crate std;

use core::time::Duration;
use std::string::ToString;

use opero::Error;
use opero::time::ManualClock;

use crate::block_on;
use crate::generic::{Nameable, Port, call, run, same, told};
use crate::radio::{Fault, Radio, listen, listen_later, read, read_later, read_twice, report, send, send_later};
use crate::ticks::Ticks;

#[test]
fn an_expression_goes_through_the_ports_in_each_round() {
    let clock = Ticks::new();
    assert_eq!(read(&Radio::new(0), &clock), Ok((9, 2)));
    assert!(clock.count() < 100);
    assert_eq!(read(&Radio::new(4), &clock), Ok((9, 6)));
    assert!(clock.count() >= 100 + 150);
    let error = read(&Radio::new(99), &clock).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("All 8 attempts failed for read\nAttempt details:\n"), "{text}");
    assert!(text.contains(if cfg!(feature = "alloc") {
        "\n  1. Fault: the channel is busy\n"
    } else {
        "\n  8. Fault: the channel is busy\n"
    }));
    assert_eq!(error.last(), Some(&Fault::Busy));
}

#[test]
fn a_future_waits_by_the_clock_of_the_board() {
    let clock = Ticks::new();
    assert_eq!(block_on(read_later(&Radio::new(2), &clock)), Ok(9));
    assert_eq!(block_on(read_later(&Radio::new(99), &clock)).unwrap_err().attempts().last().unwrap().number(), 4);
}

#[test]
fn a_callable_is_called_again() {
    assert_eq!(read_twice(&Radio::new(2), &Ticks::new()), Ok(18));
    assert_eq!(read_twice(&Radio::new(3), &Ticks::new()).unwrap_err().attempts().last().unwrap().number(), 3);
}

#[test]
fn functions_keep_their_names() {
    let clock = Ticks::new();
    assert_eq!(listen(&Radio::new(1), &clock), Ok(9));
    assert_eq!(listen(&Radio::new(99), &clock).unwrap_err().name(), "listen");
    assert_eq!(block_on(listen_later(&Radio::new(2), &clock, 9)), Ok(9));
    let error = block_on(listen_later(&Radio::new(0), &clock, 7)).unwrap_err();
    assert_eq!((error.attempts().len(), error.into_last()), (1, Some(Fault::Silent)));
}

#[test]
fn messages_keep_their_distance() {
    let (radio, clock) = (Radio::new(0), ManualClock::new());
    for number in 0..5 {
        assert_eq!(send(&radio, &clock), Ok(9));
        assert_eq!(clock.elapsed(), Duration::from_millis(20 * number));
    }
    let start = clock.elapsed();
    for late in [0, 0, 20, 40] {
        assert_eq!(block_on(send_later(&radio, &clock)), Ok(9));
        assert_eq!(clock.elapsed(), start + Duration::from_millis(late));
    }
    assert_eq!(report(&radio, &clock), Ok(9));
    match report(&radio, &clock) {
        Err(Error::RateLimit(limit)) => assert_eq!(limit.retry_after().as_secs(), 60),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_generic_does_the_same_with_an_allocator_and_without() {
    let clock = ManualClock::new();
    let error = run(call("ask", &clock), |attempt| Err::<(), _>(attempt.number())).unwrap_err();
    assert_eq!((told(&error), same(&error)), (("ask", "failed", None), true));
    let error = run(call("ask", &clock).fallback("port", 0), |_| Err::<(), _>(())).unwrap_err();
    assert_eq!(told(&error).0, "ask");
    assert!("ask".is_name() && !Port(7).is_name());
}
