//! The request alone.
#![no_std]
#![no_main]

use no_std_check::radio::PORTS;

use machine::print;

mod machine;
mod request;

#[unsafe(no_mangle)]
fn run() -> bool {
    match request::request(PORTS[0]) {
        Ok(answer) => print(format_args!("{answer}\n")),
        Err(fault) => print(format_args!("{fault}\n")),
    }
    true
}
