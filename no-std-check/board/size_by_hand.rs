//! The same written by hand: a loop over rounds and candidates, a growing delay, and a list of the errors.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;
use core::time::Duration;

use no_std_check::radio::{Fault, PORTS};
use opero::time::Clock;

use machine::{Ticks, print};

mod machine;
mod request;

fn ask() -> Result<u8, Vec<Fault>> {
    let (mut faults, mut delay) = (Vec::new(), Duration::from_millis(100));
    for round in 0..4 {
        if round > 0 {
            Ticks.sleep(delay);
            delay = delay * 3 / 2;
        }
        for port in PORTS {
            match request::request(port) {
                Ok(answer) => return Ok(answer),
                Err(fault) => faults.push(fault),
            }
        }
    }
    Err(faults)
}

#[unsafe(no_mangle)]
fn run() -> bool {
    match ask() {
        Ok(answer) => print(format_args!("{answer}\n")),
        Err(faults) => faults.last().into_iter().for_each(|fault| print(format_args!("{fault}\n"))),
    }
    true
}
