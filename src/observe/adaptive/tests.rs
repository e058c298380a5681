use alloc::format;
use alloc::string::String;
use alloc::vec;

use proptest::prelude::*;

use super::history::{KEPT, LEAST_RECORDS, LEAST_SAMPLES, MOST};
use super::names::CAPACITY;
use super::*;

const SEC: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Records successes and failures of one second each, all at the same time.
fn record(history: &Adaptive<char>, config: char, successes: usize, failures: usize, at: Duration) {
    for n in 0..successes + failures {
        history.record("ask", &config, n < successes, SEC, at);
    }
}

#[test]
fn the_higher_score_wins_and_successes_weigh_more_than_their_duration() {
    let history = Adaptive::new();
    record(&history, 'a', 4, 1, HOUR);
    record(&history, 'b', 5, 0, HOUR);
    assert_eq!(history.suggest("ask", &'a', HOUR), 'b');
    assert_eq!(history.suggest("ask", &'z', HOUR), 'b', "even if the current one was never recorded");

    // 21 s more for a fifth more successes, which are worth 20.
    let slow = Adaptive::new();
    record(&slow, 'a', 4, 1, HOUR);
    (0..5).for_each(|_| slow.record("ask", &'b', true, SEC * 22, HOUR));
    assert_eq!(slow.suggest("ask", &'b', HOUR), 'a');
    // The duration of failures does not count.
    let failing = Adaptive::new();
    record(&failing, 'a', 4, 0, HOUR);
    failing.record("ask", &'a', false, Duration::MAX, HOUR);
    record(&failing, 'b', 3, 2, HOUR);
    assert_eq!(failing.suggest("ask", &'b', HOUR), 'a');
}

#[test]
fn ten_records_are_enough_and_nine_are_not() {
    let history = Adaptive::new();
    record(&history, 'a', 5, 0, HOUR);
    record(&history, 'b', 0, 4, HOUR);
    assert_eq!(history.suggest("ask", &'b', HOUR), 'b');
    record(&history, 'b', 0, 1, HOUR);
    assert_eq!(history.suggest("ask", &'b', HOUR), 'a');
}

#[test]
fn five_samples_are_enough_and_four_are_not() {
    let history = Adaptive::new();
    record(&history, 'a', 4, 0, HOUR);
    record(&history, 'b', 1, 9, HOUR);
    assert_eq!(history.suggest("ask", &'c', HOUR), 'b');
    record(&history, 'a', 1, 0, HOUR);
    assert_eq!(history.suggest("ask", &'c', HOUR), 'a');
}

#[test]
fn a_record_counts_for_exactly_an_hour() {
    let history = Adaptive::new();
    record(&history, 'a', 10, 0, SEC);
    assert_eq!(history.suggest("ask", &'b', SEC + HOUR), 'a');
    assert_eq!(history.scores("ask", SEC + HOUR).len(), 1);
    let later = SEC + HOUR + Duration::from_nanos(1);
    assert_eq!(history.suggest("ask", &'b', later), 'b');
    assert_eq!(history.scores("ask", later), []);
    assert_eq!(history.records("ask").len(), 10, "they are still there");
    assert_eq!(history.suggest("ask", &'b', Duration::ZERO), 'a', "records with a later time count");
}

#[test]
fn a_configuration_without_success_never_wins() {
    let history = Adaptive::new();
    record(&history, 'a', 0, 10, HOUR);
    assert_eq!(history.suggest("ask", &'b', HOUR), 'b');
    // Not even if the others score below zero.
    (0..5).for_each(|_| history.record("ask", &'c', true, SEC * 1000, HOUR));
    assert_eq!(history.suggest("ask", &'a', HOUR), 'c');
    let scores = history.scores("ask", HOUR);
    assert_eq!(scores.iter().map(|score| score.score).collect::<Vec<_>>(), [None, Some(-900.0)]);
    assert_eq!((scores[0].samples, scores[0].successes, scores[0].mean_duration), (10, 0, Duration::ZERO));
}

#[test]
fn a_tie_goes_to_the_current_one_and_then_to_the_first_recorded() {
    let history = Adaptive::new();
    for config in ['a', 'b', 'c'] {
        record(&history, config, 5, 0, HOUR);
    }
    for current in ['a', 'b', 'c'] {
        assert_eq!(history.suggest("ask", &current, HOUR), current);
    }
    assert_eq!(history.suggest("ask", &'z', HOUR), 'a');
    // 2 of 6 and 3 of 9, of 3 s and 4.5 s in all.
    let thirds = Adaptive::new();
    for (config, successes, failures) in [('a', 2, 4), ('b', 3, 6)] {
        (0..successes).for_each(|_| thirds.record("ask", &config, true, SEC * 3 / 2, HOUR));
        (0..failures).for_each(|_| thirds.record("ask", &config, false, SEC, HOUR));
    }
    assert_eq!((thirds.suggest("ask", &'a', HOUR), thirds.suggest("ask", &'b', HOUR)), ('a', 'b'));
}

#[test]
fn the_hundred_and_first_record_leaves_the_newest_fifty() {
    let history = Adaptive::new();
    let numbers = |history: &Adaptive<usize>| history.records("ask").iter().map(|it| it.config).collect::<Vec<_>>();
    (0..100).for_each(|n| history.record("ask", &n, true, SEC, HOUR));
    assert_eq!(numbers(&history), (0..100).collect::<Vec<_>>());
    history.record("ask", &100, true, SEC, HOUR);
    assert_eq!(numbers(&history), (51..=100).collect::<Vec<_>>());
    history.record("tell", &0, true, SEC, HOUR);
    assert_eq!(numbers(&history).len(), 50, "each name has its own");
}

#[test]
fn the_longest_durations_give_a_score() {
    let history = Adaptive::new();
    for config in ['a', 'b'] {
        (0..50).for_each(|_| history.record("ask", &config, true, Duration::MAX, Duration::MAX));
    }
    let scores = history.scores("ask", Duration::MAX);
    assert!(scores.iter().all(|score| score.score.is_some_and(f64::is_finite)), "{scores:?}");
    assert_eq!(scores[0].mean_duration, Duration::MAX);
    assert_eq!(history.suggest("ask", &'b', Duration::MAX), 'b');
}

#[test]
fn names_are_bounded_and_the_least_recently_recorded_is_dropped() {
    let history = Adaptive::new();
    for n in 0..CAPACITY {
        history.record(&format!("ask {n}"), &'a', true, SEC, HOUR);
    }
    history.record("ask 0", &'a', true, SEC, HOUR);
    history.record("one more", &'a', true, SEC, HOUR);
    assert_eq!(format!("{history:?}"), "Adaptive { names: 1000, .. }");
    assert_eq!((history.records("ask 0").len(), history.records("ask 1").len()), (2, 0));
    assert_eq!(history.records("one more").len(), 1);
}

#[test]
fn no_record_is_lost_between_threads() {
    static HISTORY: Adaptive<usize> = Adaptive::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..25).for_each(|_| HISTORY.record("ask", &thread, true, SEC, HOUR)));
        }
    });
    assert_eq!(HISTORY.scores("ask", HOUR).iter().map(|score| score.samples).sum::<usize>(), 100);
}

/// A naive model of the documented behaviour.
#[derive(Default)]
struct Model(Vec<(String, char, bool, Duration, Duration)>);

impl Model {
    fn record(&mut self, name: &str, config: char, success: bool, duration: Duration, at: Duration) {
        self.0.push((name.into(), config, success, duration, at));
        let of_name = |record: &(String, _, _, _, _)| record.0 == name;
        if self.0.iter().filter(|record| of_name(record)).count() == MOST + 1 {
            let mut extra = MOST + 1 - KEPT;
            self.0.retain(|record| {
                let goes = of_name(record) && extra > 0;
                extra -= usize::from(goes);
                !goes
            });
        }
    }

    fn suggest(&self, name: &str, current: char, now: Duration) -> char {
        let recent: Vec<_> =
            self.0.iter().filter(|record| record.0 == name && now.saturating_sub(record.4) <= HOUR).collect();
        if recent.len() < LEAST_RECORDS {
            return current;
        }
        let mut best = (current, Model::score(&recent, current));
        for record in &recent {
            let score = Model::score(&recent, record.1);
            if score > best.1 {
                best = (record.1, score);
            }
        }
        best.0
    }

    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    fn score(recent: &[&(String, char, bool, Duration, Duration)], config: char) -> f64 {
        let samples: Vec<_> = recent.iter().filter(|record| record.1 == config).collect();
        let successes: Vec<_> = samples.iter().filter(|record| record.2).map(|record| record.3.as_secs_f64()).collect();
        if samples.len() < LEAST_SAMPLES || successes.is_empty() {
            return f64::NEG_INFINITY;
        }
        let mean = successes.iter().sum::<f64>() / successes.len() as f64;
        successes.len() as f64 / samples.len() as f64 * 100.0 - mean
    }
}

#[derive(Clone, Debug)]
struct Run {
    name: &'static str,
    config: char,
    success: bool,
    duration: Duration,
    passes: Duration,
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let minutes = |minutes: u64| SEC * 60 * u32::try_from(minutes).unwrap_or(0);
    let passes = prop_oneof![4 => Just(Duration::ZERO), 4 => Just(SEC), 2 => (1_u64..9).prop_map(minutes),
        1 => Just(HOUR)];
    let name = prop_oneof![5 => Just("ask"), 1 => Just("tell")];
    let duration = prop::sample::select(vec![Duration::ZERO, SEC / 2, SEC, SEC * 30]);
    let run = (name, prop::sample::select(vec!['a', 'b', 'c']), prop::bool::weighted(0.6), duration, passes);
    let run = run.prop_map(|(name, config, success, duration, passes)| Run { name, config, success, duration, passes });
    prop::collection::vec(run, 1..260)
}

proptest! {
    #[test]
    fn suggestions_are_those_of_a_naive_model(runs in runs()) {
        let (history, mut model, mut now) = (Adaptive::new(), Model::default(), Duration::ZERO);
        for Run { name, config, success, duration, passes } in runs {
            now += passes;
            history.record(name, &config, success, duration, now);
            model.record(name, config, success, duration, now);
            for current in ['a', 'b', 'c', 'z'] {
                prop_assert_eq!(history.suggest(name, &current, now), model.suggest(name, current, now));
            }
        }
        let scores = history.scores("ask", now);
        prop_assert!(scores.iter().filter_map(|score| score.score).all(f64::is_finite));
        let kept = history.records("ask").len();
        prop_assert_eq!(kept, model.0.iter().filter(|record| record.0 == "ask").count());
        prop_assert!(kept <= MOST);
    }
}
