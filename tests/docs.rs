//! Each option has a row in a table and a page, each feature has a row, and the README has the tables of the documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const TABLES: [&str; 2] = [include_str!("../docs/options.md"), include_str!("../docs/map_options.md")];

const FEATURES: &str = include_str!("../docs/features.md");

/// What a page has, in this order, behind its example.
const HEADINGS: [&str; 5] = ["# Value", "# Errors", "# With other options", "# Mistakes", "# See also"];

/// Those that the grammar knows by name to say that they are not built yet.
const LATER: [&str; 7] = ["breaker", "hedge", "budget", "concurrency", "stale_if_error", "refresh_ahead", "spread"];

/// The names of the options in the grammar.
fn options() -> BTreeSet<String> {
    let grammar = format!("{:?}", opero::options::Options::ALL);
    let fields = grammar.split(['{', ',', '}']).filter_map(|field| field.trim().strip_suffix(": ()"));
    let options: BTreeSet<_> = fields.filter(|option| !LATER.contains(option)).map(str::to_owned).collect();
    assert!(options.len() > 30, "{grammar}");
    options
}

/// The first cells of the rows of both tables that are about options.
fn rows() -> impl Iterator<Item = &'static str> {
    let rows = TABLES.iter().flat_map(|table| table.lines().skip(2));
    rows.filter_map(|row| row.split('|').nth(1)).map(str::trim).filter(|cell| !cell.starts_with("**"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/options")
}

fn page(option: &str) -> String {
    let path = folder().join(option).with_extension("md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text without its links: `[text](target)` is `text`.
fn unlinked(text: &str) -> String {
    let mut parts = text.split("](");
    let mut plain = parts.next().unwrap_or_default().replace("[`", "`");
    for part in parts {
        let (_, rest) = part.split_once(')').expect("a link ends");
        plain.push_str(&rest.replace("[`", "`"));
    }
    plain
}

#[test]
fn the_readme_has_the_options_and_features_of_the_documentation() {
    let readme = include_str!("../README.md");
    assert!(TABLES[0].lines().all(|line| line.starts_with('|')), "a table and nothing else");
    assert!(readme.contains(&format!("\n\n{}\n", unlinked(TABLES[0]))), "{}", unlinked(TABLES[0]));
    let names = TABLES[1].lines().chain(FEATURES.lines()).filter_map(|row| row.split('|').nth(1)?.split('`').nth(1));
    for name in names.filter(|name| *name != "alloc") {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_readme_is_short() {
    assert!(include_str!("../README.md").lines().count() < 250);
}

#[test]
fn every_option_has_a_row_that_links_to_its_page() {
    let options = options();
    let linked: BTreeSet<_> = rows().map(str::to_owned).collect();
    let expected = options.iter().map(|option| format!("[`{option}`](crate::options::{option})"));
    assert_eq!(linked, expected.collect());
}

#[test]
fn tables_are_narrow() {
    for line in TABLES.iter().flat_map(|table| table.lines()) {
        assert_eq!(line.matches('|').count(), 4, "three columns: {line}");
        assert!(unlinked(line).chars().count() < 110, "{line}");
    }
}

/// The features of the manifest, with those that each turns on.
fn features() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let manifest = include_str!("../Cargo.toml");
    let (_, rest) = manifest.split_once("\n[features]\n").unwrap();
    let (table, _) = rest.split_once("\n[").unwrap();
    // In the manifest that a package has, a list takes several lines.
    let lists = table.split(']').filter_map(|list| list.split_once(" = ["));
    let named = lists.filter_map(|(before, needs)| Some((before.lines().last()?, needs)));
    named.map(|(name, needs)| (name, needs.split('"').skip(1).step_by(2).collect())).collect()
}

#[test]
fn every_feature_has_a_row() {
    let features = features();
    let (defaults, others) = (&features["default"], || features.iter().filter(|(name, _)| **name != "default"));
    let rows: Vec<Vec<_>> =
        FEATURES.lines().skip(2).map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect();
    let named: BTreeSet<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(named, others().map(|(name, _)| *name).collect());
    for (name, needs) in others() {
        let row = rows.iter().find(|row| row[0].trim_matches('`') == *name).unwrap();
        let default = if defaults.contains(name) { "yes" } else { "no" };
        assert_eq!(row[1], if *name == "alloc" { "with `std`" } else { default }, "{name}");
        for need in needs.iter().filter(|need| features.contains_key(*need)) {
            let (_, turned_on) = row[2].split_once("turns on ").unwrap_or_default();
            assert!(turned_on.contains(&format!("`{need}`")), "`{name}` turns on `{need}`");
        }
        let version = row[3].strip_prefix("1.").and_then(|minor| minor.parse::<u32>().ok());
        assert!(version >= Some(85), "{name}: {}", row[3]);
        assert!(row[4].parse::<u32>().is_ok(), "{name}: {}", row[4]);
    }
}

#[test]
fn every_page_is_that_of_an_option() {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let pages: BTreeSet<_> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(pages, options());
}

#[test]
fn every_page_begins_with_a_compiled_use_of_its_option() {
    for option in options() {
        let page = page(&option);
        let example = page.strip_prefix("```\n").and_then(|rest| rest.split_once("\n```\n"));
        let (example, _) = example.unwrap_or_else(|| panic!("{option} begins with an example that is run"));
        let (_, uses) = example.split_once(" {").unwrap_or_default();
        assert!(example.contains("opero! {") || example.contains("opmap! {"), "{option}: a use of a macro");
        assert!(example.contains("assert"), "{option}: the example says what comes of it");
        let named = |word: &str| uses.contains(&format!("{option}{word}"));
        assert!([": ", " =>", ", "].into_iter().any(named), "{option}: the example uses it");
    }
}

#[test]
fn every_page_has_the_same_sections() {
    for option in options() {
        let page = page(&option);
        let mut in_example = false;
        let mut headings = Vec::new();
        for line in page.lines() {
            in_example ^= line.starts_with("```");
            if !in_example && line.starts_with('#') {
                headings.push(line);
            }
        }
        assert_eq!(headings, HEADINGS, "{option}");
        assert!((25..=60).contains(&page.lines().count()), "{option} has {} lines", page.lines().count());
    }
}

#[test]
fn a_link_is_its_text() {
    assert_eq!(unlinked("| a [`Store`](crate::cache::Store), or [`x`](y) |"), "| a `Store`, or `x` |");
}
