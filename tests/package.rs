//! What a registry gets of this repository: `cargo package --list`, by the rules of `include` in Cargo.toml. And the package of the
//! examples, which stays behind.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// The files of the package, or nothing where there is no repository, as in a copy or in the package itself.
fn files() -> Option<Vec<String>> {
    let root = root();
    if !root.join(".git").exists() || root.join("Cargo.toml.orig").exists() {
        return None;
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["package", "--list", "--allow-dirty", "--offline", "--package", "opero"]).current_dir(&root);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().lines().map(|line| line.replace('\\', "/")).collect())
}

/// What cargo adds by itself.
const OF_CARGO: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];

const TOP: [&str; 5] = ["CHANGELOG.md", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// The folders, each with the ends of the names of its files.
const FOLDERS: [(&str, &[&str]); 3] = [("docs/", &[".md"]), ("src/", &[".css", ".rs"]), ("tests/", &[".rs"])];

/// Tests that compare with texts of one version of rustc, or with the repository.
const LEFT_OUT: [&str; 5] = ["tests/expand/", "tests/expand.rs", "tests/package.rs", "tests/ui/", "tests/ui.rs"];

fn is_allowed(file: &str) -> bool {
    let in_folder = |(folder, ends): &(&str, &[&str])| {
        file.starts_with(folder)
            && ends.iter().any(|end| file.ends_with(end))
            && !LEFT_OUT.iter().any(|out| file.starts_with(out))
    };
    OF_CARGO.contains(&file) || TOP.contains(&file) || FOLDERS.iter().any(in_folder)
}

#[test]
fn the_package_has_what_a_user_needs_and_nothing_else() {
    let Some(files) = files() else { return };
    let strays: Vec<_> = files.iter().filter(|file| !is_allowed(file)).collect();
    assert!(strays.is_empty(), "{strays:?}");
    // The documentation is compiled with the crate: it includes the README and the pages of docs/.
    let needed =
        ["src/lib.rs", "docs/features.md", "docs/options.md", "docs/map_options.md", "tests/support/runtime.rs"];
    for file in needed.iter().chain(&TOP) {
        assert!(files.iter().any(|other| other == file), "{file}");
    }
}

#[test]
fn stray_files_are_told_apart() {
    for file in ["src/map/mod.rs", "docs/guide/testing.md", "tests/model/case.rs", "README.md"] {
        assert!(is_allowed(file), "{file}");
    }
    for file in
        [".ci/test", "benches/retry.rs", "tests/ui/rate.stderr", "examples/map.rs", "src/notes.txt", "target/x.rs"]
    {
        assert!(!is_allowed(file), "{file}");
    }
}

/// The values of a key, a line each, in a manifest.
fn values<'a>(manifest: &'a str, key: &str) -> Vec<&'a str> {
    let lines = manifest.lines().filter_map(|line| line.split_once(" = "));
    lines.filter(|(name, _)| *name == key).map(|(_, value)| value.trim_matches('"')).collect()
}

#[test]
fn every_example_is_in_the_index() {
    let folder = root().join("examples");
    let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else { return };
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    let examples = &values(&manifest, "name")[1..];
    assert!(examples.len() > 10, "{examples:?}");
    for (example, path) in examples.iter().zip(values(&manifest, "path")) {
        assert!(index.contains(&format!("`cargo run --example {example}")), "{example}");
        assert!(index.contains(&format!("]({path})")), "{path}");
    }
}

#[test]
fn examples_have_the_default_features_of_the_crate() {
    let root = root();
    let Ok(examples) = fs::read_to_string(root.join("examples/Cargo.toml")) else { return };
    let opero = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert_eq!(values(&examples, "default"), values(&opero, "default"));
}
