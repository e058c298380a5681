//! The texts of errors, whole, as a program prints them.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use opero::time::ManualClock;
use opero::{Attempt, Error, Failure, opero};

/// An error of a program.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Overloaded(pub(crate) &'static str);

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Overloaded {}

/// The error of a call with these errors, each after 30 ms, and a second between them.
pub(crate) fn failed<E>(errors: impl IntoIterator<Item = E, IntoIter: ExactSizeIterator>) -> Error<E> {
    let (clock, mut errors) = (ManualClock::new(), errors.into_iter());
    let retries = u32::try_from(errors.len()).unwrap() - 1;
    let outcome = opero! { retries: retries, min_delay: 1s, backoff: 1.0, clock: &clock, name: "ask" => {
        clock.advance(Duration::from_millis(30));
        Err::<(), _>(errors.next().unwrap())
    } };
    outcome.unwrap_err()
}

/// The error of a call in no time at all.
fn at_once<E>(error: E) -> Error<E> {
    opero! { clock: ManualClock::new(), name: "ask" => Err::<(), _>(error) }.unwrap_err()
}

#[test]
fn the_brief_text_is_that_of_the_contract() {
    assert_eq!(
        failed([Overloaded("one"); 4]).to_string(),
        "All 4 attempts failed for ask\n\
         Attempt details:\n\
         \x20 1. Overloaded: one\n\
         \x20 2. Overloaded: one\n\
         \x20 3. Overloaded: one\n\
         \x20 ... and 1 more error"
    );
    assert!(failed([Overloaded("x"); 5]).to_string().ends_with("\n  ... and 2 more errors"));
    assert!(failed([Overloaded("x"); 3]).to_string().ends_with("\n  3. Overloaded: x"));
    assert_eq!(
        failed([Overloaded("too many requests")]).to_string(),
        "1 attempt failed for ask\nAttempt details:\n  1. Overloaded: too many requests"
    );
}

#[test]
fn the_full_text_tells_of_every_attempt_when_and_how_long() {
    let full = "All 5 attempts failed for ask\n\
                Attempt details:\n\
                \x20 1. Overloaded: no room (took 30 ms)\n\
                \x20 2. Overloaded: no room (after 1.03 s, took 30 ms)\n\
                \x20 3. Overloaded: no room (after 2.06 s, took 30 ms)\n\
                \x20 4. Overloaded: no room (after 3.09 s, took 30 ms)\n\
                \x20 5. Overloaded: no room (after 4.12 s, took 30 ms)";
    let error = failed([Overloaded("no room"); 5]);
    assert_eq!((format!("{error:#}"), error.report().to_string()), (full.into(), full.into()));
    let Error::AllFailed(all) = &error else { panic!("{error}") };
    assert_eq!(format!("{all:#}"), full);
}

#[test]
fn strings_stand_without_a_type() {
    fn line<E: fmt::Display + fmt::Debug>(error: E) -> [String; 3] {
        let error = at_once(error);
        [format!("{error}"), format!("{error:#}"), format!("{error:?}")]
    }
    let text = ["1 attempt failed for ask\nAttempt details:\n  1. busy"; 3].map(String::from);
    let (owned, str) = (String::from("busy"), "busy");
    assert_eq!(line("busy"), text);
    assert_eq!(line(owned.clone()), text);
    assert_eq!(line(&owned), text);
    assert_eq!(line(Box::<str>::from("busy")), text);
    assert_eq!(line(Arc::<str>::from("busy")), text);
    assert_eq!(line(Cow::Borrowed(owned.as_str())), text);
    // Of a deeper reference the crate does not know that it prints.
    let reference = &str;
    let deep = at_once(&reference);
    assert_eq!(deep.to_string(), text[0]);
}

#[test]
fn debug_reads_like_the_full_text_and_never_shows_internals() {
    #[derive(Debug)]
    #[allow(dead_code, reason = "it is printed")]
    struct Busy {
        queue: u32,
    }
    #[derive(Debug)]
    enum Fault {
        Busy,
    }
    let debug = |error: &dyn fmt::Debug| format!("{error:?}").lines().skip(2).collect::<Vec<_>>().join("\n");
    assert_eq!(debug(&at_once(())), "  1. ()");
    assert_eq!(debug(&at_once(7_u32)), "  1. u32: 7");
    assert_eq!(debug(&at_once(Busy { queue: 3 })), "  1. Busy { queue: 3 }");
    assert_eq!(debug(&at_once(Fault::Busy)), "  1. Fault: Busy");
    assert_eq!(debug(&at_once("x".parse::<u8>().unwrap_err())), "  1. ParseIntError: invalid digit found in string");
    assert_eq!(debug(&at_once(Box::<dyn std::error::Error>::from("gone"))), "  1. Box<dyn Error>: gone");
    assert_eq!(
        format!("{:#?}", at_once(Busy { queue: 3 })),
        "1 attempt failed for ask\nAttempt details:\n  1. Busy {\n         queue: 3,\n     }"
    );
    let error = failed(["down", "busy"]);
    assert_eq!(format!("{error:?}"), format!("{error:#}"));
    assert_eq!(format!("{:?}", error.attempts()), "[1. down (took 30 ms), 2. busy (after 1.03 s, took 30 ms)]");
    assert_eq!(format!("{:?}", error.last_failure()), "Some(busy)");
    assert_eq!(format!("{:?}", Failure::<()>::Timeout(Duration::from_secs(2))), "Timeout: no answer within 2 s");
}

#[test]
fn a_nested_call_reads_as_a_nested_list() {
    let error = at_once(failed([Overloaded("no room"), Overloaded("no staff")]));
    assert_eq!(
        error.to_string(),
        "1 attempt failed for ask\n\
         Attempt details:\n\
         \x20 1. Error<Overloaded>: All 2 attempts failed for ask\n\
         \x20    Attempt details:\n\
         \x20      1. Overloaded: no room\n\
         \x20      2. Overloaded: no staff"
    );
    let full = "1 attempt failed for ask\n\
         Attempt details:\n\
         \x20 1. Error<Overloaded>: All 2 attempts failed for ask\n\
         \x20    Attempt details:\n\
         \x20      1. Overloaded: no room (took 30 ms)\n\
         \x20      2. Overloaded: no staff (after 1.03 s, took 30 ms)";
    assert_eq!((format!("{error:#}"), error.report().to_string()), (full.into(), full.into()));
    // Its error is of a type of the program's, whose `Debug` is the program's too.
    assert_eq!(
        format!("{error:?}"),
        full.replace("Overloaded: no room", "Overloaded(\"no room\")")
            .replace("Overloaded: no staff", "Overloaded(\"no staff\")")
    );
}

#[test]
fn the_lines_of_a_text_stand_below_its_first() {
    let error = failed(["one\ntwo\n\nthree\n", "\nfour", ""]);
    assert_eq!(
        error.to_string(),
        "All 3 attempts failed for ask\n\
         Attempt details:\n\
         \x20 1. one\n\
         \x20    two\n\
         \n\
         \x20    three\n\
         \x20 2. four\n\
         \x20 3. "
    );
    assert!(format!("{error:#}").contains("\n     three\n     (took 30 ms)\n  2. four (after 1.03 s, took 30 ms)\n"));
}

#[test]
fn times_that_do_not_fit_into_80_columns_have_a_line_of_their_own() {
    for (length, space) in [(62, " "), (63, "\n     ")] {
        let text = "x".repeat(length);
        let error = failed([text.clone()]);
        assert_eq!(format!("{error:#}").split_once("1. ").unwrap().1, format!("{text}{space}(took 30 ms)"));
    }
}

#[test]
fn a_timeout_says_how_many_attempts_failed_and_why_it_ended() {
    let clock = ManualClock::new();
    let error = opero! {
        retries: 9, timeout: 2s, min_delay: 10s, deadline: 1h30m, retry_after: |_: &Overloaded| Some(Duration::from_secs(7200)),
        attempt: n, clock: &clock, name: "ask"
        => {
            clock.advance(Duration::from_secs(if n == 1 { 3 } else { 1 }));
            Err::<(), _>(Overloaded("no room"))
        }
    }
    .unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "No answer within 1 h 30 min for ask after 2 failed attempts: `retry_after` put off the next retry for 2 h\n\
         Attempt details:\n\
         \x20 1. Timeout: no answer within 2 s (took 3 s)\n\
         \x20 2. Overloaded: no room (after 13 s, took 1 s)"
    );
    let late = opero! { timeout: 204ms, clock: &clock, name: "ask" => {
        clock.advance(Duration::from_secs(1));
        Ok::<(), ()>(())
    } };
    assert_eq!(
        format!("{:?}", late.unwrap_err()),
        "1 attempt failed for ask\nAttempt details:\n  1. Timeout: no answer within 204 ms (took 1 s)"
    );
}

#[test]
fn a_refusal_says_when_to_come_back() {
    let clock = ManualClock::new();
    let ask = || opero! { rate: 1/h, max_wait: 0s, clock: &clock, name: "ask" => Ok::<_, ()>(()) };
    ask().unwrap();
    clock.advance(Duration::from_micros(1));
    assert_eq!(format!("{:?}", ask().unwrap_err()), "Rate limit reached for ask: try again in 1 h");
}

#[test]
fn a_mistake_names_the_option_and_its_value() {
    let zero = opero::policy::Rate::new(0, Duration::from_secs(1));
    let text = |outcome: Result<(), Error<()>>| format!("{:?}", outcome.unwrap_err());
    assert_eq!(
        text(opero! { rate: zero, name: "ask" => Ok(()) }),
        "Invalid configuration of ask: `rate` is 0 in 1 s; both must be more than 0"
    );
    assert_eq!(
        text(opero! { backoff: f64::NAN, name: "ask" => Ok(()) }),
        "Invalid configuration of ask: `backoff` is NaN; it must be a finite number of at least 1"
    );
}

/// Fails when it is printed.
#[derive(Debug)]
struct Unprintable;

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a text")?;
        Err(fmt::Error)
    }
}

/// Panics when it is printed.
struct Bomb;

impl fmt::Display for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("boom of the program")
    }
}

impl fmt::Debug for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("boom of the program")
    }
}

#[test]
fn an_error_that_cannot_be_printed_ends_its_line_and_nothing_else() {
    let error = failed([Unprintable, Unprintable]);
    assert!(error.to_string().ends_with("\n  1. Unprintable: half a text\n  2. Unprintable: half a text"));
    assert!(format!("{error:#}").ends_with("\n  2. Unprintable: half a text (after 1.03 s, took 30 ms)"));
}

#[test]
fn a_panic_in_a_text_is_the_programs_own() {
    let error = at_once(Bomb);
    let prints: [fn(&Error<Bomb>) -> String; 3] = [|e| format!("{e}"), |e| format!("{e:#}"), |e| format!("{e:?}")];
    for print in prints {
        let caught = catch_unwind(AssertUnwindSafe(|| print(&error))).unwrap_err();
        assert_eq!(caught.downcast_ref::<&str>(), Some(&"boom of the program"));
    }
    assert_eq!(error.attempts().len(), 1);
}

#[test]
fn a_writer_that_is_full_stops_the_text() {
    struct Full(usize);
    impl fmt::Write for Full {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let error = failed([Overloaded("one"), Overloaded("two")]);
    let length = format!("{error:#}").len();
    for room in 0..length {
        assert!(fmt::write(&mut Full(room), format_args!("{error:#}")).is_err(), "{room}");
    }
    assert!(fmt::write(&mut Full(length), format_args!("{error:#}")).is_ok());
}

#[test]
fn long_texts_and_long_lists_are_whole() {
    let long = "x".repeat(1_000_000);
    assert!(format!("{:?}", at_once(long.clone())).ends_with(&long));
    let error = failed(vec!["down"; 1000]);
    assert!(error.to_string().ends_with("  3. down\n  ... and 997 more errors"));
    let full = format!("{error:?}");
    assert_eq!(full.lines().count(), 2 + 1000);
    assert!(full.ends_with("\n  1000. down (after 17 min 9 s, took 30 ms)"));
    assert!(error.attempts().iter().map(Attempt::number).eq(1..=1000));
}
