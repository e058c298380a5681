//! A live line on stderr.

use alloc::format;
use alloc::string::ToString;
use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Progress, Report};

/// One live line where stderr is a terminal, and in the end one line of text.
#[doc(hidden)]
#[derive(Debug)]
pub struct Line {
    /// Where there is a terminal.
    bar: Option<ProgressBar>,
}

impl Line {
    pub(super) fn on_stderr() -> Self {
        Line { bar: stderr().is_terminal().then(|| bar(ProgressDrawTarget::stderr())) }
    }
}

impl Report for Line {
    fn tell(&mut self, progress: &Progress, is_last: bool) {
        if is_last {
            if let Some(bar) = self.bar.take() {
                bar.finish_and_clear();
            }
            // Where nobody can read it any more, nobody misses it.
            let _ = stderr().write_all(format!("{progress}\n").as_bytes());
        } else if let Some(bar) = &self.bar {
            draw(bar, progress);
        }
    }
}

fn bar(target: ProgressDrawTarget) -> ProgressBar {
    ProgressBar::with_draw_target(None, target).with_style(style("{spinner} {msg}"))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn draw(bar: &ProgressBar, progress: &Progress) {
    if let Some(total) = progress.total.filter(|_| bar.length().is_none()) {
        bar.set_style(style("{bar:30} {msg}"));
        bar.set_length(total as u64);
    }
    bar.set_message(progress.to_string());
    bar.set_position(progress.done as u64);
    bar.tick();
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;
    use alloc::string::String;
    use core::time::Duration;

    use indicatif::InMemoryTerm;

    use super::*;

    fn drawn(total: Option<usize>, done: &[usize]) -> String {
        let terminal = InMemoryTerm::new(3, 100);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut line = Line { bar: Some(bar(target)) };
        for done in done {
            let elapsed = Duration::from_secs(*done as u64);
            line.tell(&Progress { done: *done, failed: 0, total, elapsed }, false);
        }
        let contents = terminal.contents();
        let last = Progress { done: 60, failed: 1, total, elapsed: Duration::from_secs(60) };
        line.tell(&last, true);
        assert_eq!(terminal.contents(), "");
        contents
    }

    #[test]
    fn a_terminal_shows_one_live_line_until_the_end() {
        let bar = "█".repeat(10) + &"░".repeat(20);
        assert_eq!(drawn(Some(60), &[5, 20]), bar + " 20/60 items, 0 failed, 1.0/s, 20.0s, 40.0s left");
    }

    #[test]
    fn where_the_total_is_not_known_there_is_no_bar() {
        let line = drawn(None, &[5, 20]);
        assert!(line.ends_with(" 20 items, 0 failed, 1.0/s, 20.0s"), "{line}");
    }
}
