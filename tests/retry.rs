//! Retries: how often, after what delay, and after which errors.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use opero::policy::Jitter;
use opero::time::{Clock, ManualClock};
use opero::{Error, opero};

#[derive(Debug, PartialEq)]
enum Fault {
    Io(&'static str),
    Busy(u32),
    Fatal,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Fault {
    fn is_transient(&self) -> bool {
        !matches!(self, Fault::Fatal)
    }
}

use Fault::{Busy, Fatal, Io};

/// Fails with each of the errors in turn, then succeeds.
struct Flaky<E> {
    errors: RefCell<Vec<E>>,
    calls: Cell<u32>,
}

impl<E> Flaky<E> {
    fn new(errors: impl IntoIterator<Item = E>) -> Self {
        let mut errors: Vec<E> = errors.into_iter().collect();
        errors.reverse();
        Flaky { errors: RefCell::new(errors), calls: Cell::new(0) }
    }

    fn call(&self) -> Result<u32, E> {
        self.calls.set(self.calls.get() + 1);
        self.errors.borrow_mut().pop().map_or(Ok(self.calls.get()), Err)
    }
}

#[test]
fn a_success_runs_once_and_does_not_wait() {
    let clock = ManualClock::new();
    let flaky = Flaky::<Fault>::new([]);
    assert_eq!(opero! { retries: 3, clock: &clock => flaky.call() }, Ok(1));
    assert_eq!((flaky.calls.get(), clock.elapsed()), (1, Duration::ZERO));
}

#[test]
fn retries_follow_the_default_delays() {
    let clock = ManualClock::new();
    let flaky = Flaky::new([Io("a"), Io("b"), Io("c")]);
    assert_eq!(opero! { retries: 3, clock: &clock => flaky.call() }, Ok(4));
    assert_eq!(clock.elapsed(), Duration::from_millis(100 + 150 + 225));
}

#[test]
fn without_retry_options_there_is_one_attempt() {
    let clock = ManualClock::new();
    let error = opero! { clock: &clock => Err::<(), _>(Fatal) }.unwrap_err();
    assert_eq!((error.attempts().len(), clock.elapsed()), (1, Duration::ZERO));
    assert!(opero! { => Ok::<_, Fault>(1) }.is_ok());
}

#[test]
fn any_retry_option_turns_retries_on() {
    let clock = ManualClock::new();
    let mut counts = Vec::new();
    let mut count = |result: Result<(), Error<Fault>>| counts.push(result.unwrap_err().attempts().len());
    count(opero! { retries, clock: &clock => Err(Fatal) });
    count(opero! { backoff, clock: &clock => Err(Fatal) });
    count(opero! { backoff: 2, clock: &clock => Err(Fatal) });
    count(opero! { min_delay: 1ms, clock: &clock => Err(Fatal) });
    count(opero! { max_delay: 1ms, clock: &clock => Err(Fatal) });
    count(opero! { jitter: full, clock: &clock => Err(Fatal) });
    count(opero! { retry_if: |_| true, clock: &clock => Err(Fatal) });
    count(opero! { retry_on: _, clock: &clock => Err(Fatal) });
    count(opero! { retry_after: |_| None, clock: &clock => Err(Fatal) });
    count(opero! { retries: 0, backoff: 2.0, clock: &clock => Err(Fatal) });
    assert_eq!(counts, [4, 4, 4, 4, 4, 4, 4, 4, 4, 1]);
}

#[test]
fn delays_as_written() {
    let clock = ManualClock::new();
    let outcome = opero! {
        retries: 4, min_delay: 1s, backoff: 3, max_delay: 5s, clock: &clock => Err::<(), _>(Fatal)
    };
    let offsets: Vec<_> = outcome.unwrap_err().attempts().iter().map(|a| a.offset().as_secs()).collect();
    assert_eq!(offsets, [0, 1, 4, 9, 14]);
}

#[test]
fn retry_on_takes_a_pattern_with_alternatives_and_a_guard() {
    let clock = ManualClock::new();
    let run = |errors: [Fault; 3]| {
        let flaky = Flaky::new(errors);
        let outcome = opero! {
            retry_on: Io(_) | Busy(1 | 2), retries: 5, min_delay: 0s, clock: &clock => flaky.call()
        };
        (outcome.is_ok(), flaky.calls.get())
    };
    assert_eq!(run([Io("x"), Busy(2), Io("y")]), (true, 4));
    assert_eq!(run([Io("x"), Busy(3), Io("y")]), (false, 2));

    let flaky = Flaky::new([Busy(2), Busy(3), Busy(1)]);
    let outcome = opero! { retries: 5, clock: &clock, retry_on: Io(_) | Busy(1..) if clock.elapsed() < Duration::from_millis(100) => flaky.call() };
    assert_eq!(
        (outcome.is_ok(), flaky.calls.get()),
        (false, 1 + u32::from(clock.elapsed() >= Duration::from_millis(100)))
    );

    let flaky = Flaky::new([Busy(2), Busy(3), Busy(1)]);
    let outcome = opero! { retries: 5, min_delay: 0s, retry_on: Busy(n) if *n < 3 => flaky.call() };
    assert_eq!(outcome.unwrap_err().into_last(), Some(Busy(3)));
}

#[test]
fn retry_if_and_retry_on_must_both_agree() {
    let flaky = Flaky::new([Io("a"), Fatal, Io("b")]);
    let outcome = opero! { retries: 5, min_delay: 0s, retry_if: |e| !matches!(e, Fatal) => flaky.call() };
    assert_eq!(outcome.unwrap_err().last(), Some(&Fatal));

    let flaky = Flaky::new([Io("a"), Busy(1), Io("b")]);
    let outcome = opero! { retries: 5, min_delay: 0s, retry_on: Io(_), retry_if: Fault::is_transient => flaky.call() };
    assert_eq!(outcome.unwrap_err().last(), Some(&Busy(1)));
}

#[test]
fn retry_after_wins_if_it_is_longer_even_than_max_delay() {
    let clock = ManualClock::new();
    let flaky = Flaky::new([Busy(90), Busy(0)]);
    let after = |e: &Fault| if let Busy(secs) = e { Some(Duration::from_secs(u64::from(*secs))) } else { None };
    let outcome = opero! { retries: 2, max_delay: 1s, retry_after: after, clock: &clock => flaky.call() };
    assert_eq!(outcome, Ok(3));
    assert_eq!(clock.elapsed(), Duration::from_secs(90) + Duration::from_millis(150));
}

#[test]
fn jitter_by_word_or_by_value_stays_in_bounds() {
    let clock = ManualClock::new();
    let pause = |outcome: Result<(), Error<Fault>>| outcome.unwrap_err().attempts()[1].offset().as_millis();
    for _ in 0..50 {
        assert!(pause(opero! { retries: 1, jitter: full, clock: &clock => Err(Fatal) }) <= 100);
    }
    let chosen = Jitter::Equal;
    assert!((50..=100).contains(&pause(opero! { retries: 1, jitter: chosen, clock: &clock => Err(Fatal) })));
    assert!((50..=100).contains(&pause(opero! { retries: 1, jitter: Jitter::Equal, clock: &clock => Err(Fatal) })));
    let kind = |calm| pause(opero! { retries: 1, jitter: if calm { none } else { full }, clock: &clock => Err(Fatal) });
    assert_eq!(kind(true), 100);
    assert!(pause(opero! { jitter: decorrelated, clock: &clock => Err(Fatal) }) >= 100);
    assert_eq!(pause(opero! { jitter: none, clock: &clock => Err(Fatal) }), 100);
}

#[test]
fn attempt_is_the_number_of_the_attempt() {
    let seen = RefCell::new(Vec::new());
    let outcome = opero! {
        retries: 2, min_delay: 0s, attempt: n => { seen.borrow_mut().push(n); if n == 3 { Ok(n) } else { Err(Fatal) } }
    };
    assert_eq!((outcome, seen.into_inner()), (Ok(3), vec![1, 2, 3]));
}

#[test]
fn values_are_expressions_evaluated_once() {
    let clock = ManualClock::new();
    let evaluated = Cell::new(0);
    let once = |value: u32| {
        evaluated.set(evaluated.get() + 1);
        value
    };
    let factor = 2.0;
    let outcome = opero! {
        retries: once(3) + 1,
        backoff: factor,
        min_delay: Duration::from_secs(1),
        max_delay: if factor > 1.0 { Duration::from_secs(3) } else { Duration::ZERO },
        clock: &clock,
        => Err::<(), _>(Fatal)
    };
    assert_eq!((outcome.unwrap_err().attempts().len(), evaluated.get()), (5, 1));
    assert_eq!(clock.elapsed(), Duration::from_secs(1 + 2 + 3 + 3));
}

#[test]
fn an_invalid_backoff_is_a_configuration_error() {
    for backoff in [0.5, 0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut calls = 0;
        let error = opero! { backoff: backoff => { calls += 1; Err::<(), _>(Fatal) } }.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("`backoff`"), "{error}");
        assert_eq!(calls, 0);
    }
}

#[test]
fn the_body_may_change_captured_values_and_return_with_a_question_mark() {
    let mut calls = 0;
    let outcome = opero! { retries: 3, min_delay: 0s => {
        calls += 1;
        let n: i32 = ["x", "y", "7"][calls - 1].parse()?;
        Ok::<_, std::num::ParseIntError>(n)
    } };
    assert_eq!((outcome, calls), (Ok(7), 3));
}

#[test]
fn the_system_clock_really_waits() {
    let start = std::time::Instant::now();
    let outcome = opero! { retries: 2, min_delay: 20ms, backoff: 1.0 => Err::<(), _>(Fatal) };
    assert!(start.elapsed() >= Duration::from_millis(40));
    let attempts = outcome.unwrap_err();
    assert!(attempts.attempts()[2].offset() >= Duration::from_millis(40));
}

#[test]
fn the_first_attempt_of_a_use_is_timed() {
    let error = opero! { => { std::thread::sleep(Duration::from_millis(5)); Err::<(), _>(Fatal) } }.unwrap_err();
    assert!(error.attempts()[0].duration() >= Duration::from_millis(5));
    assert_eq!(error.attempts()[0].offset(), Duration::ZERO);
}

#[test]
fn a_clock_of_the_user_sleeps_for_the_call() {
    struct Recorder(RefCell<Vec<Duration>>);
    impl Clock for Recorder {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
        fn sleep(&self, pause: Duration) {
            self.0.borrow_mut().push(pause);
        }
    }
    let recorder = Recorder(RefCell::default());
    let _ = opero! { retries: 2, clock: &recorder => Err::<(), _>(Fatal) };
    assert_eq!(recorder.0.into_inner(), [Duration::from_millis(100), Duration::from_millis(150)]);
}

#[test]
fn a_backoff_is_any_number_literal_of_rust() {
    let delays = |error: opero::Error<()>| error.attempts().last().unwrap().offset().as_millis();
    let clock = ManualClock::new();
    let fail = || Err::<(), _>(());
    assert_eq!(delays(opero! { retries: 2, min_delay: 1ms, backoff: 1e1, clock: &clock => fail() }.unwrap_err()), 11);
    assert_eq!(delays(opero! { retries: 2, min_delay: 1ms, backoff: 1E1, clock: &clock => fail() }.unwrap_err()), 11);
    assert_eq!(delays(opero! { retries: 2, min_delay: 2ms, backoff: 1_0.5, clock: &clock => fail() }.unwrap_err()), 23);
    assert_eq!(delays(opero! { retries: 2, min_delay: 1ms, backoff: 2f64, clock: &clock => fail() }.unwrap_err()), 3);
    assert_eq!(delays(opero! { retries: 2, min_delay: 1ms, backoff: 10e0, clock: &clock => fail() }.unwrap_err()), 11);
    assert_eq!(delays(opero! { retries: 2, min_delay: 1ms, backoff: 2., clock: &clock => fail() }.unwrap_err()), 3);
}
