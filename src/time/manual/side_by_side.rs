//! Async sleeps that know of each other: who waits, and who has been polled since something last happened.

use alloc::collections::BTreeMap;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::ManualClock;
use crate::sync::{Mutex, Ordering, lock};
use crate::time::{depth, nanos};

/// So many polls of sleeps, or two of each where that is more, have to lead to nothing before time moves. What is woken by way
/// of others, as by a channel, comes to its own sleep meanwhile.
const QUIET: usize = 16;
/// So many, and four of each, and a sleep that is not polled is no longer waited for. An executor may poll its tasks some
/// hundred times before it polls the future it runs beside them.
const PATIENCE: usize = 1000;

/// When a sleep ends, in the order in which they end: at one moment, the limits last, and of those the inner before the outer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    moment: u64,
    rank: usize,
    number: u64,
}

/// The rank of what is no limit. A limit has the greater one, the fewer it stands in.
const PLAIN: usize = 0;

/// What the sleeps of a clock share.
#[derive(Debug)]
pub(super) struct Sleepers(Mutex<Waiting>);

/// The sleeps that wait, without those that have not been polled for long.
#[derive(Debug)]
struct Waiting {
    /// Each with the round in which it was last polled.
    sleeps: BTreeMap<Place, u64>,
    /// How many sleeps there ever were: the number of the next.
    begun: u64,
    /// What the clock said when it was last looked at.
    now: u64,
    /// Another each time something happens: a sleep begins, ends or is dropped, or time moves.
    round: u64,
    /// How many polls there were in this round.
    polls: usize,
    /// How many sleeps have not been polled in it.
    unseen: usize,
}

/// What a sleep does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    End,
    Wait,
    /// Time moves to this moment.
    Move(u64),
}

impl Sleepers {
    pub(super) const fn new() -> Self {
        let sleeps = BTreeMap::new();
        Sleepers(Mutex::new(Waiting { sleeps, begun: 0, now: 0, round: 0, polls: 0, unseen: 0 }))
    }
}

impl Waiting {
    /// Something has happened: every sleep is to be polled again before time moves.
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

    /// The sleep of this place is polled at `now`.
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
        // A limit is over when nothing else comes of its moment.
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

/// An async sleep. It asks to be polled again for as long as it waits.
pub(super) struct Sleep<'c> {
    clock: &'c ManualClock,
    pause: Duration,
    is_limit: bool,
    /// Since the first poll.
    place: Option<Place>,
}

impl<'c> Sleep<'c> {
    pub(super) const fn new(clock: &'c ManualClock, pause: Duration) -> Self {
        Sleep { clock, pause, is_limit: false, place: None }
    }

    /// A sleep that ends when all else of its moment has.
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
