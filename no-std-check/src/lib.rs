//! opero without the standard library, on a clock of the user's: a radio that reads a value over one of its ports.
#![no_std]
#![deny(missing_docs, unsafe_code, warnings)]
#![deny(clippy::all, clippy::pedantic)]

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

pub mod generic;
pub mod radio;
pub mod ticks;

#[cfg(test)]
mod tests;

/// Polls without an executor until the future is done, as a main loop does.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
