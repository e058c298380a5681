//! Random maps, each with a seed of its own.

use std::time::Duration;

use fastrand::Rng;

use crate::maps::{FACES, Face, MODES, Mode, Options};

/// A map with the behaviour of its items, its input and its consumer.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) face: Face,
    pub(crate) options: Options,
    pub(crate) input: Input,
    /// The input panics instead of returning this item.
    pub(crate) dry_at: Option<usize>,
    /// The work of the first items. Later items repeat it.
    pub(crate) bodies: Vec<Body>,
    /// The consumer stops the map after this many results.
    pub(crate) taken: Option<usize>,
}

/// The kind of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    List(usize),
    Range(usize),
    /// An input without a size hint.
    Unknown(usize),
    Endless,
}

/// The work of the operation on an item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    pub(crate) end: End,
    /// How often it yields to others.
    pub(crate) yields: u32,
    /// How much of the clock's time it takes.
    pub(crate) takes: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Value,
    Failure,
    Panic,
}

impl Case {
    pub(crate) fn body(&self, index: usize) -> Body {
        self.bodies[index % self.bodies.len()]
    }

    /// The maximum number of concurrent bodies.
    pub(crate) fn workers(&self) -> usize {
        self.options.workers.unwrap_or_else(|| match self.mode {
            Mode::Thread => 4,
            Mode::Rayon => rayon::current_num_threads(),
            Mode::Async => 100,
        })
    }

    /// The number of items of the input if the map is not stopped.
    pub(crate) fn items(&self) -> usize {
        let items = match self.input {
            Input::List(items) | Input::Range(items) | Input::Unknown(items) => items,
            Input::Endless => usize::MAX,
        };
        self.dry_at.unwrap_or(items)
    }
}

/// Returns the case of a seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut dice = Dice(Rng::with_seed(seed));
    let (mode, face) = (dice.of(&MODES), dice.of(&FACES));
    let items = dice.0.usize(0..25);
    let taken = (face != Face::List && dice.one_in(3)).then(|| dice.0.usize(1..items + 2));
    let input = match dice.0.u8(0..4) {
        0 if taken.is_some() => Input::Endless,
        0 | 1 => Input::List(items),
        2 => Input::Range(items),
        _ => Input::Unknown(items),
    };
    let is_dry = dice.one_in(6) && input != Input::Endless;
    let options = dice.options();
    let fails_one_in = dice.of(&[u8::MAX, 8, 2]);
    let bodies = (0..dice.0.usize(1..25)).map(|_| dice.body(fails_one_in, options.deadline.is_some())).collect();
    Case { mode, face, options, input, dry_at: is_dry.then(|| dice.0.usize(0..=items)), bodies, taken }
}

struct Dice(Rng);

impl Dice {
    fn one_in(&mut self, n: u8) -> bool {
        self.0.u8(0..n) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.usize(0..choices.len())]
    }

    fn options(&mut self) -> Options {
        Options {
            workers: (!self.one_in(4)).then(|| self.0.usize(1..5)),
            chunk_size: self.0.bool().then(|| self.0.usize(1..7)),
            unordered: self.0.bool(),
            max_failures: self.0.bool().then(|| self.0.usize(1..5)),
            deadline: self.one_in(3).then(|| Duration::from_millis(self.0.u64(1..20))),
        }
    }

    fn body(&mut self, fails_one_in: u8, has_deadline: bool) -> Body {
        let end = match self.one_in(fails_one_in) {
            true if self.0.bool() => End::Failure,
            true => End::Panic,
            false => End::Value,
        };
        let takes = if has_deadline { Duration::from_millis(self.0.u64(0..4)) } else { Duration::ZERO };
        Body { end, yields: if self.0.bool() { 0 } else { self.0.u32(0..4) }, takes }
    }
}
