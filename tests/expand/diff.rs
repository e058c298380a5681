//! The difference of two texts, for people.

use std::fmt::Write as _;

/// Lines that are not about a change, but near one.
const CONTEXT: usize = 3;

/// The lines that differ, `-` those of `old` and `+` those of `new`, and a few around them.
pub(crate) fn lines(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let common = common(&old, &new);
    let (mut a, mut b) = (0, 0);
    let mut all = Vec::new();
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            all.push((' ', old[a]));
            (a, b) = (a + 1, b + 1);
        } else if b == new.len() || a < old.len() && common[a + 1][b] >= common[a][b + 1] {
            all.push(('-', old[a]));
            a += 1;
        } else {
            all.push(('+', new[b]));
            b += 1;
        }
    }
    shown(&all)
}

/// How many lines the rest of `old` from each line on has in common with the rest of `new`.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a][b] =
                if old[a] == new[b] { common[a + 1][b + 1] + 1 } else { common[a + 1][b].max(common[a][b + 1]) };
        }
    }
    common
}

/// Leaves out what is far from any change.
fn shown(all: &[(char, &str)]) -> String {
    let mut text = String::new();
    let mut left_out = false;
    for (index, (sign, line)) in all.iter().enumerate() {
        let near = &all[index.saturating_sub(CONTEXT)..all.len().min(index + CONTEXT + 1)];
        if near.iter().all(|(sign, _)| *sign == ' ') {
            left_out = true;
            continue;
        }
        if left_out {
            text += "  …\n";
            left_out = false;
        }
        let _ = writeln!(text, "{sign} {line}");
    }
    text
}

#[test]
fn a_difference_is_shown_with_what_is_around_it() {
    let old = "1\n2\n3\n4\n5\n6\n7\n";
    assert_eq!(lines(old, "1\n2\n3\n4\n5\nsix\n7\n8\n"), "  …\n  3\n  4\n  5\n- 6\n+ six\n  7\n+ 8\n");
    assert_eq!(lines(old, old), "");
}
