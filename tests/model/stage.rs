//! Where a case runs: the clock, what the bodies do, and what was observed of each call.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_lite::FutureExt;
use futures_lite::future::or;
use opero::cache::{Memory, Store};
use opero::time::{Clock, remaining};
use opero::{Error, cache};

use crate::attempts::{ALL_FAILED, TIMED_OUT, value_of, wrong_values};
use crate::case::{Attempt, Case, Failed, Failure, Outcome, Start, Step, Then, Told};
use crate::clock::TestClock;
use crate::executor::{self, Task};
use crate::inner;

/// The namespace of the uses in the cache.
pub(crate) const NAMESPACE: &str = "model";

type Caught = Result<Result<u32, Error<Failed>>, Box<dyn Any + Send>>;

pub(crate) struct Stage<'c> {
    pub(crate) case: &'c Case,
    pub(crate) clock: Arc<TestClock>,
    /// Where the entries are, if the case has a store.
    pub(crate) memory: Option<Memory<u32, Arc<TestClock>>>,
    /// When the case begins.
    start: Duration,
    starts: RefCell<Vec<Vec<Start>>>,
    told: RefCell<Vec<Option<Told>>>,
}

/// The payload of a body's panic: no message is printed for it.
struct OnPurpose;

impl<'c> Stage<'c> {
    pub(crate) fn new(case: &'c Case) -> Self {
        let (calls, clock) = (case.calls.len(), Arc::new(TestClock::new(case.has_timers)));
        let memory = || Memory::with_capacity(100).clock(clock.clone());
        Stage {
            case,
            memory: case.options.store.map(|()| memory()),
            clock,
            start: Duration::ZERO,
            starts: RefCell::new(vec![Vec::new(); calls]),
            told: RefCell::new(vec![None; calls]),
        }
    }

    /// Starts with an advanced clock: the permits of a static are free again.
    pub(crate) fn later(mut self, start: Duration) -> Self {
        self.clock.advance(start);
        self.start = start;
        self
    }

    fn now(&self) -> Duration {
        self.clock.now().saturating_sub(self.start)
    }

    /// Returns the key of a call.
    pub(crate) fn key(&self, who: usize) -> u8 {
        self.case.calls[who].key
    }

    /// Runs the calls one after the other, by `call`.
    pub(crate) fn play(&self, call: impl Fn(usize) -> Result<u32, Error<Failed>>) -> Vec<Told> {
        for (who, script) in self.case.calls.iter().enumerate() {
            self.clock.advance(script.comes);
            let outcome = if script.clears {
                self.clear()
            } else {
                self.outcome(who, catch_unwind(AssertUnwindSafe(|| call(who))))
            };
            self.note(who, outcome);
        }
        self.seen()
    }

    /// Runs the calls without blocking; concurrently, if the case says so.
    pub(crate) fn play_async<F>(&self, call: impl Fn(usize) -> F) -> Vec<Told>
    where
        F: Future<Output = Result<u32, Error<Failed>>>,
    {
        let call = &call;
        let one = async move |who: usize| {
            self.clock.sleep_async(self.case.calls[who].comes).await;
            let clears = self.case.calls[who].clears;
            let outcome = if clears { self.clear() } else { self.until_dropped(who, call(who)).await };
            self.note(who, outcome);
        };
        let calls = 0..self.case.calls.len();
        let tasks: Vec<Task<'_>> = if self.case.side_by_side {
            let one = &one;
            calls.map(|who| Box::pin(one(who)) as Task<'_>).collect()
        } else {
            vec![Box::pin(async {
                for who in calls {
                    one(who).await;
                }
            })]
        };
        executor::run(tasks, || self.clock.skip());
        self.seen()
    }

    fn clear(&self) -> Outcome {
        match &self.memory {
            Some(memory) => memory.clear(NAMESPACE).unwrap_or_else(|never| match never {}),
            None => cache::clear(Some(NAMESPACE)),
        };
        Outcome::Cleared
    }

    async fn until_dropped(&self, who: usize, call: impl Future<Output = Result<u32, Error<Failed>>>) -> Outcome {
        let call = async { Some(AssertUnwindSafe(call).catch_unwind().await) };
        let outcome = match self.case.calls[who].dropped {
            None => call.await,
            Some(after) => {
                let drop = async {
                    self.clock.sleep_async(after).await;
                    None
                };
                or(call, drop).await
            }
        };
        outcome.map_or(Outcome::Dropped, |outcome| self.outcome(who, outcome))
    }

    /// The body of a blocking call.
    pub(crate) fn execute(&self, who: usize, number: u32, candidate: usize) -> Result<u32, Failed> {
        let step = self.begin(who, number, candidate);
        self.clock.advance(step.works + step.waits);
        match &step.then {
            Then::Asks(inner) => told_of(&inner::ask(self, who, number * 1000, inner), value_of(who, number)),
            then => end(then, value_of(who, number)),
        }
    }

    /// The body of an async call.
    pub(crate) async fn execute_async(&self, who: usize, number: u32, candidate: usize) -> Result<u32, Failed> {
        let step = self.begin(who, number, candidate);
        self.work(step).await;
        match &step.then {
            Then::Asks(inner) => {
                told_of(&inner::ask_async(self, who, number * 1000, inner).await, value_of(who, number))
            }
            then => end(then, value_of(who, number)),
        }
    }

    /// Spends the time of the step.
    pub(crate) async fn work(&self, step: &Step) {
        self.clock.advance(step.works);
        if !step.waits.is_zero() {
            self.clock.sleep_async(step.waits).await;
        }
    }

    fn begin(&self, who: usize, number: u32, candidate: usize) -> &Step {
        self.note_start(who, number, candidate);
        let steps = &self.case.calls[who].steps;
        &steps[(number as usize - 1) % steps.len()]
    }

    /// Records the start of an attempt.
    pub(crate) fn note_start(&self, who: usize, number: u32, candidate: usize) {
        let start = Start { number, candidate, at: self.now(), left: remaining() };
        self.starts.borrow_mut()[who].push(start);
    }

    fn note(&self, who: usize, outcome: Outcome) {
        let starts = self.starts.borrow()[who].clone();
        self.told.borrow_mut()[who] = Some(Told { starts, outcome, ended: self.now() });
    }

    /// Returns what was observed. A call that never ended hangs.
    fn seen(&self) -> Vec<Told> {
        let hangs = |who: usize| Told {
            starts: self.starts.borrow()[who].clone(),
            outcome: Outcome::Other("it hangs".into()),
            ended: Duration::MAX,
        };
        self.told.take().into_iter().enumerate().map(|(who, told)| told.unwrap_or_else(|| hangs(who))).collect()
    }

    fn outcome(&self, who: usize, outcome: Caught) -> Outcome {
        let error = match outcome {
            Ok(Ok(value)) => return Outcome::Value(value),
            Ok(Err(error)) => error,
            Err(panic) if panic.is::<OnPurpose>() => return Outcome::Panicked,
            Err(panic) => resume_unwind(panic),
        };
        match &error {
            Error::AllFailed(failed) => Outcome::AllFailed(failed.attempts().iter().map(attempt).collect()),
            Error::Timeout(timeout) => {
                let text = format!("{:?} for {}: {:?}", timeout.limit(), timeout.name(), timeout.reason());
                Outcome::Timeout(text, timeout.attempts().iter().map(attempt).collect())
            }
            Error::RateLimit(limit) => Outcome::RateLimit { retry_after: limit.retry_after() },
            Error::Configuration(configuration) => {
                let wrong = wrong_values(&self.case.options, &self.case.calls[who]);
                let is_named = wrong.iter().any(|name| configuration.problem().contains(&format!("`{name}")));
                if is_named { Outcome::Configuration(wrong) } else { Outcome::Other(error.to_string()) }
            }
            _ => Outcome::Other(error.to_string()),
        }
    }
}

/// Returns the result of a body that has made a call.
fn told_of(outcome: &Result<u32, Error<Failed>>, value: u32) -> Result<u32, Failed> {
    let then = match outcome {
        Ok(_) => &Then::Gives,
        Err(Error::Timeout(_)) => TIMED_OUT,
        Err(_) => ALL_FAILED,
    };
    end(then, value)
}

pub(crate) fn end(then: &Then, value: u32) -> Result<u32, Failed> {
    match then {
        Then::Gives => Ok(value),
        Then::Fails(error) => Err(error.clone()),
        Then::Panics => resume_unwind(Box::new(OnPurpose)),
        Then::Asks(_) => unreachable!("a call in a body makes no other"),
    }
}

fn attempt(attempt: &opero::Attempt<Failed>) -> Attempt {
    let failure = match attempt.failure() {
        opero::Failure::Error(error) => Failure::Error(error.clone()),
        opero::Failure::Timeout(limit) => Failure::Timeout(*limit),
        other => unreachable!("{other:?}"),
    };
    Attempt {
        number: attempt.number(),
        round: attempt.retry(),
        candidate: attempt.candidate(),
        offset: attempt.offset(),
        duration: attempt.duration(),
        failure,
    }
}

/// When the next case on the statics begins: long after all before it.
pub(crate) struct Ages(Cell<u64>);

impl Ages {
    pub(crate) const fn new() -> Self {
        Ages(Cell::new(0))
    }

    pub(crate) fn next(&self) -> Duration {
        self.0.set(self.0.get() + 1);
        Duration::from_secs(3600) * u32::try_from(self.0.get()).unwrap()
    }
}
