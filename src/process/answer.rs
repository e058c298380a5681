//! The answer of a child: a value, the error of the body, its panic, or a serialization error.

use alloc::borrow::ToOwned;
#[cfg(feature = "async")]
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::any::Any;
#[cfg(feature = "async")]
use core::future::Future;
#[cfg(feature = "async")]
use core::mem;
use core::panic::AssertUnwindSafe;
#[cfg(feature = "async")]
use core::pin::Pin;
#[cfg(feature = "async")]
use core::task::{Context, Poll};
use std::panic::catch_unwind;
#[cfg(feature = "async")]
use std::panic::resume_unwind;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{self, Reader};
use crate::error::{Failure, Serialization};

const VALUE: u8 = 0;
const ERROR: u8 = 1;
const PANIC: u8 = 2;
const PROBLEM: u8 = 3;

/// Runs a body and appends its answer to the bytes.
pub(super) fn write<T: Serialize, E: Serialize>(
    bytes: &mut Vec<u8>,
    body: impl FnOnce() -> Result<Result<T, E>, Serialization>,
) {
    let begin = bytes.len();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let written = body().and_then(|result| match &result {
            Ok(value) => write_as(bytes, VALUE, value),
            Err(error) => write_as(bytes, ERROR, error),
        });
        if let Err(problem) = written {
            bytes.truncate(begin);
            bytes.push(PROBLEM);
            bytes.extend(problem.to_string().as_bytes());
        }
    }));
    if let Err(payload) = outcome {
        bytes.truncate(begin);
        bytes.push(PANIC);
        bytes.extend(message(&*payload).as_bytes());
        // Dropping a payload may panic.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(core::mem::forget);
    }
}

/// Creates the future of a body. It returns its answer behind `room` bytes, which are left free.
#[cfg(feature = "async")]
pub(super) fn of_future<T, E, F>(
    room: usize,
    make: impl FnOnce() -> Result<F, Serialization>,
) -> Pin<Box<dyn Future<Output = Vec<u8>>>>
where
    T: Serialize,
    E: Serialize,
    F: Future<Output = Result<T, E>> + 'static,
{
    let mut bytes = alloc::vec![0; room];
    match catch_unwind(AssertUnwindSafe(make)) {
        Ok(Ok(future)) => return Box::pin(Answering { future, bytes }),
        Ok(Err(problem)) => write::<T, E>(&mut bytes, || Err(problem)),
        Err(payload) => write::<T, E>(&mut bytes, || resume_unwind(payload)),
    }
    Box::pin(core::future::ready(bytes))
}

#[cfg(feature = "async")]
pin_project_lite::pin_project! {
    /// The future of a body and of its answer.
    struct Answering<F> {
        #[pin]
        future: F,
        bytes: Vec<u8>,
    }
}

#[cfg(feature = "async")]
impl<T: Serialize, E: Serialize, F: Future<Output = Result<T, E>>> Future for Answering<F> {
    type Output = Vec<u8>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<u8>> {
        let this = self.project();
        let result = match catch_unwind(AssertUnwindSafe(|| this.future.poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => Ok(result),
            Err(payload) => Err(payload),
        };
        write(this.bytes, || Ok(result.unwrap_or_else(|payload| resume_unwind(payload))));
        Poll::Ready(mem::take(this.bytes))
    }
}

fn write_as(bytes: &mut Vec<u8>, kind: u8, value: &impl Serialize) -> Result<(), Serialization> {
    bytes.push(kind);
    codec::write(bytes, value)
}

fn message(payload: &(dyn Any + Send)) -> String {
    match payload.downcast_ref::<&'static str>() {
        Some(text) => (*text).to_owned(),
        None => payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "the panic has no message".to_owned()),
    }
}

/// Parses the answer of a child. An inner `Err` of text is the message of a panic. `None` if the bytes are not a valid
/// answer.
pub(super) fn read<T: DeserializeOwned, E: DeserializeOwned>(
    bytes: &[u8],
) -> Option<Result<Result<T, Failure<E>>, String>> {
    let (kind, rest) = bytes.split_first()?;
    let text = || String::from_utf8_lossy(rest).into_owned();
    Some(Ok(match *kind {
        VALUE => Reader::new(rest).only().map_err(Failure::Serialization),
        ERROR => Err(Reader::new(rest).only().map_or_else(Failure::Serialization, Failure::Error)),
        PANIC => return Some(Err(text())),
        PROBLEM => Err(Failure::Serialization(Serialization::told(text()))),
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;
    use alloc::vec;
    use std::panic::resume_unwind;

    use super::*;

    fn through(body: impl FnOnce() -> Result<u32, String>) -> Result<Result<u32, Failure<String>>, String> {
        let mut bytes = vec![];
        write(&mut bytes, || Ok(body()));
        read(&bytes).expect("an answer")
    }

    #[test]
    fn an_answer_is_what_the_body_returned() {
        assert_eq!(through(|| Ok(7)), Ok(Ok(7)));
        assert_eq!(through(|| Err("no".into())), Ok(Err(Failure::Error("no".into()))));
        assert_eq!(through(|| resume_unwind(Box::new("a message"))), Err("a message".into()));
        assert_eq!(through(|| resume_unwind(Box::new(7))), Err("the panic has no message".into()));
    }

    #[test]
    fn invalid_bytes_are_not_an_answer() {
        assert!(read::<u32, String>(&[]).is_none());
        assert!(read::<u32, String>(&[9, 1]).is_none());
        assert!(matches!(read::<u32, String>(&[VALUE, 0xc1]), Some(Ok(Err(Failure::Serialization(_))))));
        assert!(matches!(read::<u32, String>(&[VALUE, 1, 1]), Some(Ok(Err(Failure::Serialization(_))))));
    }
}
