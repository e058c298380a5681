//! Failures of attempts in child processes, other than errors of the body.

use alloc::format;
use alloc::string::String;
use core::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::storage::Text;

/// How a child process ended before it answered.
///
/// Its text is a clause such as `the child process was killed by signal 11 (SIGSEGV)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash(End);

#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Signal(i32),
    Exit(i32),
    NoAnswer(&'static str),
    NotStarted(Text),
    Unknown,
}

impl Crash {
    /// For a child that ended with this status.
    pub(crate) fn of(status: ExitStatus) -> Self {
        Crash(match (status.signal(), status.code()) {
            (Some(signal), _) => End::Signal(signal),
            (None, Some(code)) => End::Exit(code),
            (None, None) => End::Unknown,
        })
    }

    /// For a child that ended for an unknown reason.
    pub(crate) const fn unknown() -> Self {
        Crash(End::Unknown)
    }

    /// For a child that was killed because it sent an invalid answer.
    pub(crate) const fn no_answer(problem: &'static str) -> Self {
        Crash(End::NoAnswer(problem))
    }

    /// There is no child process.
    pub(crate) fn not_started(problem: impl fmt::Display) -> Self {
        Crash(End::NotStarted(Text::Owned(format!("{problem}"))))
    }

    /// The number of the signal that killed the child, if any: 11 after a segmentation fault, 6 after an abort, 9 if the system
    /// was out of memory.
    #[must_use]
    pub const fn signal(&self) -> Option<i32> {
        if let End::Signal(signal) = self.0 { Some(signal) } else { None }
    }

    /// The exit code of the child, if it exited.
    #[must_use]
    pub const fn exit_code(&self) -> Option<i32> {
        if let End::Exit(code) = self.0 { Some(code) } else { None }
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            End::Signal(signal) => match name(*signal) {
                Some(name) => write!(f, "the child process was killed by signal {signal} ({name})"),
                None => write!(f, "the child process was killed by signal {signal}"),
            },
            End::Exit(code) => write!(f, "the child process exited with code {code}"),
            End::NoAnswer(problem) => write!(f, "the child process was killed, as {problem}"),
            End::NotStarted(problem) => write!(f, "no child process could be started: {problem}"),
            End::Unknown => f.write_str("the child process has ended, and the system does not say how"),
        }
    }
}

/// The name of a signal that ends processes, if its number is known on this system.
fn name(signal: i32) -> Option<&'static str> {
    use rustix::process::Signal;
    const NAMES: [(Signal, &str); 15] = [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::ILL, "SIGILL"),
        (Signal::TRAP, "SIGTRAP"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::ALARM, "SIGALRM"),
        (Signal::TERM, "SIGTERM"),
        (Signal::XCPU, "SIGXCPU"),
        (Signal::XFSZ, "SIGXFSZ"),
    ];
    NAMES.iter().find(|(known, _)| known.as_raw() == signal).map(|(_, name)| *name)
}

/// Why a value cannot be sent between processes: which value, and the message of serde.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serialization(Text);

impl Serialization {
    pub(crate) fn new(what: &'static str, problem: impl fmt::Display) -> Self {
        Serialization(Text::Owned(format!("{what}: {problem}")))
    }

    /// The same, received from another process.
    pub(crate) const fn told(problem: String) -> Self {
        Serialization(Text::Owned(problem))
    }
}

impl fmt::Display for Serialization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_crash_says_how_the_child_ended() {
        // As `wait` returns it: the signal in the low bits, the exit code above them.
        let of = |raw| Crash::of(ExitStatus::from_raw(raw));
        assert_eq!(of(11).to_string(), "the child process was killed by signal 11 (SIGSEGV)");
        assert_eq!((of(11).signal(), of(11).exit_code()), (Some(11), None));
        assert_eq!(of(3 << 8).to_string(), "the child process exited with code 3");
        assert_eq!((of(3 << 8).signal(), of(3 << 8).exit_code()), (None, Some(3)));
        assert!(of(60).to_string().ends_with("signal 60"));
    }
}
