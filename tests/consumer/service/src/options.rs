//! Every option at once, within the default recursion limit.

use std::time::Duration;

use resil::cache::Memory;
use resil::time::ManualClock;
use resil::{Error, opero};

/// Why a host gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It says when to come back.
    Busy(u64),
    /// It is gone.
    Gone,
}

/// Asks hosts, as an expression.
///
/// # Errors
/// No host has answered.
pub fn ask(
    clock: &ManualClock,
    answers: &Memory<u32>,
    answer: &mut dyn FnMut(&str, u32) -> Result<u32, Fault>,
) -> Result<u32, Error<Fault>> {
    opero! {
        cache: 1h30m,
        key: (1, "a"),
        namespace: "options",
        capacity: 10,
        store: answers,
        timeout: 10s,
        deadline: 1m,
        rate: 1000/s,
        burst: 5,
        scope: per_key("a"),
        max_wait: 1s,
        retries: 3,
        backoff: 2.0,
        min_delay: 10ms,
        max_delay: 1s,
        jitter: none,
        retry_on: Fault::Busy(_) | Fault::Gone,
        retry_if: |fault| *fault != Fault::Busy(0),
        retry_after: |fault| if let Fault::Busy(secs) = fault { Some(Duration::from_secs(*secs)) } else { None },
        attempt: number,
        fallback: host in ["a", "b"],
        fallback_delay: 1ms,
        fallback_on: Fault::Busy(_),
        name: "ask",
        clock: clock,
        => answer(host, number)
    }
}

opero! {
    cache: 250ms,
    key: limits.as_ref().map_or(0, Vec::len),
    namespace: "options",
    capacity: 1_000,
    store: answers,
    timeout: 10s,
    deadline: 1m,
    rate: 1000/s,
    burst: 5,
    scope: per_key(limits.is_none()),
    max_wait: 1s,
    retries: 3,
    backoff: 2.0,
    min_delay: 10ms,
    max_delay: 1s,
    jitter: none,
    retry_on: Fault::Busy(_) | Fault::Gone,
    retry_if: |fault| *fault != Fault::Busy(0),
    retry_after: |fault| if let Fault::Busy(secs) = fault { Some(Duration::from_secs(*secs)) } else { None },
    attempt: number,
    fallback: host in ["a", "b"],
    fallback_delay: 1ms,
    fallback_on: Fault::Busy(_),
    name: "ask_later",
    clock: clock,
    =>
    /// Asks hosts, as a function with everything that a signature may have.
    ///
    /// # Errors
    /// No host has answered.
    pub async fn ask_later<'clock, 'host, A, F>(
        clock: &'clock ManualClock,
        answers: &Memory<u32, &'clock ManualClock>,
        mut answer: A,
        limits: Option<Vec<Result<u8, &'host str>>>,
    ) -> Result<u32, Error<Fault>>
    where
        A: FnMut(&'static str, u32, usize) -> F + 'host,
        F: Future<Output = Result<u32, Fault>>,
        'host: 'clock,
    {
        answer(host, number, limits.as_ref().map_or(0, Vec::len)).await
    }
}

opero! {
    infallible,
    cache: 250ms,
    key: (&host, number.len()),
    namespace: "options",
    capacity: 1_000,
    store: answers,
    name: "guess",
    clock: clock,
    =>
    /// Guesses without asking anyone, with every option of a call that cannot fail.
    pub fn guess<'host, const N: usize, H>(
        clock: &ManualClock,
        answers: &Memory<u32, &ManualClock>,
        host: &'host H,
        number: &'host [u8; N],
    ) -> u32
    where
        H: AsRef<str> + std::hash::Hash + ?Sized + 'host,
    {
        u32::try_from(host.as_ref().len() + N).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::future::block_on;

    use super::*;

    #[test]
    fn every_option_works() {
        let clock = ManualClock::new();
        let answers = Memory::new();
        let mut asked = Vec::new();
        let outcome = ask(&clock, &answers, &mut |host, number| {
            asked.push((host.to_owned(), number, clock.elapsed().as_millis()));
            match number {
                1 => Err(Fault::Busy(5)),
                2 | 3 => Err(Fault::Gone),
                _ => Ok(number),
            }
        });
        assert_eq!(outcome, Ok(4));
        let expected = [("a", 1, 0), ("b", 2, 1), ("a", 3, 11), ("a", 4, 31)];
        assert_eq!(asked, expected.map(|(host, number, at)| (host.to_owned(), number, at)));
        assert_eq!(ask(&clock, &answers, &mut |_, _| Err(Fault::Gone)), Ok(4), "from the cache");
    }

    #[test]
    fn a_call_that_cannot_fail_gives_its_value() {
        let clock = ManualClock::new();
        let answers = Memory::new().clock(&clock);
        assert_eq!((guess(&clock, &answers, "ab", &[0]), guess(&clock, &answers, "ab", &[1])), (3, 3));
        assert_eq!(guess(&clock, &answers, "ab", &[0, 1]), 4);
    }

    #[test]
    fn the_same_as_a_function() {
        let clock = ManualClock::new();
        let answers = Memory::new().clock(&clock);
        let busy_twice = async |_: &str, n, _| if n < 3 { Err(Fault::Busy(1)) } else { Ok(n) };
        let outcome = block_on(ask_later(&clock, &answers, busy_twice, None));
        assert_eq!(outcome, Ok(3));
        assert_eq!(clock.elapsed(), Duration::from_millis(1001));
        assert_eq!(block_on(ask_later(&clock, &answers, busy_twice, None)), Ok(3), "from the cache");
        assert_eq!(clock.elapsed(), Duration::from_millis(1001));
        let busy = async |_: &str, _, _| Err(Fault::Busy(0));
        let error = block_on(ask_later(&clock, &answers, busy, None)).unwrap_err();
        assert_eq!((error.attempts().len(), error.name()), (2, "ask_later"));
    }
}
