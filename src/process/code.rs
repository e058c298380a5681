//! Functions identified by their offset in the executable, which parent and child share.

#![allow(unsafe_code, reason = "a function identified by another process is an address")]

use alloc::borrow::ToOwned;
#[cfg(feature = "async")]
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::borrow::Borrow;
#[cfg(feature = "async")]
use core::future::Future;
use core::mem::transmute;
#[cfg(feature = "async")]
use core::pin::Pin;
use core::ptr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer;
#[cfg(feature = "async")]
use super::async_children::Candidate;
use super::codec::Reader;
#[cfg(feature = "async")]
use super::frame::HEADER;
use crate::sync::OnceLock;

/// The offset of a function from a function of this crate, in bytes. It is the same in every process of one executable,
/// wherever the system has loaded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FunctionOffset(pub(super) u64);

/// What a child should run: a body, and the function that knows the types of its arguments and its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) entry: FunctionOffset,
    pub(super) body: FunctionOffset,
}

/// Runs the body at this address with these arguments, and writes its answer.
type Entry = fn(*const (), &[u8], &mut Vec<u8>);

/// An async body. It returns its answer behind room for a header.
#[cfg(feature = "async")]
pub(super) type Body = Pin<Box<dyn Future<Output = Vec<u8>>>>;

/// Creates the future of the body at this address, with these arguments.
#[cfg(feature = "async")]
type AsyncEntry = fn(*const (), &[u8]) -> Body;

impl Job {
    /// A body with one argument.
    pub(super) fn of<A: DeserializeOwned, T: Serialize, E: Serialize>(body: fn(A) -> Result<T, E>) -> Self {
        Job { entry: FunctionOffset::of_entry(run::<A, T, E>), body: FunctionOffset::of(body as *const ()) }
    }

    /// The body of an item of `opmap!`, with the candidate of its fallback and the number of its attempt.
    pub(super) fn of_item<I, B, T, E>(body: fn(I, &B, u32) -> Result<T, E>) -> Self
    where
        I: DeserializeOwned,
        B: ?Sized + ToOwned<Owned: DeserializeOwned>,
        T: Serialize,
        E: Serialize,
    {
        Job { entry: FunctionOffset::of_entry(run_item::<I, B, T, E>), body: FunctionOffset::of(body as *const ()) }
    }

    /// Returns whether both functions are in the executable itself. A function of a shared library has another offset
    /// in every process.
    pub(super) fn is_in_executable(self) -> bool {
        self.entry.is_in_executable() && self.body.is_in_executable()
    }

    /// Runs the body. The caller has checked [`is_in_executable`](Job::is_in_executable), and has received the job from
    /// a process of the same executable, which created it by one of the functions above.
    pub(super) fn run(self, input: &[u8], answer: &mut Vec<u8>) {
        // SAFETY: the parent created this offset from an `Entry`, and the handshake has verified that the executable is
        // the same.
        let entry = unsafe { transmute::<*const (), Entry>(self.entry.address()) };
        entry(self.body.address(), input, answer);
    }
}

#[cfg(feature = "async")]
impl Job {
    /// An async body with one argument.
    pub(super) fn of_async<A, T, E, Fut>(body: fn(A) -> Fut) -> Self
    where
        A: DeserializeOwned,
        T: Serialize,
        E: Serialize,
        Fut: Future<Output = Result<T, E>> + 'static,
    {
        let entry: AsyncEntry = start::<A, T, E, Fut>;
        Job { entry: FunctionOffset::of(entry as *const ()), body: FunctionOffset::of(body as *const ()) }
    }

    /// The async body of an item of `opmap!`.
    pub(super) fn of_async_item<I, B, T, E, Fut>(body: fn(I, Candidate<B>, u32) -> Fut) -> Self
    where
        I: DeserializeOwned,
        B: ?Sized + ToOwned<Owned: DeserializeOwned>,
        T: Serialize,
        E: Serialize,
        Fut: Future<Output = Result<T, E>> + 'static,
    {
        let entry: AsyncEntry = start_item::<I, B, T, E, Fut>;
        Job { entry: FunctionOffset::of(entry as *const ()), body: FunctionOffset::of(body as *const ()) }
    }

    /// Creates the future of the body. The caller has checked [`is_in_executable`](Job::is_in_executable), runs async
    /// bodies, and has received the job from a process of the same executable, which created it by one of the two
    /// functions above.
    pub(super) fn start(self, input: &[u8]) -> Body {
        // SAFETY: the parent created this offset from an `AsyncEntry`, because it sends no others to a child with async
        // bodies. The handshake has verified that the executable is the same.
        let entry = unsafe { transmute::<*const (), AsyncEntry>(self.entry.address()) };
        entry(self.body.address(), input)
    }
}

impl FunctionOffset {
    fn of_entry(entry: Entry) -> Self {
        FunctionOffset::of(entry as *const ())
    }

    /// The offset of a function without arguments and result.
    pub(super) fn of_init(init: fn()) -> Self {
        FunctionOffset::of(init as *const ())
    }

    fn of(function: *const ()) -> Self {
        FunctionOffset(function.addr().wrapping_sub(anchor().addr()) as u64)
    }

    #[allow(clippy::cast_possible_truncation, reason = "it was made from an address of the same size")]
    fn address(self) -> *const () {
        let address = anchor().addr().wrapping_add(self.0 as usize);
        ptr::with_exposed_provenance(address)
    }

    pub(super) fn is_in_executable(self) -> bool {
        let address = self.address().addr();
        CODE.get_or_init(|| mapped(anchor().addr()))
            .as_ref()
            .is_none_or(|ranges| ranges.iter().any(|(start, end)| (*start..*end).contains(&address)))
    }

    /// Runs the function, which has no arguments and no result.
    pub(super) fn run_init(self) {
        // SAFETY: the parent created this offset from a `fn()`, and the handshake has verified that the executable is
        // the same.
        let init = unsafe { transmute::<*const (), fn()>(self.address()) };
        init();
    }
}

/// The function from which offsets are counted.
#[inline(never)]
fn anchor() -> *const () {
    let anchor: fn() -> *const () = anchor;
    ptr::without_provenance((anchor as *const ()).expose_provenance())
}

/// The address ranges of the executable's code. `None` if the system does not provide them.
static CODE: OnceLock<Option<Vec<(usize, usize)>>> = OnceLock::new();

/// The code ranges of the file that contains the code at `address`, from `/proc`.
#[cfg(target_os = "linux")]
fn mapped(address: usize) -> Option<Vec<(usize, usize)>> {
    ranges(&std::fs::read_to_string("/proc/self/maps").ok()?, address)
}

#[cfg(not(target_os = "linux"))]
fn mapped(_: usize) -> Option<Vec<(usize, usize)>> {
    None
}

/// Parses lines such as `start-end r-xp offset device inode path`.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "other systems have no such list"))]
fn ranges(maps: &str, address: usize) -> Option<Vec<(usize, usize)>> {
    let parse = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let range = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        let is_code = words.next()?.contains('x');
        let file = (words.nth(1)?, words.next()?);
        (is_code && file.1 != "0").then(|| (range, (file.0.to_owned(), file.1.to_owned())))
    };
    let code: Vec<_> = maps.lines().filter_map(parse).collect();
    let (_, own) = code.iter().find(|((start, end), _)| (*start..*end).contains(&address))?;
    Some(code.iter().filter(|(_, file)| file == own).map(|(range, _)| *range).collect())
}

/// The entry of a body with one argument.
fn run<A: DeserializeOwned, T: Serialize, E: Serialize>(body: *const (), input: &[u8], answer: &mut Vec<u8>) {
    // SAFETY: only `Job::of` uses this instance, and it pairs it with a body of this type.
    let body = unsafe { transmute::<*const (), fn(A) -> Result<T, E>>(body) };
    answer::write(answer, || Ok(body(Reader::new(input).only()?)));
}

/// The entry of the body of an item.
fn run_item<I, B, T, E>(body: *const (), input: &[u8], answer: &mut Vec<u8>)
where
    I: DeserializeOwned,
    B: ?Sized + ToOwned<Owned: DeserializeOwned>,
    T: Serialize,
    E: Serialize,
{
    // SAFETY: only `Job::of_item` uses this instance, and it pairs it with a body of this type.
    let body = unsafe { transmute::<*const (), fn(I, &B, u32) -> Result<T, E>>(body) };
    answer::write(answer, || {
        let mut reader = Reader::new(input);
        let (item, candidate, number) = (reader.next()?, reader.next::<B::Owned>()?, reader.only()?);
        Ok(body(item, candidate.borrow(), number))
    });
}

/// The entry of an async body with one argument.
#[cfg(feature = "async")]
fn start<A, T, E, Fut>(body: *const (), input: &[u8]) -> Body
where
    A: DeserializeOwned,
    T: Serialize,
    E: Serialize,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    // SAFETY: only `Job::of_async` uses this instance, and it pairs it with a body of this type.
    let body = unsafe { transmute::<*const (), fn(A) -> Fut>(body) };
    answer::of_future(HEADER, || Ok(body(Reader::new(input).only()?)))
}

/// The entry of the async body of an item.
#[cfg(feature = "async")]
fn start_item<I, B, T, E, Fut>(body: *const (), input: &[u8]) -> Body
where
    I: DeserializeOwned,
    B: ?Sized + ToOwned<Owned: DeserializeOwned>,
    T: Serialize,
    E: Serialize,
    Fut: Future<Output = Result<T, E>> + 'static,
{
    // SAFETY: only `Job::of_async_item` uses this instance, and it pairs it with a body of this type.
    let body = unsafe { transmute::<*const (), fn(I, Candidate<B>, u32) -> Fut>(body) };
    answer::of_future(HEADER, || {
        let mut reader = Reader::new(input);
        let (item, candidate, number) = (reader.next()?, reader.next::<B::Owned>()?, reader.only()?);
        Ok(body(item, Candidate(candidate), number))
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use super::super::codec;
    use super::*;
    use crate::error::Failure;

    fn answer_of<T: DeserializeOwned>(job: Job, input: &[u8]) -> Result<T, Failure<String>> {
        let mut written = vec![];
        assert!(job.is_in_executable());
        job.run(input, &mut written);
        answer::read(&written).expect("an answer").expect("no panic")
    }

    fn input(value: &impl Serialize) -> Vec<u8> {
        let mut input = vec![];
        codec::write(&mut input, value).unwrap();
        input
    }

    #[test]
    fn a_function_is_found_by_its_offset() {
        let double = Job::of(|n: u64| if n < 100 { Ok(n * 2) } else { Err(String::from("large")) });
        assert_eq!(answer_of(double, &input(&21_u64)), Ok(42));
        assert_eq!(answer_of::<u64>(double, &input(&100_u64)), Err(Failure::Error("large".into())));

        let ask =
            Job::of_item(|item: String, model: &str, n: u32| Ok::<_, String>(alloc::format!("{item} {model} {n}")));
        let mut args = input(&"item");
        args.extend(input(&"model"));
        args.extend(input(&7_u32));
        assert_eq!(answer_of(ask, &args), Ok(String::from("item model 7")));
    }

    #[cfg(feature = "async")]
    fn future_of<T: DeserializeOwned>(job: Job, input: &[u8]) -> Result<T, Failure<String>> {
        assert!(job.is_in_executable());
        let written = crate::map::block_on(job.start(input));
        answer::read(&written[HEADER..]).expect("an answer").expect("no panic")
    }

    #[cfg(feature = "async")]
    #[test]
    fn an_async_function_is_found_by_its_offset() {
        async fn double(n: u64) -> Result<u64, String> {
            if n < 100 { Ok(n * 2) } else { Err(String::from("large")) }
        }
        assert_eq!(future_of(Job::of_async(double), &input(&21_u64)), Ok(42));
        assert_eq!(future_of::<u64>(Job::of_async(double), &input(&100_u64)), Err(Failure::Error("large".into())));
        assert!(matches!(future_of::<u64>(Job::of_async(double), &[]), Err(Failure::Serialization(_))));

        let ask = Job::of_async_item(|item: String, model: Candidate<str>, n: u32| async move {
            Ok::<_, String>(alloc::format!("{item} {} {n}", model.get()))
        });
        let mut args = input(&"item");
        args.extend(input(&"model"));
        args.extend(input(&7_u32));
        assert_eq!(future_of(ask, &args), Ok(String::from("item model 7")));
    }

    #[test]
    fn invalid_arguments_are_an_error() {
        let length = Job::of(|text: String| Ok::<_, String>(text.len()));
        assert!(matches!(answer_of::<usize>(length, &[0xff, 0xff]), Err(Failure::Serialization(_))));
        assert!(matches!(answer_of::<usize>(length, &[]), Err(Failure::Serialization(_))));
    }

    #[test]
    fn only_code_of_the_executable_is_in_the_executable() {
        let of_another_file = "10-20 r-xp 00000000 fe:00 7 /bin/a\n20-30 rw-p 00000000 fe:00 7 /bin/a\n\
                               30-40 r-xp 00000000 fe:00 8 /lib/b.so\n50-60 r-xp 00010000 fe:00 7 /bin/a\n\
                               70-80 r-xp 00000000 00:00 0 [vdso]\n";
        assert_eq!(ranges(of_another_file, 0x15), Some(vec![(0x10, 0x20), (0x50, 0x60)]));
        assert_eq!(ranges(of_another_file, 0x25), None);
        assert_eq!(ranges(of_another_file, 0x75), None);
        if cfg!(target_os = "linux") {
            assert!(!FunctionOffset(u64::MAX / 2).is_in_executable());
        }
    }
}
