//! Sealed traits: only opero implements them.
use core::time::Duration;
use opero::Name;
use opero::map::{Items, Sink};
use opero::policy::ErrorPolicy;

struct Mine;

impl Name for Mine {
    fn as_str(&self) -> &str {
        "mine"
    }
}

impl<E> ErrorPolicy<E> for Mine {
    fn delay(&mut self, _: &E) -> Option<Duration> {
        None
    }
}

impl Sink for Mine {
    type Report = ();

    fn report(self) -> Option<()> {
        None
    }
}

impl Items<u8> for Mine {
    type Item = u8;
    type Input = ();

    fn input(self) {}
}

fn main() {}
