//! Async sleeps that know of each other: which ones wait, and which have been polled since something last happened.

use alloc::collections::BTreeMap;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::ManualClock;
use crate::sync::{Mutex, Ordering, lock};
use crate::time::{depth, nanos};

/// The number of polls of sleeps (or two for each sleep, if that is more) without any event before time advances.
/// Meanwhile a task that is woken indirectly, as by a channel, reaches its own sleep.
const QUIET: usize = 16;
/// After this many polls (and four for each sleep), a sleep that is not polled is no longer waited for. An executor
/// may poll its tasks a few hundred times before it polls the future that it runs beside them.
const PATIENCE: usize = 1000;

/// The order in which sleeps end: by due time; at the same time limits come last, inner ones before outer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    moment: u64,
    rank: usize,
    number: u64,
}

/// The rank of a sleep that is not a limit. The rank of a limit is greater the fewer limits surround it.
const PLAIN: usize = 0;

/// The state shared by the sleeps of a clock.
#[derive(Debug)]
pub(super) struct Sleepers(Mutex<Waiting>);

/// The sleeps that wait, except those that have not been polled for long.
#[derive(Debug)]
struct Waiting {
    /// Each with the round in which it was last polled.
    sleeps: BTreeMap<Place, u64>,
    /// The number of sleeps so far, which is the number of the next.
    begun: u64,
    /// The time at the last poll.
    now: u64,
    /// Incremented by each event: a sleep begins, ends or is dropped, or time advances.
    round: u64,
    /// The number of polls in this round.
    polls: usize,
    /// The number of sleeps that have not been polled in this round.
    unseen: usize,
}

/// The next step of a sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    End,
    Wait,
    /// Advances time to this value.
    Move(u64),
}

impl Sleepers {
    pub(super) const fn new() -> Self {
        let sleeps = BTreeMap::new();
        Sleepers(Mutex::new(Waiting { sleeps, begun: 0, now: 0, round: 0, polls: 0, unseen: 0 }))
    }
}

impl Waiting {
    /// Records an event: every sleep must be polled again before time advances.
    fn begin_round(&mut self) {
        self.round += 1;
        self.polls = 0;
        self.unseen = self.sleeps.len();
    }

    fn begin_sleep(&mut self, moment: u64, is_limit: bool) -> Place {
        let rank = if is_limit { usize::MAX - depth() } else { PLAIN };
        let place = Place { moment, rank, number: self.begun };
        self.begun += 1;
        place
    }

    fn end_sleep(&mut self, place: Place) {
        if self.sleeps.remove(&place).is_some() {
            self.begin_round();
        }
    }

    /// Polls the sleep of this place at `now`.
    fn poll(&mut self, place: Place, now: u64) -> Step {
        if now != self.now {
            self.now = now;
            self.begin_round();
        }
        match self.sleeps.insert(place, self.round) {
            Some(round) if round == self.round => {}
            Some(_) => self.unseen -= 1,
            None => {
                self.begin_round();
                self.sleeps.insert(place, self.round);
                self.unseen -= 1;
            }
        }
        self.polls += 1;
        if self.polls > PATIENCE + 4 * self.sleeps.len() && self.unseen > 0 {
            let round = self.round;
            self.sleeps.retain(|_, seen| *seen == round);
            self.unseen = 0;
        }
        self.step(place, now)
    }

    fn step(&mut self, place: Place, now: u64) -> Step {
        let first = *self.sleeps.first_key_value().map_or(&place, |(first, _)| first);
        // A limit ends after everything else with the same time.
        let is_quiet = self.unseen == 0 && self.polls >= QUIET.max(2 * self.sleeps.len());
        if first == place && place.moment <= now && (is_quiet || place.rank == PLAIN) {
            self.end_sleep(place);
            Step::End
        } else if is_quiet && first.moment > now {
            self.now = first.moment;
            self.begin_round();
            Step::Move(first.moment)
        } else {
            Step::Wait
        }
    }
}

/// An async sleep. It asks to be polled again while it waits.
pub(super) struct Sleep<'c> {
    clock: &'c ManualClock,
    pause: Duration,
    is_limit: bool,
    /// Set at the first poll.
    place: Option<Place>,
}

impl<'c> Sleep<'c> {
    pub(super) const fn new(clock: &'c ManualClock, pause: Duration) -> Self {
        Sleep { clock, pause, is_limit: false, place: None }
    }

    /// Creates a sleep that ends after everything else with the same time.
    pub(super) const fn limit(clock: &'c ManualClock, length: Duration) -> Self {
        Sleep { clock, pause: length, is_limit: true, place: None }
    }
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock;
        let mut waiting = lock(&clock.sleepers.0);
        let now = clock.nanos.load(Ordering::Acquire);
        if self.place.is_none() && self.pause.is_zero() && !self.is_limit {
            return Poll::Ready(());
        }
        let (pause, is_limit) = (nanos(self.pause), self.is_limit);
        let place = *self.place.get_or_insert_with(|| waiting.begin_sleep(now.saturating_add(pause), is_limit));
        let step = waiting.poll(place, now);
        if let Step::Move(moment) = step {
            clock.nanos.fetch_max(moment, Ordering::AcqRel);
        }
        drop(waiting);
        if step == Step::End {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            lock(&self.clock.sleepers.0).end_sleep(place);
        }
    }
}
