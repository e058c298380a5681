//! The tables of options in the README are those of the documentation, which has them from `docs/`.

/// The rows of the table that begins with this one.
fn rows(text: &str, first: &str) -> Vec<String> {
    let rows: Vec<_> =
        text.lines().skip_while(|line| *line != first).take_while(|line| line.starts_with('|')).collect();
    rows.into_iter().map(unlinked).collect()
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
fn the_readme_has_the_tables_of_the_documentation() {
    let tables = [include_str!("../docs/options.md"), include_str!("../docs/map_options.md")];
    for table in tables {
        let first = table.lines().next().unwrap();
        let expected = rows(table, first);
        assert_eq!(expected.len(), table.lines().count(), "a table and nothing else");
        assert_eq!(rows(include_str!("../README.md"), first), expected);
    }
}

/// Those that the grammar knows by name to say that they are not built yet.
const LATER: [&str; 7] = ["breaker", "hedge", "budget", "concurrency", "stale_if_error", "refresh_ahead", "spread"];

#[test]
fn every_option_of_the_grammar_has_a_row() {
    let tables = concat!(include_str!("../docs/options.md"), include_str!("../docs/map_options.md"));
    let documented: Vec<_> = tables.lines().filter_map(|row| row.split('|').nth(1)).collect();
    let grammar = format!("{:?}", opero::Options::ALL);
    let options = grammar.split(['{', ',', '}']).filter_map(|field| field.trim().strip_suffix(": ()"));
    let mut count = 0;
    for option in options.filter(|option| !LATER.contains(option)) {
        assert!(documented.iter().any(|names| names.contains(&format!("`{option}`"))), "`{option}`");
        count += 1;
    }
    assert!(count > 30, "{grammar}");
}

#[test]
fn a_link_is_its_text() {
    assert_eq!(unlinked("| a [`Store`](crate::cache::Store), or [`x`](y) |"), "| a `Store`, or `x` |");
}
