//! A user's own layer, through `Call::layer`: what it sees, what it may do, and its place in the order.

#![allow(clippy::unnecessary_wraps, reason = "a body is a `Result`")]

#[path = "support/runtime.rs"]
mod runtime;
#[path = "support/ways.rs"]
mod ways;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_lite::future::{poll_once, yield_now};
use opero::layer::{Context, Layer, Pass, Step};
use opero::policy::{CurrentAttempt, Rate};
use opero::time::{Clock, ManualClock};
use opero::{Call, Error};
use runtime::block_on;
use ways::{AGAIN, WAYS};

const SEC: Duration = Duration::from_secs(1);
const MS: fn(u64) -> Duration = Duration::from_millis;

/// The events so far, in order.
#[derive(Debug, Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    /// Takes the events since the last time.
    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// What a layer of the test does beside logging.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Nothing,
    /// Answers the call with its own value.
    Answers(u32),
    Refuses,
    /// Is invalid.
    IsWrong,
    /// Waits by the clock of the call.
    Waits(Duration),
    /// Replaces a failure by this value.
    Rescues(u32),
    /// Replaces every outcome by a failure.
    Spoils,
}

/// A layer that logs what happens to it.
#[derive(Clone, Copy, Debug)]
struct Probe<'l> {
    name: &'static str,
    log: &'l Log,
    does: Does,
}

/// What a call holds while it is inside.
struct Held<'l> {
    probe: Probe<'l>,
    has_left: bool,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.has_left {
            self.probe.log.note(format!("{} abandoned", self.probe.name));
        }
    }
}

impl<'l> Probe<'l> {
    fn decide<C: Clock>(self, context: &Context<'_, C>) -> Result<Step<u32, Held<'l>>, Error<String>> {
        let Probe { name, log, does } = self;
        assert!(context.attempt().is_none() && !context.is_answered(), "the call has not ended");
        match does {
            Does::Answers(value) => {
                log.note(format!("{name} answers"));
                Ok(Step::Answer(value))
            }
            Does::Refuses => {
                log.note(format!("{name} refuses"));
                Err(context.refused("no room"))
            }
            _ if context.remaining() == Some(Duration::ZERO) => Err(context.timed_out()),
            _ => {
                log.note(format!("{name} lets {} in", context.name()));
                Ok(Step::Inward(Held { probe: self, has_left: false }))
            }
        }
    }
}

impl<'l> Layer<u32, String> for Probe<'l> {
    type Pass = Held<'l>;

    fn check<C: Clock>(&self, context: &Context<'_, C>) -> Result<(), Error<String>> {
        if self.does == Does::IsWrong { Err(context.misconfigured("`probe` is wrong")) } else { Ok(()) }
    }

    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<u32, Held<'l>>, Error<String>> {
        if let Does::Waits(pause) = self.does {
            context.clock().sleep(pause);
        }
        self.decide(context)
    }

    async fn enter_async<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<u32, Held<'l>>, Error<String>> {
        yield_now().await;
        if let Does::Waits(pause) = self.does {
            context.clock().sleep_async(pause).await;
        }
        self.decide(context)
    }
}

impl Pass<u32, String> for Held<'_> {
    fn leave<C: Clock>(
        mut self,
        outcome: Result<u32, Error<String>>,
        context: &Context<'_, C>,
    ) -> Result<u32, Error<String>> {
        self.has_left = true;
        let Probe { name, log, does } = self.probe;
        let what = outcome.as_ref().map_or_else(Error::to_string, u32::to_string);
        let how = match (context.attempt().map(CurrentAttempt::number), context.is_answered()) {
            (Some(number), false) => format!("attempt {number}"),
            (None, true) => "an answer".into(),
            (None, false) => "no attempt".into(),
            both => panic!("{both:?}"),
        };
        log.note(format!("{name} leaves by {how}: {}", what.lines().next().unwrap_or_default()));
        match does {
            Does::Rescues(value) => outcome.or(Ok(value)),
            Does::Spoils => Err(context.refused("spoilt")),
            _ => outcome,
        }
    }

    async fn leave_async<C: Clock>(
        self,
        outcome: Result<u32, Error<String>>,
        context: &Context<'_, C>,
    ) -> Result<u32, Error<String>> {
        yield_now().await;
        self.leave(outcome, context)
    }
}

/// A layer of the test with this name.
fn probe<'l>(log: &'l Log, name: &'static str, does: Does) -> Probe<'l> {
    Probe { name, log, does }
}

#[test]
fn a_layer_is_entered_once_and_sees_how_the_call_ended() {
    for way in AGAIN {
        let (log, clock) = (Log::default(), ManualClock::new());
        let call = Call::new("ask").clock(&clock).retries(2).fallback("mirror", 2);
        let call = call.layer(probe(&log, "own", Does::Nothing));
        for (succeeds_at, end) in [(1, "1: 7"), (2, "2: 7"), (4, "4: 7"), (99, "6: All 6 attempts failed for ask")] {
            let outcome = way.run(call.clone(), |at| {
                log.note(format!("{}", at.number()));
                if at.number() >= succeeds_at { Ok(7) } else { Err("down".to_owned()) }
            });
            assert_eq!(outcome.is_ok(), succeeds_at <= 6, "{way:?}");
            let mut expected = vec!["own lets ask in".to_owned()];
            expected.extend((1..=succeeds_at.min(6)).map(|n| n.to_string()));
            expected.push(format!("own leaves by attempt {end}"));
            assert_eq!(log.take(), expected, "{way:?}");
        }
    }
}

#[test]
fn layers_are_nested_in_the_order_they_were_added() {
    for way in WAYS {
        let (log, clock) = (Log::default(), ManualClock::new());
        let call = |third: Does| {
            let call = Call::new("ask").clock(&clock).layer(probe(&log, "1", Does::Nothing));
            call.layer(probe(&log, "2", Does::Nothing)).layer(probe(&log, "3", third))
        };
        let body = |_: CurrentAttempt| {
            log.note("body");
            Ok(7)
        };
        let into = ["1 lets ask in", "2 lets ask in"];
        assert_eq!(way.run(call(Does::Nothing), body), Ok(7), "{way:?}");
        let by = ["3 leaves by attempt 1: 7", "2 leaves by attempt 1: 7", "1 leaves by attempt 1: 7"];
        assert_eq!(log.take(), [&into[..], &["3 lets ask in", "body"], &by].concat(), "{way:?}");

        assert_eq!(way.run(call(Does::Answers(8)), body), Ok(8), "{way:?}");
        let by = ["3 answers", "2 leaves by an answer: 8", "1 leaves by an answer: 8"];
        assert_eq!(log.take(), [&into[..], &by].concat(), "{way:?}");

        let error = way.run(call(Does::Refuses), body).unwrap_err();
        assert!(error.is_skipped() && error.to_string() == "Skipped by ask: no room", "{way:?}: {error}");
        let refused = "leaves by no attempt: Skipped by ask: no room";
        let by = ["3 refuses".to_owned(), format!("2 {refused}"), format!("1 {refused}")];
        assert_eq!(log.take(), [into.map(String::from).as_slice(), &by].concat(), "{way:?}");
    }
}

#[test]
fn a_layer_may_replace_an_outcome_and_outer_layers_see_that() {
    for way in WAYS {
        let (log, clock) = (Log::default(), ManualClock::new());
        let call = Call::new("ask").clock(&clock).layer(probe(&log, "outer", Does::Nothing));
        let rescues = call.clone().layer(probe(&log, "inner", Does::Rescues(9)));
        assert_eq!(way.run(rescues.clone(), |_| Err("down".into())), Ok(9), "{way:?}");
        assert_eq!(log.take().last().unwrap(), "outer leaves by attempt 1: 9", "{way:?}");
        let refuses = rescues.layer(probe(&log, "innermost", Does::Refuses));
        assert_eq!(way.run(refuses, |_| Ok(1)), Ok(9), "{way:?}");
        assert!(log.take().last().unwrap().ends_with(": 9"), "{way:?}");
        let spoils = call.layer(probe(&log, "inner", Does::Spoils));
        assert_eq!(way.run(spoils, |_| Ok(1)).unwrap_err().to_string(), "Skipped by ask: spoilt", "{way:?}");
        assert!(log.take().last().unwrap().ends_with("Skipped by ask: spoilt"), "{way:?}");
    }
}

#[test]
fn a_panic_of_the_body_abandons_the_call() {
    for way in WAYS {
        let log = Log::default();
        let call = Call::new("ask").clock(ManualClock::new()).layer(probe(&log, "1", Does::Nothing));
        let call = call.layer(probe(&log, "2", Does::Nothing));
        let outcome = catch_unwind(AssertUnwindSafe(|| way.run(call, |_| panic!("on purpose"))));
        assert!(outcome.is_err(), "{way:?}");
        let mut abandoned = log.take().split_off(2);
        abandoned.sort();
        assert_eq!(abandoned, ["1 abandoned", "2 abandoned"], "{way:?}");
    }
}

#[test]
fn a_future_that_is_dropped_abandons_the_call() {
    let log = Log::default();
    let call = || {
        let call = Call::new_async("ask").layer(probe(&log, "1", Does::Nothing));
        call.layer(probe(&log, "2", Does::Nothing))
    };
    block_on(async {
        // Not polled: the call has not reached the layer.
        drop(call().run_async(async |_| Ok(1)));
        assert!(log.take().is_empty());
        // Dropped between the layers: it is only in the first.
        let mut future = Box::pin(call().run_async(async |_| Ok(1)));
        while log.0.borrow().is_empty() {
            assert!(poll_once(&mut future).await.is_none());
        }
        drop(future);
        assert_eq!(log.take(), ["1 lets ask in", "1 abandoned"]);
        // Dropped in the body, and between two attempts.
        for is_late in [false, true] {
            let body = async |_: CurrentAttempt| {
                log.note("body");
                if is_late { Err(String::new()) } else { std::future::pending().await }
            };
            let mut future = Box::pin(call().retries(1).min_delay(Duration::from_secs(3600)).run_async(body));
            while log.0.borrow().len() < 3 {
                assert!(poll_once(&mut future).await.is_none());
            }
            drop(future);
            let mut seen = log.take();
            seen[3..].sort();
            assert_eq!(seen, ["1 lets ask in", "2 lets ask in", "body", "1 abandoned", "2 abandoned"]);
        }
    });
}

#[test]
fn an_invalid_layer_is_reported_before_any_layer_is_entered() {
    for way in WAYS {
        let (log, clock) = (Log::default(), ManualClock::new());
        let call = Call::new("ask").clock(&clock).layer(probe(&log, "fine", Does::Nothing));
        let limited = call.clone().rate(Rate::new(1, SEC)).max_wait(Duration::ZERO);
        let wrong = limited.clone().layer(probe(&log, "wrong", Does::IsWrong));
        for _ in 0..3 {
            let error = way.run(wrong.clone(), |_| Ok(1)).unwrap_err();
            assert_eq!(error.to_string(), "Invalid configuration of ask: `probe` is wrong", "{way:?}");
        }
        let wrong = limited.clone().backoff(0.5);
        assert!(way.run(wrong, |_| Ok(1)).unwrap_err().is_configuration(), "{way:?}");
        assert!(log.take().is_empty(), "{way:?}");
        assert_eq!(way.run(limited, |_| Ok(1)), Ok(1), "{way:?}: no permit was spent");
    }
}

#[test]
fn the_deadline_includes_the_wait_of_a_layer() {
    for way in WAYS {
        let (log, clock) = (Log::default(), ManualClock::new());
        let call = Call::new("ask").clock(&clock).layer(probe(&log, "waits", Does::Waits(MS(300))));
        let at = || Ok(u32::try_from(clock.elapsed().as_millis()).unwrap());
        assert_eq!(way.run(call.clone(), |_| at()), Ok(300), "{way:?}");
        let error = way.run(call.clone().deadline(MS(300)), |_| at()).unwrap_err();
        assert_eq!(error.to_string(), "No answer within 300 ms for ask", "{way:?}");
        let error = way.run(call.deadline(MS(400)), |_| {
            clock.advance(MS(101));
            Ok(1)
        });
        assert_eq!(error.unwrap_err().attempts().len(), 1, "{way:?}: what is left is too short");
    }
}

#[test]
fn a_call_that_is_refused_has_spent_its_permit() {
    for way in WAYS {
        let (log, clock) = (Log::default(), ManualClock::new());
        // Whichever option is set first.
        let call = Call::new("ask").clock(&clock).layer(probe(&log, "own", Does::Refuses));
        let call = call.rate(Rate::new(1, SEC)).max_wait(Duration::ZERO);
        assert!(way.run(call.clone(), |_| Ok(1)).unwrap_err().is_skipped(), "{way:?}");
        assert!(way.run(call, |_| Ok(1)).unwrap_err().is_rate_limit(), "{way:?}");
        assert_eq!(log.take(), ["own refuses"], "{way:?}");
    }
}

#[cfg(feature = "cache")]
#[test]
fn a_layer_is_inside_the_cache() {
    for way in WAYS {
        let (log, clock) = (Log::default(), ManualClock::new());
        let cached = Call::new("ask").clock(&clock).layer(probe(&log, "own", Does::Rescues(5))).cache(None).key(&());
        // Its replacement for a failure is cached, and a hit does not reach it.
        assert_eq!(way.run(cached.clone(), |_| Err("down".into())), Ok(5), "{way:?}");
        assert_eq!(way.run(cached, |_| Ok(6)), Ok(5), "{way:?}");
        assert_eq!(log.take().len(), 2, "{way:?}");

        // So is its answer. A refusal is not cached, and the next call runs.
        let cached = Call::new("ask").clock(&clock).cache(None).key(&());
        let own = |does| cached.clone().layer(probe(&log, "own", does));
        assert!(way.run(own(Does::Refuses), |_| Ok(1)).unwrap_err().is_skipped(), "{way:?}");
        assert_eq!(way.run(own(Does::Answers(2)), |_| Ok(1)), Ok(2), "{way:?}");
        assert_eq!(way.run(own(Does::Nothing), |_| Ok(3)), Ok(2), "{way:?}");
        assert_eq!(log.take(), ["own refuses", "own answers"], "{way:?}");
    }
}

/// A layer for calls of any type. It never waits, so it uses the default async methods.
#[derive(Clone, Copy)]
struct Spaced(Duration);

impl<T, E> Layer<T, E> for Spaced {
    type Pass = ();

    fn enter<C: Clock>(self, context: &mut Context<'_, C>) -> Result<Step<T, ()>, Error<E>> {
        match self.0.checked_sub(context.clock().now()) {
            None | Some(Duration::ZERO) => Ok(Step::Inward(())),
            Some(early) => Err(context.rate_limited(early)),
        }
    }
}

#[test]
fn a_layer_for_calls_of_any_type_may_refuse_for_a_time() {
    for way in WAYS {
        let clock = ManualClock::new();
        let call = || Call::new("ask").clock(&clock).layer(Spaced(SEC));
        let Err(Error::RateLimit(limit)) = way.run(call(), |_| Ok::<_, u8>("early")) else { panic!("{way:?}") };
        assert_eq!((limit.name(), limit.retry_after()), ("ask", SEC), "{way:?}");
        clock.advance(SEC);
        assert_eq!(way.run(call(), |_| Ok::<_, u8>(1)), Ok(1), "{way:?}");
    }
}
