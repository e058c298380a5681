//! The output of option `progress` on stderr, read by another process.
#![cfg(feature = "progress")]

use std::env;
use std::process::{Command, Output, Stdio};

use opero::Error;
use opero::map::Map;
use opero::time::ManualClock;

/// Set in the process whose output is read.
const CHILD: &str = "OPERO_TEST_PROGRESS";

/// Not a test of its own: the work of the other process.
#[test]
fn child() {
    let Ok(wanted) = env::var(CHILD) else { return };
    let clock = ManualClock::new();
    let map = Map::new("pages").workers(1).clock(&clock).progress(wanted == "true");
    let results = map.thread(0..60, |n, _| {
        clock.advance(core::time::Duration::from_millis(50));
        if n % 20 == 7 { Err(opero::Call::new("page").run(|_| Err::<(), _>("gone")).unwrap_err()) } else { Ok(n) }
    });
    assert_eq!(results.iter().filter(|result| matches!(result, Err(Error::AllFailed(_)))).count(), 3);
}

fn command(wanted: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this test has a file"));
    command.args(["--exact", "child", "--nocapture", "--quiet"]).env(CHILD, wanted);
    command
}

fn stderr(wanted: &str) -> String {
    let Output { status, stderr, .. } = command(wanted).stdin(Stdio::null()).output().expect("this test runs");
    assert!(status.success());
    String::from_utf8(stderr).expect("text")
}

#[test]
fn without_a_terminal_there_is_only_the_final_line() {
    assert_eq!(stderr("true"), "pages: 60/60 items, 3 failed, 20/s, 3.0s\n");
}

#[test]
fn without_the_option_there_is_no_output() {
    assert_eq!(stderr("false"), "");
}

#[test]
fn a_closed_stderr_does_no_harm() {
    let mut child = command("true").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("this test runs");
    drop(child.stderr.take());
    assert!(child.wait().expect("it runs").success());
}
