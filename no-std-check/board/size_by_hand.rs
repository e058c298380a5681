//! The same by hand: a loop over rounds and candidates, a growing delay, and the errors, of which only the last is kept without an
//! allocator.
#![no_std]
#![no_main]

#[cfg(feature = "alloc")]
extern crate alloc;

use core::time::Duration;

use no_std_check::radio::{Fault, PORTS};
use opero::time::Clock;

use machine::{Ticks, print};

mod machine;
mod request;

#[cfg(feature = "alloc")]
type Faults = alloc::vec::Vec<Fault>;
#[cfg(not(feature = "alloc"))]
type Faults = Option<Fault>;

fn keep(faults: &mut Faults, fault: Fault) {
    #[cfg(feature = "alloc")]
    faults.push(fault);
    #[cfg(not(feature = "alloc"))]
    {
        *faults = Some(fault);
    }
}

fn ask() -> Result<u8, Faults> {
    let (mut faults, mut delay) = (Faults::default(), Duration::from_millis(100));
    for round in 0..4 {
        if round > 0 {
            Ticks.sleep(delay);
            delay = delay * 3 / 2;
        }
        for port in PORTS {
            match request::request(port) {
                Ok(answer) => return Ok(answer),
                Err(fault) => keep(&mut faults, fault),
            }
        }
    }
    Err(faults)
}

#[unsafe(no_mangle)]
fn run() -> bool {
    match ask() {
        Ok(answer) => print(format_args!("{answer}\n")),
        Err(faults) => faults.iter().last().into_iter().for_each(|fault| print(format_args!("{fault}\n"))),
    }
    true
}
