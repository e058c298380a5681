//! The request of all programs. The compiler does not know its outcome, and it may panic, as in most programs.

use core::hint::black_box;

use no_std_check::radio::Fault;

#[inline(never)]
pub fn request(port: u8) -> Result<u8, Fault> {
    Err([Fault::Silent, Fault::Busy][usize::from(black_box(port))])
}
