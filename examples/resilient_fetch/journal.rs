//! Records each attempt with its time and outcome, and prints them as a table.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

/// A shorter gap is the time of the program itself, not a wait.
const PAUSE: Duration = Duration::from_millis(20);

/// The attempts of one fetch, in order.
pub(crate) struct Journal {
    began: Instant,
    tries: Vec<Try>,
}

struct Try {
    number: u32,
    mirror: &'static str,
    start: Duration,
    end: Duration,
    outcome: String,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Journal { began: Instant::now(), tries: Vec::new() }
    }

    /// Runs an attempt and records it.
    pub(crate) fn note<T, E: Display>(
        &mut self,
        number: u32,
        mirror: &'static str,
        run: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let start = self.began.elapsed();
        let result = run();
        let end = self.began.elapsed();
        let outcome = result.as_ref().map_or_else(ToString::to_string, |_| "sent the page".into());
        self.tries.push(Try { number, mirror, start, end, outcome });
        result
    }
}

impl Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  try  when     mirror  outcome")?;
        let mut free = Duration::ZERO;
        for Try { number, mirror, start, end, outcome } in &self.tries {
            let pause = start.saturating_sub(free);
            if pause > PAUSE {
                writeln!(f, "       {:<7}  -       we waited {}", seconds(free), seconds(pause))?;
            }
            writeln!(f, "  {number:>3}  {:<7}  {mirror:<6}  {outcome}", seconds(*start))?;
            free = *end;
        }
        write!(f, "       {:<7}  -       the end", seconds(free))
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.2} s", duration.as_secs_f64())
}
