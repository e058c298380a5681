//! A live line on stderr.

use alloc::format;
use alloc::string::ToString;
use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Progress, Report, Sink};

/// A live line if stderr is a terminal, and one line of text at the end.
#[doc(hidden)]
#[derive(Debug)]
pub struct Line {
    /// The terminal, until the first report.
    terminal: Option<ProgressDrawTarget>,
    bar: Option<ProgressBar>,
}

impl Line {
    fn on_stderr() -> Self {
        Line::on(stderr().is_terminal().then(ProgressDrawTarget::stderr))
    }

    fn on(terminal: Option<ProgressDrawTarget>) -> Self {
        Line { terminal, bar: None }
    }

    fn draw(&mut self, progress: &Progress) {
        if let Some(terminal) = self.terminal.take() {
            self.bar = Some(bar(terminal, progress));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(progress.to_string());
            bar.set_position(progress.done as u64);
            bar.tick();
        }
    }

    fn finish(&mut self, progress: &Progress) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        // Nothing can be done if stderr is closed.
        let _ = stderr().write_all(format!("{progress}\n").as_bytes());
    }
}

impl Sink for bool {
    type Report = Line;

    fn report(self) -> Option<Line> {
        self.then(Line::on_stderr)
    }
}

impl Report for Line {
    fn tell(&mut self, progress: &Progress, is_last: bool) {
        if is_last {
            self.finish(progress);
        } else {
            self.draw(progress);
        }
    }
}

fn bar(terminal: ProgressDrawTarget, progress: &Progress) -> ProgressBar {
    let total = progress.total.map(|total| total as u64);
    let template = if total.is_some() { "{bar:30} {msg}" } else { "{spinner} {msg}" };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::with_draw_target(total, terminal).with_style(style)
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
        let mut line = Line::on(Some(target));
        for done in done {
            let elapsed = Duration::from_secs(*done as u64);
            line.tell(&Progress { done: *done, failed: 0, total, elapsed, is_stopped: false }, false);
        }
        let contents = terminal.contents();
        let last = Progress { done: 60, failed: 1, total, elapsed: Duration::from_secs(60), is_stopped: false };
        line.tell(&last, true);
        assert_eq!(terminal.contents(), "");
        contents
    }

    #[test]
    fn a_terminal_shows_one_live_line_until_the_end() {
        let bar = "█".repeat(10) + &"░".repeat(20);
        assert_eq!(drawn(Some(60), &[]), "");
        assert_eq!(drawn(Some(60), &[5, 20]), bar + " 20/60 items, 0 failed, 1.0/s, 20.0s, 40.0s left");
    }

    #[test]
    fn where_the_total_is_not_known_there_is_no_bar() {
        let line = drawn(None, &[5, 20]);
        assert!(line.ends_with(" 20 items, 0 failed, 1.0/s, 20.0s"), "{line}");
    }
}
