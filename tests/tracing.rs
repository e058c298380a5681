//! The spans and events of calls that a `tracing` subscriber sees.

#[path = "support/shared_run.rs"]
mod shared_run;
#[path = "support/spans.rs"]
mod spans;

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use futures_lite::future::{block_on, poll_once, yield_now};
use opero::observe::correlation;
use opero::time::ManualClock;
use opero::{Call, opero, opmap};
use tracing::{Level, info, info_span};

use spans::{call, calls, events, keep, messages, named, text};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn a_call_is_a_span_around_its_body() {
    keep();
    let outer = info_span!("around a blocking call");
    let answer = outer.in_scope(|| {
        correlation::with_id("req-42", || {
            opero! { name: "blocking", retries: 1 => { info!("in the body"); Ok::<_, String>(1) } }
        })
    });
    assert_eq!(answer, Ok(1));
    let span = call("blocking");
    assert_eq!((span.level, span.parent), (Level::DEBUG, Some(named("around a blocking call").id)));
    let all = "opero.attempts=1 opero.correlation_id=req-42 opero.name=blocking opero.outcome=success";
    assert_eq!(text(&span.fields), all);
    assert_eq!(messages(&span), ["in the body"]);
    assert!(span.is_closed);
}

#[test]
fn a_quick_use_has_a_span_a_call() {
    keep();
    let quick = |n: u32| opero! { name: "quick span", retries: 1 => n.checked_add(1).ok_or("too much") };
    (0..100).for_each(|n| assert_eq!(quick(n), Ok(n + 1)));
    assert_eq!(calls("quick span").len(), 100);
    let counts = opero::observe::site("quick span").get().unwrap();
    assert_eq!((counts.counts().calls, counts.latency().count()), (100, 100));
}

#[test]
fn retries_fallbacks_and_timeouts_are_events_in_it() {
    keep();
    let clock = ManualClock::new();
    let answer = opero! {
        name: "steps", retries: 1, min_delay: 1s, fallback: model in ["a", "b"], fallback_delay: 1ms, timeout: 10s,
        clock: &clock, attempt: n
        => {
            if n == 3 { clock.advance(MS(11_000)); }
            if n < 4 { Err(format!("{model} is down")) } else { Ok(n) }
        }
    };
    assert_eq!(answer, Ok(4));
    let span = call("steps");
    assert_eq!(text(&span.fields), "opero.attempts=4 opero.name=steps opero.outcome=success");
    let told: Vec<_> = events(&span).iter().map(|event| text(&event.fields)).collect();
    assert_eq!(
        told,
        [
            "error.message=a is down error.type=String message=fallback opero.attempt=1 opero.candidate=0 opero.delay=0.001 \
             opero.name=steps opero.next_candidate=1",
            "error.message=b is down error.type=String message=retry opero.attempt=2 opero.candidate=1 opero.delay=1.0 \
             opero.name=steps",
            "error.type=timeout message=timeout opero.attempt=3 opero.candidate=0 opero.limit=10.0 opero.name=steps",
            "error.message=no answer within 10 s error.type=Timeout message=fallback opero.attempt=3 opero.candidate=0 \
             opero.delay=0.001 opero.name=steps opero.next_candidate=1",
        ]
    );
    assert!(events(&span).iter().all(|event| event.level == Level::WARN && event.target == "opero"));
}

#[test]
fn a_failed_call_is_recorded_in_its_span() {
    keep();
    assert!(opero! { name: "fails", retries: 1, min_delay: 0s => Err::<(), _>("busy") }.is_err());
    let span = call("fails");
    assert_eq!(
        text(&span.fields),
        "error.message=busy error.type=&str opero.attempts=2 opero.name=fails opero.outcome=all_failed \
         otel.status_code=ERROR"
    );
    assert_eq!(messages(&span), ["retry"]);

    let clock = ManualClock::new();
    let over = opero! { name: "over", deadline: 1s, retries: 5, min_delay: 2s, clock: &clock => Err::<(), _>("busy") };
    assert!(over.is_err_and(|error| error.is_timeout()));
    assert_eq!(call("over").fields["error.type"], "timeout");

    let backoff = 0.5;
    assert!(opero! { name: "bad", backoff: backoff => Ok::<_, String>(()) }.is_err());
    assert_eq!(call("bad").fields["error.type"], "configuration");
}

#[test]
fn a_panic_ends_the_span() {
    keep();
    let run = || opero! { name: "panics", retries: 1 => if true { panic!("on purpose") } else { Ok::<_, String>(1) } };
    assert!(catch_unwind(run).is_err());
    let span = call("panics");
    assert_eq!(span.fields["opero.outcome"], "panicked");
    assert!(span.is_closed);

    let run = || {
        let call = opero! { name: "panics later", retries: 1 => async {
            yield_now().await;
            if true { panic!("on purpose") } else { Ok::<_, String>(1) }
        } };
        block_on(call)
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    let span = call("panics later");
    assert_eq!(span.fields["opero.outcome"], "panicked");
    assert!(span.is_closed);
    assert!(tracing::Span::current().is_none(), "it is left");
}

#[test]
fn an_async_call_enters_its_span_with_every_poll_on_any_thread() {
    keep();
    let outer = info_span!("around an async call");
    let call = outer.in_scope(|| {
        let mut call = Box::pin(opero! { name: "moves", retries: 1, min_delay: 0s, attempt: n => async move {
            info!("first");
            yield_now().await;
            info!("second");
            if n == 1 { Err("busy") } else { Ok(n) }
        } });
        assert!(calls("moves").is_empty(), "nothing has happened yet");
        block_on(poll_once(&mut call));
        call
    });
    assert!(tracing::Span::current().is_none());
    info!("between the polls");
    let other = thread::spawn(move || (block_on(call), thread::current().id()));
    let (answer, other) = other.join().unwrap();
    assert_eq!(answer, Ok(2));
    let span = spans::call("moves");
    assert_eq!(span.parent, Some(named("around an async call").id));
    assert_eq!(messages(&span), ["first", "second", "retry", "first", "second"]);
    assert_eq!(text(&span.fields), "opero.attempts=2 opero.name=moves opero.outcome=success");
    assert!(span.threads.contains(&other) && span.threads.contains(&thread::current().id()));
    assert!(span.is_closed);
}

#[test]
fn the_span_of_a_dropped_future_is_abandoned() {
    keep();
    let body = || opero! { name: "dropped", retries: 1 => async { pending::<()>().await; Ok::<_, String>(()) } };
    drop(body());
    assert!(calls("dropped").is_empty());
    let mut running = Box::pin(body());
    block_on(poll_once(&mut running));
    drop(running);
    let span = call("dropped");
    assert_eq!(text(&span.fields), "opero.attempts=1 opero.name=dropped opero.outcome=abandoned");
    assert!(span.is_closed);

    // While it waits for a permit.
    let ask = || opero! { name: "waits", rate: 1/h => async { Ok::<_, String>(()) } };
    assert_eq!(block_on(ask()), Ok(()));
    let mut waiting = Box::pin(ask());
    block_on(poll_once(&mut waiting));
    drop(waiting);
    let spans = calls("waits");
    assert_eq!(
        spans.iter().map(|span| span.fields["opero.outcome"].as_str()).collect::<Vec<_>>(),
        ["success", "abandoned"]
    );
    assert!(spans.iter().all(|span| span.is_closed));
}

#[test]
fn waits_and_refusals_of_a_rate_are_inside_the_span() {
    keep();
    let clock = ManualClock::new();
    let ask = |max_wait| opero! { name: "rated", rate: 1/s, max_wait: max_wait, clock: &clock => Ok::<_, String>(1) };
    let _ = [ask(MS(1000)), ask(MS(1000)), ask(MS(0))];
    let spans = calls("rated");
    assert_eq!(spans.iter().map(messages).collect::<Vec<_>>(), [vec![], vec!["waited"], vec!["refused"]]);
    let [waited, refused] = [&spans[1], &spans[2]].map(|span| events(span).remove(0));
    assert_eq!(text(&waited.fields), "message=waited opero.layer=rate opero.name=rated opero.wait=1.0");
    assert_eq!(text(&refused.fields), "message=refused opero.layer=rate opero.name=rated opero.retry_after=1.0");
    assert_eq!((waited.level, refused.level), (Level::DEBUG, Level::WARN));
    assert_eq!((&*spans[2].fields["error.type"], &*spans[2].fields["opero.attempts"]), ("rate_limit", "0"));
}

#[test]
fn the_span_records_the_result_of_the_cache() {
    keep();
    let blocking = |key: u32| opero! { name: "cached", cache, key: key => Ok::<_, String>(key) };
    assert_eq!([1, 1].map(blocking), [Ok(1), Ok(1)]);
    let found = |name| calls(name).iter().map(|span| text(&span.fields)).collect::<Vec<_>>();
    assert_eq!(
        found("cached"),
        [
            "opero.attempts=1 opero.cache=miss opero.name=cached opero.outcome=success",
            "opero.attempts=0 opero.cache=hit opero.name=cached opero.outcome=success",
        ]
    );
    block_on(async {
        for _ in 0..2 {
            let answer = opero! { name: "cached async", cache, key: 1 => async { info!("loads"); Ok::<_, String>(1) } };
            assert_eq!(answer.await, Ok(1));
        }
    });
    let spans = calls("cached async");
    assert_eq!(spans.iter().map(|span| &*span.fields["opero.cache"]).collect::<Vec<_>>(), ["miss", "hit"]);
    assert_eq!(spans.iter().map(messages).collect::<Vec<_>>(), [vec!["loads"], vec![]]);
}

#[test]
fn a_waiter_for_a_shared_run_has_a_span_of_its_own() {
    keep();
    shared_run::two_at_once();
    let spans = calls("shared");
    assert_eq!(spans.iter().map(|span| &*span.fields["opero.cache"]).collect::<Vec<_>>(), ["miss", "wait"]);
    assert_eq!(messages(&spans[1]), ["waited"]);
}

#[test]
fn a_call_in_a_call_is_a_span_in_a_span() {
    keep();
    let answer = opero! { name: "outer", retries: 1 => opero! { name: "inner", retries: 1 => Ok::<_, String>(1) } };
    assert_eq!(answer.unwrap(), 1);
    assert_eq!(call("inner").parent, Some(call("outer").id));
    assert_eq!(call("outer").fields["opero.attempts"], "1");
}

#[test]
fn a_call_built_by_methods_has_a_span_with_its_name() {
    keep();
    assert_eq!(Call::new("built").retries(1).run(|_| Ok::<_, String>(1)), Ok(1));
    assert_eq!(Call::new("built").run_once(|_| Ok::<_, String>(1)), Ok(1));
    let built = Call::new_async("built").cache(None).key(&1);
    assert_eq!(block_on(built.run_async(async |_| Ok::<_, String>(1))), Ok(1));
    let spans = calls("built");
    assert_eq!(spans.len(), 3);
    assert!(spans.iter().all(|span| span.fields["opero.outcome"] == "success" && span.is_closed));
}

/// The spans of the items of a map: each inside the span of the map, and each with the output of its body.
fn check_items(name: &str, outer: &str) {
    let (items, outer) = (calls(name), named(outer));
    assert_eq!(items.len(), 20, "{name}");
    for item in items {
        assert_eq!(item.parent, Some(outer.id), "{name}");
        let expected: &[&str] =
            if item.fields["opero.attempts"] == "2" { &["item", "retry", "item"] } else { &["item"] };
        assert_eq!(messages(&item), expected, "{name}");
        assert!(item.is_closed && item.fields["opero.outcome"] == "success", "{name}");
    }
}

#[test]
fn the_items_of_a_map_are_spans_in_the_span_around_the_map() {
    keep();
    info_span!("around threads").in_scope(|| {
        opmap! { n in 0..20_u32, name: "on threads", workers: 3, retries: 1, min_delay: 0s, attempt: attempt => {
            info!("item");
            if n == 8 && attempt == 1 { Err("busy") } else { Ok(n) }
        } }
    });
    check_items("on threads", "around threads");
    info_span!("around rayon").in_scope(|| {
        opmap! { n in 0..20_u32, name: "on rayon", mode: rayon, retries: 1, min_delay: 0s, attempt: attempt => {
            info!("item");
            if n == 8 && attempt == 1 { Err("busy") } else { Ok(n) }
        } }
    });
    check_items("on rayon", "around rayon");
    info_span!("around futures").in_scope(|| {
        block_on(opmap! { n in 0..20_u32, name: "as futures", workers: 3, retries: 1, min_delay: 0s, attempt: attempt => async move {
            yield_now().await;
            info!("item");
            if n == 8 && attempt == 1 { Err("busy") } else { Ok(n) }
        } })
    });
    check_items("as futures", "around futures");
}
