//! The options of the cache.

use opero::cache::{self, Memory};

use super::support::Counter;
use super::*;

#[test]
fn clones_share_their_entries_and_separate_calls_do_not() {
    let (clock, counter) = (Arc::new(ManualClock::new()), Counter::new());
    let new = || Call::new("shared").clock(clock.clone()).cache(SEC);
    let call = new();
    for way in WAYS {
        // The body of each way has its own type.
        assert_eq!(way.run(call.clone().key("a"), |_| counter.run()), Ok(1), "{way:?}");
    }
    assert_eq!(call.clone().key("a").run(|_| Err::<u32, _>("another body".into())), Ok(1));
    assert_eq!(call.clone().key("b").run(|_| counter.run()), Ok(2));
    assert_eq!(new().key("a").run(|_| counter.run()), Ok(3), "it was created separately");
    clock.advance(SEC);
    assert_eq!(call.clone().key("a").run(|_| counter.run()), Ok(4), "the time to live has passed");
    assert_eq!(
        call.clone().key("a").run(|_| Ok::<_, String>("a value of another type")),
        Ok("a value of another type")
    );
    assert_eq!(call.key("a").run(|_| counter.run()), Ok(4));
}

#[test]
fn a_time_to_live_may_be_none_and_may_be_replaced() {
    for way in WAYS {
        let (clock, counter) = (Arc::new(ManualClock::new()), Counter::new());
        let call = Call::new("time").clock(clock.clone()).cache(None).key(&());
        assert_eq!(way.run(call.clone(), |_| counter.run()), Ok(1), "{way:?}");
        clock.advance(Duration::from_secs(1 << 30));
        assert_eq!(way.run(call.clone(), |_| counter.run()), Ok(1), "{way:?}");
        let short = call.cache(SEC).key("short");
        assert_eq!(way.run(short.clone(), |_| counter.run()), Ok(2), "{way:?}");
        clock.advance(SEC);
        assert_eq!(way.run(short, |_| counter.run()), Ok(3), "{way:?}");
    }
}

#[test]
fn only_successes_are_kept() {
    for way in WAYS {
        let call = Call::new("fails").cache(None).clock(Arc::new(ManualClock::new())).key(&());
        assert!(way.run(call.clone(), |_| Err::<u32, _>("down")).is_err(), "{way:?}");
        assert_eq!(way.run(call.clone(), |_| Ok(1)), Ok(1), "{way:?}");
        assert_eq!(way.run(call, |_| Err("down")), Ok(1), "{way:?}");
    }
}

#[test]
fn names_and_namespaces_have_separate_entries() {
    let counter = Counter::new();
    let call = Call::new("one").clock(Arc::new(ManualClock::new())).cache(None).key(&7);
    for way in WAYS {
        assert_eq!(way.run(call.clone(), |_| counter.run()), Ok(1), "{way:?}");
        assert_eq!(way.run(call.clone().name("two"), |_| counter.run()), Ok(2), "{way:?}");
        assert_eq!(way.run(call.clone().namespace("space"), |_| counter.run()), Ok(3), "{way:?}");
    }
    assert_eq!(cache::clear(Some("space")), 1);
    assert_eq!(call.clone().namespace("space").run(|_| counter.run()), Ok(4));
    assert_eq!(call.run(|_| counter.run()), Ok(1));
}

#[test]
fn the_capacity_bounds_the_entries() {
    for way in WAYS {
        let (counter, namespace) = (Counter::new(), format!("capacity of {way:?}"));
        let call =
            Call::new("bounded").clock(Arc::new(ManualClock::new())).cache(None).capacity(3).namespace(&namespace);
        for n in 0..100 {
            way.run(call.clone().key(&n), |_| counter.run()).unwrap();
        }
        way.run(call.clone().key(&99), |_| counter.run()).unwrap();
        assert_eq!(counter.count(), 100, "{way:?}: new entries are kept");
        let kept = cache::clear(Some(&namespace));
        assert!((1..=3).contains(&kept), "{way:?}: {kept}");
    }
}

#[test]
fn calls_of_one_name_share_a_store_wherever_they_are_created() {
    let (memory, counter) = (Arc::new(Memory::new()), Counter::new());
    let call =
        |name: &'static str| Call::new(name).clock(Arc::new(ManualClock::new())).cache(None).store(memory.clone());
    for way in WAYS {
        assert_eq!(way.run(call("left").key("a"), |_| counter.run()), Ok(1), "{way:?}");
        assert_eq!(way.run(call("right").key("a"), |_| counter.run()), Ok(2), "{way:?}");
        let by_reference = Call::new("left").clock(Arc::new(ManualClock::new())).cache(None).store(&*memory).key("a");
        assert_eq!(way.run(by_reference, |_| counter.run()), Ok(1), "{way:?}");
    }
    assert_eq!(memory.len(), 2);
    let key = cache::Key::new("opero", "left", "a");
    assert_eq!(memory.get_or_run(&key, None, || Err(())), Ok(1), "the key of a call is that of `Key::new`");
}

#[test]
fn a_hit_makes_no_attempt_and_a_miss_makes_all_of_them() {
    for way in AGAIN {
        let (clock, counter) = (Arc::new(ManualClock::new()), Counter::new());
        let call = Call::new("retried").clock(clock.clone()).cache(None).key(&()).retries(3);
        let body = |_: CurrentAttempt| match counter.run()? {
            n @ 3.. => Ok(n),
            n => Err(format!("try {n}")),
        };
        assert_eq!((way.run(call.clone(), body), way.run(call, body)), (Ok(3), Ok(3)), "{way:?}");
        assert_eq!((counter.count(), clock.elapsed()), (3, MS(250)), "{way:?}");
    }
}
