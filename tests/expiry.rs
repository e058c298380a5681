//! Times to live against a model, on the manual clock: in any order of calls, an entry answers until it expires and
//! never after.

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use opero::cache::{self, Key, Memory, Store};
use opero::time::ManualClock;
use opero::{Error, opero};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::block_on;

#[derive(Clone, Debug)]
enum Step {
    Advance(Duration),
    /// A call; its body takes `takes`, and then fails or gives a new value.
    Ask {
        key: u8,
        time_to_live: Duration,
        takes: Duration,
        fails: bool,
    },
    Remove(u8),
    Clear,
}

/// Few and short ones, so that many times coincide; and forever.
fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![9 => (1..6_u64).prop_map(Duration::from_nanos), 1 => Just(Duration::MAX)]
}

fn step() -> impl Strategy<Value = Step> {
    let takes = (0..3_u64).prop_map(Duration::from_nanos);
    let ask = (0..4_u8, duration(), takes, any::<bool>());
    prop_oneof![
        3 => (0..5_u64).prop_map(|nanos| Step::Advance(Duration::from_nanos(nanos))),
        6 => ask.prop_map(|(key, time_to_live, takes, fails)| Step::Ask { key, time_to_live, takes, fails }),
        1 => (0..4_u8).prop_map(Step::Remove),
        1 => Just(Step::Clear),
    ]
}

/// The expected behaviour of a cache in its simplest form: each value and its expiry.
#[derive(Default)]
struct Model {
    entries: HashMap<u8, (u32, Duration)>,
    runs: u32,
}

impl Model {
    fn drop_dead(&mut self, key: u8, now: Duration) {
        self.entries.retain(|other, (_, end)| *other != key || now < *end);
    }

    fn ask(
        &mut self,
        key: u8,
        time_to_live: Duration,
        clock: &ManualClock,
        takes: Duration,
        fails: bool,
    ) -> Option<u32> {
        self.drop_dead(key, clock.elapsed());
        if let Some((value, _)) = self.entries.get(&key) {
            return Some(*value);
        }
        self.runs += 1;
        clock.advance(takes);
        if fails {
            return None;
        }
        self.entries.insert(key, (self.runs, clock.elapsed().saturating_add(time_to_live)));
        Some(self.runs)
    }

    fn remove(&mut self, key: u8, now: Duration) -> bool {
        self.entries.remove(&key).is_some_and(|(_, end)| now < end)
    }

    fn clear(&mut self) -> usize {
        self.entries.drain().count()
    }
}

/// The model's clock advances with the real one, so that a body that takes time advances both.
struct Clocks {
    real: ManualClock,
    model: ManualClock,
}

impl Clocks {
    fn new() -> Self {
        Clocks { real: ManualClock::new(), model: ManualClock::new() }
    }

    fn advance(&self, by: Duration) {
        self.real.advance(by);
        self.model.advance(by);
    }
}

type Asked = Result<u32, Error<&'static str>>;

/// Runs the steps in the model and in a cache, which is given by its functions to call, remove and clear.
fn compare(
    steps: &[Step],
    clocks: &Clocks,
    ask: impl Fn(u8, Duration, &dyn Fn() -> Result<u32, &'static str>) -> Asked,
    remove: impl Fn(u8) -> Option<bool>,
    clear: impl Fn() -> usize,
) {
    let (mut model, runs) = (Model::default(), Cell::new(0));
    for step in steps {
        match *step {
            Step::Advance(by) => clocks.advance(by),
            Step::Ask { key, time_to_live, takes, fails } => {
                let body = || {
                    runs.set(runs.get() + 1);
                    clocks.real.advance(takes);
                    if fails { Err("down") } else { Ok(runs.get()) }
                };
                let expected = model.ask(key, time_to_live, &clocks.model, takes, fails);
                assert_eq!(ask(key, time_to_live, &body).ok(), expected, "{step:?}");
            }
            Step::Remove(key) => {
                if let Some(removed) = remove(key) {
                    assert_eq!(removed, model.remove(key, clocks.model.elapsed()), "{step:?}");
                }
            }
            Step::Clear => assert_eq!(clear(), model.clear()),
        }
        assert_eq!((runs.get(), clocks.real.elapsed()), (model.runs, clocks.model.elapsed()), "{step:?}");
    }
}

proptest! {
    #[test]
    fn the_entries_of_a_use_behave_like_the_model(steps in vec(step(), 1..60)) {
        let clocks = Clocks::new();
        let ask = |key, time_to_live, body: &dyn Fn() -> _| {
            opero! { cache: time_to_live, namespace: "expiry", clock: &clocks.real, key: key => body() }
        };
        cache::clear(Some("expiry"));
        compare(&steps, &clocks, ask, |_| None, || cache::clear(Some("expiry")));
    }

    #[test]
    fn the_entries_of_an_async_use_behave_like_the_model(steps in vec(step(), 1..60)) {
        let clocks = Clocks::new();
        let ask = |key, time_to_live, body: &dyn Fn() -> _| {
            block_on(opero! { cache: time_to_live, namespace: "expiry later", clock: &clocks.real, key: key => async { body() } })
        };
        cache::clear(Some("expiry later"));
        compare(&steps, &clocks, ask, |_| None, || cache::clear(Some("expiry later")));
    }

    #[test]
    fn a_store_behaves_like_the_model(steps in vec(step(), 1..60)) {
        let clocks = Clocks::new();
        let memory = Memory::new().clock(&clocks.real);
        let ask = |key, time_to_live, body: &dyn Fn() -> _| {
            opero! { cache: time_to_live, store: &memory, name: "stored", key: key => body() }
        };
        let remove = |key: u8| memory.remove(&Key::new("opero", "stored", &key)).ok();
        compare(&steps, &clocks, ask, remove, || memory.clear("opero").unwrap());
    }
}
