//! The expansions of representative uses. Each has a `.rs` file in `expand/`, whose last item contains the use and has the name of
//! the file, and an `.expanded.rs` file with that item as rustc sees it.
//!
//! After a change of the macros, `OPERO_BLESS=1 cargo test --test expand` records the expansions again.

// With this feature, a static contains the name of its module.
#![cfg(not(feature = "observe"))]

#[path = "expand/diff.rs"]
mod diff;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// Versions of rustc print an expansion differently, so the snapshots are compared only with the version that recorded them.
const RECORDED_WITH: &str = "rustc 1.95.";

/// The cases. They are also compiled here, so each is a valid use.
macro_rules! cases {
    ($($case:ident)*) => {
        #[allow(dead_code, clippy::unused_async, reason = "only their expansions are tested")]
        #[path = "expand"]
        mod cases {
            $(mod $case;)*
        }

        const CASES: &[&str] = &[$(stringify!($case)),*];
    };
}

cases! {
    no_option retries min_delay retry_on fallback cache cache_key rate rate_per_args canonical function_cache infallible callable
    async_block async_retries async_limits map_thread map_async
}

#[test]
fn uses_expand_as_recorded() {
    let Some(expander) = Expander::find() else { return };
    let bless = env::var_os("OPERO_BLESS").is_some_and(|value| value != "0");
    let mut changed = Vec::new();
    for case in CASES {
        let path = Path::new("tests/expand").join(format!("{case}.expanded.rs"));
        let expansion = expander.expand(case);
        if bless {
            fs::write(&path, expansion).unwrap();
            continue;
        }
        let recorded = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if recorded != expansion {
            println!("{}: - as recorded, + as it is\n{}", path.display(), diff::lines(&recorded, &expansion));
            changed.push(case);
        }
    }
    assert!(changed.is_empty(), "{changed:?}: see above; `OPERO_BLESS=1 cargo test --test expand` records them anew");
}

#[test]
fn every_file_is_of_a_case() {
    for file in fs::read_dir("tests/expand").unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let case = name.split('.').next().unwrap();
        assert!(case == "diff" || CASES.contains(&case), "{name} belongs to no case in tests/expand.rs");
    }
}

/// The compiler, and what it needs to find the crate that this test was built with.
struct Expander {
    rustc: PathBuf,
    rustfmt: PathBuf,
    dependencies: PathBuf,
    library: PathBuf,
    target: Option<String>,
}

impl Expander {
    /// Returns `None`, and prints the reason, if the snapshots cannot be compared.
    fn find() -> Option<Self> {
        let rustc = env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from);
        let version = Command::new(&rustc).arg("--version").output().unwrap().stdout;
        let version = String::from_utf8_lossy(&version);
        if !version.starts_with(RECORDED_WITH) {
            println!("skipped: the expansions were recorded with {RECORDED_WITH}*, but this is {version}");
            return None;
        }
        let rustfmt = env::var_os("RUSTFMT").map_or_else(|| "rustfmt".into(), PathBuf::from);
        if Command::new(&rustfmt).arg("--version").output().is_err() {
            println!("skipped: there is no rustfmt to make the expansions readable");
            return None;
        }
        let test = env::current_exe().unwrap();
        let dependencies = test.parent().unwrap().to_owned();
        let library = library(&test, &dependencies);
        let target = target(&rustc, &dependencies);
        Some(Self { rustc, rustfmt, dependencies, library, target })
    }

    /// Returns the expansion of the item that has the name of the case.
    fn expand(&self, case: &str) -> String {
        let mut rustc = Command::new(&self.rustc);
        rustc
            .env("RUSTC_BOOTSTRAP", "1")
            .arg("-Zunpretty=expanded")
            .args(["--edition", "2024", "--crate-type", "lib", "--crate-name", case])
            .arg(format!("--extern=opero={}", self.library.display()))
            .arg(format!("-Ldependency={}", self.dependencies.display()))
            .args(self.target.iter().flat_map(|target| ["--target", target]))
            .arg(format!("tests/expand/{case}.rs"));
        let expansion = succeeded(case, rustc.output().unwrap());

        let mut rustfmt = Command::new(&self.rustfmt)
            .args(["--edition", "2024", "--config-path", "rustfmt.toml"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // rustfmt reads all its input before it writes, so neither process waits for the other.
        rustfmt.stdin.take().unwrap().write_all(expansion.as_bytes()).unwrap();
        let expansion = succeeded(case, rustfmt.wait_with_output().unwrap());
        last_item(case, &expansion)
    }
}

/// Returns the library of the crate that the test was built with. The directory has a library for each set of features that was
/// ever built; the right one is the latest that is not younger than the test.
fn library(test: &Path, dependencies: &Path) -> PathBuf {
    let built = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).unwrap();
    let latest = built(test);
    fs::read_dir(dependencies)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libopero-") && path.extension().is_some_and(|extension| extension == "rlib")
        })
        .max_by_key(|path| (built(path) <= latest, built(path)))
        .expect("the library is beside the test")
}

/// Returns the target that the test was built for, if Cargo was given one: the name of the directory above that of the profile.
fn target(rustc: &Path, dependencies: &Path) -> Option<String> {
    let directory = dependencies.ancestors().nth(2)?.file_name()?.to_str()?;
    let targets = Command::new(rustc).args(["--print", "target-list"]).output().ok()?.stdout;
    let known = String::from_utf8_lossy(&targets).lines().any(|target| target == directory);
    known.then(|| directory.to_owned())
}

/// Returns the output of a command, which must have succeeded.
fn succeeded(case: &str, output: Output) -> String {
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Drops everything before the item that has the name of the case: the prelude, imports, helpers.
fn last_item(case: &str, expansion: &str) -> String {
    let heads = [format!("fn {case}("), format!("async fn {case}(")];
    let lines: Vec<&str> = expansion.lines().collect();
    let from = lines.iter().position(|line| heads.iter().any(|head| line.starts_with(head.as_str())));
    lines[from.unwrap_or_else(|| panic!("no function `{case}` in\n{expansion}"))..].join("\n") + "\n"
}
