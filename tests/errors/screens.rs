//! What a program shows that does nothing about an error: the first that people see.

use std::process::Command;
use std::time::Duration;

use opero::time::ManualClock;
use opero::{Error, opero};

use crate::texts::Overloaded;

const ROLE: &str = "OPERO_ERRORS_ROLE";

const SCREEN: &str = "All 2 attempts failed for ask\n\
                      Attempt details:\n\
                      \x20 1. (opus) Overloaded(\"no room\") (took 204 ms)\n\
                      \x20 2. (sonnet) Overloaded(\"no room\") (after 204 ms, took 204 ms)";

fn ask() -> Result<u32, Error<Overloaded>> {
    let clock = ManualClock::new();
    opero! { fallback: model in ["opus", "sonnet"], clock: &clock, name: "ask" => {
        let _ = model;
        clock.advance(Duration::from_millis(204));
        Err(Overloaded("no room"))
    } }
}

/// What this test, in a process of its own, writes to stderr.
fn stderr_of(test: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ROLE, "1")
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn child_unwraps() {
    if std::env::var_os(ROLE).is_some() {
        ask().unwrap();
    }
}

#[test]
fn child_returns_the_error() -> Result<(), Error<Overloaded>> {
    if std::env::var_os(ROLE).is_some() {
        ask()?;
    }
    Ok(())
}

#[test]
fn child_returns_a_boxed_error() -> Result<(), Box<dyn std::error::Error>> {
    if std::env::var_os(ROLE).is_some() {
        ask()?;
    }
    Ok(())
}

#[test]
fn unwrap_shows_every_attempt() {
    let stderr = stderr_of("screens::child_unwraps");
    assert!(stderr.contains(&format!("called `Result::unwrap()` on an `Err` value: {SCREEN}\n")), "{stderr}");
}

#[test]
fn an_error_out_of_main_shows_every_attempt() {
    for test in ["screens::child_returns_the_error", "screens::child_returns_a_boxed_error"] {
        let stderr = stderr_of(test);
        assert!(stderr.contains(&format!("Error: {SCREEN}\n")), "{stderr}");
    }
}
