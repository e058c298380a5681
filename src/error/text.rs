//! The text of a list of failed attempts.

#[cfg(feature = "alloc")]
use alloc::string::String;
use core::error::Error;
use core::fmt::{self, Write};
use core::time::Duration;

use super::duration::Rounded;
use super::indented::{Begins, Indented};
use super::type_name;

/// The maximum number of failed attempts in `{}`.
const SHOWN: usize = 3;

/// The line before the list.
pub(crate) const DETAILS: &str = "\nAttempt details:";

/// The maximum width of a line that can be broken.
const WIDTH: usize = 80;

/// The maximum width of a candidate's text in a line.
const CANDIDATE_WIDTH: usize = 40;

/// The maximum number of causes, in case the `source` of an error goes in a circle.
const CAUSES: usize = 32;

/// The level of detail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `{}`: the first attempts, one line each.
    Brief,
    /// `{:#}` and `{:?}`: all attempts, with candidate, times and causes.
    Full,
}

impl Style {
    /// The level that a formatter asks for.
    pub(super) fn of(f: &fmt::Formatter<'_>) -> Self {
        if f.alternate() { Style::Full } else { Style::Brief }
    }
}

/// One failed attempt, without the type of its error, so that the code below is compiled once.
pub(super) struct Line<'e> {
    pub(super) number: u32,
    /// The index of its candidate, and its text.
    pub(super) candidate: Option<(usize, Option<&'e str>)>,
    pub(super) offset: Duration,
    pub(super) duration: Duration,
    pub(super) failure: Words<'e>,
}

/// How it failed: the type, the text and the causes.
pub(super) struct Words<'e> {
    pub(super) label: Label,
    pub(super) text: Text<'e>,
    pub(super) source: Option<&'e (dyn Error + 'static)>,
}

/// An error of a type that the crate knows: its text, and its causes.
#[derive(Clone, Copy)]
pub(crate) struct Known<'e> {
    pub(crate) text: &'e dyn fmt::Display,
    /// The error itself; `None` for a value that is `Display` but not an error, such as a string.
    pub(super) error: Option<&'e (dyn Error + 'static)>,
}

/// The label before a text.
#[derive(Clone, Copy)]
pub(super) enum Label {
    /// The name of the type of an error.
    Type(&'static str),
    Word(&'static str),
    None,
}

/// The text of a failure.
#[derive(Clone, Copy)]
pub(super) enum Text<'e> {
    Display(&'e dyn fmt::Display),
    /// Printed with `{:#?}` if true, otherwise with `{:?}`.
    Debug(&'e dyn fmt::Debug, bool),
    NoAnswer(Duration),
}

impl Label {
    fn of_type(name: &'static str) -> Self {
        if type_name::is_string(name) { Label::None } else { Label::Type(name) }
    }
}

impl<'e> Words<'e> {
    /// The texts of an error that is `Display`.
    pub(super) fn displayed<E: fmt::Display>(error: &'e E, source: Option<&'e (dyn Error + 'static)>) -> Self {
        Words { label: Label::of_type(core::any::type_name::<E>()), text: Text::Display(error), source }
    }

    /// The texts of an error of a known type.
    pub(super) fn known(type_name: &'static str, error: Known<'e>) -> Self {
        let source = error.error.and_then(Error::source);
        Words { label: Label::of_type(type_name), text: Text::Display(error.text), source }
    }

    /// The texts of an error that is only `Debug`.
    pub(super) fn debugged<E: fmt::Debug>(error: &'e E, is_pretty: bool) -> Self {
        let name = core::any::type_name::<E>();
        let text = Text::Debug(error, is_pretty);
        let says_type = || text.with(Style::Full, |text| Begins::with(type_name::bare(name), text));
        Words { label: if says_type() { Label::None } else { Label::of_type(name) }, text, source: None }
    }

    /// The texts of a failure that is not an error of the body.
    pub(super) const fn of(label: &'static str, text: Text<'e>) -> Self {
        Words { label: Label::Word(label), text, source: None }
    }

    /// `TYPE (candidate): text`.
    fn write(&self, out: &mut Indented<'_>, candidate: Option<(usize, Option<&str>)>, style: Style) -> fmt::Result {
        match self.label {
            Label::Type(name) => type_name::write_last_segments(out, name)?,
            Label::Word(word) => out.write_str(word)?,
            Label::None => {}
        }
        let is_labeled = !matches!(self.label, Label::None);
        if let Some((place, text)) = candidate {
            out.write_str(if is_labeled { " (" } else { "(" })?;
            write_candidate(out, place, text)?;
            out.write_str(")")?;
        }
        let lead = match candidate {
            _ if is_labeled => ": ",
            Some(_) => " ",
            None => "",
        };
        self.text.with(style, |text| out.write(lead, text))
    }
}

impl Text<'_> {
    /// Prints an error with the `#` flag if the list has it: some errors then show their causes.
    fn with<R>(self, style: Style, then: impl FnOnce(fmt::Arguments<'_>) -> R) -> R {
        match (self, style) {
            (Text::Display(text), Style::Brief) => then(format_args!("{text}")),
            (Text::Display(text), Style::Full) => then(format_args!("{text:#}")),
            (Text::Debug(text, false), _) => then(format_args!("{text:?}")),
            (Text::Debug(text, true), _) => then(format_args!("{text:#?}")),
            (Text::NoAnswer(limit), _) => then(format_args!("no answer within {}", Rounded(limit))),
        }
    }
}

/// The first line of the candidate's text, or its index in the list.
fn write_candidate(out: &mut Indented<'_>, place: usize, text: Option<&str>) -> fmt::Result {
    let Some(line) = text.and_then(|text| text.trim().lines().next()).filter(|line| !line.is_empty()) else {
        return write!(out, "candidate {}", place.saturating_add(1));
    };
    match line.char_indices().nth(CANDIDATE_WIDTH) {
        Some((end, _)) => write!(out, "{}…", &line[..end]),
        None => out.write_str(line),
    }
}

/// Prints the list of a call in which `count` attempts failed.
pub(super) fn write_details(
    f: &mut fmt::Formatter<'_>,
    lines: &mut dyn Iterator<Item = Line<'_>>,
    count: u32,
    style: Style,
) -> fmt::Result {
    if count == 0 {
        return Ok(());
    }
    f.write_str(DETAILS)?;
    let mut more = count;
    for line in lines.take(if style == Style::Brief { SHOWN } else { usize::MAX }) {
        f.write_str("\n  ")?;
        line.write(f, 2, style)?;
        more = more.saturating_sub(1);
    }
    match more {
        0 => Ok(()),
        1 => f.write_str("\n  ... and 1 more error"),
        _ => write!(f, "\n  ... and {more} more errors"),
    }
}

impl Line<'_> {
    /// Starts at this column.
    pub(super) fn write(&self, f: &mut dyn fmt::Write, column: usize, style: Style) -> fmt::Result {
        write!(f, "{}. ", self.number)?;
        let digits = self.number.checked_ilog10().unwrap_or(0) as usize + 1;
        let mut out = Indented::new(f, column + digits + 2);
        if style == Style::Brief {
            return self.failure.write(&mut out, None, style);
        }
        self.failure.write(&mut out, self.candidate, style)?;
        self.write_times(&mut out)?;
        self.failure.write_causes(&mut out)
    }

    /// The start and the duration. A value that is zero or unknown is left out.
    fn write_times(&self, out: &mut Indented<'_>) -> fmt::Result {
        let (offset, duration) = (Rounded(self.offset), Rounded(self.duration));
        match (self.offset.is_zero(), self.duration.is_zero()) {
            (true, true) => Ok(()),
            (true, false) => out.append(format_args!("(took {duration})"), WIDTH),
            (false, true) => out.append(format_args!("(after {offset})"), WIDTH),
            (false, false) => out.append(format_args!("(after {offset}, took {duration})"), WIDTH),
        }
    }
}

impl Words<'_> {
    /// Writes the words outside a list.
    pub(super) fn write_alone(&self, f: &mut fmt::Formatter<'_>, style: Style) -> fmt::Result {
        let mut out = Indented::new(f, 0);
        self.write(&mut out, None, style)?;
        if style == Style::Full { self.write_causes(&mut out) } else { Ok(()) }
    }

    /// The causes of the error, a line each, without those that the error's own text contains.
    fn write_causes(&self, out: &mut Indented<'_>) -> fmt::Result {
        let Some(first) = self.source else { return Ok(()) };
        let mut said = Said::new(self.text);
        let mut next = Some(first);
        for _ in 0..CAUSES {
            let Some(cause) = next else { break };
            next = cause.source();
            if said.is_news(cause) {
                out.end_line()?;
                out.write("caused by: ", format_args!("{cause}"))?;
            }
        }
        Ok(())
    }
}

/// The text of a value, up to where its `Display` fails.
#[cfg(feature = "alloc")]
pub(crate) fn text(value: &(impl fmt::Display + ?Sized)) -> String {
    let mut text = String::new();
    // The user's `Display` may fail; that must not cause a panic.
    let _ = write!(text, "{value}");
    text
}

/// The texts of an error and its causes so far.
#[cfg(feature = "alloc")]
struct Said(String);

#[cfg(feature = "alloc")]
impl Said {
    fn new(text: Text<'_>) -> Self {
        let mut said = String::new();
        // If the user's `Display` fails, the text ends there.
        let _ = text.with(Style::Full, |text| said.write_fmt(text));
        Said(said)
    }

    /// Returns whether its text is new and not empty, and remembers it.
    fn is_news(&mut self, cause: &dyn Error) -> bool {
        let text = text(cause);
        let text = text.trim();
        if text.is_empty() || contains_phrase(&self.0, text) {
            return false;
        }
        self.0.push('\n');
        self.0.push_str(text);
        true
    }
}

/// Returns whether the text contains the phrase as whole words.
#[cfg(feature = "alloc")]
fn contains_phrase(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + phrase.len()..].chars().next();
        let is_apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        is_apart(before) && is_apart(after)
    })
}

/// Without an allocator texts cannot be compared.
#[cfg(not(feature = "alloc"))]
struct Said;

#[cfg(not(feature = "alloc"))]
impl Said {
    const fn new(_: Text<'_>) -> Self {
        Said
    }

    #[allow(clippy::unused_self, reason = "the text so far is not stored")]
    const fn is_news(&mut self, _: &dyn Error) -> bool {
        true
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::contains_phrase;

    #[test]
    fn a_phrase_is_found_between_words() {
        for text in ["reset", "request: reset", "reset: by peer", "(reset)"] {
            assert!(contains_phrase(text, "reset"), "{text}");
        }
        for text in ["", "res", "presets", "resets", "preset"] {
            assert!(!contains_phrase(text, "reset"), "{text}");
        }
    }
}
