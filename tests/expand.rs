//! What representative uses expand to: in `expand/` a `.rs` for each, whose last item holds the use and is named as the file,
//! and beside it an `.expanded.rs` with that item as rustc sees it.
//!
//! After a change of the macros, `OPERO_BLESS=1 cargo test --test expand` records the expansions anew.

// With that feature a static says in which module it stands.
#![cfg(not(feature = "observe"))]

#[path = "expand/diff.rs"]
mod diff;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// How rustc prints an expansion differs between versions, so the snapshots hold for the version they were recorded with.
const RECORDED_WITH: &str = "rustc 1.95.";

/// The cases. They are compiled here too, so that each is a use that works.
macro_rules! cases {
    ($($case:ident)*) => {
        #[allow(dead_code, clippy::unused_async, reason = "what they expand to is the matter, not what they do")]
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
        assert!(case == "diff" || CASES.contains(&case), "{name} is of no case in tests/expand.rs");
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
    /// Says why, where the snapshots cannot be compared.
    fn find() -> Option<Self> {
        let rustc = env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from);
        let version = Command::new(&rustc).arg("--version").output().unwrap().stdout;
        let version = String::from_utf8_lossy(&version);
        if !version.starts_with(RECORDED_WITH) {
            println!("skipped: the expansions are those of {RECORDED_WITH}*, and this is {version}");
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

    /// The item that is named as the case, expanded.
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
        // It reads all there is before it writes, so neither waits for the other.
        rustfmt.stdin.take().unwrap().write_all(expansion.as_bytes()).unwrap();
        let expansion = succeeded(case, rustfmt.wait_with_output().unwrap());
        last_item(case, &expansion)
    }
}

/// The library of the crate in the directory of the test, which is built after it. There is one for each set of features that
/// was ever built, so it is the latest that is not younger than the test.
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

/// The target that the test was built for, where Cargo was told one: the directory above that of the profile is named so.
fn target(rustc: &Path, dependencies: &Path) -> Option<String> {
    let directory = dependencies.ancestors().nth(2)?.file_name()?.to_str()?;
    let targets = Command::new(rustc).args(["--print", "target-list"]).output().ok()?.stdout;
    let known = String::from_utf8_lossy(&targets).lines().any(|target| target == directory);
    known.then(|| directory.to_owned())
}

/// The output of a command that has succeeded.
fn succeeded(case: &str, output: Output) -> String {
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Drops what stands before the item that is named as the case: the prelude, imports, helpers.
fn last_item(case: &str, expansion: &str) -> String {
    let heads = [format!("fn {case}("), format!("async fn {case}(")];
    let lines: Vec<&str> = expansion.lines().collect();
    let from = lines.iter().position(|line| heads.iter().any(|head| line.starts_with(head.as_str())));
    lines[from.unwrap_or_else(|| panic!("no function `{case}` in\n{expansion}"))..].join("\n") + "\n"
}
