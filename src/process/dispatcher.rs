//! Chooses the child for each body.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context, Poll};

use super::link::{Link, Seat, Stage, Waiting};
use super::manager;
use super::pool::Configuration;
use crate::error::Crash;
use crate::sync::{Mutex, lock};

/// The child processes of one map.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    configuration: Configuration,
    /// The maximum number of children.
    most: usize,
    links: Mutex<Vec<Arc<Link>>>,
    waiting: Arc<Waiting>,
}

/// How to handle a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// Send it to the child at this position.
    Take(usize),
    Start,
    Wait,
}

/// Chooses a child. `loads` has the number of bodies of each child, or `None` if it takes no more. A child without
/// bodies is preferred, then a new child, then the one with the fewest bodies.
fn choose(loads: &[Option<usize>], most: usize) -> Choice {
    let takers = loads.iter().enumerate().filter_map(|(place, load)| load.map(|load| (load, place)));
    match takers.min() {
        Some((0, place)) => Choice::Take(place),
        _ if loads.len() < most => Choice::Start,
        Some((_, place)) => Choice::Take(place),
        None => Choice::Wait,
    }
}

impl Dispatcher {
    pub(super) fn new(configuration: Configuration, most: usize) -> Self {
        Dispatcher { configuration, most, links: Mutex::new(Vec::new()), waiting: Arc::default() }
    }

    pub(super) fn has_init(&self) -> bool {
        self.configuration.init.is_some()
    }

    /// Waits for a seat for a body.
    pub(super) fn poll_seat(&self, context: &Context<'_>) -> Poll<Result<Seat, Crash>> {
        let seat = self.seat().or_else(|| {
            self.waiting.add(context.waker());
            // A child may have ended meanwhile.
            self.seat()
        });
        seat.map_or(Poll::Pending, Poll::Ready)
    }

    fn seat(&self) -> Option<Result<Seat, Crash>> {
        let mut links = lock(&self.links);
        links.retain(|link| link.stage() != Stage::Ended);
        let load = |link: &Arc<Link>| (link.stage() != Stage::Retired).then(|| link.load());
        let loads: Vec<_> = links.iter().map(load).collect();
        match choose(&loads, self.most) {
            Choice::Take(place) => links.get(place).map(|link| Ok(Seat::new(link))),
            Choice::Start => match manager::start(self.configuration, Arc::clone(&self.waiting)) {
                Ok(link) => {
                    let seat = Seat::new(&link);
                    links.push(link);
                    Some(Ok(seat))
                }
                Err(error) => Some(Err(Crash::not_started(error))),
            },
            Choice::Wait => None,
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        for link in lock(&self.links).iter() {
            link.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_goes_to_the_child_with_the_fewest_bodies() {
        assert_eq!(choose(&[], 2), Choice::Start);
        assert_eq!(choose(&[Some(1)], 2), Choice::Start);
        assert_eq!(choose(&[Some(0)], 2), Choice::Take(0));
        assert_eq!(choose(&[Some(5), Some(4)], 2), Choice::Take(1));
        assert_eq!(choose(&[None, Some(4)], 2), Choice::Take(1));
        assert_eq!(choose(&[None, None], 2), Choice::Wait);
        assert_eq!(choose(&[None], 2), Choice::Start);
    }
}
