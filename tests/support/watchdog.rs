//! Tells a hang from a slow test: if a case takes too long, the process ends with a message that says what was
//! running.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::fmt::Debug;
use std::io::{Write, stderr};
use std::process::abort;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longer than any machine takes for one case, however busy it is; `OPERO_WATCHDOG` sets another number of seconds.
fn limit() -> Duration {
    let seconds = std::env::var("OPERO_WATCHDOG").ok().and_then(|text| text.parse().ok());
    // On 32-bit targets an emulator runs the tests, many times slower.
    let usual = if cfg!(target_pointer_width = "32") { 600 } else { 60 };
    Duration::from_secs(seconds.unwrap_or(usual))
}

/// Watches one case after another, on its own thread.
pub(crate) struct Watchdog(Sender<String>);

impl Watchdog {
    /// Creates a watchdog that ends the process when a case takes too long.
    pub(crate) fn new() -> Self {
        let (limit, (sender, cases)) = (limit(), channel::<String>());
        // It ends with its sender, and does not keep the process alive.
        thread::spawn(move || {
            let Ok(mut case) = cases.recv() else { return };
            loop {
                match cases.recv_timeout(limit) {
                    Ok(next) => case = next,
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => bark(limit, &case),
                }
            }
        });
        Watchdog(sender)
    }

    /// Starts the time of this case.
    pub(crate) fn now(&self, case: String) {
        self.0.send(case).expect("it listens as long as this is there");
    }
}

/// A thread that hangs cannot be ended, so the process ends. Not by `eprintln!`: the harness would hold the output
/// back until the end of the test.
fn bark(limit: Duration, case: &str) -> ! {
    let _ = writeln!(stderr(), "\nthis hangs: no result for {limit:?}\n{case}");
    abort()
}

/// Does work that must end within a minute.
pub(crate) fn watched<T>(what: impl Debug, work: impl FnOnce() -> T) -> T {
    let watchdog = Watchdog::new();
    watchdog.now(format!("{what:?}"));
    work()
}
