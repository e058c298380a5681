//! The model of a single call: its attempts, and what follows each.

use std::time::Duration;

use crate::case::{Attempt, Failed, Failure, Form, Inner, Options, Outcome, Script, Start, Step, Then};
use crate::contract::Needed;

/// A call that its layers have let in, or will let in.
pub(crate) struct Attempts<'c> {
    options: &'c Options,
    script: &'c Script,
    form: Form,
    deadline: Option<Duration>,
    /// The time of the deadline.
    pub(crate) end: Option<Duration>,
    /// The starts of its attempts, and of those of calls in its body.
    pub(crate) starts: Vec<Start>,
    /// When the first attempt started.
    began: Duration,
    running: Running<'c>,
    failed: Vec<Attempt>,
    number: u32,
    round: u32,
    candidate: usize,
}

/// The attempt that runs: when it started, when it will end, and how.
#[derive(Clone, Copy)]
struct Running<'c> {
    started: Duration,
    takes: Duration,
    then: &'c Then,
}

/// How a call in a body ends, for the body.
const GIVES: &Then = &Then::Gives;
const PANICS: &Then = &Then::Panics;
/// Or is not written right.
pub(crate) const ALL_FAILED: &Then = &Then::Fails(Failed { kind: 0, retry_after: None });
pub(crate) const TIMED_OUT: &Then = &Then::Fails(Failed { kind: 1, retry_after: None });

/// What follows an attempt.
pub(crate) enum Next {
    /// Another attempt, after this pause.
    Pause(Duration),
    Over(Outcome),
}

impl<'c> Attempts<'c> {
    /// "`deadline` counts from the start of the call."
    pub(crate) fn new(options: &'c Options, script: &'c Script, form: Form, now: Duration) -> Self {
        let deadline = script.deadline.or(options.deadline).filter(|deadline| *deadline != Duration::MAX);
        let end = deadline.map(|deadline| now.saturating_add(deadline));
        let running = Running { started: now, takes: Duration::ZERO, then: GIVES };
        let (starts, failed) = (Vec::new(), Vec::new());
        let (began, number, round, candidate) = (now, 0, 0, 0);
        Attempts { options, script, form, deadline, end, starts, began, running, failed, number, round, candidate }
    }

    /// Starts the next attempt, and says when it ends. "`timeout` and `deadline` run from before the first poll of
    /// the body: what a body does before its first await counts." "Blocking bodies cannot be interrupted."
    pub(crate) fn start(&mut self, now: Duration, needed: &mut Needed) -> Duration {
        self.number += 1;
        // "`opero::time::remaining()` tells a body what is left."
        let left = Some(self.limit(now)).filter(|left| *left != Duration::MAX);
        self.starts.push(Start { number: self.number, candidate: self.candidate, at: now, left });
        self.began = self.starts[0].at;
        let Step { works, waits, ref then } = self.script.steps[(self.number as usize - 1) % self.script.steps.len()];
        let is_cut_after = if self.form == Form::Async { self.limit(now) } else { Duration::MAX };
        self.running = Running { started: now, takes: works + waits, then };
        match then {
            Then::Asks(inner) if waits.is_zero() || works + waits <= is_cut_after => {
                let (ended, then) = self.ask(inner, now + works + waits, needed);
                self.running = Running { started: now, takes: ended.saturating_sub(now), then };
                ended
            }
            _ => now + works.max(is_cut_after.min(works + waits)),
        }
    }

    /// The body makes a call. "Calls nested in the body keep to the nearer deadline."
    fn ask(&mut self, inner: &'c Inner, now: Duration, needed: &mut Needed) -> (Duration, &'c Then) {
        if !wrong_values(&inner.options, &inner.script).is_empty() {
            return (now, ALL_FAILED);
        }
        let started = self.running.started;
        let around = started.saturating_add(self.limit(started));
        let mut call = Attempts::new(&inner.options, &inner.script, self.form, now);
        let is_nearer = around < call.end.unwrap_or(Duration::MAX);
        if is_nearer {
            call.end = Some(around);
        }
        let has_limits = inner.options.timeout.is_some() || inner.options.deadline.is_some();
        if call.end.is_some_and(|end| end <= now) {
            needed.outlasted_its_body |= !has_limits;
            return (now, TIMED_OUT);
        }
        let mut ended = call.start(now, needed);
        let outcome = loop {
            match call.go_on(0, ended) {
                Next::Pause(pause) => ended = call.start(ended + pause, needed),
                Next::Over(outcome) => break outcome,
            }
        };
        needed.outlasted_its_body |= ended >= around && !has_limits;
        let number = self.number * 1000;
        self.starts.extend(call.starts.iter().map(|start| Start { number: number + start.number, ..*start }));
        match outcome {
            Outcome::Value(_) => (ended, GIVES),
            Outcome::Panicked => (ended, PANICS),
            Outcome::Timeout(..) => (ended, TIMED_OUT),
            _ => (ended, ALL_FAILED),
        }
    }

    /// Returns how long an attempt that starts then may take.
    fn limit(&self, started: Duration) -> Duration {
        let left = self.end.map_or(Duration::MAX, |end| end.saturating_sub(started));
        self.options.timeout.map_or(left, |timeout| timeout.min(left))
    }

    /// Ends the attempt, which has ended or timed out. "Ending exactly at a limit is in time."
    pub(crate) fn go_on(&mut self, who: usize, now: Duration) -> Next {
        let Running { started, takes, then } = self.running;
        let limit = self.limit(started);
        let failure = match then {
            Then::Panics if now == started + takes => return Next::Over(Outcome::Panicked),
            _ if takes > limit => Failure::Timeout(limit),
            Then::Fails(error) => Failure::Error(error.clone()),
            _ => return Next::Over(Outcome::Value(value_of(who, self.number))),
        };
        let offset = started.saturating_sub(self.began);
        let duration = now.saturating_sub(started);
        let (number, round, candidate) = (self.number, self.round, self.options.fallback.map(|_| self.candidate));
        self.failed.push(Attempt { number, round, candidate, offset, duration, failure: failure.clone() });
        self.failed(now, &failure)
    }

    /// "Where a delay, a Retry-After or a permit lies at or beyond the deadline, the call ends at once, with
    /// `Error::Timeout`, the attempts made and the reason."
    fn failed(&mut self, now: Duration, failure: &Failure) -> Next {
        let is_late = |end: Duration| now > end || now == end && matches!(failure, Failure::Timeout(_));
        if self.end.is_some_and(is_late) {
            return Next::Over(self.timeout("Elapsed"));
        }
        let Some((pause, reason)) = self.next_attempt(failure) else {
            return Next::Over(Outcome::AllFailed(self.failed.clone()));
        };
        if self.end.is_some_and(|end| now + pause >= end) {
            let is_before = self.end > Some(now);
            let reason = if is_before { format!("{reason}({pause:?})") } else { "Elapsed".into() };
            return Next::Over(self.timeout(&reason));
        }
        Next::Pause(pause)
    }

    /// "Within a round the next candidate is tried after any error (only those that match `fallback_on`); the round's
    /// last error is what `retry_on`, `retry_if` and `retry_after` judge. False: no further round, and the call ends."
    /// An attempt that timed out has no error to judge: the next one follows.
    fn next_attempt(&mut self, failure: &Failure) -> Option<(Duration, &'static str)> {
        let options = self.options;
        let error = if let Failure::Error(error) = failure { Some(error) } else { None };
        let falls_back = error.is_none_or(|error| options.fallback_on.is_none_or(|kinds| kinds.has(error.kind)));
        if self.candidate + 1 < options.fallback.unwrap_or(1) && falls_back {
            self.candidate += 1;
            return Some((options.fallback_delay.unwrap_or_default(), "FallbackDelay"));
        }
        let retries = options.retries.unwrap_or(if options.has_retries() { 3 } else { 0 });
        let is_accepted = error.is_none_or(|error| options.retry_on.is_none_or(|kinds| kinds.has(error.kind)));
        if !is_accepted || self.round == retries {
            return None;
        }
        (self.round, self.candidate) = (self.round + 1, 0);
        let delay = delay(options, self.round);
        // "`retry_after` overrides when larger."
        match options.retry_after.and(error).and_then(|error: &Failed| error.retry_after) {
            Some(asked) if asked > delay => Some((asked, "RetryAfter")),
            _ => Some((delay, "Delay")),
        }
    }

    /// Ends the call because it has no time left, or not enough, for this reason.
    pub(crate) fn timeout(&self, reason: &str) -> Outcome {
        let limit = self.deadline.unwrap_or_default();
        Outcome::Timeout(format!("{limit:?} for model: {reason}"), self.failed.clone())
    }
}

/// "`min(max_delay, min_delay × backoff^(n-1))`", with the defaults of the table.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "milliseconds")]
fn delay(options: &Options, n: u32) -> Duration {
    let min_delay = options.min_delay.unwrap_or(Duration::from_millis(100));
    let factor = (1..n).fold(1.0, |factor, _| factor * options.backoff.unwrap_or(1.5));
    let delay = Duration::from_nanos((min_delay.as_nanos() as f64 * factor).round() as u64);
    delay.min(options.max_delay.unwrap_or(Duration::from_secs(30)))
}

/// Returns the options of a call that are invalid: "a 0 rate, NaN factor, an empty list".
pub(crate) fn wrong_values(options: &Options, script: &Script) -> Vec<&'static str> {
    let is_zero = |value: Option<Duration>| value == Some(Duration::ZERO);
    let is_no_factor = |backoff: f64| !(1.0..f64::INFINITY).contains(&backoff);
    let table = [
        ("backoff", script.has_no_backoff || options.backoff.is_some_and(is_no_factor)),
        ("timeout", is_zero(options.timeout)),
        ("deadline", is_zero(script.deadline.or(options.deadline))),
        ("fallback: c", options.fallback == Some(0)),
        ("cache", is_zero(options.cache)),
        ("rate", is_zero(options.rate)),
        ("burst", options.rate.is_some() && options.burst == Some(0)),
    ];
    table.into_iter().filter(|(_, is_wrong)| *is_wrong).map(|(name, _)| name).collect()
}

/// Returns the value of a body.
pub(crate) fn value_of(call: usize, number: u32) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX) * 1000 + number
}
