use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::sync::AtomicBool;
use crate::sync::Ordering::Relaxed;

/// A task that records that it was woken.
#[derive(Default)]
struct Task(AtomicBool);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// A waiter, as an executor sees it.
struct Caller {
    ticket: Ticket,
    task: Arc<Task>,
    /// When its timer fires.
    timer: u64,
    is_stuck: bool,
}

/// A line, a server that reserves a permit every 100, and an executor that polls only those that are woken or whose
/// timer fires.
#[derive(Default)]
struct World {
    line: Handover,
    now: u64,
    /// The theoretical arrival time on the server.
    tat: u64,
    next: u64,
    callers: Vec<Caller>,
    used: Vec<u64>,
    free: Vec<u64>,
}

const INTERVAL: u64 = 100;

fn permit(due: u64) -> Permit {
    let tat = |moment: u64| (i64::try_from(moment).expect("a small number"), 0);
    Permit { before: tat(due), after: tat(due + INTERVAL) }
}

impl World {
    fn ask(&mut self) {
        let due = self.tat.max(self.now);
        self.tat = due + INTERVAL;
        if due == self.now {
            return self.used.push(due);
        }
        let ticket = Ticket::numbered(self.next);
        self.next += 1;
        self.line.join(ticket, due, permit(due));
        self.callers.push(Caller { ticket, task: Arc::default(), timer: 0, is_stuck: false });
        self.poll_all();
    }

    fn leave(&mut self, at: usize) {
        let caller = self.callers.remove(at);
        let mut calls = Calls::default();
        if let Some(permit) = self.line.leave(caller.ticket, self.now, &mut calls) {
            let due = u64::try_from(permit.before.0).expect("not before 0");
            self.free.push(due);
            if due + INTERVAL == self.tat {
                self.tat = due;
            }
        }
        calls.wake();
        self.poll_all();
    }

    /// Advances the time to `end`.
    fn pass(&mut self, end: u64) {
        while let Some(timer) = self.callers.iter().filter(|caller| !caller.is_stuck).map(|caller| caller.timer).min() {
            if timer > end {
                break;
            }
            self.now = self.now.max(timer);
            self.poll_all();
        }
        self.now = end;
    }

    fn poll_all(&mut self) {
        while let Some(at) = self
            .callers
            .iter()
            .position(|caller| !caller.is_stuck && (caller.timer <= self.now || caller.task.0.load(Relaxed)))
        {
            let caller = &mut self.callers[at];
            caller.task.0.store(false, Relaxed);
            let mut calls = Calls::default();
            if let Some(due) = self.line.look(caller.ticket, self.now, &caller.task.clone().into(), &mut calls) {
                caller.timer = due;
            } else {
                self.used.push(self.now);
                self.callers.remove(at);
            }
            calls.wake();
        }
    }
}

#[derive(Clone, Debug)]
enum Event {
    Ask,
    Pass(u64),
    Leave(Index),
    Stick(Index),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Ask),
        2 => (0_u64..250).prop_map(Event::Pass),
        2 => any::<Index>().prop_map(Event::Leave),
        1 => any::<Index>().prop_map(Event::Stick),
    ];
    prop::collection::vec(event, 0..60)
}

proptest! {
    #[test]
    fn each_polled_waiter_has_its_own_time_and_leaves_no_gap(events in events(), may_stick in any::<bool>()) {
        let mut world = World::default();
        let (mut asked, mut stuck) = (0, 0);
        for event in events {
            match event {
                Event::Ask => {
                    asked += 1;
                    world.ask();
                }
                Event::Pass(time) => world.pass(world.now + time),
                Event::Leave(index) if !world.callers.is_empty() => world.leave(index.index(world.callers.len())),
                Event::Stick(index) if may_stick && stuck < NEAR / 2 && !world.callers.is_empty() => {
                    stuck += 1;
                    let at = index.index(world.callers.len());
                    world.callers[at].is_stuck = true;
                }
                Event::Leave(_) | Event::Stick(_) => {}
            }
            prop_assert_eq!(world.line.moments.len(), world.line.waiting.len());
            prop_assert!(world.line.moments.iter().is_sorted_by_key(|moment| moment.due));
        }
        world.pass(world.now + 100 * INTERVAL);
        prop_assert!(world.used.windows(2).all(|pair| pair[1] - pair[0] >= INTERVAL), "{:?}", world.used);
        prop_assert!(world.used.len() + world.free.len() <= asked);
        prop_assert!(world.callers.iter().all(|caller| caller.is_stuck), "each polled waiter had its permit");
        if !may_stick {
            prop_assert!(world.line.is_empty());
            prop_assert_eq!(world.used.last().map_or(0, |last| last + INTERVAL), world.tat, "no due time is left over");
        }
    }
}

/// The times at which the first of five leaves, so that the others move up.
#[test]
fn waiters_behind_move_up_and_the_last_time_is_free() {
    for leaver in 0..4 {
        let mut world = World::default();
        (0..5).for_each(|_| world.ask());
        world.pass(50);
        world.leave(leaver);
        world.pass(1000);
        assert_eq!((world.used, world.free), (vec![0, 100, 200, 300], vec![400]), "place {leaver}");
    }
}

#[test]
fn if_all_leave_everything_is_given_back() {
    let mut world = World::default();
    (0..5).for_each(|_| world.ask());
    for at in [2, 0, 1, 0] {
        world.leave(at);
    }
    assert_eq!((world.free, world.tat, world.line.is_empty()), (vec![400, 300, 200, 100], 100, true));
}

#[test]
fn a_time_that_has_passed_is_not_handed_on() {
    let mut world = World::default();
    (0..4).for_each(|_| world.ask());
    world.callers[0].is_stuck = true;
    world.pass(150);
    world.leave(0);
    assert!(world.free.is_empty(), "it would come too close to the next");
    world.pass(1000);
    assert_eq!(world.used, [0, 200, 300]);
}

#[test]
fn a_waiter_that_does_not_come_delays_no_other() {
    let mut world = World::default();
    (0..9).for_each(|_| world.ask());
    world.callers[..3].iter_mut().for_each(|caller| caller.is_stuck = true);
    world.leave(3);
    world.pass(1000);
    assert_eq!(world.used, [0, 400, 500, 600, 700], "the three stuck ones keep their due times");
}

#[test]
fn a_late_answer_is_placed_by_its_due_time() {
    let mut line = Handover::default();
    let mut calls = Calls::default();
    let tickets = [300, 100, 200].map(|due| {
        let ticket = Ticket::numbered(due);
        line.join(ticket, due, permit(due));
        ticket
    });
    let due = tickets.map(|ticket| line.look(ticket, 0, Waker::noop(), &mut calls));
    assert_eq!(due, [Some(300), Some(100), Some(200)]);
    assert_eq!(line.leave(tickets[1], 0, &mut calls), Some(permit(300)));
    assert_eq!(line.look(tickets[2], 0, Waker::noop(), &mut calls), Some(100));
    assert_eq!(line.look(tickets[0], 0, Waker::noop(), &mut calls), Some(200));
    assert_eq!(line.leave(Ticket::numbered(9), 0, &mut calls), None, "not in line");
}
