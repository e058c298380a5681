//! Reads a value over one of several ports, in every shape that `opero!` has.

use core::cell::Cell;
use core::fmt;

use opero::time::Clock;
use opero::{Error, opero};

/// Why a port has given nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Somebody else is sending.
    Busy,
    /// Nobody is there.
    Silent,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Busy => "the channel is busy",
            Fault::Silent => "nobody has answered",
        })
    }
}

/// The ports, the preferred one first.
pub const PORTS: [u8; 2] = [7, 9];

/// A radio that is busy for a number of requests, and then has an answer on port 9.
#[derive(Debug)]
pub struct Radio {
    busy: Cell<u32>,
}

impl Radio {
    /// A radio that is busy for `busy` requests.
    #[must_use]
    pub const fn new(busy: u32) -> Self {
        Radio { busy: Cell::new(busy) }
    }

    /// One request.
    ///
    /// # Errors
    /// The port has given nothing.
    pub fn request(&self, port: u8) -> Result<u8, Fault> {
        match self.busy.get() {
            0 if port == 9 => Ok(port),
            0 => Err(Fault::Silent),
            busy => {
                self.busy.set(busy - 1);
                Err(Fault::Busy)
            }
        }
    }
}

/// An expression: the port that has answered, and the number of the attempt.
///
/// # Errors
/// No port has answered.
pub fn read(radio: &Radio, clock: &impl Clock) -> Result<(u8, u32), Error<Fault>> {
    opero! { name: "read", clock: clock, retries: 3, fallback: port in PORTS, attempt: number =>
        radio.request(*port).map(|answer| (answer, number))
    }
}

/// A future, which waits by the same clock.
///
/// # Errors
/// No port has answered, or the first to fail was silent.
pub async fn read_later(radio: &Radio, clock: &impl Clock) -> Result<u8, Error<Fault>> {
    opero! { clock: clock, retries: 3, min_delay: 20ms, jitter: full, retry_on: Fault::Busy => async {
        radio.request(9)
    } }
    .await
}

/// A callable: reads over one port as often as it is called, and gives the sum.
///
/// # Errors
/// The port has not answered.
pub fn read_twice(radio: &Radio, clock: &impl Clock) -> Result<u8, Error<Fault>> {
    let read = opero! { clock: clock, retries: 2, backoff: 1.0 => |port: u8| radio.request(port) };
    Ok(read(9)? + read(9)?)
}

opero! { clock: clock, retries: 2, fallback: port in PORTS, fallback_delay: 5ms =>
    /// A function.
    ///
    /// # Errors
    /// No port has answered.
    pub fn listen(radio: &Radio, clock: &impl Clock) -> Result<u8, Error<Fault>> {
        radio.request(*port)
    }
}

opero! { clock: clock, retries: 2, retry_if: |fault| *fault == Fault::Busy =>
    /// An async function.
    ///
    /// # Errors
    /// The port was silent, or busy too often.
    pub async fn listen_later(radio: &Radio, clock: &impl Clock, port: u8) -> Result<u8, Error<Fault>> {
        radio.request(port)
    }
}

opero! { clock: clock, rate: 50/s =>
    /// Sends, 50 times in a second at most.
    ///
    /// # Errors
    /// The radio was busy.
    pub fn send(radio: &Radio, clock: &impl Clock) -> Result<u8, Error<Fault>> {
        radio.request(9)
    }
}

opero! { clock: clock, rate: 50/s, burst: 2 =>
    /// The same for a task, which may send two at once.
    ///
    /// # Errors
    /// The radio was busy.
    pub async fn send_later(radio: &Radio, clock: &impl Clock) -> Result<u8, Error<Fault>> {
        radio.request(9)
    }
}

opero! { clock: clock, rate: 1/min, max_wait: 1s =>
    /// Sends once in a minute at most, and does not wait for the end of it.
    ///
    /// # Errors
    /// The radio was busy, or has sent less than a minute ago.
    pub fn report(radio: &Radio, clock: &impl Clock) -> Result<u8, Error<Fault>> {
        radio.request(9)
    }
}
