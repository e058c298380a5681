//! A request with retries and fallback. Its size is compared with the one without.
#![no_std]
#![no_main]

use no_std_check::radio::PORTS;
use opero::opero;

use machine::{Ticks, print};

mod machine;
mod request;

#[unsafe(no_mangle)]
fn run() -> bool {
    match opero! { clock: Ticks, retries: 3, fallback: port in PORTS => request::request(*port) } {
        Ok(answer) => print(format_args!("{answer}\n")),
        Err(error) => error.last().into_iter().for_each(|fault| print(format_args!("{fault}\n"))),
    }
    true
}
