//! Random cases, each from its own seed, and simpler variants, to find out which parts of a case matter.

use std::time::Duration;

use fastrand::Rng;

use crate::case::{Case, Failed, Inner, Kinds, Options, Script, Step, Then};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Returns the case of a seed.
pub(crate) fn case(seed: u64) -> Case {
    let mut dice = Dice { rng: Rng::with_seed(seed), is_fine: false };
    let side_by_side = dice.rng.bool();
    // Events of one call may coincide; those of several must not, since the contract leaves their order open.
    dice.is_fine = side_by_side;
    let is_once = dice.one_in(4);
    let options = if is_once { dice.options_of_one(side_by_side) } else { dice.options(side_by_side) };
    let calls = (0..dice.rng.usize(if side_by_side { 2..12 } else { 1..6 }))
        .map(|_| dice.script(side_by_side, is_once))
        .collect();
    let has_timers = seed % 2 == 0;
    Case { options, side_by_side, is_once, has_timers, calls }
}

struct Dice {
    rng: Rng,
    /// Are durations any number of nanoseconds, or whole milliseconds?
    is_fine: bool,
}

impl Dice {
    fn one_in(&mut self, n: u32) -> bool {
        self.rng.u32(0..n) == 0
    }

    fn sometimes<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.rng.bool() { Some(value(self)) } else { None }
    }

    fn time(&mut self, ms: u64) -> Duration {
        let fine = if self.is_fine { self.rng.u64(1..1_000_000) } else { 0 };
        MS(self.rng.u64(0..ms)) + Duration::from_nanos(fine)
    }

    /// A limit: rarely zero, which is invalid.
    fn limit(&mut self, ms: u64) -> Duration {
        if self.one_in(60) { Duration::ZERO } else { MS(1) + self.time(ms) }
    }

    fn options(&mut self, side_by_side: bool) -> Options {
        let has_layers = side_by_side || self.rng.bool();
        let (with_cache, with_rate) = (has_layers && self.rng.bool(), has_layers && self.rng.bool());
        let with_fallback = self.one_in(3);
        Options {
            retries: self.sometimes(|dice| dice.rng.u32(0..5)),
            backoff: self.sometimes(|dice| {
                if dice.one_in(60) {
                    *dice.rng.choice(&[0.5, f64::NAN, -1.0, f64::INFINITY]).unwrap()
                } else {
                    *dice.rng.choice(&[1.0, 1.5, 2.0, 4.0]).unwrap()
                }
            }),
            min_delay: self.sometimes(|dice| dice.time(20)),
            max_delay: self.sometimes(|dice| dice.time(60)),
            retry_on: self.sometimes(Dice::kinds),
            retry_after: self.sometimes(|_| ()),
            fallback: with_fallback.then(|| if self.one_in(15) { 0 } else { self.rng.usize(1..4) }),
            fallback_delay: self.sometimes(|dice| dice.time(10)).filter(|_| with_fallback),
            fallback_on: self.sometimes(Dice::kinds).filter(|_| with_fallback),
            timeout: self.sometimes(|dice| dice.limit(15)),
            deadline: self.sometimes(|dice| dice.limit(150)),
            cache: with_cache.then(|| if self.rng.bool() { Duration::MAX } else { self.limit(200) }),
            store: (with_cache && self.one_in(3)).then_some(()),
            rate: with_rate.then(|| self.limit(if side_by_side { 40 } else { 100 })),
            burst: self.sometimes(|dice| if dice.one_in(60) { 0 } else { dice.rng.u32(1..4) }).filter(|_| with_rate),
            max_wait: self.sometimes(|dice| dice.time(100)).filter(|_| with_rate),
            per_args: (with_rate && self.one_in(3)).then_some(()),
        }
    }

    /// Without the options that make a body run again.
    fn options_of_one(&mut self, side_by_side: bool) -> Options {
        let Options { timeout, deadline, cache, store, rate, burst, max_wait, per_args, .. } =
            self.options(side_by_side);
        Options { timeout, deadline, cache, store, rate, burst, max_wait, per_args, ..Options::default() }
    }

    /// Usually all kinds but one.
    fn kinds(&mut self) -> Kinds {
        if self.one_in(4) { Kinds(self.rng.u8(..)) } else { Kinds(!(1 << self.rng.u8(0..4))) }
    }

    fn script(&mut self, side_by_side: bool, is_once: bool) -> Script {
        let comes = if !side_by_side && self.rng.bool() { Duration::ZERO } else { self.time(50) };
        let key = u8::from(self.one_in(3));
        // At a time of no other event.
        let dropped =
            (self.one_in(if side_by_side { 3 } else { 6 })).then(|| self.time(80) + Duration::from_nanos(123_457));
        let works = !side_by_side && dropped.is_none() && self.rng.bool();
        let steps = (0..self.rng.usize(1..5)).map(|_| self.step(works, true)).collect();
        let (clears, has_no_backoff) = (self.one_in(15), self.one_in(60) && !is_once);
        let deadline = self.one_in(6).then(|| self.limit(100));
        Script { comes, clears, key, deadline, has_no_backoff, dropped, steps }
    }

    fn step(&mut self, may_work: bool, can_ask: bool) -> Step {
        let works = if may_work && self.rng.bool() { self.time(20) } else { Duration::ZERO };
        let waits = if self.one_in(3) { Duration::ZERO } else { self.time(20) };
        let then = match self.rng.u32(0..20) {
            0..6 => Then::Gives,
            6 => Then::Panics,
            7 if can_ask => Then::Asks(Box::new(self.inner(may_work))),
            _ => Then::Fails(Failed { kind: self.rng.u8(0..4), retry_after: self.retry_after() }),
        };
        Step { works, waits, then }
    }

    fn inner(&mut self, may_work: bool) -> Inner {
        let Options { retries, backoff, min_delay, max_delay, timeout, deadline, .. } = self.options(false);
        let options = Options { retries, backoff, min_delay, max_delay, timeout, deadline, ..Options::default() };
        let steps = (0..self.rng.usize(1..4)).map(|_| self.step(may_work, false)).collect();
        let (comes, clears, has_no_backoff) = (Duration::ZERO, false, false);
        Inner {
            options,
            script: Script { comes, clears, key: 0, deadline: None, has_no_backoff, dropped: None, steps },
        }
    }

    fn retry_after(&mut self) -> Option<Duration> {
        self.one_in(3).then(|| self.time(100))
    }
}

/// Returns the case without one part or another.
pub(crate) fn simpler(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Case)| {
        let mut simpler = case.clone();
        change(&mut simpler);
        all.push(simpler);
    };
    for who in 0..case.calls.len() {
        if case.calls.len() > 1 {
            add(&|case| _ = case.calls.remove(who));
        }
        add(&|case| case.calls[who].dropped = None);
        add(&|case| case.calls[who].deadline = None);
        for step in 0..case.calls[who].steps.len() {
            if case.calls[who].steps.len() > 1 {
                add(&|case| _ = case.calls[who].steps.remove(step));
            }
            add(&|case| case.calls[who].steps[step].works = Duration::ZERO);
            add(&|case| case.calls[who].steps[step].waits = Duration::ZERO);
            add(&|case| case.calls[who].steps[step].then = Then::Gives);
        }
    }
    macro_rules! without {
        ($($option:ident)*) => {$( add(&|case| case.options.$option = None); )*};
    }
    without! {
        retries backoff min_delay max_delay retry_on retry_after fallback fallback_delay fallback_on timeout deadline
        cache store rate burst max_wait per_args
    }
    all
}
