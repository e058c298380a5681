//! Tells a hang from a slow test: whoever takes too long ends the process, and it is said what was being done.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::fmt::Debug;
use std::io::{Write, stderr};
use std::process::abort;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longer than any machine takes over one case, however busy it is; `OPERO_WATCHDOG` sets other seconds.
fn limit() -> Duration {
    let seconds = std::env::var("OPERO_WATCHDOG").ok().and_then(|text| text.parse().ok());
    // On 32 bits an emulator runs the tests, many times slower.
    let usual = if cfg!(target_pointer_width = "32") { 600 } else { 60 };
    Duration::from_secs(seconds.unwrap_or(usual))
}

/// Watches one case after another, on a thread of its own.
pub(crate) struct Watchdog(Sender<String>);

impl Watchdog {
    /// One that barks when a case takes too long.
    pub(crate) fn new() -> Self {
        let (limit, (sender, cases)) = (limit(), channel::<String>());
        // It ends with its sender, and until then holds up no end of the process.
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

    /// From here on it is this that takes its time.
    pub(crate) fn now(&self, case: String) {
        self.0.send(case).expect("it listens as long as this is there");
    }
}

/// Nobody can end a thread that hangs, so the process goes. Not by `eprintln!`: the harness would keep it for the end of
/// the test.
fn bark(limit: Duration, case: &str) -> ! {
    let _ = writeln!(stderr(), "\nthis hangs: nothing has come of it for {limit:?}\n{case}");
    abort()
}

/// Does what has to end within a minute.
pub(crate) fn watched<T>(what: impl Debug, work: impl FnOnce() -> T) -> T {
    let watchdog = Watchdog::new();
    watchdog.now(format!("{what:?}"));
    work()
}
