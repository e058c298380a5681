use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::policy::Rate;
use crate::sync::AtomicBool;
use crate::sync::Ordering::Relaxed;

const EVERY_100: Gcra = gcra(1, 100, 1);
const NEVER: u64 = u64::MAX;

const fn gcra(permits: u32, per: u64, burst: u32) -> Gcra {
    Gcra::new(Rate::new(permits, Duration::from_nanos(per)), burst).expect("none is zero")
}

/// A task that records that it was woken.
#[derive(Default)]
struct Task(AtomicBool);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// A waiter in line, as an executor sees it.
struct Caller {
    ticket: Ticket,
    task: Arc<Task>,
    /// When its timer fires.
    timer: u64,
    is_stuck: bool,
}

/// A line, a clock, and an executor that polls only those that are woken or whose timer fires.
#[derive(Default)]
struct World {
    line: Line,
    now: u64,
    callers: Vec<Caller>,
    /// When permits were used.
    used: Vec<u64>,
    polls: usize,
}

impl World {
    fn ask(&mut self, gcra: &Gcra, max_wait: u64) -> Answer {
        let mut calls = Calls::default();
        let answer = self.line.ask(gcra, self.now, max_wait, &mut calls);
        match answer {
            Answer::Free => self.used.push(self.now),
            Answer::TooFar(_) => {}
            Answer::Place(ticket) => {
                let caller = Caller { ticket, task: Arc::default(), timer: 0, is_stuck: false };
                self.callers.push(caller);
            }
        }
        calls.wake();
        self.poll_due();
        answer
    }

    fn leave(&mut self, at: usize) {
        let caller = self.callers.remove(at);
        let mut calls = Calls::default();
        self.line.leave(caller.ticket, self.now, &mut calls);
        calls.wake();
        self.poll_due();
    }

    fn poll_due(&mut self) {
        let is_due = |caller: &Caller, now| !caller.is_stuck && (caller.timer <= now || caller.task.0.load(Relaxed));
        while let Some(at) = self.callers.iter().position(|caller| is_due(caller, self.now)) {
            self.polls += 1;
            let mut calls = Calls::default();
            let caller = &mut self.callers[at];
            caller.task.0.store(false, Relaxed);
            let waker = Waker::from(caller.task.clone());
            if let Some(due) = self.line.look(caller.ticket, self.now, &waker, &mut calls) {
                assert!(due > self.now, "a timer that has fired would fire again");
                caller.timer = due;
            } else {
                self.callers.remove(at);
                self.used.push(self.now);
            }
            calls.wake();
        }
    }

    /// Advances the time, from one timer to the next.
    fn pass(&mut self, until: u64) {
        loop {
            let next = self.callers.iter().filter(|caller| !caller.is_stuck).map(|caller| caller.timer).min();
            match next.filter(|next| *next <= until) {
                Some(next) => self.now = self.now.max(next),
                None => break,
            }
            self.poll_due();
        }
        self.now = until;
    }
}

#[test]
fn waiters_behind_one_that_leaves_move_up() {
    let mut world = World::default();
    for _ in 0..100 {
        world.ask(&EVERY_100, NEVER);
    }
    assert_eq!(world.ask(&EVERY_100, 99), Answer::TooFar(10_000));
    for _ in 0..98 {
        world.leave(0);
    }
    world.pass(1000);
    assert_eq!(world.used, [0, 100]);
    assert_eq!(world.ask(&EVERY_100, NEVER), Answer::Free);
}

#[test]
fn a_waiter_that_leaves_wakes_only_those_that_move_up() {
    let mut world = World::default();
    for _ in 0..100 {
        world.ask(&EVERY_100, NEVER);
    }
    let polls = world.polls;
    for at in (50..99).rev() {
        world.leave(at);
    }
    assert_eq!(world.polls, polls);
    world.pass(10_000);
    assert_eq!(world.used, (0..51).map(|n| 100 * n).collect::<Vec<_>>());
    assert_eq!(world.polls, polls + 50);
}

#[test]
fn a_granted_permit_that_is_not_used_goes_to_the_next() {
    let mut world = World::default();
    for _ in 0..3 {
        world.ask(&EVERY_100, NEVER);
    }
    // The first gets its permit from another call that asks, and leaves before it is polled.
    world.callers[0].is_stuck = true;
    world.now = 120;
    assert_eq!(world.ask(&EVERY_100, 0), Answer::TooFar(180));
    world.leave(0);
    assert_eq!(world.used, [0, 120]);
    world.pass(1000);
    assert_eq!(world.ask(&EVERY_100, 0), Answer::Free);
}

#[test]
fn an_unused_permit_is_lost_once_another_was_granted_after_it() {
    let mut world = World::default();
    for _ in 0..3 {
        world.ask(&EVERY_100, NEVER);
    }
    world.callers[0].is_stuck = true;
    world.pass(200);
    assert_eq!(world.used, [0, 200], "it delays no other");
    world.now = 250;
    world.leave(0);
    assert_eq!(world.ask(&EVERY_100, 0), Answer::TooFar(50));
}

#[test]
fn futures_that_are_no_longer_polled_delay_no_other() {
    let mut world = World::default();
    for _ in 0..40 {
        world.ask(&EVERY_100, NEVER);
    }
    // The waiters before them leave, so the due times they were told are outdated.
    world.callers[10..13].iter_mut().for_each(|caller| caller.is_stuck = true);
    for _ in 0..10 {
        world.leave(0);
    }
    world.pass(4000);
    // The three get permits that expire unused, and the next timer may be late by as much.
    assert_eq!(world.callers.len(), 3);
    assert_eq!(world.used.len(), 27);
    assert!(world.used.iter().zip(0..).all(|(at, n)| *at <= 100 * (n + 3)), "{:?}", world.used);
}

#[test]
fn a_new_rate_applies_to_waiters() {
    let (slow, fast) = (gcra(1, 1_000_000, 1), gcra(1, 10, 1));
    let mut world = World::default();
    for _ in 0..5 {
        world.ask(&slow, NEVER);
    }
    let mut calls = Calls::default();
    world.line.change(&fast, 0, &mut calls);
    calls.wake();
    world.poll_due();
    world.pass(100);
    assert_eq!(world.used, [0, 10, 20, 30, 40]);
}

#[test]
fn under_overload_the_rate_is_reached_although_callers_give_up() {
    // 300 callers arrive evenly within a minute, at a rate of one a second, and each gives up after two seconds.
    const SECOND: u64 = 1_000_000_000;
    let every_second = gcra(1, SECOND, 1);
    let mut world = World::default();
    let mut patience = Vec::new();
    for n in 0..300 {
        let now = n * SECOND / 5;
        while let Some((_, ticket)) = patience.first().copied().filter(|(end, _)| *end <= now) {
            let (end, _) = patience.remove(0);
            world.pass(end);
            if let Some(at) = world.callers.iter().position(|caller| caller.ticket == ticket) {
                world.leave(at);
            }
        }
        world.pass(now);
        if let Answer::Place(ticket) = world.ask(&every_second, NEVER) {
            patience.push((now + 2 * SECOND, ticket));
        }
    }
    assert_eq!(world.used.len(), 60);
    assert!(world.used.windows(2).all(|pair| pair[1] - pair[0] == SECOND), "{:?}", world.used);
}

/// An event: time passes, a call asks, a waiter leaves, or a waiter is no longer polled.
#[derive(Clone, Debug)]
enum Event {
    Pass(u64),
    Ask(u64),
    Leave(Index),
    Stick(Index),
}

fn events(stick: u32) -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0..250_u64).prop_map(Event::Pass),
        6 => prop_oneof![Just(NEVER), 0..1000_u64].prop_map(Event::Ask),
        4 => any::<Index>().prop_map(Event::Leave),
        stick => any::<Index>().prop_map(Event::Stick),
    ];
    prop::collection::vec(event, 1..200)
}

/// Runs the events, and returns the world with the callers in the order in which they used their permits.
fn run(gcra: &Gcra, events: Vec<Event>) -> World {
    let mut world = World::default();
    for event in events {
        let pick = |index: Index, world: &World| (!world.callers.is_empty()).then(|| index.index(world.callers.len()));
        match event {
            Event::Pass(time) => world.pass(world.now + time),
            Event::Ask(max_wait) => drop(world.ask(gcra, max_wait)),
            Event::Leave(index) => pick(index, &world).map_or((), |at| world.leave(at)),
            Event::Stick(index) => pick(index, &world).map_or((), |at| world.callers[at].is_stuck = true),
        }
        assert!(world.callers.is_sorted_by_key(|caller| caller.ticket));
    }
    world
}

proptest! {
    #[test]
    fn no_permit_is_late_or_early_when_waiters_leave(events in events(0), burst in 1..5_u32) {
        let gcra = gcra(1, 100, burst);
        let mut world = run(&gcra, events);
        let (waiting, now) = (world.callers.len(), world.now);
        world.pass(now + 1_000_000);
        prop_assert!(world.callers.is_empty() && world.line.is_empty());
        // While calls wait, permits follow each other without a gap.
        let last = &world.used[world.used.len() - waiting..];
        prop_assert!(last.windows(2).all(|pair| pair[1] - pair[0] == 100), "{last:?}");
        // GCRA over the times of use.
        let mut tat = 0;
        for at in &world.used {
            prop_assert!(gcra.reserve(tat, *at).wait == 0, "{:?}", world.used);
            tat = gcra.reserve(tat, *at).tat;
        }
    }

    #[test]
    fn an_uneven_rate_loses_at_most_a_nanosecond_for_each_waiter_that_leaves(events in events(0)) {
        let gcra = gcra(3, 1000, 2);
        let mut world = run(&gcra, events);
        let (waiting, now) = (world.callers.len(), world.now);
        world.pass(now + 1_000_000);
        let last = &world.used[world.used.len() - waiting..];
        prop_assert!(last.windows(2).all(|pair| (333..=335).contains(&(pair[1] - pair[0]))), "{last:?}");
    }

    #[test]
    fn polled_waiters_get_permits_although_others_are_not_polled(events in events(2), burst in 1..3_u32) {
        let mut world = run(&gcra(1, 100, burst), events);
        let now = world.now;
        world.pass(now + 1_000_000);
        prop_assert!(world.callers.iter().all(|caller| caller.is_stuck));
        prop_assert!(world.line.is_empty() || !world.callers.is_empty());
        // A new call finds the line empty again.
        prop_assert_eq!(world.ask(&gcra(1, 100, burst), 0), Answer::Free);
    }
}

#[test]
fn no_call_waits_for_a_permit_that_is_never_due() {
    let mut world = World { now: NEVER, ..World::default() };
    assert_eq!(world.ask(&EVERY_100, NEVER), Answer::TooFar(NEVER));
    assert!(world.line.is_empty());
    assert_eq!(vec![0_u64; 0], world.used);
}
