//! A case: the options of a use, which calls come when, and what each attempt does. Data only.

use std::fmt;
use std::time::Duration;

/// A use and all of its calls, which share its entries and its permits.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) options: Options,
    /// Each call comes at its own time; otherwise each comes after the one before has ended.
    pub(crate) side_by_side: bool,
    /// Each body runs once: no option makes it run again, and it may consume what it captures.
    pub(crate) is_once: bool,
    /// The clock polls a sleep only when it is over, and so never polls a call that was not woken.
    pub(crate) has_timers: bool,
    pub(crate) calls: Vec<Script>,
}

/// The options that are set.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) retries: Option<u32>,
    pub(crate) backoff: Option<f64>,
    pub(crate) min_delay: Option<Duration>,
    pub(crate) max_delay: Option<Duration>,
    /// The kinds of errors that `retry_if` or `retry_on` accepts.
    pub(crate) retry_on: Option<Kinds>,
    /// Reads the wait from the error.
    pub(crate) retry_after: Option<()>,
    /// The number of candidates.
    pub(crate) fallback: Option<usize>,
    pub(crate) fallback_delay: Option<Duration>,
    pub(crate) fallback_on: Option<Kinds>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    /// `Some(Duration::MAX)` is a bare `cache`.
    pub(crate) cache: Option<Duration>,
    /// The entries are in a store.
    pub(crate) store: Option<()>,
    /// One permit in each such period.
    pub(crate) rate: Option<Duration>,
    pub(crate) burst: Option<u32>,
    pub(crate) max_wait: Option<Duration>,
    /// A rate for each key.
    pub(crate) per_args: Option<()>,
}

/// How a case is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// Bodies cannot be interrupted, and calls cannot be dropped.
    Blocking,
    Async,
}

/// A set of kinds of errors, a bit for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinds(pub(crate) u8);

impl Kinds {
    pub(crate) fn has(self, kind: u8) -> bool {
        self.0 >> kind & 1 == 1
    }
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// When it comes; in a sequence, how long after the end of the one before.
    pub(crate) comes: Duration,
    /// It is not a call, but clears the cache.
    pub(crate) clears: bool,
    pub(crate) key: u8,
    /// Its own deadline.
    pub(crate) deadline: Option<Duration>,
    /// Its backoff is not a number.
    pub(crate) has_no_backoff: bool,
    /// An async call is dropped by its caller this long after it came.
    pub(crate) dropped: Option<Duration>,
    /// The steps of its attempts, repeated from the first after the last.
    pub(crate) steps: Vec<Step>,
}

/// What one attempt does.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// First it works this long, during which an async attempt cannot be dropped.
    pub(crate) works: Duration,
    /// Then it waits this long.
    pub(crate) waits: Duration,
    pub(crate) then: Then,
}

#[derive(Clone, Debug)]
pub(crate) enum Then {
    /// Gives a value that identifies the call and the attempt.
    Gives,
    Fails(Failed),
    Panics,
    /// Makes a call in its body, which has a value, or an error for each way to end.
    Asks(Box<Inner>),
}

/// A call in a body, without layers and candidates.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) script: Script,
}

/// The error of a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failed {
    pub(crate) kind: u8,
    pub(crate) retry_after: Option<Duration>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kind {}", self.kind)
    }
}

impl Options {
    /// Does an option of the retries turn them on?
    pub(crate) fn has_retries(&self) -> bool {
        let times = self.min_delay.is_some() || self.max_delay.is_some();
        let judges = self.retry_on.is_some() || self.retry_after.is_some();
        self.retries.is_some() || self.backoff.is_some() || times || judges
    }

    /// Returns the same with all options of the call written out, as in a macro use, whose options are fixed.
    pub(crate) fn written_out(&self) -> Options {
        let with_retries = self.has_retries();
        Options {
            retries: Some(self.retries.unwrap_or(if with_retries { 3 } else { 0 })),
            backoff: Some(self.backoff.unwrap_or(1.5)),
            min_delay: Some(self.min_delay.unwrap_or(Duration::from_millis(100))),
            max_delay: Some(self.max_delay.unwrap_or(Duration::from_secs(30))),
            retry_on: Some(self.retry_on.unwrap_or(Kinds(!0))),
            fallback: Some(self.fallback.unwrap_or(1)),
            fallback_delay: Some(self.fallback_delay.unwrap_or_default()),
            fallback_on: Some(self.fallback_on.unwrap_or(Kinds(!0))),
            timeout: Some(self.timeout.unwrap_or(Duration::MAX)),
            deadline: Some(self.deadline.unwrap_or(Duration::MAX)),
            burst: Some(self.burst.unwrap_or(1)),
            max_wait: Some(self.max_wait.unwrap_or(Duration::MAX)),
            ..self.clone()
        }
    }
}

impl Case {
    /// Returns the same with all options of the call written out.
    pub(crate) fn written_out(&self) -> Case {
        let options = self.options.written_out();
        let fallback = options.fallback.filter(|_| !self.is_once);
        Case { options: Options { fallback, ..options }, ..self.clone() }
    }
}

/// Shows only the options that are set.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_struct("Options");
        macro_rules! fields {
            ($($name:ident)*) => {$(
                if let Some(value) = &self.$name {
                    list.field(stringify!($name), value);
                }
            )*};
        }
        fields! {
            retries backoff min_delay max_delay retry_on retry_after fallback fallback_delay fallback_on timeout
            deadline cache store rate burst max_wait per_args
        }
        list.finish()
    }
}

/// What can be observed of one call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) starts: Vec<Start>,
    pub(crate) outcome: Outcome,
    pub(crate) ended: Duration,
}

/// The start of an attempt.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Start {
    pub(crate) number: u32,
    pub(crate) candidate: usize,
    pub(crate) at: Duration,
    /// The result of `remaining` in the body.
    pub(crate) left: Option<Duration>,
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Start { number, candidate, at, left } = self;
        write!(f, "{number} of {candidate} at {at:?}")?;
        if let Some(left) = left { write!(f, " with {left:?} left") } else { Ok(()) }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Value(u32),
    AllFailed(Vec<Attempt>),
    /// The text contains the limit and the reason.
    Timeout(String, Vec<Attempt>),
    RateLimit {
        retry_after: Duration,
    },
    /// The error names one of these options.
    Configuration(Vec<&'static str>),
    Panicked,
    Dropped,
    Cleared,
    /// None of these, or with wrong contents.
    Other(String),
}

/// A failed attempt as the error shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) round: u32,
    pub(crate) candidate: Option<usize>,
    pub(crate) offset: Duration,
    pub(crate) duration: Duration,
    pub(crate) failure: Failure,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    Error(Failed),
    Timeout(Duration),
}
