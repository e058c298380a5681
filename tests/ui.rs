//! Mistakes of users, and the compile errors about them: a `.rs` and a `.stderr` file in `ui/` for each kind.
//!
//! After a change of the messages, `TRYBUILD=overwrite cargo test --test ui` records them again.

use std::process::Command;
use std::{env, fs};

/// Parts of the texts come from rustc, so they are compared only with the version that recorded them.
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
        println!(
            "skipped: the texts were recorded with {RECORDED_WITH}*, but this is {}",
            String::from_utf8_lossy(&version)
        );
    }
}

/// The recorded texts: the name and the content of each file.
fn recorded() -> Vec<(String, String)> {
    ["tests/ui", "tests/ui/observe", "tests/ui/process"]
        .into_iter()
        .flat_map(|directory| fs::read_dir(directory).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stderr"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn no_headline_shows_internals_of_the_macros() {
    let mut headlines = 0;
    for (name, text) in recorded() {
        for line in text.lines().filter(|line| line.starts_with("error")) {
            headlines += 1;
            for inside in ["__", "$crate", "no rules expected", "expand.rs"] {
                assert!(!line.contains(inside), "{name}: {line}");
            }
        }
    }
    assert!(headlines > 300, "{headlines}");
}

#[test]
fn no_text_trails_internals_unless_rustc_adds_them() {
    for (name, text) in recorded() {
        // rustc adds this to an error that it cannot underline inside the use.
        let lines = text.lines().filter(|line| !line.contains("this error originates in the macro"));
        let inside = ["__private", "Diagnostic", "$crate", "--> src/", "::: src/", "src/macros/"];
        let first = lines.clone().find(|line| inside.iter().any(|inside| line.contains(inside)));
        match (first, TRAILING.iter().find(|trailing| trailing.0 == name)) {
            (Some(line), None) => panic!("{name}: {line}"),
            (None, Some(_)) => panic!("{name} trails nothing any more: remove it from the list"),
            _ => {}
        }
    }
}

/// Files with texts of rustc that name internals, and the kind of text.
const TRAILING: &[(&str, &str)] = &[
    ("await_forgotten", "the type of a future, which names the file of its block"),
    ("bad_fallback", "methods that rustc resolves by name"),
    ("bad_number", "the method that takes a literal of another type"),
    ("bad_value", "bounds of methods of `Call`"),
    ("body_consumes_its_capture", "why a closure may be called again"),
    ("cache_value", "bounds of a call"),
    ("captures", "the type of a closure"),
    ("infallible", "bounds of a call"),
    ("limiter", "bounds of methods of `Call`"),
    ("not_serde", "bounds of a map"),
    ("opmap", "bounds of a map"),
    ("opmap_not_send", "bounds of a map"),
    ("opmap_stream_borrows", "bounds of a map"),
    ("option_syntax", "the method that takes a literal of another type"),
    ("rate_key", "a bound of a function"),
    ("sealed", "sealed traits"),
];

#[test]
fn no_mistake_is_reported_twice() {
    for (name, text) in recorded() {
        let mut seen = Vec::new();
        let mut lines = text.lines();
        while let Some(headline) = lines.next() {
            if headline.starts_with("error") {
                let place = lines.next().unwrap();
                let line = place.rsplit_once(':').map_or(place, |(line, _column)| line);
                // One function sends an item to a child, another receives it, and each needs the bound.
                assert!(name == "not_serde" || !seen.contains(&(headline, line)), "{name}: {headline} {place}");
                seen.push((headline, line));
            }
        }
    }
}
