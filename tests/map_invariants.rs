//! Random maps of every mode, checked against invariants: one result per item, in order, never more bodies at once than
//! workers, and no body that starts after a stop.
//!
//! A failing or hanging case prints its seed. `OPERO_MAP_SEED=… cargo test --test map_invariants` repeats that case,
//! and `OPERO_MAP_CASES=…` sets the number of cases. The scheduling of threads does not follow the seed, so each case
//! is repeated many times.

#[path = "map_invariants/case.rs"]
mod case;
#[path = "map_invariants/checks.rs"]
mod checks;
#[path = "map_invariants/log.rs"]
mod log;
#[path = "support/maps.rs"]
mod maps;
#[path = "map_invariants/runner.rs"]
mod runner;
#[path = "support/watchdog.rs"]
mod watchdog;

use std::collections::VecDeque;

use case::Case;
use runner::Told;
use watchdog::Watchdog;

/// The number of random cases.
const CASES: u64 = 20_000;

/// The number of repetitions of a case.
const AGAIN: u64 = 2000;

/// After this many further cases a map is checked again.
const LATER: usize = 50;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

fn report(seed: u64, case: &Case) -> String {
    format!("{case:?}\nrun it again by OPERO_MAP_SEED={seed} cargo test --test map_invariants")
}

#[test]
fn in_every_map_each_item_has_one_result_and_nothing_starts_after_a_stop() {
    let (seed, cases) = (from_environment("OPERO_MAP_SEED"), from_environment("OPERO_MAP_CASES"));
    let cases = cases.unwrap_or(if seed.is_some() { AGAIN } else { CASES });
    let (watchdog, mut seeds) = (Watchdog::new(), fastrand::Rng::new());
    let mut earlier = VecDeque::<(u64, Case, Told)>::new();
    let look_again = |(seed, case, told): &(u64, Case, Told)| {
        if let Err(wrong) = checks::check_later(case, told) {
            panic!("{wrong}\n{:?}\n{}", told.happened, report(*seed, case));
        }
    };
    for _ in 0..cases {
        let seed = seed.unwrap_or_else(|| seeds.u64(..));
        let case = case::case(seed);
        watchdog.now(report(seed, &case));
        let told = runner::play(&case);
        if let Err(wrong) = checks::check(&case, &told) {
            panic!("{wrong}\n{:?}\n{:?}\n{}", told.results, told.happened, report(seed, &case));
        }
        earlier.push_back((seed, case, told));
        if earlier.len() > LATER {
            look_again(&earlier.pop_front().expect("there are some"));
        }
    }
    earlier.iter().for_each(look_again);
}
