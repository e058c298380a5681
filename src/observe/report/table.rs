//! The report as text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use super::row::Row;
use super::units;

/// The maximum length of a line, in characters.
const WIDTH: usize = 100;
/// A name is cut to at least this many characters.
const LEAST_NAME: usize = 12;
const GAP: &str = "  ";
/// Fills a cell without a value.
const NOTHING: &str = "-";

/// A column after the name.
struct Column {
    head: &'static str,
    /// Whether the column is shown if no site has a value for it.
    is_always: bool,
    cell: fn(&Row) -> Option<String>,
}

const COLUMNS: [Column; 10] = [
    Column { head: "calls", is_always: true, cell: |row| Some(units::number(row.counts.calls)) },
    Column { head: "success", is_always: true, cell: Row::success },
    Column { head: "saved", is_always: false, cell: |row| some(row.saved()) },
    Column { head: "failed", is_always: true, cell: |row| Some(units::number(row.counts.failures)) },
    Column { head: "retries", is_always: false, cell: |row| some(row.counts.retries) },
    Column { head: "p50", is_always: true, cell: |row| row.quantile(0.5).map(units::duration) },
    Column { head: "p99", is_always: true, cell: |row| row.quantile(0.99).map(units::duration) },
    Column { head: "hits", is_always: false, cell: Row::hits },
    Column {
        head: "waited",
        is_always: false,
        cell: |row| Some(row.waited()).filter(|waited| !waited.is_zero()).map(units::duration),
    },
    Column { head: "refused", is_always: false, cell: |row| some(row.counts.refusals) },
];

fn some(count: u64) -> Option<String> {
    (count > 0).then(|| units::number(count))
}

/// Writes the table, and below it the counts that have no column.
pub(super) fn write(f: &mut fmt::Formatter<'_>, rows: &[Row]) -> fmt::Result {
    if rows.is_empty() {
        return f.write_str("No use of opero! or opmap! has run yet.");
    }
    let total = (rows.len() > 1).then(|| Row::total(rows));
    let columns = columns(rows, total.as_ref());
    let name = name_width(rows, total.as_ref(), &columns);
    let width = name + columns.iter().map(|column| GAP.len() + column.width).sum::<usize>();
    write_line(f, "site", name, columns.iter().map(|column| (column.head, column.width)))?;
    for (place, row) in rows.iter().chain(&total).enumerate() {
        if place == rows.len() {
            write!(f, "\n{}", "─".repeat(width))?;
        }
        f.write_char('\n')?;
        let cells = columns.iter().map(|column| (column.cells.get(place).map_or("", String::as_str), column.width));
        write_line(f, &row.name, name, cells)?;
    }
    write_notes(f, rows)
}

/// A column with its cells, the total last.
struct Filled {
    head: &'static str,
    cells: Vec<String>,
    width: usize,
}

/// The columns for which some site has a value.
fn columns(rows: &[Row], total: Option<&Row>) -> Vec<Filled> {
    let needed =
        COLUMNS.into_iter().filter(|column| column.is_always || rows.iter().any(|row| (column.cell)(row).is_some()));
    let filled = needed.map(|Column { head, cell, .. }| {
        let of_rows = rows.iter().map(|row| cell(row).unwrap_or_else(|| NOTHING.to_string()));
        let of_total = total.map(|total| cell(total).unwrap_or_default());
        let cells: Vec<_> = of_rows.chain(of_total).collect();
        let width = cells.iter().map(|cell| length(cell)).fold(length(head), usize::max);
        Filled { head, cells, width }
    });
    filled.collect()
}

/// The width of the name column: that of the longest name if there is room.
fn name_width(rows: &[Row], total: Option<&Row>, columns: &[Filled]) -> usize {
    let others: usize = columns.iter().map(|column| GAP.len() + column.width).sum();
    let longest = rows.iter().chain(total).map(|row| length(&row.name)).fold(length("site"), usize::max);
    longest.min(WIDTH.saturating_sub(others).max(LEAST_NAME))
}

fn write_line<'a>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    width: usize,
    cells: impl Iterator<Item = (&'a str, usize)>,
) -> fmt::Result {
    let mut line = format!("{:width$}", cut(name, width));
    for (cell, width) in cells {
        write!(line, "{GAP}{cell:>width$}")?;
    }
    f.write_str(line.trim_end())
}

fn write_notes(f: &mut fmt::Formatter<'_>, rows: &[Row]) -> fmt::Result {
    let with_notes = rows.iter().map(|row| (row, row.notes())).filter(|(_, notes)| !notes.is_empty());
    for (place, (row, notes)) in with_notes.enumerate() {
        let space = if place == 0 { "\n\n" } else { "\n" };
        write!(f, "{space}{}: {notes}", cut(&row.name, WIDTH / 2))?;
    }
    Ok(())
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Shortens a text to `width` characters in one line. Both the beginning and the end of a name help to tell it from
/// others, so the middle is cut.
fn cut(text: &str, width: usize) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let length = length(text);
    if length <= width {
        return text.chars().map(shown).collect();
    }
    let kept = width.saturating_sub(1);
    let tail = kept / 2;
    let head = text.chars().take(kept - tail);
    head.chain(['…']).chain(text.chars().skip(length - tail)).map(shown).collect()
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
