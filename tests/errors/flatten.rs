//! One list for a call and the calls in its body.

use std::collections::VecDeque;
use std::time::Duration;

use opero::time::ManualClock;
use opero::{Call, Error, Failure, opero};
use proptest::prelude::*;

#[test]
fn the_attempts_of_inner_calls_become_one_list() {
    let clock = ManualClock::new();
    let error = opero! { retries: 1, min_delay: 1s, fallback: region in ["eu", "us"], clock: &clock, name: "outer" => {
        opero! { retries: 1, min_delay: 2s, fallback: model in ["opus"], clock: &clock, name: "inner" => {
            clock.advance(Duration::from_millis(30));
            Err::<(), _>(format!("{model} in {region}"))
        } }
    } }
    .unwrap_err()
    .flatten();
    assert!(error.is_all_failed());
    assert_eq!(
        format!("{error:#}"),
        "All 8 attempts failed for outer\n\
         Attempt details:\n\
         \x20 1. (opus) opus in eu (took 30 ms)\n\
         \x20 2. (opus) opus in eu (after 2.03 s, took 30 ms)\n\
         \x20 3. (opus) opus in us (after 2.06 s, took 30 ms)\n\
         \x20 4. (opus) opus in us (after 4.09 s, took 30 ms)\n\
         \x20 5. (opus) opus in eu (after 5.12 s, took 30 ms)\n\
         \x20 6. (opus) opus in eu (after 7.15 s, took 30 ms)\n\
         \x20 7. (opus) opus in us (after 7.18 s, took 30 ms)\n\
         \x20 8. (opus) opus in us (after 9.21 s, took 30 ms)"
    );
    let places: Vec<_> = error.attempts().iter().map(|a| (a.number(), a.retry(), a.candidate())).collect();
    assert_eq!(places[1..6], [(2, 0, Some(0)), (3, 0, Some(0)), (4, 0, Some(0)), (5, 1, Some(0)), (6, 1, Some(0))]);
}

#[test]
fn the_candidate_is_the_outer_one_where_the_inner_call_has_none() {
    let clock = ManualClock::new();
    let error = opero! { fallback: model in ["opus", "sonnet"], clock: &clock => {
        let _ = model;
        opero! { clock: &clock => Err::<(), _>("down") }
    } };
    let error = error.unwrap_err().flatten();
    let told: Vec<_> = error.attempts().iter().map(|a| (a.candidate(), a.candidate_text())).collect();
    assert_eq!(told, [(Some(0), Some("opus")), (Some(1), Some("sonnet"))]);
}

#[test]
fn an_inner_refusal_is_an_entry_and_alone_the_result() {
    let refused = || opero! { backoff: f64::NAN, name: "inner" => Err::<(), _>("down") };
    let alone = opero! { retries: 1, min_delay: 0s, name: "outer" => refused() }.unwrap_err().flatten();
    assert!(alone.is_configuration() && alone.name() == "inner", "{alone}");

    let mixed = opero! { retries: 2, min_delay: 0s, clock: ManualClock::new(), name: "outer", attempt: n => {
        if n == 2 { opero! { clock: ManualClock::new() => Err::<(), _>("down") } } else { refused() }
    } };
    let mixed = mixed.unwrap_err().flatten();
    assert_eq!(mixed.last_failure(), Some(&Failure::Refused));
    assert!(mixed.attempts()[2].refusal().is_some_and(Error::is_configuration));
    assert!(mixed.attempts()[1].refusal().is_none());
    assert_eq!(
        mixed.to_string(),
        "All 3 attempts failed for outer\n\
         Attempt details:\n\
         \x20 1. Configuration: Invalid configuration of inner: `backoff` is NaN; it must be a finite number of at least 1\n\
         \x20 2. down\n\
         \x20 3. Configuration: Invalid configuration of inner: `backoff` is NaN; it must be a finite number of at least 1"
    );
}

#[test]
fn an_outer_error_without_attempts_stays_what_it_is() {
    let error = opero! { backoff: f64::NAN, name: "outer" => {
        opero! { name: "inner" => Err::<(), _>("down") }
    } };
    let error = error.unwrap_err().flatten();
    assert!(error.is_configuration() && error.name() == "outer");
}

/// What one attempt of the outer call comes to.
#[derive(Clone, Debug)]
enum Inner {
    /// A call whose attempts fail with these.
    Failed(Vec<u32>),
    /// The same, whose time is over then.
    TimedOut(Vec<u32>),
    /// No attempt.
    Refused,
    /// The outer attempt takes too long.
    Late,
}

impl Inner {
    fn errors(&self) -> &[u32] {
        match self {
            Inner::Failed(errors) | Inner::TimedOut(errors) => errors,
            Inner::Refused | Inner::Late => &[],
        }
    }

    fn run(&self, clock: &ManualClock) -> Result<(), Error<u32>> {
        let mut errors = VecDeque::from(self.errors().to_vec());
        let call = Call::new("inner").clock(clock).retries(u32::try_from(errors.len()).unwrap().saturating_sub(1));
        let call = call.min_delay(Duration::from_millis(1));
        let ends = matches!(self, Inner::TimedOut(_));
        match self {
            Inner::Refused => call.backoff(0.0).run(|_| Err(0)),
            Inner::Late => {
                clock.advance(Duration::from_secs(2));
                Ok(())
            }
            _ => call.deadline(Duration::from_millis(500)).run(|_| {
                let error = errors.pop_front().unwrap();
                if ends && errors.is_empty() {
                    clock.advance(Duration::from_millis(600));
                }
                Err(error)
            }),
        }
    }
}

fn inner() -> impl Strategy<Value = Inner> {
    (0..4, proptest::collection::vec(any::<u32>(), 1..4)).prop_map(|(kind, errors)| match kind {
        0 => Inner::Refused,
        1 => Inner::Late,
        2 => Inner::TimedOut(errors),
        _ => Inner::Failed(errors),
    })
}

proptest! {
    #[test]
    fn no_error_of_a_body_is_lost(calls in proptest::collection::vec(inner(), 1..6), is_cut: bool) {
        let (clock, mut due) = (ManualClock::new(), calls.iter());
        let call = Call::new("outer").clock(&clock).timeout(Duration::from_secs(1)).min_delay(Duration::from_secs(3));
        let call = call.retries(u32::try_from(calls.len()).unwrap() - u32::from(!is_cut));
        let call = if is_cut { call.deadline(Duration::from_secs(1000)) } else { call };
        let error = call
            .run(|_| {
                if let Some(call) = due.next() {
                    return call.run(&clock);
                }
                clock.advance(Duration::from_secs(2000));
                Ok(())
            })
            .unwrap_err();
        let is_timeout = error.is_timeout();
        let told = |error: &Error<Error<u32>>| -> Vec<u32> {
            let inner = error.attempts().iter().filter_map(|attempt| attempt.error());
            inner.flat_map(|error| error.attempts().iter().filter_map(|attempt| attempt.error().copied())).collect()
        };
        let (expected, outer) = (told(&error), error.attempts().len());
        let flat = error.flatten();
        let errors: Vec<u32> = flat.attempts().iter().filter_map(|attempt| attempt.error().copied()).collect();
        prop_assert_eq!(&errors, &expected);
        prop_assert_eq!(flat.is_timeout(), is_timeout);
        let is_refused = !is_timeout && calls.iter().all(|call| matches!(call, Inner::Refused));
        prop_assert_eq!(flat.is_configuration(), is_refused);
        if !is_refused {
            prop_assert!(flat.attempts().len() >= outer.max(errors.len()));
            prop_assert_eq!(flat.name(), "outer");
        }
        prop_assert!(flat.attempts().iter().map(opero::Attempt::number).eq((1..).take(flat.attempts().len())));
        prop_assert!(flat.attempts().is_sorted_by_key(opero::Attempt::offset));
    }
}
