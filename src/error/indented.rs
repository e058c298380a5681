//! Texts in a list: their other lines are indented below the first.

use core::fmt::{self, Write};

/// Writes to another writer, and indents each line except the first.
pub(super) struct Indented<'w> {
    sink: &'w mut dyn fmt::Write,
    margin: usize,
    column: usize,
    /// Line ends that are not written yet. Those at the end of a text are dropped.
    breaks: usize,
    is_broken: bool,
    /// Written before the next text, unless that is empty.
    lead: &'static str,
    has_failed: bool,
}

impl<'w> Indented<'w> {
    /// Starts at the column of the indentation.
    pub(super) fn new(sink: &'w mut dyn fmt::Write, margin: usize) -> Self {
        Indented { sink, margin, column: margin, breaks: 0, is_broken: false, lead: "", has_failed: false }
    }

    /// Writes a text of the user, after `lead` unless the text is empty. An error of its `Display` ends only this text; an
    /// error of the writer is returned.
    pub(super) fn write(&mut self, lead: &'static str, text: fmt::Arguments<'_>) -> fmt::Result {
        self.lead = lead;
        self.breaks = 0;
        let _ = self.write_fmt(text);
        self.breaks = 0;
        if self.has_failed { Err(fmt::Error) } else { Ok(()) }
    }

    /// Writes this on the same line if it fits, or else on the next.
    pub(super) fn append(&mut self, text: fmt::Arguments<'_>, width: usize) -> fmt::Result {
        let mut length = Length(0);
        length.write_fmt(text)?;
        let lead = if self.column == self.margin { "" } else { " " };
        if self.is_broken || self.column + lead.len() + length.0 > width {
            self.end_line()?;
            self.write("", text)
        } else {
            self.write(lead, text)
        }
    }

    /// Goes to the next line.
    pub(super) fn end_line(&mut self) -> fmt::Result {
        self.is_broken = true;
        self.column = self.margin;
        write!(self.sink, "\n{:1$}", "", self.margin)
    }

    fn write_part(&mut self, part: &str) -> fmt::Result {
        if part.is_empty() {
            return Ok(());
        }
        if self.lead_is_due() {
            // Line ends before the text are not part of it.
            self.breaks = 0;
        }
        while self.breaks > 1 {
            self.breaks -= 1;
            self.sink.write_char('\n')?;
        }
        if self.breaks == 1 {
            self.breaks = 0;
            self.end_line()?;
        }
        for text in [core::mem::take(&mut self.lead), part] {
            self.column += text.chars().count();
            self.sink.write_str(text)?;
        }
        Ok(())
    }

    const fn lead_is_due(&self) -> bool {
        !self.lead.is_empty() || self.column == self.margin && !self.is_broken
    }
}

impl fmt::Write for Indented<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut parts = text.split('\n');
        let mut written = parts.next().map_or(Ok(()), |first| self.write_part(first));
        for part in parts {
            self.breaks += 1;
            written = written.and_then(|()| self.write_part(part));
        }
        self.has_failed |= written.is_err();
        written
    }
}

/// Counts the characters of a text.
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}

/// Checks whether a text begins with a word.
pub(super) struct Begins<'w> {
    /// The rest of the word.
    word: &'w str,
    /// `None` until the character after the word.
    answer: Option<bool>,
}

impl Begins<'_> {
    /// Returns whether the text begins with the word, as a whole word.
    pub(super) fn with(word: &str, text: fmt::Arguments<'_>) -> bool {
        let mut begins = Begins { word, answer: None };
        // If the user's `Display` fails, the text ends there.
        let _ = begins.write_fmt(text);
        begins.answer.unwrap_or(begins.word.is_empty())
    }
}

impl fmt::Write for Begins<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.answer.is_some() {
                break;
            }
            let mut word = self.word.chars();
            match word.next() {
                None => self.answer = Some(!(c.is_alphanumeric() || c == '_')),
                Some(expected) if expected == c => self.word = word.as_str(),
                Some(_) => self.answer = Some(false),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn indented(lead: &'static str, text: &str) -> String {
        let mut out = String::from("1. ");
        let mut writer = Indented::new(&mut out, 3);
        writer.write(lead, format_args!("{text}")).unwrap();
        out
    }

    #[test]
    fn further_lines_are_indented() {
        assert_eq!(indented("", "one"), "1. one");
        assert_eq!(indented("T: ", "one\ntwo\n\nthree\n"), "1. T: one\n   two\n\n   three");
        assert_eq!(indented("T: ", "\n\none"), "1. T: one");
        assert_eq!(indented("T: ", ""), "1. ");
        assert_eq!(indented("", "\n"), "1. ");
    }

    #[test]
    fn what_does_not_fit_goes_to_the_next_line() {
        for (text, width, expected) in [
            ("one", 12, "1. one (two)"),
            ("one", 11, "1. one\n   (two)"),
            ("", 10, "1. (two)"),
            ("a\nb", 80, "1. a\n   b\n   (two)"),
        ] {
            let mut out = String::from("1. ");
            let mut writer = Indented::new(&mut out, 3);
            writer.write("", format_args!("{text}")).unwrap();
            writer.append(format_args!("(two)"), width).unwrap();
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn only_an_error_of_the_writer_is_returned() {
        struct Broken;
        impl fmt::Display for Broken {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("half")?;
                Err(fmt::Error)
            }
        }
        struct Full;
        impl fmt::Write for Full {
            fn write_str(&mut self, _: &str) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        let mut out = String::new();
        assert!(Indented::new(&mut out, 0).write("", format_args!("{Broken}")).is_ok());
        assert_eq!(out, "half");
        assert!(Indented::new(&mut Full, 0).write("", format_args!("whole")).is_err());
    }

    #[test]
    fn a_word_is_found_only_at_the_start_of_a_text() {
        let begins = |text: &str| Begins::with("Busy", format_args!("{text}"));
        for text in ["Busy", "Busy(1)", "Busy { n: 1 }"] {
            assert!(begins(text), "{text}");
        }
        for text in ["", "Bus", "Busyness", "Busy_1", "is Busy"] {
            assert!(!begins(text), "{text}");
        }
    }
}
