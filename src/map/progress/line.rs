//! A live line on stderr.

use alloc::sync::Arc;
use std::io::{Write, stderr};

use super::layout;
use super::screen::{OnScreen, Screen};
use super::tally::Tally;
use super::{Progress, Report, Sink};
use crate::error::Text;

/// A live line if stderr is a terminal, and a final line of text at the end.
#[doc(hidden)]
#[derive(Debug)]
pub struct Line {
    name: Text,
    screen: Option<Screen>,
    shown: Option<OnScreen>,
}

impl Line {
    pub(super) fn on(screen: Option<Screen>) -> Self {
        Line { name: Text::default(), screen, shown: None }
    }
}

impl Sink for bool {
    type Report = Line;

    fn report(self) -> Option<Line> {
        self.then(|| Line::on(Screen::stderr()))
    }
}

impl Report for Line {
    fn begin(&mut self, name: &str, tally: &Arc<Tally>) -> Option<Screen> {
        self.name = layout::one_line(name).into();
        let screen = self.screen.take()?;
        self.shown = screen.show(self.name.clone(), Arc::clone(tally));
        self.shown.is_some().then_some(screen)
    }

    fn tell(&mut self, progress: &Progress, is_last: bool) {
        // The screen draws the live line by itself.
        if !is_last {
            return;
        }
        if let Some(shown) = self.shown.take() {
            shown.end(|width| layout::last(&self.name, progress, width));
        } else {
            let line = layout::whole(&self.name, progress) + "\n";
            // Nothing can be done if stderr is closed.
            let _ = stderr().write_all(line.as_bytes());
        }
    }
}
