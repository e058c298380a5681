//! Two requests with retries and fallback, for the size of a second use.
#![no_std]
#![no_main]

use no_std_check::radio::{Fault, PORTS};
use opero::{Error, opero};

use machine::{Ticks, print};

mod machine;
mod request;

#[unsafe(no_mangle)]
fn run() -> bool {
    tell(opero! { clock: Ticks, retries: 3, fallback: port in PORTS => request::request(*port) });
    tell(opero! { clock: Ticks, retries: 5, min_delay: 20ms, fallback: port in PORTS => request::request(*port + 1) });
    true
}

fn tell(outcome: Result<u8, Error<Fault>>) {
    match outcome {
        Ok(answer) => print(format_args!("{answer}\n")),
        Err(error) => error.last().into_iter().for_each(|fault| print(format_args!("{fault}\n"))),
    }
}
