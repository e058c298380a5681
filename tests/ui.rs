//! Mistakes of users and the errors of the compiler: a `.rs` and a `.stderr` file for each kind, in `ui/`.
//!
//! After a change of the messages, `TRYBUILD=overwrite cargo test --test ui` records them again.

use std::process::Command;
use std::{env, fs};

/// The texts are partly rustc's, so they hold only for the version with which they were recorded.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn mistakes_are_reported_as_recorded() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap().stdout;
    if version.starts_with(RECORDED_WITH.as_bytes()) {
        let cases = trybuild::TestCases::new();
        cases.compile_fail("tests/ui/*.rs");
        #[cfg(all(feature = "map", feature = "observe"))]
        cases.compile_fail("tests/ui/observe/*.rs");
        #[cfg(all(feature = "async", feature = "process"))]
        cases.compile_fail("tests/ui/process/*.rs");
    } else {
        println!("skipped: the texts are those of {RECORDED_WITH}*, and this is {}", String::from_utf8_lossy(&version));
    }
}

#[test]
fn no_headline_shows_internals_of_the_macros() {
    let mut headlines = 0;
    let files = ["tests/ui", "tests/ui/observe", "tests/ui/process"].map(|directory| fs::read_dir(directory).unwrap());
    for file in files.into_iter().flatten() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            for line in fs::read_to_string(&path).unwrap().lines().filter(|line| line.starts_with("error")) {
                headlines += 1;
                for inside in ["__", "$crate", "no rules expected", "expand.rs"] {
                    assert!(!line.contains(inside), "{}: {line}", path.display());
                }
            }
        }
    }
    assert!(headlines > 50, "{headlines}");
}
