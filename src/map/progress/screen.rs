//! The live lines of all maps of the process, one below the other.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::sync::OnceLock;
use std::thread::{self, ThreadId, panicking};
use std::time::Instant;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::layout;
use super::tally::Tally;
use crate::error::Text;
use crate::sync::{Mutex, lock};

/// How often lines on the terminal are redrawn.
const INTERVAL: Duration = Duration::from_millis(100);

/// The minimum time between two draws, and the delay before cleared lines are drawn again. A draw takes about 20 µs. So
/// even lines that are cleared for each of many results cost less than a hundredth of the time.
const REST: Duration = Duration::from_millis(5);

/// The live lines on one terminal.
///
/// A thread draws them every 100 ms while there are any. They are cleared while a closure runs that may print, so their
/// text and its output never mix. The lock is the last one in every lock order: only the terminal is used under it.
#[doc(hidden)]
#[derive(Clone)]
pub struct Screen(Arc<Mutex<Display>>);

struct Display {
    terminal: Box<dyn Fn() -> Box<dyn TermLike> + Send>,
    /// Lines and asides, oldest first. An aside is a closure that runs and may print.
    entries: Vec<Entry>,
    /// The number of entries there ever were, which is the number of the next one.
    entered: u64,
    /// The lines that are on the terminal now.
    drawn: Option<ProgressBar>,
    drawn_at: Option<Instant>,
    is_ticking: bool,
}

struct Entry {
    number: u64,
    thread: ThreadId,
    /// `None` for an aside.
    line: Option<LiveLine>,
}

struct LiveLine {
    name: Text,
    tally: Arc<Tally>,
    /// In real time, because the thread that draws knows no other clock.
    begun: Instant,
}

/// A live line, or an aside. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct OnScreen {
    screen: Screen,
    number: u64,
}

impl Screen {
    /// The screen of stderr, if it is a terminal.
    pub(super) fn stderr() -> Option<Self> {
        static STDERR: OnceLock<Screen> = OnceLock::new();
        let terminal = || Box::new(Term::buffered_stderr()) as Box<dyn TermLike>;
        let is_hidden = ProgressDrawTarget::stderr().is_hidden();
        (!is_hidden).then(|| STDERR.get_or_init(|| Screen::on(terminal)).clone())
    }

    pub(super) fn on(terminal: impl Fn() -> Box<dyn TermLike> + Send + 'static) -> Self {
        Screen(Arc::new(Mutex::new(Display {
            terminal: Box::new(terminal),
            entries: Vec::new(),
            entered: 0,
            drawn: None,
            drawn_at: None,
            is_ticking: false,
        })))
    }

    /// Shows a line below the others. `None` if no thread can be started to redraw it.
    pub(super) fn show(&self, name: Text, tally: Arc<Tally>) -> Option<OnScreen> {
        let mut display = lock(&self.0);
        if !display.is_ticking {
            let screen = self.clone();
            let ticker = thread::Builder::new().name("opero-progress".into());
            display.is_ticking = ticker.spawn(move || screen.tick_on()).is_ok();
        }
        if !display.is_ticking {
            return None;
        }
        let line = LiveLine { name, tally, begun: Instant::now() };
        let number = display.enter(Some(line));
        display.draw_if_rested();
        Some(OnScreen { screen: self.clone(), number })
    }

    /// Clears the lines. While the aside lasts, only lines of maps that begin on this thread are drawn.
    pub(in crate::map) fn aside(&self) -> OnScreen {
        let mut display = lock(&self.0);
        display.clear();
        let number = display.enter(None);
        OnScreen { screen: self.clone(), number }
    }

    /// The main loop of the thread that draws. It ends when there is no line left.
    fn tick_on(&self) {
        loop {
            thread::sleep(REST);
            let mut display = lock(&self.0);
            if display.lines().next().is_none() {
                display.clear();
                display.is_ticking = false;
                return;
            }
            display.draw_if_due();
        }
    }
}

impl Display {
    fn enter(&mut self, line: Option<LiveLine>) -> u64 {
        let number = self.entered;
        self.entered += 1;
        self.entries.push(Entry { number, thread: thread::current().id(), line });
        number
    }

    fn lines(&self) -> impl Iterator<Item = &LiveLine> {
        self.entries.iter().filter_map(|entry| entry.line.as_ref())
    }

    /// Returns whether no closure runs that may print. A thread may begin a map during its aside: until that map ends,
    /// its items run and the closure does not.
    fn is_free(&self) -> bool {
        self.entries.iter().enumerate().all(|(at, entry)| {
            let is_line_of_its_thread = |later: &Entry| later.line.is_some() && later.thread == entry.thread;
            self.entries[at..].iter().any(is_line_of_its_thread)
        })
    }

    fn draw(&mut self) {
        if panicking() || !self.is_free() || self.lines().next().is_none() {
            return;
        }
        let width = (self.terminal)().width().into();
        let lines: Vec<String> = self.lines().map(|line| line.text(width)).collect();
        let terminal = &self.terminal;
        self.drawn.get_or_insert_with(|| bar(terminal())).set_message(lines.join("\n"));
        self.drawn_at = Some(Instant::now());
    }

    /// Draws the lines if they were cleared or are out of date.
    fn draw_if_due(&mut self) {
        if self.drawn.is_none() || self.is_older_than(INTERVAL) {
            self.draw();
        }
    }

    /// Draws the lines unless they were drawn just now. In that case the drawing thread does it.
    fn draw_if_rested(&mut self) {
        if self.is_older_than(REST) {
            self.draw();
        }
    }

    fn is_older_than(&self, age: Duration) -> bool {
        self.drawn_at.is_none_or(|drawn_at| drawn_at.elapsed() >= age)
    }

    /// Clears the lines. While a thread unwinds, `indicatif` writes nothing; the next tick clears them.
    fn clear(&mut self) {
        if panicking() {
            return;
        }
        if let Some(bar) = self.drawn.take() {
            bar.finish_and_clear();
        }
    }

    fn print(&self, width_to_text: impl FnOnce(usize) -> String) {
        let terminal = (self.terminal)();
        // Nothing can be done if the terminal is gone.
        let _ = terminal.write_line(&width_to_text(terminal.width().into()));
        let _ = terminal.flush();
    }
}

impl LiveLine {
    fn text(&self, width: usize) -> String {
        layout::live(&self.name, &self.tally.progress(self.begun.elapsed()), width)
    }
}

impl OnScreen {
    /// Replaces the live line by a final one, which stays.
    pub(super) fn end(self, width_to_text: impl FnOnce(usize) -> String) {
        self.leave(|display| display.print(width_to_text));
    }

    fn leave(&self, then: impl FnOnce(&Display)) {
        let mut display = lock(&self.screen.0);
        // The entries added last usually leave first.
        let Some(at) = display.entries.iter().rposition(|entry| entry.number == self.number) else { return };
        if display.entries.remove(at).line.is_some() {
            display.clear();
        }
        then(&display);
        display.draw_if_rested();
    }
}

impl Drop for OnScreen {
    fn drop(&mut self) {
        self.leave(|_| ());
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

/// Creates a bar that draws a text of several lines.
fn bar(terminal: Box<dyn TermLike>) -> ProgressBar {
    // Start at the first column: after a partial line that someone printed, the first line would not fit.
    let _ = terminal.write_str("\r");
    let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(terminal)).with_style(style)
}

#[cfg(test)]
mod tests;
