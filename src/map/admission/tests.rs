use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::any::Any;
use core::cell::Cell;

use super::*;
use crate::error::Error;
use crate::map::{Map, Progress};
use crate::time::ManualClock;

type Named<'c> = Map<&'static str, &'c ManualClock>;

const SECOND: Duration = Duration::from_secs(1);

fn admission<'c>(clock: &'c ManualClock, set: impl Fn(Named<'c>) -> Named<'c>) -> Admission<&'c ManualClock> {
    set(Map::new("gate").clock(clock)).begin().0
}

fn refusal<C: Clock>(admission: &Admission<C>) -> Option<StopReason> {
    match admission.admit(0) {
        Err(Refusal::Stopped(reason)) => Some(reason),
        _ => None,
    }
}

fn text<C: Clock>(admission: &Admission<C>, reason: StopReason) -> String {
    admission.refused::<String>(reason).to_string()
}

#[test]
fn a_context_holds_the_index_and_the_deadline() {
    let clock = ManualClock::new();
    clock.advance(SECOND);
    assert_eq!(admission(&clock, |map| map).admit(7), Ok(ItemContext::new(7, Deadline::NONE)));
    let item_context = admission(&clock, |map| map.deadline(SECOND)).admit(8).expect("in time");
    assert_eq!((item_context.index(), item_context.deadline().end()), (8, Some(2 * SECOND)));
    assert_eq!(admission(&clock, |map| map.deadline(Duration::MAX)).end(), None, "it never comes");
}

#[test]
fn after_the_deadline_no_item_starts() {
    let clock = ManualClock::new();
    let admission = admission(&clock, |map| map.deadline(SECOND));
    clock.advance(SECOND / 2);
    assert_eq!(refusal(&admission), None);
    clock.advance(SECOND / 2);
    assert_eq!(refusal(&admission), Some(StopReason::Deadline));
    assert_eq!(text(&admission, StopReason::Deadline), "No answer within 1 s for gate");
}

#[test]
fn after_max_failures_no_item_starts() {
    let clock = ManualClock::new();
    let admission = admission(&clock, |map| map.max_failures(2));
    admission.done(true);
    admission.done(false);
    assert_eq!((refusal(&admission), admission.is_stopped()), (None, false));
    admission.done(true);
    assert_eq!((refusal(&admission), admission.is_stopped()), (Some(StopReason::MaxFailures), true));
    assert_eq!(text(&admission, StopReason::MaxFailures), "Skipped by gate: `max_failures: 2` was reached");
}

#[test]
fn the_first_reason_stays() {
    let clock = ManualClock::new();
    let admission = admission(&clock, |map| map.max_failures(1).deadline(SECOND));
    admission.done(true);
    assert_eq!(refusal(&admission), Some(StopReason::MaxFailures));
    clock.advance(SECOND);
    admission.cancel();
    assert_eq!(refusal(&admission), Some(StopReason::MaxFailures));
}

#[test]
fn a_cancelled_map_starts_no_item() {
    let clock = ManualClock::new();
    let admission = admission(&clock, |map| map);
    admission.cancel();
    assert_eq!((refusal(&admission), admission.is_stopped()), (Some(StopReason::BrokenOff), true));
    assert_eq!(text(&admission, StopReason::BrokenOff), "Skipped by gate: the map was cancelled");
}

#[test]
fn an_invalid_option_is_named() {
    let clock = ManualClock::new();
    let problem = |set: for<'c> fn(Named<'c>) -> Named<'c>| {
        let admission = set(Map::new("gate").clock(&clock)).begin().0;
        assert_eq!(refusal(&admission), Some(StopReason::Configuration));
        text(&admission, StopReason::Configuration)
    };
    let expected = |problem: &str| alloc::format!("Invalid configuration of gate: {problem}");
    assert_eq!(problem(|map| map.workers(0)), expected("`workers` is 0; it must be at least 1"));
    assert_eq!(problem(|map| map.chunk_size(0)), expected("`chunk_size` is 0; it must be at least 1"));
    assert_eq!(problem(|map| map.deadline(Duration::ZERO)), expected("`deadline` is 0; it must be longer"));
    assert_eq!(
        problem(|map| map.max_failures(0)),
        expected("`max_failures` is 0; it must be at least 1, which ends the map at the first failure")
    );
}

#[test]
fn a_panic_is_the_error_of_its_item() {
    struct Nested;
    impl Drop for Nested {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("again"));
        }
    }
    let clock = ManualClock::new();
    let admission = admission(&clock, |map| map.max_failures(4));
    let message = |payload: Box<dyn Any + Send>| {
        let result = admission.run(0, (), |(), _| -> Result<(), Error<()>> { std::panic::resume_unwind(payload) });
        match result {
            Err(Error::Panicked(panicked)) => String::from(panicked.message()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(message(Box::new("literal")), "literal");
    assert_eq!(message(Box::new(String::from("formatted"))), "formatted");
    assert_eq!(message(Box::new(7)), "the panic has no message");
    assert_eq!(message(Box::new(Nested)), "the panic has no message");
    assert_eq!(refusal(&admission), Some(StopReason::MaxFailures));
}

#[test]
fn a_refused_item_is_not_run() {
    let clock = ManualClock::new();
    let admission = admission(&clock, |map| map.max_failures(1));
    let run = |result: Result<u32, Error<()>>| admission.run(0, result, |result, _| result);
    assert_eq!(run(Ok(1)), Ok(1));
    assert!(run(Err(admission.timed_out())).is_err());
    assert!(admission.run(0, (), |(), _| -> Result<(), Error<()>> { unreachable!() }).unwrap_err().is_skipped());
}

#[test]
fn each_result_is_counted_once() {
    let (clock, told) = (ManualClock::new(), Cell::new((0, 0, None)));
    let sink = |p: &Progress| told.set((p.done(), p.failed(), p.total()));
    let mut admission = Map::new("gate").clock(&clock).max_failures(1).progress(sink).begin().0;
    admission.expect((4, Some(4)));
    for result in [Ok(1), Err(admission.panicked::<()>(Box::new("message"))), Ok(2), Ok(3)] {
        let _ = admission.run(0, result, |result, _| result);
    }
    assert_eq!(told.get(), (0, 0, None));
    admission.finish();
    assert_eq!(told.get(), (4, 3, Some(4)));
}

#[test]
fn a_stopped_map_estimates_no_time_left() {
    let clock = ManualClock::new();
    let left = |set: fn(Named<'_>) -> Named<'_>, is_cancelled: bool| {
        let told = Cell::new(None);
        let map = set(Map::new("gate").clock(&clock)).progress(|p: &Progress| told.set(p.left()));
        let mut admission = map.begin().0;
        admission.expect((4, Some(4)));
        clock.advance(SECOND);
        admission.done(true);
        assert_eq!(told.get(), Some(3 * SECOND));
        if is_cancelled {
            admission.cancel();
        }
        let _ = admission.admit(1);
        clock.advance(SECOND);
        admission.done(false);
        told.get()
    };
    assert_eq!(left(|map| map, false), Some(2 * SECOND));
    assert_eq!(left(|map| map, true), None);
    assert_eq!(left(|map| map.max_failures(1), false), None);
    assert_eq!(left(|map| map.deadline(2 * SECOND), false), None);
}

#[cfg(feature = "memory")]
#[test]
fn above_the_memory_limit_an_item_starts_if_no_other_runs() {
    let clock = ManualClock::new();
    let roomy = admission(&clock, |map| map.memory(u64::MAX));
    assert!((0..3).all(|index| roomy.admit(index).is_ok()));
    // On a platform that cannot measure the process, the limit is never exceeded.
    if Monitor::new(1).is_exceeded() {
        let tight = admission(&clock, |map| map.memory(1));
        assert!(tight.admit(0).is_ok());
        assert_eq!(tight.admit(1), Err(Refusal::Memory));
        tight.done(false);
        assert!(tight.admit(1).is_ok());
        assert_eq!(tight.admit(2), Err(Refusal::Memory));
    }
}

#[cfg(feature = "observe")]
#[test]
fn items_run_in_the_scope_in_which_the_map_began() {
    use crate::observe::correlation::{current, with_id};
    let clock = ManualClock::new();
    let admission = with_id("map", || admission(&clock, |map| map.max_failures(1)));
    let id = |error: &Error<String>| error.origin().id().to_string();
    with_id("worker", || {
        let seen = |(), _| -> Result<_, Error<String>> { Ok(current().map(|id| id.to_string())) };
        assert_eq!(admission.run(0, (), seen), Ok(Some("map".to_string())));
        let panicked = admission.run(1, (), |(), _| -> Result<(), Error<String>> { panic!("on purpose") });
        let refused = admission.run(2, (), seen);
        let errors = [panicked.unwrap_err(), refused.unwrap_err(), admission.timed_out()];
        assert_eq!(errors.each_ref().map(id), ["map", "map", "map"]);
        assert_eq!(current().as_deref(), Some("worker"));
    });
}
