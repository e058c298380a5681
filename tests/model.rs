//! Random cases compared between the crate and a model of its contract: blocking and async, by the builder and by the
//! macro, sequential and concurrent, on the manual clock and on one that polls only tasks that were woken.
//!
//! A mismatch prints its seed. `OPERO_MODEL_SEED=… cargo test --test model` runs that case alone, and
//! `OPERO_MODEL_CASES=… cargo test --test model` sets the number of cases.

#[path = "model/attempts.rs"]
mod attempts;
#[path = "model/by_builder.rs"]
mod by_builder;
#[path = "model/by_macro.rs"]
mod by_macro;
#[path = "model/case.rs"]
mod case;
#[path = "model/clock.rs"]
mod clock;
#[path = "model/contract.rs"]
mod contract;
#[path = "model/executor.rs"]
mod executor;
#[path = "model/inner.rs"]
mod inner;
#[path = "model/jitter.rs"]
mod jitter;
#[path = "model/random.rs"]
mod random;
#[path = "model/stage.rs"]
mod stage;

use std::fmt::Write;

use case::{Case, Form, Told};
use contract::Needed;
use stage::Ages;

/// Whether a call without limits of its own keeps to the limits around it also before its first failure.
const THE_FIRST_EXECUTION_KEEPS_TO_THE_NEARER_END: bool = false;

/// The number of random cases.
const CASES: u64 = 20_000;

/// Seeds of cases that once revealed a fault, four for each fault.
#[rustfmt::skip]
#[allow(clippy::unreadable_literal, reason = "as they are printed")]
const ONCE_FAILED: [u64; 36] = [
    // The call slept until the deadline, or took its last permit, where that could not help.
    12390533618705879800, 14245633842326697443, 1253673758290907320, 12805265837325125104,
    7578797234700079688, 13760607457314212013, 9366181787424189240, 12476091834716067845,
    // A waiter that left the queue of a rate kept its place, and the last waiter of a run was the next to run.
    8539682528731827223, 9683621655451033240, 7721339567014784883, 17592570907122364097,
    5957234544225492608, 17029286257789085773, 16088675937135157329, 12662767061440426641,
    // A run put back a value that was cleared meanwhile.
    15429528929687999113, 16919994098498124867, 11991958896380674122, 6322230287942571544,
    // A call in a body went on when the time of the body was over, or was cut although it ended in time.
    18388132758430624762, 18204221063515108069, 12776622409297705186, 16077150891747970503,
    1582033290413518894, 6277391408351441399, 4977304179469591799, 16437128952255512201,
    10102411618679936650, 12408301501071162826, 10172404429709151439, 5591141907232459376,
    // The last error came exactly at the deadline.
    4407058503220547393, 5594082055086513487, 18444613477816926169, 3996971726879910959,
];

/// Formats of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Face {
    Builder,
    Macro,
}

impl Face {
    /// The case in one of the formats.
    fn write(self, case: &Case) -> Case {
        match self {
            Face::Builder => case.clone(),
            Face::Macro => case.written_out(),
        }
    }

    fn play(self, case: &Case, form: Form, ages: &Ages) -> Vec<Told> {
        match self {
            Face::Builder => by_builder::play(case, form),
            Face::Macro => by_macro::play(case, form, ages),
        }
    }
}

/// A difference between the crate and the model.
struct Mismatch {
    form: Form,
    face: Face,
    expected: Vec<Told>,
    happened: Vec<Told>,
}

fn is_open(needed: Needed) -> bool {
    needed.tie || needed.outlasted_its_body && !THE_FIRST_EXECUTION_KEEPS_TO_THE_NEARER_END
}

/// Runs a case in every way, and counts the ways.
fn check(case: &Case, ages: &Ages, runs: &mut u64) -> Result<(), Box<Mismatch>> {
    let forms: &[Form] = if case.side_by_side { &[Form::Async] } else { &[Form::Blocking, Form::Async] };
    for form in forms.iter().copied() {
        for face in [Face::Builder, Face::Macro] {
            let written = face.write(case);
            let verdict = contract::foretell(&written, form);
            if is_open(verdict.needed) {
                continue;
            }
            *runs += 1;
            let (expected, happened) = (verdict.calls, face.play(&written, form, ages));
            if expected != happened {
                return Err(Box::new(Mismatch { form, face, expected, happened }));
            }
        }
    }
    Ok(())
}

/// Simplifies a case with a mismatch by removing parts of it.
fn simplest(mut case: Case, mut mismatch: Box<Mismatch>, ages: &Ages) -> (Case, Box<Mismatch>) {
    'again: loop {
        let size = format!("{case:?}").len();
        for simpler in random::simpler(&case).into_iter().filter(|simpler| format!("{simpler:?}").len() < size) {
            if let Err(other) = check(&simpler, ages, &mut 0) {
                (case, mismatch) = (simpler, other);
                continue 'again;
            }
        }
        return (case, mismatch);
    }
}

fn report(seed: u64, case: &Case, mismatch: &Mismatch) -> String {
    let Mismatch { form, face, expected, happened } = mismatch;
    let mut text = format!("the {face:?}, {form:?}, does not do what the model says of {case:#?}\n");
    for (who, (expected, happened)) in expected.iter().zip(happened).enumerate() {
        let mark = if expected == happened { "as" } else { "NOT AS" };
        write!(text, "call {who}, {mark} expected\n  expected {expected:?}\n  happened {happened:?}\n").unwrap();
    }
    text + &format!("run it again by OPERO_MODEL_SEED={seed} cargo test --test model")
}

fn run(seed: u64, ages: &Ages, runs: &mut u64) {
    let case = random::case(seed);
    if let Err(mismatch) = check(&case, ages, runs) {
        let (case, mismatch) = simplest(case, mismatch, ages);
        panic!("{}", report(seed, &case, &mismatch));
    }
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// One test, because the macro uses are statics, which must run one after the other.
#[test]
fn random_cases_match_the_model_of_the_contract() {
    let (ages, mut runs) = (Ages::new(), 0);
    if let Some(seed) = from_environment("OPERO_MODEL_SEED") {
        return run(seed, &ages, &mut runs);
    }
    for seed in ONCE_FAILED {
        run(seed, &ages, &mut runs);
    }
    let cases = from_environment("OPERO_MODEL_CASES").unwrap_or(CASES);
    let mut seeds = fastrand::Rng::new();
    for _ in 0..cases {
        run(seeds.u64(..), &ages, &mut runs);
    }
    println!("{cases} cases, {runs} runs");
    assert!(runs > cases, "most cases are run in more than one way");
}
