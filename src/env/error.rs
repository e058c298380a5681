//! What is wrong with a variable.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::fmt::Write as _;
use core::num::NonZeroU32;
// A system lock in models too: it is in a static, and nothing that a model watches happens under it.
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The maximum length of a quote: a variable may by mistake contain a secret.
const QUOTED: usize = 24;

/// The error of a variable of the environment that cannot be read.
///
/// `Display` names the variable, quotes the beginning of its text, and says what is accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnvError(&'static Problem);

#[derive(Debug, PartialEq, Eq)]
struct Problem {
    id: NonZeroU32,
    variable: Box<str>,
    sentence: Box<str>,
}

/// All problems so far. They are kept forever, like the values: at most one for each name and type.
static PROBLEMS: Mutex<Vec<&'static Problem>> = Mutex::new(Vec::new());

fn problems() -> MutexGuard<'static, Vec<&'static Problem>> {
    PROBLEMS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EnvError {
    /// Creates the error of `variable`, whose value is `text`: `problem` is what is wrong, and `accepted` what would
    /// be right.
    pub(super) fn new(variable: &str, text: &str, problem: &str, accepted: &str) -> Self {
        let sentence = format!("environment variable `{variable}`: `{}` {problem}; {accepted}", Quoted(text));
        let mut problems = problems();
        // Two threads may find it at the same time.
        if let Some(known) = problems.iter().find(|known| *known.sentence == *sentence) {
            return EnvError(known);
        }
        let id = u32::try_from(problems.len()).ok().and_then(|number| NonZeroU32::MIN.checked_add(number));
        let problem =
            Problem { id: id.unwrap_or(NonZeroU32::MAX), variable: variable.into(), sentence: sentence.into() };
        let problem: &'static Problem = Box::leak(Box::new(problem));
        problems.push(problem);
        EnvError(problem)
    }

    /// Returns the name of the variable.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.0.variable
    }

    /// Returns the number that [`of`](EnvError::of) looks up.
    pub(super) fn id(self) -> NonZeroU32 {
        self.0.id
    }

    pub(super) fn of(id: NonZeroU32) -> Option<Self> {
        problems().iter().find(|problem| problem.id == id).map(|problem| EnvError(problem))
    }

    /// Returns all problems found so far.
    pub(super) fn all() -> Vec<Self> {
        problems().iter().map(|problem| EnvError(problem)).collect()
    }
}

impl fmt::Display for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.sentence)
    }
}

impl fmt::Debug for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EnvError").field(&self.0.sentence).finish()
    }
}

impl core::error::Error for EnvError {}

/// The beginning of a text, on one line.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(QUOTED) {
            // Quotes need no backslash here.
            if matches!(character, '\'' | '"') {
                f.write_char(character)?;
            } else {
                write!(f, "{}", character.escape_debug())?;
            }
        }
        if characters.as_str().is_empty() { Ok(()) } else { f.write_char('…') }
    }
}

impl From<EnvError> for String {
    fn from(error: EnvError) -> Self {
        error.0.sentence.as_ref().into()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_long_text_is_not_quoted_in_full() {
        let error = EnvError::new("TOKEN", "sk-0123456789012345678901234567890", "is not a size", "write one");
        assert_eq!(
            error.to_string(),
            "environment variable `TOKEN`: `sk-012345678901234567890…` is not a size; write one"
        );
        assert_eq!(error.variable(), "TOKEN");
        assert_eq!(alloc::format!("{error:?}"), alloc::format!("EnvError({:?})", error.to_string()));
    }

    #[test]
    fn a_text_stays_on_its_line() {
        let error = EnvError::new("LINES", "a\n\"b\"\u{1b}[2J", "is odd", "write one");
        assert_eq!(error.to_string(), "environment variable `LINES`: `a\\n\"b\"\\u{1b}[2J` is odd; write one");
    }

    #[test]
    fn a_problem_found_twice_is_listed_once() {
        let (first, again) = (EnvError::new("A", "x", "p", "q"), EnvError::new("A", "x", "p", "q"));
        let other = EnvError::new("B", "x", "p", "q");
        assert_eq!((first, first.id()), (again, again.id()));
        assert_ne!(first.id(), other.id());
        assert_eq!(EnvError::of(other.id()), Some(other));
        assert_eq!(EnvError::all().iter().filter(|error| ["A", "B"].contains(&error.variable())).count(), 2);
    }
}
