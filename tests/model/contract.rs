//! The model: what the contract says about a case (DESIGN.md, section 3), in its simplest form. Nothing here is taken
//! from the code of the crate. This file is about the calls together, and `attempts.rs` about each call alone.
//!
//! Time advances from one event to the next. An event belongs to one call: the call comes, its permit or the end of a
//! pause is due, its attempt ends, its time is over while it waits for the run of another call, or its caller drops
//! it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::attempts::{Attempts, Next, wrong_values};
use crate::case::{Case, Form, Options, Outcome, Script, Told};

/// Computes what happens.
pub(crate) fn foretell(case: &Case, form: Form) -> Verdict {
    let calls: Vec<_> = case.calls.iter().map(|script| Call::new(case, script, form)).collect();
    let (lines, flights, entries) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
    let needed = Needed::default();
    let mut model = Model { case, form, now: Duration::ZERO, calls, lines, flights, entries, needed };
    let first = if case.side_by_side { case.calls.len() } else { 1 };
    (0..first).for_each(|who| model.calls[who].stage = Stage::Coming(case.calls[who].comes));
    while let Some((moment, who, is_dropped)) = model.next_event() {
        model.now = moment;
        if is_dropped { model.end(who, &Outcome::Dropped) } else { model.go_on(who) }
    }
    let told = |call: Call<'_>| call.told.expect("every call has ended");
    Verdict { calls: model.calls.into_iter().map(told).collect(), needed: model.needed }
}

/// What the model says about a case.
pub(crate) struct Verdict {
    pub(crate) calls: Vec<Told>,
    pub(crate) needed: Needed,
}

/// The sentences of the contract that a case needed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Needed {
    /// A call in a body, without limits of its own, came or ended when the time of the body was over.
    pub(crate) outlasted_its_body: bool,
    /// Two events coincide: the contract does not say which comes first.
    pub(crate) tie: bool,
}

struct Model<'c> {
    case: &'c Case,
    form: Form,
    now: Duration,
    calls: Vec<Call<'c>>,
    /// One line, or one for each key.
    lines: BTreeMap<u8, Line>,
    flights: Vec<Flight>,
    /// For each key the cached value, and its expiry.
    entries: BTreeMap<u8, (u32, Duration)>,
    needed: Needed,
}

/// The calls that wait for a permit.
#[derive(Default)]
struct Line {
    /// In order of arrival.
    calls: Vec<usize>,
    /// When the next permit would be due if all were evenly spaced and there were no burst.
    next: Duration,
}

/// The calls that want one entry.
struct Flight {
    key: u8,
    /// The call that runs, and the waiters, in order of arrival.
    calls: Vec<usize>,
    /// Do new calls join it, and is its value kept?
    is_current: bool,
}

struct Call<'c> {
    script: &'c Script,
    stage: Stage,
    came: Duration,
    attempts: Attempts<'c>,
    told: Option<Told>,
}

#[derive(Clone, Copy)]
enum Stage {
    NotYet,
    Coming(Duration),
    /// For the run of another call.
    Waiting,
    InLine,
    Running(Duration),
    Pausing(Duration),
    Over,
}

impl<'c> Call<'c> {
    fn new(case: &'c Case, script: &'c Script, form: Form) -> Self {
        let attempts = Attempts::new(&case.options, script, form, Duration::ZERO);
        Call { script, stage: Stage::NotYet, came: Duration::ZERO, attempts, told: None }
    }
}

impl Model<'_> {
    /// Returns the next event: its time, its call, and whether the call is dropped.
    fn next_event(&mut self) -> Option<(Duration, usize, bool)> {
        let mut events = Vec::new();
        for (who, call) in self.calls.iter().enumerate() {
            let moment = match call.stage {
                Stage::NotYet | Stage::Over => continue,
                Stage::Coming(moment) | Stage::Pausing(moment) | Stage::Running(moment) => moment,
                Stage::Waiting => call.attempts.end.unwrap_or(Duration::MAX),
                Stage::InLine => self.permit_due(who),
            };
            events.push((moment, who, false));
            let can_drop = self.form == Form::Async && !matches!(call.stage, Stage::Coming(_));
            events.extend(call.script.dropped.filter(|_| can_drop).map(|after| (call.came + after, who, true)));
        }
        events.sort_unstable();
        self.needed.tie |= events.len() > 1 && events[0].0 == events[1].0;
        events.first().copied()
    }

    fn go_on(&mut self, who: usize) {
        match self.calls[who].stage {
            Stage::Coming(_) if self.calls[who].script.clears => self.clear(who),
            Stage::Coming(_) => self.come(who),
            Stage::Waiting => self.time_out(who, "Elapsed"),
            Stage::InLine => self.take_permit(who),
            Stage::Pausing(_) => self.execute(who),
            Stage::Running(_) => match self.calls[who].attempts.go_on(who, self.now) {
                Next::Pause(pause) => self.calls[who].stage = Stage::Pausing(self.now + pause),
                Next::Over(outcome) => self.end(who, &outcome),
            },
            Stage::NotYet | Stage::Over => unreachable!("nothing is due"),
        }
    }

    /// "A bad runtime value gives `Error::Configuration` first: before any wait, permit or attempt, whatever layers
    /// stand around." "A cache hit spends no permit." "Concurrent misses of one key run the body once."
    fn come(&mut self, who: usize) {
        let (now, options, script) = (self.now, &self.case.options, self.calls[who].script);
        let wrong = wrong_values(options, script);
        if !wrong.is_empty() {
            return self.end(who, &Outcome::Configuration(wrong));
        }
        (self.calls[who].came, self.calls[who].attempts) = (now, Attempts::new(options, script, self.form, now));
        if options.cache.is_none() {
            return self.ask_for_permit(who);
        }
        if let Some(value) = self.entry(script.key) {
            return self.end(who, &Outcome::Value(value));
        }
        let is_of_key = |flight: &&mut Flight| flight.is_current && flight.key == script.key;
        if let Some(flight) = self.flights.iter_mut().find(is_of_key) {
            flight.calls.push(who);
            self.calls[who].stage = Stage::Waiting;
        } else {
            self.flights.push(Flight { key: script.key, calls: vec![who], is_current: true });
            self.ask_for_permit(who);
        }
    }

    /// The value that is kept for a key.
    fn entry(&self, key: u8) -> Option<u32> {
        self.entries.get(&key).filter(|(_, until)| self.now < *until).map(|(value, _)| *value)
    }

    /// "A run that began before a `clear` is not kept." Those who wait for it have its value; who comes later runs
    /// anew.
    fn clear(&mut self, who: usize) {
        self.entries.clear();
        self.flights.iter_mut().for_each(|flight| flight.is_current = false);
        self.end(who, &Outcome::Cleared);
    }

    /// "Calls wait their turn in order, evenly spaced; `burst` allows that many at once." "A call that must wait longer
    /// than `max_wait` gets `Error::RateLimit` at once." "Where a permit lies at or beyond the deadline, the call ends
    /// at once, with `Error::Timeout`; no permit is taken."
    fn ask_for_permit(&mut self, who: usize) {
        if self.case.options.rate.is_none() {
            return self.execute(who);
        }
        self.line(who).calls.push(who);
        self.calls[who].stage = Stage::InLine;
        let due = self.permit_due(who);
        let wait = due.saturating_sub(self.now);
        if self.case.options.max_wait.is_some_and(|max_wait| wait > max_wait) {
            self.end(who, &Outcome::RateLimit { retry_after: wait });
        } else if self.calls[who].attempts.end.is_some_and(|end| due >= end) {
            self.time_out(who, &format!("Permit({wait:?})"));
        } else if wait.is_zero() {
            self.take_permit(who);
        }
    }

    /// "One permit a call"; the line is the use's own, or with `scope: per_args` that of the key.
    fn line(&mut self, who: usize) -> &mut Line {
        let key = self.case.options.per_args.map_or(0, |()| self.calls[who].script.key);
        self.lines.entry(key).or_default()
    }

    /// Returns when a call in line gets a permit, if those ahead all use theirs.
    fn permit_due(&self, who: usize) -> Duration {
        let Options { rate, burst, .. } = self.case.options;
        let interval = rate.unwrap_or_default();
        let line = self.lines.values().find(|line| line.calls.contains(&who)).expect("it is in line");
        let ahead = line.calls.iter().take_while(|other| **other != who);
        let next = ahead.fold(line.next, |next, _| next.max(self.now) + interval);
        self.now.max(next.saturating_sub(interval * (burst.unwrap_or(1) - 1)))
    }

    fn take_permit(&mut self, who: usize) {
        let (now, interval) = (self.now, self.case.options.rate.unwrap_or_default());
        let line = self.line(who);
        line.next = line.next.max(now) + interval;
        line.calls.retain(|other| *other != who);
        self.execute(who);
    }

    fn execute(&mut self, who: usize) {
        let until = self.calls[who].attempts.start(self.now, &mut self.needed);
        self.calls[who].stage = Stage::Running(until);
    }

    fn time_out(&mut self, who: usize, reason: &str) {
        let outcome = self.calls[who].attempts.timeout(reason);
        self.end(who, &outcome);
    }

    /// Ends a call: what it held passes on.
    fn end(&mut self, who: usize, outcome: &Outcome) {
        let (now, call) = (self.now, &mut self.calls[who]);
        let mut starts = std::mem::take(&mut call.attempts.starts);
        // The attempts of a call in the body were computed ahead, but the body may be dropped before them.
        self.needed.tie |= *outcome == Outcome::Dropped && starts.iter().any(|start| start.at == now);
        starts.retain(|start| start.at <= now);
        (call.stage, call.told) = (Stage::Over, Some(Told { starts, outcome: outcome.clone(), ended: now }));
        if let Some(next) = self.calls.get_mut(who + 1).filter(|_| !self.case.side_by_side) {
            next.stage = Stage::Coming(now + next.script.comes);
        }
        // "Who leaves the queue leaves no gap: cancelled, timed out or refused waiters hold nothing, and those behind
        // move up."
        for line in self.lines.values_mut() {
            line.calls.retain(|other| *other != who);
        }
        let Some(place) = self.flights.iter().position(|flight| flight.calls.contains(&who)) else { return };
        let ran = self.flights[place].calls[0] == who;
        self.flights[place].calls.retain(|other| *other != who);
        match outcome {
            _ if !ran => (),
            Outcome::Value(value) => self.land(place, *value),
            _ => self.pass_on(place),
        }
    }

    /// "Only `Ok` is cached." All waiters get it.
    fn land(&mut self, place: usize, value: u32) {
        let Flight { key, calls, is_current } = self.flights.remove(place);
        if is_current {
            let until = self.now.saturating_add(self.case.options.cache.unwrap_or_default());
            self.entries.insert(key, (value, until));
        }
        for waiter in calls {
            self.end(waiter, &Outcome::Value(value));
        }
    }

    /// "If the runner fails, panics or is dropped, the waiter who came first runs." After a `clear` another run may
    /// have left a value; else this one begins after it.
    fn pass_on(&mut self, place: usize) {
        let key = self.flights[place].key;
        let Some(first) = self.flights[place].calls.first().copied() else {
            self.flights.remove(place);
            return;
        };
        if let Some(value) = self.entry(key) {
            self.flights[place].is_current = false;
            return self.land(place, value);
        }
        let has_other = self.flights.iter().any(|other| other.is_current && other.key == key);
        let flight = &mut self.flights[place];
        flight.is_current |= !has_other;
        self.ask_for_permit(first);
    }
}
