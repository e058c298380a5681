//! What both weigh: a request whose outcome the compiler cannot know, and which may panic, as most programs may.

use core::hint::black_box;

use no_std_check::radio::Fault;

#[inline(never)]
pub fn request(port: u8) -> Result<u8, Fault> {
    Err([Fault::Silent, Fault::Busy][usize::from(black_box(port))])
}
