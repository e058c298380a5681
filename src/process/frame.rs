//! The protocol on the socket between parent and child: frames of a header and a payload.
//!
//! | from | frame | payload |
//! |---|---|---|
//! | parent | [`HELLO`], once | the executable, the initial function, the memory limit: [`Hello`] |
//! | child | [`GREETING`], once | the executable |
//! | child | [`READY`] or [`INIT_FAILED`], once | – |
//! | parent | a number from [`FIRST`] on | the job, its context and its arguments: [`Request`] |
//! | child | that number | the answer; empty if the body was cancelled |
//! | parent | [`CANCEL`], to a child with many bodies | the number of a request that was cancelled |
//! | parent | [`BYE`] | – |

use alloc::vec::Vec;

use super::code::{FunctionOffset, Job};
#[cfg(feature = "observe")]
use crate::observe::correlation::{Id, current};
use crate::time::{nanos, remaining};

/// The length of a header: the length and the kind of the payload.
pub(super) const HEADER: usize = 16;

pub(super) const HELLO: u64 = 0x6f70_6572_6f01;
pub(super) const GREETING: u64 = 1;
pub(super) const READY: u64 = 2;
pub(super) const INIT_FAILED: u64 = 3;
pub(super) const BYE: u64 = 4;
#[cfg(feature = "async")]
pub(super) const CANCEL: u64 = 5;
/// The number of the first request.
pub(super) const FIRST: u64 = 16;

/// The maximum length of a frame. A greater length is invalid.
const LONGEST: u64 = if usize::BITS == 64 { 1 << 40 } else { 1 << 30 };

/// Stands for a number that is not given.
const NONE: u64 = u64::MAX;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) length: usize,
    pub(super) kind: u64,
}

impl Header {
    /// Parses a header. Returns `Ok(None)` if it is incomplete.
    ///
    /// # Errors
    /// The length is invalid.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, TooLong> {
        let mut words = Words(bytes);
        let (Some(length), Some(kind)) = (words.next(), words.next()) else { return Ok(None) };
        let length = usize::try_from(length).ok().filter(|_| length <= LONGEST).ok_or(TooLong)?;
        Ok(Some(Header { length, kind }))
    }

    pub(super) fn write(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let (length, kind) = bytes.split_at_mut(8);
        length.copy_from_slice(&(self.length as u64).to_le_bytes());
        kind.copy_from_slice(&self.kind.to_le_bytes());
        bytes
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The first message to a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hello {
    pub(super) executable: u64,
    pub(super) init: Option<FunctionOffset>,
    pub(super) memory: Option<u64>,
    /// Whether bodies are futures, of which the child runs many at a time.
    pub(super) is_async: bool,
}

impl Hello {
    pub(super) const LENGTH: usize = 32;

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut words = Words(bytes);
        let (executable, init, memory) = (words.next()?, words.next()?, words.next()?);
        let is_async = words.next()? == 1;
        Some(Hello { executable, init: given(init).map(FunctionOffset), memory: given(memory), is_async })
    }

    pub(super) fn write(self) -> Vec<u8> {
        let header = Header { length: Hello::LENGTH, kind: HELLO };
        let mut bytes = Vec::with_capacity(HEADER + Hello::LENGTH);
        bytes.extend(header.write());
        let (init, memory) = (self.init.map_or(NONE, |place| place.0), self.memory.unwrap_or(NONE));
        for word in [self.executable, init, memory, u64::from(self.is_async)] {
            bytes.extend(word.to_le_bytes());
        }
        bytes
    }
}

/// The part of a request before its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) job: Job,
    pub(super) around: Around,
}

/// The context of a body, which its child restores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    /// The time until the nearest limit, in nanoseconds.
    pub(super) left: Option<u64>,
    /// The correlation id of the scope.
    #[cfg(feature = "observe")]
    pub(super) id: Option<Id>,
}

impl Around {
    /// Returns the context of this thread.
    pub(super) fn here() -> Self {
        Around {
            left: remaining().map(|left| nanos(left).min(NONE - 1)),
            #[cfg(feature = "observe")]
            id: current(),
        }
    }
}

impl Request {
    /// The length of the fixed part. The text of an id follows it.
    #[cfg(not(feature = "observe"))]
    pub(super) const LENGTH: usize = 24;
    #[cfg(feature = "observe")]
    pub(super) const LENGTH: usize = 32;

    pub(super) fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut words = Words(bytes);
        let (entry, body, left) = (words.next()?, words.next()?, words.next()?);
        let job = Job { entry: FunctionOffset(entry), body: FunctionOffset(body) };
        #[cfg(feature = "observe")]
        let id = match given(words.next()?) {
            Some(length) => Some(words.text(length)?.into()),
            None => None,
        };
        let around = Around {
            left: given(left),
            #[cfg(feature = "observe")]
            id,
        };
        Some((Request { job, around }, words.0))
    }

    /// Writes the header and the fixed part, for [the id](Request::id) and `arguments` bytes of arguments after them.
    pub(super) fn write(&self, kind: u64, arguments: usize) -> [u8; HEADER + Request::LENGTH] {
        let mut bytes = [0; HEADER + Request::LENGTH];
        let (header, rest) = bytes.split_at_mut(HEADER);
        header.copy_from_slice(&Header { length: Request::LENGTH + self.id().len() + arguments, kind }.write());
        let words = [
            self.job.entry.0,
            self.job.body.0,
            self.around.left.unwrap_or(NONE),
            #[cfg(feature = "observe")]
            self.around.id.as_ref().map_or(NONE, |id| id.len() as u64),
        ];
        for (place, word) in rest.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The text of the id.
    #[cfg_attr(not(feature = "observe"), allow(clippy::unused_self, reason = "there are no correlation ids"))]
    pub(super) fn id(&self) -> &[u8] {
        #[cfg(feature = "observe")]
        return self.around.id.as_deref().unwrap_or_default().as_bytes();
        #[cfg(not(feature = "observe"))]
        &[]
    }
}

fn given(word: u64) -> Option<u64> {
    (word != NONE).then_some(word)
}

/// Reads words of eight bytes.
struct Words<'b>(&'b [u8]);

impl Words<'_> {
    /// Reads a text of `length` bytes after the words.
    #[cfg(feature = "observe")]
    fn text(&mut self, length: u64) -> Option<&str> {
        let (text, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        core::str::from_utf8(text).ok()
    }

    fn next(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_frames_are_parsed() {
        let header = Header { length: 70_000, kind: 9 };
        assert_eq!(Header::read(&header.write()), Ok(Some(header)));
        for hello in [
            Hello { executable: 5, init: None, memory: None, is_async: false },
            Hello { executable: 5, init: Some(FunctionOffset(u64::MAX - 8)), memory: Some(1), is_async: true },
        ] {
            assert_eq!(Hello::read(&hello.write()[HEADER..]), Some(hello));
        }
        let job = Job { entry: FunctionOffset(1), body: FunctionOffset(u64::MAX - 1) };
        for left in [None, Some(0), Some(7)] {
            let request = Request { job, around: Around { left, ..Around::default() } };
            let mut bytes = request.write(FIRST, 2).to_vec();
            bytes.extend(b"ab");
            let header = Header::read(&bytes).unwrap().unwrap();
            assert_eq!((header.length + HEADER, header.kind), (bytes.len(), FIRST));
            assert_eq!(Request::read(&bytes[HEADER..]), Some((request, b"ab".as_slice())));
        }
    }

    #[cfg(feature = "observe")]
    #[test]
    fn an_id_precedes_the_arguments() {
        let job = Job { entry: FunctionOffset(1), body: FunctionOffset(2) };
        for id in ["", "req-42", "ß"] {
            let request = Request { job, around: Around { left: Some(7), id: Some(id.into()) } };
            let bytes = [&request.write(FIRST, 2), request.id(), b"ab"].concat();
            let header = Header::read(&bytes).unwrap().unwrap();
            assert_eq!(header.length + HEADER, bytes.len());
            assert_eq!(Request::read(&bytes[HEADER..]), Some((request, b"ab".as_slice())));
        }
        let mut short = Request { job, around: Around { left: None, id: Some("req".into()) } }.write(FIRST, 0).to_vec();
        short.extend(b"re");
        assert_eq!(Request::read(&short[HEADER..]), None);
        short.extend(b"\xff");
        assert_eq!(Request::read(&short[HEADER..]), None, "no text");
    }

    #[test]
    fn an_incomplete_header_is_none_and_an_invalid_length_is_an_error() {
        assert_eq!(Header::read(&[0; HEADER - 1]), Ok(None));
        assert_eq!(Header::read(&[0xff; HEADER]), Err(TooLong));
        assert_eq!(Header::read(&Header { length: 1 << 29, kind: 0 }.write()).map(|header| header.is_some()), Ok(true));
        assert_eq!(Hello::read(&[0; Hello::LENGTH - 1]), None);
        assert_eq!(Request::read(&[0; Request::LENGTH - 1]), None);
    }
}
